// Groups as PeerShare's clients use them: plain frames without ids, no account, and what a bad one is told.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';

import { refusedEvent } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { openSocket } from '../../support/socket.mjs';
import { until } from '../../support/until.mjs';

describe('groups', () => {
  let stoa;
  let sockets = [];
  const world = { nothing: { id: randomUUID() } };

  before(async () => {
    world.stoa = stoa = await startStoa({
      config: {
        listener: [{ address: '127.0.0.1', port: 0 }, { address: '127.0.0.1', port: 0 }],
        realtime: { guests: true, origins: ['*'] },
        http: { cors_origins: ['*'] },
        groups: { max_members: 4 },
      },
    });
  });
  after(() => stoa.stop());
  afterEach(() => {
    for (const socket of sockets) socket.terminate();
    sockets = [];
  });

  // A guest, where PeerShare's clients look for their socket: at the root of the second listener.
  async function guest() {
    const socket = await openSocket(`ws://127.0.0.1:${stoa.ports[1]}/`, undefined, { origin: 'https://peershare.example' });
    sockets.push(socket);
    return socket;
  }
  async function create(username = 'Ada', groupName = 'Algebra') {
    const socket = await guest();
    socket.send('create-group', { groupName, username });
    return { socket, ...(await socket.next('group-created')) };
  }
  async function join(groupId, username, peerId) {
    const socket = await guest();
    socket.send('join-group', { groupId, username, ...(peerId && { peerId }) });
    return { socket, ...(await socket.next('group-joined')) };
  }
  const kUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  test('one opens a group, others come in, and all learn of each other', async () => {
    const ada = await create('  Ada ', ' Algebra\n');
    assert.match(ada.groupId, kUuid);
    assert.match(ada.user.id, kUuid);
    assert.deepEqual([ada.groupName, ada.user.username], ['Algebra', 'Ada']);
    assert.deepEqual(Object.keys(ada.socket.received[0]).sort(), ['payload', 'timestamp', 'type']);
    assert.deepEqual(Object.keys(ada.user).sort(), ['id', 'username']);

    const ben = await join(ada.groupId, 'Ben', 'ben-peer');
    assert.equal(ben.groupName, 'Algebra');
    assert.deepEqual(ben.members, [{ id: ada.user.id, username: 'Ada' }], 'the others: clients add themselves');
    assert.deepEqual(await ben.socket.next('existing-peers'), { peers: [] });
    assert.deepEqual(await ada.socket.next('user-joined'), { user: { id: ben.user.id, username: 'Ben', peerId: 'ben-peer' } });

    ada.socket.send('update-peer-id', { peerId: 'ada-peer' });
    assert.deepEqual(await ada.socket.next('existing-peers'), { peers: [{ peerId: 'ben-peer', username: 'Ben' }] });
    assert.deepEqual(await ben.socket.next('peer-updated'), { user: { id: ada.user.id, username: 'Ada', peerId: 'ada-peer' } });

    const cat = await join(ada.groupId, 'Cat');
    assert.deepEqual(await cat.socket.next('existing-peers'), {
      peers: [{ peerId: 'ada-peer', username: 'Ada' }, { peerId: 'ben-peer', username: 'Ben' }],
    });
    for (const { socket } of [ada, ben]) assert.equal((await socket.next('user-joined', (m) => m.user.id === cat.user.id)).user.username, 'Cat');

    cat.socket.send('leave-group', {});
    assert.deepEqual(await ben.socket.next('user-left'), { user: { id: cat.user.id, username: 'Cat' } });
    await ben.socket.terminate();
    assert.deepEqual(await ada.socket.next('user-left', (m) => m.user.id === ben.user.id), { user: { id: ben.user.id, username: 'Ben', peerId: 'ben-peer' } });
    assert.equal(ada.socket.all('error').length, 0);
  });

  test('a call is asked for and answered between two, and who asks is the server\'s word', async () => {
    const ada = await create();
    ada.socket.send('update-peer-id', { peerId: 'ada-peer' });
    const ben = await join(ada.groupId, 'Ben', 'ben-peer');
    const cat = await join(ada.groupId, 'Cat', 'cat-peer');
    ada.socket.send('call-request', { targetPeerId: 'ben-peer', fromPeerId: 'cat-peer', fromUsername: 'Cat' });
    assert.deepEqual(await ben.socket.next('call-request'), { targetPeerId: 'ben-peer', fromPeerId: 'ada-peer', fromUsername: 'Ada' });
    ben.socket.send('call-response', { accepted: true, fromPeerId: 'ben-peer', toPeerId: 'ada-peer' });
    assert.deepEqual(await ada.socket.next('call-response'), { accepted: true, fromPeerId: 'ben-peer', toPeerId: 'ada-peer' });

    const stranger = await create('Dan', 'Another group');
    stranger.socket.send('update-peer-id', { peerId: 'dan-peer' });
    await refusedEvent(stranger.socket.request('call-request', { targetPeerId: 'ben-peer', fromPeerId: 'dan-peer', fromUsername: 'Dan' }), 'PEER_NOT_FOUND');
    assert.deepEqual([...cat.socket.all('call-request'), ...cat.socket.all('call-response')], []);
    assert.equal(ben.socket.all('call-request').length, 1);
  });

  test('nobody comes in with the peer id of another, or takes it later', async () => {
    const ada = await create();
    ada.socket.send('update-peer-id', { peerId: 'ada-peer' });
    const ben = await join(ada.groupId, 'Ben', 'ben-peer');
    const mallory = await guest();
    await refusedEvent(mallory.request('join-group', { groupId: ada.groupId, username: 'Ben', peerId: 'ben-peer' }), 'PEER_ID_TAKEN');
    await mallory.request('join-group', { groupId: ada.groupId, username: 'Ben' });
    await refusedEvent(mallory.request('update-peer-id', { peerId: 'ben-peer' }), 'PEER_ID_TAKEN');
    ada.socket.send('call-request', { targetPeerId: 'ben-peer', fromPeerId: 'ada-peer', fromUsername: 'Ada' });
    assert.equal((await ben.socket.next('call-request')).fromPeerId, 'ada-peer');
    assert.deepEqual(mallory.all('call-request'), []);
    await mallory.request('update-peer-id', { peerId: 'mallory-peer' });
  });

  test('a taken name gets a number, and a session is in one group at a time', async () => {
    const { groupId, socket } = await create('Ada');
    const second = await join(groupId, 'Ada');
    const third = await join(groupId, ' Ada ');
    assert.deepEqual([second.user.username, third.user.username], ['Ada-2', 'Ada-3']);
    socket.send('create-group', { groupName: 'New', username: 'Ada' });
    const next = await socket.next('group-created', (m) => m.groupName === 'New');
    assert.notEqual(next.groupId, groupId);
    assert.equal((await second.socket.next('user-left')).user.username, 'Ada');
    assert.equal((await stoa.api('GET', `/api/group/${groupId}`)).body.memberCount, 2);
  });

  test('an error says what is wrong and leaves the connection open', async () => {
    const socket = await guest();
    const { groupId } = await create();
    const ask = (type, payload) => socket.request(type, payload);
    await refusedEvent(ask('create-group', { groupName: '   ', username: 'Ada' }), 'INVALID_GROUP_NAME');
    await refusedEvent(ask('create-group', { groupName: 'Algebra', username: '\t' }), 'INVALID_USERNAME');
    await refusedEvent(ask('create-group', { groupName: '\u200b', username: 'Ada' }), 'INVALID_GROUP_NAME');
    await refusedEvent(ask('join-group', { groupId, username: '' }), 'INVALID_USERNAME');
    await refusedEvent(ask('join-group', { groupId: 'algebra', username: 'Ada' }), 'INVALID_GROUP_ID');
    await assert.rejects(ask('join-group', { groupId: randomUUID(), username: 'Ada' }), (error) => {
      assert.deepEqual(error.payload, { code: 'GROUP_NOT_FOUND', message: 'Group does not exist', details: {} });
      return true;
    });
    await refusedEvent(ask('leave-group', {}), 'USER_NOT_FOUND');
    await refusedEvent(ask('update-peer-id', { peerId: 'x' }), 'USER_NOT_FOUND');
    await refusedEvent(ask('call-request', { targetPeerId: 'x', fromPeerId: 'y', fromUsername: 'z' }), 'USER_NOT_FOUND');
    await refusedEvent(ask('call-response', { accepted: false, fromPeerId: 'y', toPeerId: 'x' }), 'USER_NOT_FOUND');

    assert.ok(socket.open);

    for (let i = 0; i < 3; i++) await join(groupId, `more${i}`);
    await refusedEvent(ask('join-group', { groupId, username: 'Ada' }), 'GROUP_FULL');
  });

  test('a message that is none is told where it is wrong, in the words that clients know', async () => {
    const socket = await guest();
    const required = (...path) => ({ code: 'invalid_type', expected: 'string', received: 'undefined', path, message: 'Required' });
    const wrong = (expected, received, ...path) => ({ code: 'invalid_type', expected, received, path, message: `Expected ${expected}, received ${received}` });
    const frame = (type, payload) => JSON.stringify({ type, payload });
    for (const [sent, ...issues] of [
      [frame('create-group', { username: 'Ada' }), required('payload', 'groupName')],
      [frame('create-group', { username: 7 }), required('payload', 'groupName'), wrong('string', 'number', 'payload', 'username')],
      [frame('join-group', { username: 'Ada' }), required('payload', 'groupId')],
      [frame('update-peer-id', { peerId: null }), wrong('string', 'null', 'payload', 'peerId')],
      [frame('call-request', { fromPeerId: 'a', fromUsername: 'b' }), required('payload', 'targetPeerId')],
      [frame('call-response', { accepted: 'yes', fromPeerId: 'a', toPeerId: 'b' }), wrong('boolean', 'string', 'payload', 'accepted')],
      [frame('create-group', []), wrong('object', 'array', 'payload')],
      [frame('no-such-event', {}), { code: 'invalid_union_discriminator', path: ['type'], message: 'There is no such event' }],
      [frame(undefined, {}), required('type')],
      [frame(5, {}), wrong('string', 'number', 'type')],
      ['[]', { code: 'custom', path: [], message: 'A message is an object with type and payload' }],
      ['{not json', { code: 'custom', path: [], message: 'The body is not acceptable JSON: not JSON at byte 3' }],
    ]) {
      socket.sendRaw(sent);
      const error = await socket.next('error');
      assert.deepEqual([error.code, error.message], ['INVALID_MESSAGE', 'Invalid message format'], sent);
      assert.deepEqual(error.details.validationErrors, issues, sent);
    }
    assert.ok(socket.open);
  });

  test('REST tells whether a group is there, to any origin', async () => {
    const asked = Date.now();
    const { groupId } = await create();
    const answer = await stoa.api('GET', `/api/group/${groupId}`, { headers: { origin: 'https://peershare.example' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    const { createdAt, ...rest } = answer.body;
    assert.deepEqual(rest, { id: groupId, name: 'Algebra', memberCount: 1, exists: true });
    assert.ok(Date.parse(createdAt) >= asked - 1 && Date.parse(createdAt) <= Date.now() + 1, createdAt);
    assert.equal((await stoa.api('HEAD', `/api/group/${groupId}`)).status, 200);
    assert.equal((await stoa.api('HEAD', `/api/group/${randomUUID()}`)).status, 404);
    const { body: { stats, uptime } } = await stoa.api('GET', '/api/health');
    assert.ok(uptime > 0 && !Number.isInteger(uptime), `${uptime} has a fraction`);
    assert.ok(stats.totalGroups >= 1 && stats.totalUsers >= 1, JSON.stringify(stats));
  });

  scenarios(world, { name: 'a group that is not there', who: 'stranger' }, [
    { request: 'GET /api/group/{nothing}', answer: '404 GROUP_NOT_FOUND' },
    { request: 'GET /api/group/algebra', answer: '400 INVALID_GROUP_ID' },
  ]);

  test('a guest gets no further than groups', async () => {
    const socket = await guest();
    await refusedEvent(socket.request('join_room', { roomId: randomUUID() }), 'UNAUTHORIZED');
    await refusedEvent(socket.request('send_message', { roomId: randomUUID(), content: 'x' }), 'UNAUTHORIZED');
    await refusedEvent(socket.request('call_join', { roomId: randomUUID(), media: { audio: true, video: true, screen: false } }), 'UNAUTHORIZED');
  });

  test('where guests are not let in, groups want an account', async () => {
    const closed = await startStoa();
    try {
      const stranger = await openSocket(closed.wsUrl);
      await refusedEvent(stranger.request('create-group', { groupName: 'Algebra', username: 'Ada' }), 'UNAUTHORIZED');
      stranger.terminate();
      const person = await closed.connect((await closed.register('ada')).token);
      person.send('create-group', { groupName: 'Algebra', username: 'Ada' });
      assert.equal((await person.next('group-created')).groupName, 'Algebra');
      person.terminate();
    } finally {
      await closed.stop();
    }
  });

  test('config/peershare.toml lets guests in, on two listeners', async () => {
    const file = new URL('../../../config/peershare.toml', import.meta.url).pathname;
    const { code, stdout, stderr } = await runStoa(['config', '--config', file]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /port = 3000[^]*port = 3001/);
    assert.match(stdout, /guests = true/);
  });
});
