// The events of rooms and calls over Socket.IO, among themselves and with people on native sockets: nobody can tell
// who speaks which protocol.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { refusedEvent } from '../../support/refused.mjs';
import { SocketIo, kTransportOptions } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kMedia = { audio: true, video: true, screen: false };

describe('events over Socket.IO', () => {
  let stoa;
  let ada;
  let ben;
  const open = [];

  async function overSocketIo(person, options) {
    const client = new SocketIo(stoa.url, { auth: { token: person.token }, ...options });
    open.push(() => client.close());
    return client.connected();
  }
  async function overNative(person) {
    const socket = await stoa.connect(person.token);
    open.push(() => socket.terminate());
    return socket;
  }
  async function sharedRoom(fields) {
    const room = await stoa.createRoom(ada.token, fields);
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token, body: {} });
    return room.id;
  }

  before(async () => {
    stoa = await startStoa({
      config: { realtime: { max_sessions_per_user: 1000 }, rooms: { stats_interval: '20ms' }, chat: { typing_throttle: '20ms' } },
    });
    [ada, ben] = await Promise.all(['Ada', 'Ben'].map((name) => stoa.register(name)));
  });
  after(async () => {
    for (const close of open) close();
    await stoa.stop();
  });

  for (const [what, options] of Object.entries(kTransportOptions)) {
    test(`chat with ${what} and a person on a native socket`, async () => {
      const roomId = await sharedRoom();
      const [a, b] = [await overSocketIo(ada, options), await overNative(ben)];
      assert.equal((await a.request('join_room', { roomId })).room.id, roomId);
      await b.request('join_room', { roomId });

      const joined = await a.next('user_joined');
      assert.deepEqual([joined.roomId, joined.user.userId], [roomId, ben.id]);
      await a.next('room_stats_updated', (p) => p.activeCount === 2);

      const said = await a.request('send_message', { roomId, content: 'from Socket.IO', clientMessageId: randomUUID() });
      assert.equal(said.seq, 1);
      assert.deepEqual(await b.next('new_message'), said);
      assert.deepEqual(await a.next('new_message'), said);

      const answered = await b.request('send_message', { roomId, content: 'from native' });
      assert.deepEqual(await a.next('new_message'), answered);

      await b.request('typing', { roomId, isTyping: true });
      assert.deepEqual(await a.next('user_typing'), { roomId, userId: ben.id, name: 'Ben', isTyping: true });
      await a.request('typing', { roomId, isTyping: true });
      assert.deepEqual(await b.next('user_typing'), { roomId, userId: ada.id, name: 'Ada', isTyping: true });

      await b.request('add_reaction', { messageId: said.id, emoji: '🎉' });
      assert.equal((await a.next('message_updated')).reactions[0].emoji, '🎉');
      await a.request('edit_message', { messageId: said.id, content: 'edited' });
      assert.equal((await b.next('message_updated', (p) => p.isEdited)).content, 'edited');
      await a.request('mark_read', { roomId, seq: 2 });
      assert.equal((await b.next('read_updated')).userId, ada.id);

      await b.request('leave_room', { roomId });
      assert.deepEqual(await a.next('user_left'), { roomId, userId: ben.id, reason: 'away' });
    });

    test(`signals of a call with ${what} and a person on a native socket`, async () => {
      const roomId = await sharedRoom();
      const [a, b] = [await overSocketIo(ada, options), await overNative(ben)];
      const watcher = await overSocketIo(ben, options);
      assert.equal((await watcher.request('join_room', { roomId, asMember: true })).room.callParticipants, 0);
      const first = await a.request('call_join', { roomId, media: kMedia });
      assert.deepEqual(await watcher.next('room_call_updated'), { roomId, participants: 1 });
      const second = await b.request('call_join', { roomId, media: kMedia });
      assert.deepEqual(second.peers.map(({ peerId, userId }) => [peerId, userId]), [[first.peerId, ada.id]]);
      assert.equal((await a.next('peer_joined')).peer.peerId, second.peerId);
      const description = { type: 'offer', sdp: 'v=0\r\n' };
      await b.request('offer', { roomId, to: first.peerId, description });
      assert.deepEqual(await a.next('offer'), { roomId, from: second.peerId, description });
      await a.request('answer', { roomId, to: second.peerId, description: { ...description, type: 'answer' } });
      assert.equal((await b.next('answer')).from, first.peerId);
      await a.request('ice_candidate', { roomId, to: second.peerId, candidate: null });
      assert.equal((await b.next('ice_candidate')).candidate, null);
      const signal = { any: ['thing', 1, null] };
      await b.request('signal', { roomId, to: first.peerId, signal });
      assert.deepEqual(await a.next('signal'), { roomId, from: second.peerId, signal });
      a.close();
      assert.equal((await b.next('peer_left')).peerId, first.peerId);
    });
  }

  test('acknowledgements and events have one argument, the payload alone', async () => {
    const roomId = await sharedRoom();
    const a = await overSocketIo(ada);
    await a.request('join_room', { roomId }); // request() refuses more than one value
    await a.request('send_message', { roomId, content: 'x' });
    await a.next('new_message');
    for (const { type, payload, rest } of a.received) {
      assert.equal(typeof payload, 'object', type);
      // With recovery on, each ends with its offset, which old clients do not look at.
      assert.ok(rest.length === 0 || (rest.length === 1 && typeof rest[0] === 'string'), `${type} ${JSON.stringify(rest)}`);
    }
  });

  test('a failed event is acknowledged with its error, and the connection stays', async () => {
    const a = await overSocketIo(ada);
    await refusedEvent(a.request('join_room', { roomId: randomUUID() }), 'NOT_FOUND');
    await refusedEvent(a.request('send_message', { roomId: 'x' }), 'INVALID_MESSAGE');
    await assert.rejects(a.request('send_message', { roomId: 'x' }), (error) => {
      assert.deepEqual(Object.keys(error.payload).sort(), ['code', 'details', 'message']);
      return true;
    });
    await refusedEvent(a.request('no_such_event', {}), 'INVALID_MESSAGE');
    assert.ok(a.open);
  });

  test('without an acknowledgement an error is an event', async () => {
    const a = await overSocketIo(ada);
    a.send('join_room', { roomId: randomUUID() });
    assert.equal((await a.next('error')).code, 'NOT_FOUND');
    a.send('no_such_event', {});
    assert.equal((await a.next('error')).code, 'INVALID_MESSAGE');
    assert.ok(a.open);
  });

  test('arguments of a wrong kind are refused one by one', async () => {
    const roomId = await sharedRoom();
    const a = await overSocketIo(ada);
    for (const args of [[], ['text'], [5], [null], [[]], [{ roomId }, { more: 1 }], [Buffer.from([1])], [{ roomId: Buffer.from('x') }], [true]]) {
      const answer = a.request('send_message', ...args);
      await assert.rejects(answer, (error) => error.code === 'INVALID_MESSAGE' || assert.fail(`${JSON.stringify(args)}: ${error.message}`));
    }
    await a.request('join_room', { roomId });
    a.send('send_message', Buffer.from([1, 2, 3]));
    assert.equal((await a.next('error')).code, 'INVALID_MESSAGE');
    assert.ok(a.open);
  });

  test('names that mean something to objects are unknown events', async () => {
    const a = await overSocketIo(ada);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', 'join_room ', 'JOIN_ROOM']) {
      await refusedEvent(a.request(name, {}), 'INVALID_MESSAGE');
    }
  });

  test('a thousand messages over each transport keep their order, through the upgrade', async () => {
    const roomId = await sharedRoom();
    const b = await overNative(ben);
    await b.request('join_room', { roomId });
    for (const options of Object.values(kTransportOptions)) {
      const a = new SocketIo(stoa.url, { auth: { token: ada.token }, ...options });
      open.push(() => a.close());
      // From the first moment on: the client buffers until it is connected, and upgrades meanwhile.
      const acks = Array.from({ length: 300 }, (_, n) => a.request('send_message', { roomId, content: `${n}` }));
      const stored = await Promise.all(acks);
      const seqs = stored.map(({ seq }) => seq);
      assert.deepEqual(seqs, Array.from({ length: 300 }, (_, n) => seqs[0] + n));
      a.close();
    }
    await until(() => b.all('new_message').length === 900, { what: 'all messages' });
    assert.deepEqual(b.all('new_message').map(({ seq }) => seq), Array.from({ length: 900 }, (_, n) => n + 1));
  });

  test('a resume with sinceSeq is the same here', async () => {
    const roomId = await sharedRoom();
    const a = await overSocketIo(ada);
    for (let n = 1; n <= 5; n += 1) await a.request('send_message', { roomId, content: `${n}` });
    const { messages, complete } = await a.request('join_room', { roomId, sinceSeq: 2 });
    assert.deepEqual([messages.map(({ seq }) => seq), complete], [[3, 4, 5], true]);
  });

  test('a message as long as a frame may be, and one that is longer', async () => {
    const roomId = await sharedRoom();
    for (const options of Object.values(kTransportOptions)) {
      const a = await overSocketIo(ada, options);
      assert.equal((await a.request('send_message', { roomId, content: 'x'.repeat(16 * 1024) })).content.length, 16 * 1024);
      await refusedEvent(a.request('send_message', { roomId, content: 'x'.repeat(16 * 1024 + 1) }), 'INVALID_MESSAGE');
      assert.ok(a.open);
      a.close();
    }
  });
});
