// What one account, or one address, may take: others still get theirs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Connections, makeRoom, people } from '../../support/people.mjs';
import { refused, refusedEvent } from '../../support/refused.mjs';
import { openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';

const window = '1h';
const media = { audio: true, video: true, screen: false };

// A server with these limits of rate, and two people in a room of Ada's.
async function limited(limits) {
  const stoa = await startStoa({ config: { rate_limits: { enabled: true, ...limits } } });
  const [mallory, ada] = await people(stoa, 'Mallory', 'Ada');
  return { stoa, connections: new Connections(stoa), mallory, ada, room: await makeRoom(stoa, ada, { members: [mallory] }) };
}

describe('one budget a person', () => {
  let stoa, connections, mallory, ada, room;
  before(async () => {
    ({ stoa, connections, mallory, ada, room } = await limited({ write: { requests: 6, window } })); // joining takes one of them
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });
  const post = (person, content) => stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content } });

  test('of writing: REST, native sockets and Socket.IO', async () => {
    const [one, two] = [await connections.enter(mallory, room), await connections.enter(mallory, room)];
    const third = await openSocketIo(stoa, mallory.token);
    try {
      const say = (socket) => socket.request('send_message', { roomId: room.id, content: 'x' });
      await say(one);
      await say(two);
      await say(third);
      for (let i = 0; i < 2; i += 1) assert.equal((await post(mallory, 'x')).status, 201);
      const over = await post(mallory, 'x');
      refused(over, 429, 'RATE_LIMITED');
      assert.ok(Number(over.headers.get('retry-after')) > 60);
      for (const socket of [one, two, third]) await refusedEvent(say(socket), 'RATE_LIMITED');
      await assert.rejects(say(two), ({ details }) => details.retryAfter > 60);
      await two.request('typing', { roomId: room.id, isTyping: true });
      assert.equal((await post(ada, 'x')).status, 201);
    } finally {
      third.close();
    }
  });
});

describe('bytes of answers', () => {
  let stoa, connections, mallory, ada, room;
  before(async () => {
    ({ stoa, connections, mallory, ada, room } = await limited({ answers: { bytes: '64KiB', window } }));
    for (let i = 0; i < 4; i += 1) {
      const said = await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'x'.repeat(10_000) } });
      assert.equal(said.status, 201);
    }
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  test('are counted over REST and sockets, and what changes things goes on', async () => {
    const history = (person) => stoa.api('GET', `/api/messages/room/${room.id}`, { token: person.token });
    const socket = await connections.enter(mallory, room); // with the same history
    assert.equal((await history(mallory)).status, 200);
    const over = await history(mallory);
    refused(over, 429, 'RATE_LIMITED');
    assert.ok(Number(over.headers.get('retry-after')) > 60);
    await refusedEvent(socket.request('join_room', { roomId: room.id }), 'RATE_LIMITED');
    await socket.request('send_message', { roomId: room.id, content: 'still here' });
    assert.equal((await history(ada)).status, 200);
    await connections.enter(ada, room);
  });
});

describe('bytes of changes', () => {
  let stoa, connections, mallory, ada, room;
  before(async () => {
    ({ stoa, connections, mallory, ada, room } = await limited({ changes: { bytes: '64KiB', window } }));
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  test('are counted over REST, native sockets and Socket.IO, and others go on', async () => {
    const post = (person) => stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content: 'x'.repeat(12_000) } });
    const socket = await connections.enter(mallory, room);
    const io = await openSocketIo(stoa, mallory.token);
    for (let i = 0; i < 6; i += 1) {
      if (i % 3 === 0) assert.equal((await post(mallory)).status, 201);
      else await (i % 3 === 1 ? socket : io).request('send_message', { roomId: room.id, content: 'x'.repeat(12_000) });
    }
    io.close();
    const over = await post(mallory);
    refused(over, 429, 'RATE_LIMITED');
    assert.ok(Number(over.headers.get('retry-after')) > 60);
    await refusedEvent(socket.request('send_message', { roomId: room.id, content: 'short' }), 'RATE_LIMITED');
    assert.equal((await stoa.api('GET', `/api/messages/room/${room.id}`, { token: mallory.token })).status, 200);
    assert.equal((await post(ada)).status, 201);
  });
});

describe('places', () => {
  let stoa, connections, mallory, ada, rooms;
  before(async () => {
    stoa = await startStoa({
      config: { calls: { max_seats_per_user: 2 }, rooms: { max_rooms_per_user: 3, max_memberships_per_user: 3 }, whiteboard: { max_boards_per_user: 2 }, groups: { max_groups_per_user: 2 } },
    });
    connections = new Connections(stoa);
    [mallory, ada] = await people(stoa, 'Mallory', 'Ada');
    rooms = [];
    for (let i = 0; i < 3; i += 1) rooms.push(await makeRoom(stoa, ada, { members: [mallory] }));
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  test('a person has so many seats of a call: the oldest goes, and nobody else’s', async () => {
    const [{ id: roomId }] = rooms;
    const hers = await connections.open(ada);
    await hers.request('call_join', { roomId, media });
    const sockets = [];
    for (let i = 0; i < 3; i += 1) sockets.push(await connections.open(mallory));
    const io = await openSocketIo(stoa, mallory.token);
    const seats = [];
    const call = async (socket) => { seats.push((await socket.request('call_join', { roomId, media })).peerId); };
    await call(sockets[0]);
    await sockets[1].request('join-room', { roomId, userId: mallory.id });
    await call(sockets[2]);
    assert.deepEqual(await sockets[0].next('removed_from_call'), { roomId, peerId: seats[0] });
    assert.equal((await hers.next('peer_left')).peerId, seats[0]);
    await refusedEvent(sockets[0].request('media_state', { roomId, ...media }), 'NOT_IN_CALL');
    await call(io);
    // By join-room a peer is called by its user where it can be.
    assert.equal((await sockets[1].next('removed_from_call')).roomId, roomId);
    await io.request('join-room', { roomId, userId: mallory.id });
    await sockets[0].request('join-room', { roomId, userId: mallory.id });
    assert.deepEqual(await sockets[2].next('removed_from_call'), { roomId, peerId: seats[1] });
    const { peers } = await (await connections.open(ada)).request('call_join', { roomId, media });
    assert.equal(peers.filter(({ userId }) => userId === mallory.id).length, 2);
    assert.equal(peers.filter(({ userId }) => userId === ada.id).length, 1);
    assert.equal(hers.all('removed_from_call').length, 0);
    io.close();
  });

  test('a person is on so many whiteboards', async () => {
    const socket = await connections.open(mallory);
    const join = (who, { id }) => who.request('whiteboard_join', { roomId: id });
    for (const room of rooms.slice(0, 2)) await join(socket, room);
    await refusedEvent(join(await connections.open(mallory), rooms[2]), 'TOO_MANY_BOARDS');
    await join(await connections.open(mallory), rooms[1]);
    const other = await connections.open(ada);
    await join(other, rooms[2]);
    await other.request('whiteboard_add', { roomId: rooms[2].id, object: { id: 'a', type: 'Rect' } });
    await socket.request('whiteboard_leave', { roomId: rooms[0].id });
    await join(socket, rooms[2]);
  });

  test('a person has so many groups open', async () => {
    const create = async (person) => {
      const socket = await connections.open(person);
      return socket.request('create-group', { groupName: 'Algebra', username: 'x' });
    };
    for (let i = 0; i < 2; i += 1) await create(mallory);
    await refusedEvent(create(mallory), 'TOO_MANY_GROUPS');
    await create(ada);
  });

  test('a person is in so many rooms', async () => {
    const [ben] = await people(stoa, 'Ben');
    const one = await makeRoom(stoa, ben);
    const join = (person) => stoa.api('POST', `/api/rooms/${one.id}/join`, { token: person.token });
    refused(await join(mallory), 409, 'CONFLICT');
    const [cat] = await people(stoa, 'Cat');
    assert.equal((await join(cat)).status, 200);
    assert.equal((await stoa.api('POST', `/api/rooms/${rooms[0].id}/leave`, { token: mallory.token })).status, 204);
    assert.equal((await join(mallory)).status, 200);
  });
});
