// Connection state recovery with the official client: a lost transport costs nobody an event.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';

import { Connections, people } from '../../support/people.mjs';
import { kTransportOptions, openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('recovery', () => {
  let stoa;
  let ada;
  let ben;
  let writer;
  let connections;
  const open = (person, options) => connections.open(person, options);

  before(async () => {
    stoa = await startStoa({ config: { realtime: { max_sessions_per_user: 1000 } } });
    connections = new Connections(stoa, (person, options) => openSocketIo(stoa, person?.token, options));
    [ada, ben] = await people(stoa, 'Ada', 'Ben');
    writer = await stoa.connect(ben.token);
  });
  after(async () => {
    connections.end();
    writer?.terminate();
    await stoa.stop();
  });

  async function inRoom(options) {
    const room = await stoa.createRoom(ada.token);
    const client = await open(ada, options);
    await client.request('join_room', { roomId: room.id });
    await writer.request('join_room', { roomId: room.id });
    return { roomId: room.id, client };
  }
  const say = (roomId, content) => writer.request('send_message', { roomId, content });

  // Cuts the transport without a word, and keeps the client from coming back before `meanwhile` is done.
  async function lose(client, meanwhile) {
    const back = new Promise((resolve) => { client.socket.once('connect', resolve); });
    client.socket.io.reconnectionDelay(1);
    client.socket.io.reconnection(false);
    if (client.transport === 'websocket') client.engine.transport.ws.terminate?.();
    client.engine.close();
    await until(() => !client.open, { what: 'the disconnect' });
    await meanwhile();
    client.socket.io.reconnection(true);
    client.socket.connect();
    await back;
  }

  for (const [what, options] of Object.entries(kTransportOptions)) {
    test(`what was missed arrives once and in order, and rooms are kept, with ${what}`, async () => {
      const { roomId, client } = await inRoom(options);
      await say(roomId, 'seen');
      await client.next('new_message');
      const { id } = client.socket;
      await lose(client, async () => {
        for (let n = 1; n <= 20; n += 1) await say(roomId, `missed ${n}`);
      });
      assert.equal(client.socket.recovered, true);
      assert.equal(client.socket.id, id);
      await say(roomId, 'after');
      await client.next('new_message', (m) => m.content === 'after');
      assert.deepEqual(client.all('new_message').map(({ seq }) => seq), Array.from({ length: 22 }, (_, n) => n + 1));
      assert.equal((await client.request('send_message', { roomId, content: 'mine' })).seq, 23);
      client.close();
    });
  }

  test('again and again', async () => {
    const { roomId, client } = await inRoom();
    await say(roomId, 'first');
    await client.next('new_message');
    for (let round = 0; round < 5; round += 1) {
      await lose(client, () => say(roomId, `missed ${round}`));
      assert.equal(client.socket.recovered, true);
      await say(roomId, `seen ${round}`);
      await client.next('new_message', (m) => m.content === `seen ${round}`);
    }
    assert.deepEqual(client.all('new_message').map(({ seq }) => seq), Array.from({ length: 11 }, (_, n) => n + 1));
    client.close();
  });

  test('a loss amid a flood', async () => {
    const { roomId, client } = await inRoom();
    await say(roomId, 'first');
    await client.next('new_message');
    const flood = [];
    const one = (n) => flood.push(say(roomId, `${n}`));
    for (let n = 0; n < 100; n += 1) one(n);
    await lose(client, async () => {
      for (let n = 100; n < 200; n += 1) one(n);
      await Promise.all(flood);
    });
    assert.equal(client.socket.recovered, true);
    await until(() => client.all('new_message').length >= 201, { what: 'all messages' });
    assert.deepEqual(client.all('new_message').map(({ seq }) => seq), Array.from({ length: 201 }, (_, n) => n + 1));
    client.close();
  });

  // The pid and offset that a client keeps for itself, as it sends them.
  const kept = (client) => ({ pid: client.socket._pid, offset: client.socket._lastOffset });
  const asking = (person, session) => open(undefined, { auth: { token: person.token, ...session }, reconnection: false });

  async function lost() {
    const { roomId, client } = await inRoom({ reconnection: false });
    await say(roomId, 'seen');
    await client.next('new_message');
    const session = kept(client);
    const { id } = client.socket;
    assert.equal(typeof session.pid, 'string');
    assert.equal(typeof session.offset, 'string');
    if (client.transport === 'websocket') client.engine.transport.ws.terminate?.();
    client.engine.close();
    await until(() => !client.open, { what: 'the disconnect' });
    await say(roomId, 'missed');
    return { session, id, roomId };
  }

  test('an unknown pid or offset begins a normal new session', async () => {
    const { session, id } = await lost();
    for (const wrong of [{ ...session, pid: session.pid.replace(/..........$/, 'AAAAAAAAAA') }, { ...session, offset: 'unknown' }, { pid: id, offset: session.offset }]) {
      const client = await asking(ada, wrong);
      assert.notEqual(client.socket.id, id);
      await client.request('join_room', { roomId: (await stoa.createRoom(ada.token)).id });
      assert.deepEqual(client.all('new_message'), []);
      client.close();
    }
  });

  test('the pid of another person is worth nothing, and stays its owner\'s', async () => {
    const { session, id, roomId } = await lost();
    const thief = await asking(ben, session).catch((error) => error);
    if (thief instanceof Error) assert.ok(thief.data?.code, thief.message);
    else {
      assert.notEqual(thief.socket.id, id);
      await thief.request('join_room', { roomId: (await stoa.createRoom(ben.token)).id });
      assert.deepEqual(thief.all('new_message'), []);
      thief.close();
    }
    const owner = await asking(ada, session);
    assert.equal(owner.socket.id, id);
    assert.deepEqual((await owner.next('new_message')).content, 'missed');
    assert.equal((await owner.request('send_message', { roomId, content: 'back' })).seq, 3);
    owner.close();
  });

  test('who has missed more than fits begins anew, and is in', async () => {
    const { roomId, client } = await inRoom();
    await say(roomId, 'seen');
    await client.next('new_message');
    const { id } = client.socket;
    await lose(client, async () => {
      for (let n = 0; n < 40; n += 1) await say(roomId, `${n} ${'x'.repeat(16_000)}`);
    });
    assert.equal(client.socket.recovered, false);
    assert.notEqual(client.socket.id, id);
    assert.equal((await client.request('join_room', { roomId, sinceSeq: 1 })).lastSeq, 41);
    client.close();
  });

  test('an offset reaches back to the subscription at most', async () => {
    const room = await stoa.createRoom(ada.token);
    await writer.request('join_room', { roomId: room.id });
    const witness = await open(ada);
    await witness.request('join_room', { roomId: room.id });
    const { id } = await say(room.id, 'before she came');
    await witness.next('new_message');
    await writer.request('delete_message', { messageId: id });
    const cleo = await stoa.register('Cleo');
    const hers = await open(cleo, { transports: ['websocket'], reconnection: false });
    await hers.request('join_room', { roomId: room.id });
    await say(room.id, 'seen');
    await hers.next('new_message');
    const { pid, offset } = kept(hers);
    const { id: sid } = hers.socket;
    const [node, number] = offset.split('.');
    hers.engine.transport.ws.terminate();
    hers.engine.close();
    await until(() => !hers.open, { what: 'the disconnect' });
    await say(room.id, 'missed');
    const again = await asking(cleo, { pid, offset: `${node}.${Number(number) - 4}` });
    assert.equal(again.socket.id, sid);
    assert.deepEqual(again.all('new_message').map(({ content }) => content), ['seen', 'missed']);
    again.close();
    witness.close();
  });

  test('without a valid token nothing is recovered', async () => {
    const { session, id } = await lost();
    for (const auth of [{ ...session }, { ...session, token: 'nonsense' }]) {
      await assert.rejects(open(undefined, { auth, reconnection: false }), (error) => ['UNAUTHORIZED', 'INVALID_TOKEN'].includes(error.data?.code));
    }
    const owner = await asking(ada, session);
    assert.equal(owner.socket.id, id);
    owner.close();
  });

  test('a pid serves once', async () => {
    const { session, id } = await lost();
    const first = await asking(ada, session);
    assert.equal(first.socket.id, id);
    const second = await asking(ada, session);
    assert.notEqual(second.socket.id, id);
    assert.deepEqual(second.all('new_message'), []);
    first.close();
    second.close();
  });

  test('a membership that ended meanwhile is not recovered', async () => {
    const { client, roomId } = await inRoom({ reconnection: false });
    await writer.request('leave_room', { roomId });
    const cleo = await stoa.register('Cleo');
    await stoa.api('POST', `/api/rooms/${roomId}/join`, { token: cleo.token, body: {} });
    const hers = await open(cleo, { reconnection: false });
    await hers.request('join_room', { roomId });
    await client.request('send_message', { roomId, content: 'seen' });
    await hers.next('new_message');
    const session = kept(hers);
    hers.engine.close();
    await until(() => !hers.open, { what: 'the disconnect' });
    const { status } = await stoa.api('DELETE', `/api/rooms/${roomId}/members/${cleo.id}`, { token: ada.token });
    assert.ok([200, 204].includes(status), `${status}`);
    await client.request('send_message', { roomId, content: 'not for her' });
    const again = await asking(cleo, session);
    await client.request('send_message', { roomId, content: 'nor this' });
    await again.request('join_room', { roomId: (await stoa.createRoom(cleo.token)).id }); // a round trip
    assert.deepEqual(again.all('new_message'), []);
    again.close();
    client.close();
  });

  test('who was removed meanwhile and has joined again is not told what was said in between', async () => {
    const { client, roomId } = await inRoom({ reconnection: false });
    await writer.request('leave_room', { roomId });
    const cleo = await stoa.register('Cleo');
    const join = () => stoa.api('POST', `/api/rooms/${roomId}/join`, { token: cleo.token, body: {} });
    await join();
    const hers = await open(cleo, { reconnection: false });
    await hers.request('join_room', { roomId });
    await client.request('send_message', { roomId, content: 'seen' });
    await hers.next('new_message');
    const session = kept(hers);
    hers.engine.close();
    await until(() => !hers.open, { what: 'the disconnect' });
    assert.equal((await stoa.api('DELETE', `/api/rooms/${roomId}/members/${cleo.id}`, { token: ada.token })).status, 204);
    await client.request('send_message', { roomId, content: 'not for her' });
    assert.equal((await join()).status, 200);
    const again = await asking(cleo, session);
    await again.request('join_room', { roomId: (await stoa.createRoom(cleo.token)).id }); // a round trip
    assert.deepEqual(again.all('new_message'), []);
    assert.equal(again.all('removed_from_room').length, 1);
    await again.request('join_room', { roomId });
    await client.request('send_message', { roomId, content: 'for her again' });
    await again.next('new_message', ({ content }) => content === 'for her again');
    again.close();
    client.close();
  });

  test('on the wire, what was missed comes before the answer to CONNECT', async () => {
    const { roomId, client } = await inRoom();
    const url = `${stoa.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const connect = async (auth) => {
      const socket = new WebSocket(url);
      const packets = [];
      socket.on('message', (data) => packets.push(data.toString()));
      socket.on('error', () => {});
      await until(() => packets.length === 1, { what: 'the open packet' });
      socket.send(`40${JSON.stringify({ token: ada.token, ...auth })}`);
      await until(() => packets.some((packet) => packet.startsWith('40')), { what: 'the answer to CONNECT' });
      return { socket, packets };
    };
    const first = await connect({});
    const { sid, pid } = JSON.parse(first.packets[1].slice(2));
    first.socket.send(`420${JSON.stringify(['join_room', { roomId }])}`);
    await until(() => first.packets.some((packet) => packet.startsWith('430')), { what: 'the room' });
    await say(roomId, 'seen');
    const message = (packet) => packet.startsWith('42["new_message"');
    await until(() => first.packets.some(message), { what: 'the message' });
    const offset = JSON.parse(first.packets.find(message).slice(2)).at(-1);
    assert.match(offset, /^[A-Za-z0-9_-]{11}\.\d+$/);
    first.socket.terminate();
    await say(roomId, 'missed');
    // Until the server has seen the first one's end there is nothing to come back for.
    let second;
    await until(async () => {
      second?.socket.terminate();
      second = await connect({ pid, offset });
      return second.packets.at(-1).includes(sid);
    }, { what: 'the session', every: 20 });
    const [open, missed, answer] = second.packets.filter((packet) => packet.startsWith('0') || packet.startsWith('40') || message(packet));
    assert.ok(open.startsWith('0'));
    assert.equal(JSON.parse(missed.slice(2))[1].content, 'missed');
    assert.deepEqual(JSON.parse(answer.slice(2)), { sid, pid });
    second.socket.close();
    client.close();
  });
});
