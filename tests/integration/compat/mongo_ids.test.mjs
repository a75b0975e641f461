// compat.mongo_ids: frontends that were written for MongoDB find `_id` beside `id` wherever a record leaves, and others never see it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { people } from '../../support/people.mjs';
import { openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

// Every object within that has an `id`.
function records(value) {
  if (value === null || typeof value !== 'object') return [];
  const within = Object.values(value).flatMap(records);
  return Object.hasOwn(value, 'id') ? [value, ...within] : within;
}

function assertRecords(value, least, wanted, what) {
  const all = records(value);
  assert.ok(all.length >= least, `${what}: ${JSON.stringify(value)}`);
  if (!wanted) return assert.ok(!JSON.stringify(value).includes('"_id"'), `${what}: ${JSON.stringify(value)}`);
  for (const record of all) assert.equal(record._id, record.id, `${what}: ${JSON.stringify(record)}`);
}

for (const wanted of [true, false]) {
  describe(`ids of MongoDB, ${wanted ? 'wanted' : 'by default'}`, () => {
    let stoa;
    let ada;
    let ben;
    let room;
    let said; // by Ada, before each test
    before(async () => {
      stoa = await startStoa(wanted ? { config: { compat: { mongo_ids: true } } } : {});
      [ada, ben] = await people(stoa, 'Ada', 'Ben');
      room = await stoa.createRoom(ada.token, { name: 'A room of records' });
      assert.equal((await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token })).status, 200);
      const { body } = await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'remarkable' } });
      said = body;
    });
    after(() => stoa.stop());

    const is = (value, what, least = 1) => assertRecords(value, least, wanted, what);

    test('over REST, single and in lists', async () => {
      is(ada.user, 'a new account');
      is(room, 'a new room');
      is(said, 'a new message');
      await stoa.api('PUT', '/api/users/me', { token: ben.token, body: { isFindable: true } });
      for (const path of [
        '/api/users/me', `/api/users/${ben.id}`, '/api/users?q=Ben', '/api/rooms', '/api/rooms?q=records', `/api/rooms/${room.id}`, '/api/auth/sessions',
        `/api/messages/room/${room.id}`, `/api/messages/room/${room.id}?after=0`, '/api/messages/search?q=remarkable',
      ]) {
        const { status, body } = await stoa.api('GET', path, { token: ada.token });
        assert.equal(status, 200, path);
        is(body, path);
      }
      const invite = await stoa.api('POST', `/api/rooms/${room.id}/invites`, { token: ada.token, body: {} });
      assert.equal(invite.status, 201);
      is(invite.body, 'an invite');
      const key = randomUUID();
      const send = () => stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, headers: { 'idempotency-key': key }, body: { content: 'once' } });
      const first = (await send()).body;
      is(first, 'a message');
      assert.deepEqual((await send()).body, first, 'the same message, sent again');
    });

    test('over /ws, in answers and events', async () => {
      const a = await stoa.connect(ada.token);
      const b = await stoa.connect(ben.token);
      try {
        is(await a.request('join_room', { roomId: room.id }), 'join_room', 2);
        is(await b.request('join_room', { roomId: room.id, sinceSeq: 0 }), 'what was missed', 2);
        const message = { roomId: room.id, content: 'over /ws', clientMessageId: randomUUID() };
        const sent = await a.request('send_message', message);
        const hears = (type) => b.next(type, (m) => m.id === sent.id);
        is(sent, 'send_message');
        is(await hears('new_message'), 'new_message');
        is(await a.request('send_message', message), 'the same message, sent again');
        is(await a.request('edit_message', { messageId: sent.id, content: 'edited' }), 'edit_message');
        is(await hears('message_updated'), 'message_updated');
        is(await b.request('add_reaction', { messageId: sent.id, emoji: '👍' }), 'add_reaction');
        assert.equal((await stoa.api('PUT', `/api/rooms/${room.id}`, { token: ada.token, body: { description: 'x' } })).status, 200);
        is(await b.next('room_updated'), 'room_updated');
      } finally {
        a.terminate();
        b.terminate();
      }
    });

    test('over Socket.IO, also in what a lost connection missed', async () => {
      const a = await stoa.connect(ada.token);
      const b = await openSocketIo(stoa, ben.token);
      try {
        await a.request('join_room', { roomId: room.id });
        is(await b.request('join_room', { roomId: room.id }), 'join_room', 2);
        await a.request('send_message', { roomId: room.id, content: 'heard' });
        is(await b.next('new_message', (m) => m.content === 'heard'), 'new_message');
        is(await b.request('send_message', { roomId: room.id, content: 'mine' }), 'send_message');
        const back = new Promise((resolve) => { b.socket.once('connect', resolve); });
        b.socket.io.reconnection(false);
        b.engine.close();
        await until(() => !b.open, { what: 'the disconnect' });
        await a.request('send_message', { roomId: room.id, content: 'missed' });
        b.socket.io.reconnection(true);
        b.socket.connect();
        await back;
        assert.equal(b.socket.recovered, true);
        is(await b.next('new_message', (m) => m.content === 'missed'), 'what was missed');
      } finally {
        a.terminate();
        b.terminate();
      }
    });
  });
}

test('what clients made themselves stays as it is', async () => {
  const stoa = await startStoa({ config: { compat: { mongo_ids: true } } });
  try {
    const [ada] = await people(stoa, 'Ada');
    const room = await stoa.createRoom(ada.token);
    const socket = await stoa.connect(ada.token);
    await socket.request('join_room', { roomId: room.id });
    await socket.request('whiteboard_join', { roomId: room.id });
    const object = { id: randomUUID(), type: 'rect', left: 1, top: 2, width: 3, height: 4 };
    await socket.request('whiteboard_add', { roomId: room.id, object });
    const { objects } = await socket.request('whiteboard_join', { roomId: room.id });
    assert.deepEqual(objects.map((one) => one.object), [object]);
    socket.terminate();
  } finally {
    await stoa.stop();
  }
});
