// PeerNet's words as its frontend sends them: socket.io-client with arguments in order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';

import { people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { kPatience, until } from '../../support/until.mjs';

describe('PeerNet over Socket.IO', () => {
  let stoa;
  let ann;
  let bea;
  let cid;
  let room;
  const clients = [];

  before(async () => {
    stoa = await startStoa();
    [ann, bea, cid] = await people(stoa, 'Ann', 'Bea', 'Cid');
    room = await stoa.createRoom(ann.token);
  });
  afterEach(() => { for (const client of clients.splice(0)) client.disconnect(); });
  after(() => stoa.stop());

  // `heard`: what came, each as its name and all its arguments but the last, which is the offset to come back by.
  async function connect(person, options = {}) {
    const client = io(stoa.url, { auth: { token: person.token }, forceNew: true, reconnection: false, ...options });
    clients.push(client);
    client.heard = [];
    client.onAny((...event) => client.heard.push(event.slice(0, -1)));
    await once(client, 'connect');
    return client;
  }
  const heard = (client, count) => until(() => client.heard.length >= count, { what: `${count} events` });

  for (const transports of [['polling', 'websocket'], ['websocket'], ['polling']]) {
    test(`join-room, signal and leaving, by ${transports}`, async () => {
      const a = await connect(ann, { transports });
      const b = await connect(bea, { transports });
      assert.equal((await a.emitWithAck('join-room', room.id, ann.id)).peerId, ann.id);
      b.emit('join-room', room.id, bea.id); // without asking for an answer
      await heard(a, 1);
      assert.deepEqual(a.heard, [['user-connected', bea.id]]);
      const signal = { type: 'offer', sdp: 'v=0', nested: [null, { deep: 1.5 }] };
      a.emit('signal', { roomId: room.id, to: bea.id, signal });
      await heard(b, 1);
      assert.deepEqual(b.heard, [['signal', { roomId: room.id, from: ann.id, signal }]]);
      b.emit('signal', { roomId: room.id, to: ann.id, signal: { type: 'answer' } });
      await heard(a, 2);
      assert.deepEqual(a.heard[1], ['signal', { roomId: room.id, from: bea.id, signal: { type: 'answer' } }]);
      b.disconnect();
      await heard(a, 3);
      assert.deepEqual(a.heard[2], ['user-disconnected', bea.id]);
    });
  }

  test('one on the native protocol and one on Socket.IO are in one call', async () => {
    const a = await connect(ann);
    await a.emitWithAck('join-room', room.id, ann.id);
    const native = await stoa.connect(cid.token);
    const seat = await native.request('join-room', { roomId: room.id, userId: cid.id });
    assert.deepEqual(seat.peers.map((p) => p.userId), [ann.id]);
    await heard(a, 1);
    assert.deepEqual(a.heard, [['user-connected', cid.id]]);
    await native.request('signal', { roomId: room.id, to: ann.id, signal: 1 });
    await heard(a, 2);
    assert.deepEqual(a.heard[1], ['signal', { roomId: room.id, from: cid.id, signal: 1 }]);
    a.emit('signal', { roomId: room.id, to: cid.id, signal: 2 });
    assert.deepEqual(await native.next('signal'), { roomId: room.id, from: ann.id, signal: 2 });
    await native.terminate();
    await heard(a, 3);
    assert.deepEqual(a.heard[2], ['user-disconnected', cid.id]);
  });

  test('a userId that is not the token\'s is refused', async () => {
    const a = await connect(ann);
    const b = await connect(bea);
    await a.emitWithAck('join-room', room.id, ann.id);
    const [answer] = await Promise.all([b.timeout(kPatience).emitWithAck('join-room', room.id, ann.id)]);
    assert.equal(answer.error.code, 'FORBIDDEN', JSON.stringify(answer));
    assert.deepEqual(a.heard, []);
  });

  test('a one-time ticket signs in as the token would', async () => {
    const { body: { ticket } } = await stoa.api('POST', '/api/auth/tickets', { token: ann.token });
    const a = await connect(ann, { auth: { token: ticket } });
    assert.equal((await a.emitWithAck('join-room', room.id, ann.id)).peerId, ann.id);
    const again = io(stoa.url, { auth: { token: ticket }, forceNew: true, reconnection: false });
    clients.push(again);
    const [error] = await once(again, 'connect_error');
    assert.equal(error.data.code, 'INVALID_TOKEN');
  });
});
