// Whiteboards: who may look and draw, what the others hear, limits, and what a board refuses.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Connections, makeRoom, people } from '../../support/people.mjs';
import { refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { Board, rect } from './board.mjs';

describe('whiteboards', () => {
  let stoa;
  let connections;
  let members; // the first of them owns the room
  let stranger;
  let room;

  const connect = (person) => connections.open(person);

  // A room with all of the members, and a board for each of them.
  async function fresh() {
    await away();
    room = await makeRoom(stoa, members[0], { members: members.slice(1) });
    return Promise.all(members.map(async (person) => Board.join(await connect(person), room.id)));
  }

  // Everybody goes; the board leaves memory.
  async function away() {
    connections.end();
    await until(async () => (await stoa.metric('stoa_whiteboards')) === 0, { what: 'the boards to leave memory' });
  }
  const join = (socket, roomId = room.id) => socket.request('whiteboard_join', { roomId });
  const muted = (person, minutes) => stoa.api('PUT', `/api/rooms/${room.id}/members/${person.id}`, { token: members[0].token, body: { mutedMinutes: minutes } });

  before(async () => {
    stoa = await startStoa({
      config: {
        whiteboard: { max_objects: 20, max_object_bytes: '4KiB', max_board_bytes: '16KiB', cursor_interval: '1m' },
      },
    });
    connections = new Connections(stoa);
    [stranger, ...members] = await people(stoa, 'Sue', 'Ann', 'Bea', 'Cid');
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  test('what one draws the others hear, with its version; the author gets the answer alone', async () => {
    const [a, b, c] = await fresh();
    assert.deepEqual(a.entry, { roomId: room.id, version: 0, objects: [] });
    const object = rect('r1', { custom: { deep: [1, [2.5, { x: null }]], text: 'Ä "quoted" \\ \u2028 🎨' } });
    assert.deepEqual(await a.add(object), { roomId: room.id, version: 1, place: 1 });
    for (const board of [b, c]) {
      assert.deepEqual(await board.socket.next('whiteboard_add'), { roomId: room.id, userId: members[0].id, version: 1, place: 1, object });
    }
    const moved = { ...object, left: 99 };
    assert.deepEqual(await b.update(moved), { roomId: room.id, version: 2, place: 1 });
    assert.deepEqual(await a.socket.next('whiteboard_update'), { roomId: room.id, userId: members[1].id, version: 2, place: 1, object: moved });
    await c.add(rect('r2'));
    assert.equal((await a.socket.next('whiteboard_add')).place, 3);
    assert.deepEqual(await a.remove('r1'), { roomId: room.id, version: 4 });
    assert.deepEqual(await c.socket.next('whiteboard_remove'), { roomId: room.id, userId: members[0].id, version: 4, objectId: 'r1' });
    assert.deepEqual(await b.clear(), { roomId: room.id, version: 5 });
    assert.deepEqual(await c.socket.next('whiteboard_clear'), { roomId: room.id, userId: members[1].id, version: 5 });
    assert.equal(a.socket.all('whiteboard_remove').length, 0);
    assert.equal(b.socket.all('whiteboard_clear').length, 0);
    assert.deepEqual((await join(a.socket)).objects, []);
  });

  test('a board is there again after everybody has left, byte for byte and in the same order', async () => {
    const [a, b] = await fresh();
    const objects = [
      rect('z'), rect('a', { path: [['M', 1e-7, 1e21, -0.5], ['Z']], text: 'x'.repeat(2000) }),
      { id: 'm', type: 'Group', objects: [{ type: 'Circle', radius: 7, n: 9007199254740991, big: 1.7976931348623157e308 }], empty: {}, none: [] },
    ];
    for (const object of objects) await a.add(object);
    await b.update({ ...objects[0], fill: 'blue' });
    const before = (await join(b.socket)).objects;
    assert.deepEqual(before.map((o) => [o.id, o.version, o.place]), [['z', 4, 1], ['a', 2, 2], ['m', 3, 3]]);
    await away();
    const again = await Board.join(await connect(members[2]), room.id);
    assert.deepEqual(again.entry, { roomId: room.id, version: 4, objects: before });
    assert.deepEqual(again.entry.objects[1].object, objects[1]);
    assert.deepEqual(again.entry.objects[2].object, objects[2]);
    assert.equal((await again.clear()).version, 5);
    await away();
    const last = await Board.join(await connect(members[0]), room.id);
    assert.deepEqual(last.entry, { roomId: room.id, version: 5, objects: [] });
    assert.equal((await last.add(rect('z'))).version, 6);
  });

  test('adding what is there replaces it; what was removed comes back by an add alone', async () => {
    const [a, b] = await fresh();
    await a.add(rect('r'));
    await a.add(rect('s'));
    const again = await b.add(rect('r', { fill: 'green' }));
    assert.deepEqual([again.version, again.place], [3, 1]);
    assert.equal((await a.socket.next('whiteboard_update')).object.fill, 'green');
    await a.remove('r');
    await refusedEvent(b.update(rect('r')), 'NOT_FOUND');
    await refusedEvent(b.remove('r'), 'NOT_FOUND');
    await a.clear();
    await refusedEvent(b.update(rect('s')), 'NOT_FOUND');
    assert.equal((await b.add(rect('r'))).place, 6);
    assert.deepEqual((await join(a.socket)).objects.map((o) => o.id), ['r']);
  });

  test('only members come to a board, and only who is there draws', async () => {
    const [a] = await fresh();
    const outside = await connect(stranger);
    await refusedEvent(join(outside), 'NOT_A_MEMBER');
    const hidden = await stoa.createRoom(members[0].token, { roomType: 'private' });
    await refusedEvent(join(outside, hidden.id), 'NOT_FOUND');
    await refusedEvent(join(outside, randomUUID()), 'NOT_FOUND');
    const roomId = room.id;
    const attempts = [
      ['whiteboard_add', { roomId, object: rect('x') }], ['whiteboard_update', { roomId, object: rect('x') }],
      ['whiteboard_remove', { roomId, objectId: 'x' }], ['whiteboard_clear', { roomId }], ['whiteboard_cursor', { roomId, x: 1, y: 2 }],
    ];
    for (const [type, payload] of attempts) await refusedEvent(outside.request(type, payload), 'NOT_ON_BOARD');
    await a.add(rect('x'));
    await a.socket.request('whiteboard_leave', { roomId });
    await a.socket.request('whiteboard_leave', { roomId });
    for (const [type, payload] of attempts) await refusedEvent(a.socket.request(type, payload), 'NOT_ON_BOARD');
    assert.deepEqual(outside.all('whiteboard_add'), []);
  });

  test('who is kicked, banned or leaves is off the board at once, and so is everybody when the room closes', async () => {
    const ends = [
      () => stoa.api('DELETE', `/api/rooms/${room.id}/members/${members[1].id}`, { token: members[0].token }),
      () => stoa.api('POST', `/api/rooms/${room.id}/bans`, { token: members[0].token, body: { userId: members[1].id } }),
      () => stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: members[1].token, body: {} }),
    ];
    for (const end of ends) {
      const [a, b, c] = await fresh();
      assert.ok((await end()).status < 300);
      await b.socket.next('removed_from_room');
      await refusedEvent(b.add(rect('x')), 'NOT_ON_BOARD');
      await a.add(rect('y'));
      await c.socket.next('whiteboard_add');
      await b.socket.request('whiteboard_leave', { roomId: room.id });
      assert.deepEqual(b.heard(), []);
      await assert.rejects(b.join());
    }
    const [a, b] = await fresh();
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: members[0].token })).status, 204);
    await refusedEvent(a.add(rect('x')), 'NOT_ON_BOARD');
    await refusedEvent(b.join(), 'NOT_FOUND');
  });

  test('the muted look and point but do not draw, from the moment of the mute', async () => {
    const [a, b] = await fresh();
    await b.add(rect('x'));
    await muted(members[1], 5);
    for (const attempt of [b.add(rect('y')), b.update(rect('x')), b.remove('x'), b.clear()]) await refusedEvent(attempt, 'MUTED');
    await b.socket.request('whiteboard_cursor', { roomId: room.id, x: 1, y: 2 });
    await a.update(rect('x', { fill: 'blue' }));
    assert.equal((await b.socket.next('whiteboard_update')).object.fill, 'blue');
    await b.join();
    await refusedEvent(b.add(rect('y')), 'MUTED');
    await muted(members[1], 0);
    await b.add(rect('y'));
  });

  test('cursors are told to the others, with the name, and not too often', async () => {
    const [a, b] = await fresh();
    for (let i = 0; i < 10; i++) await a.socket.request('whiteboard_cursor', { roomId: room.id, x: 10.5 + i, y: -3 });
    assert.deepEqual(await b.socket.next('whiteboard_cursor'), { roomId: room.id, userId: members[0].id, name: 'Ann', x: 10.5, y: -3 });
    await a.add(rect('x'));
    await b.socket.next('whiteboard_add');
    assert.equal(b.socket.all('whiteboard_cursor').length, 1);
    assert.equal(a.socket.all('whiteboard_cursor').length, 0);
    assert.equal((await join(a.socket)).version, 1, 'a cursor is no change');
  });

  test('objects and boards are bounded, and a refused change changes nothing', async () => {
    const [a, b] = await fresh();
    await refusedEvent(a.add(rect('big', { text: 'x'.repeat(5000) })), 'INVALID_MESSAGE');
    for (let i = 0; i < 20; i++) await a.add(rect(`o${i}`));
    await refusedEvent(a.add(rect('one-more')), 'BOARD_FULL');
    await a.clear();
    const long = (id, length) => rect(id, { text: 'x'.repeat(length) });
    for (let i = 0; i < 4; i++) await a.add(long(`o${i}`, 3600));
    await refusedEvent(a.add(long('o4', 1000)), 'BOARD_FULL');
    await a.update(long('o3', 1000));
    await a.add(long('o4', 1000));
    await refusedEvent(a.update(long('o3', 3600)), 'BOARD_FULL');
    await a.remove('o0');
    await a.update(long('o3', 3600));
    const { objects } = await b.join();
    assert.deepEqual(objects.map((o) => [o.id, o.object.text.length]), [['o1', 3600], ['o2', 3600], ['o3', 3600], ['o4', 1000]]);
  });

  test('hostile objects are refused, and the board is untouched', async () => {
    const [a, b] = await fresh();
    // What cannot be read is answered without its id.
    const raw = async (object) => {
      const answers = () => a.socket.received.filter((f) => f.type === 'error' || f.type === 'ack');
      const before = answers().length;
      a.socket.sendRaw(`{"type":"whiteboard_add","payload":{"roomId":"${room.id}","object":${object}},"id":"raw"}`);
      await until(() => answers().length > before, { what: `an answer to ${object.slice(0, 60)}`, every: 1 });
      return answers().at(-1);
    };
    const hostile = [
      'null', '[]', '"x"', '{}', '{"id":7}', '{"id":""}', '{"id":"__proto__"}', '{"id":"constructor"}', '{"id":"toString"}',
      `{"id":"${'x'.repeat(65)}"}`, '{"id":"a b"}', '{"id":"../../x"}', '{"id":"a\\u0000"}', '{"id":"a","x":"\\u0000"}', '{"id":"a","id":"b"}',
      '{"id":"a","__proto__":{"polluted":true}}', '{"id":"a","o":[{"__proto__":null}]}', '{"id":"a","x":1e400}', '{"id":"a","x":"\\ud800"}',
      `{"id":"a","o":${'['.repeat(40)}${']'.repeat(40)}}`, `{"id":"a","o":[${'0,'.repeat(21000)}0]}`, `{"id":"a","t":"${'x'.repeat(5000)}"}`,
    ];
    for (const object of hostile) {
      const answer = await raw(object);
      assert.equal(answer.type, 'error', object.slice(0, 80));
      assert.equal(answer.payload.code, 'INVALID_MESSAGE', object.slice(0, 80));
    }
    for (const objectId of ['__proto__', '', 'a b', 'x'.repeat(65), 7, null, {}]) {
      await refusedEvent(a.socket.request('whiteboard_remove', { roomId: room.id, objectId }), 'INVALID_MESSAGE');
    }
    for (const x of ['1', null, {}, [1]]) await refusedEvent(a.socket.request('whiteboard_cursor', { roomId: room.id, x, y: 0 }), 'INVALID_MESSAGE');
    assert.deepEqual(b.heard(), []);
    assert.equal((await join(b.socket)).version, 0);
    assert.ok(a.socket.open);
  });

  test('two connections of one person, and two rooms, do not get in each other\'s way', async () => {
    const [a] = await fresh();
    const other = await stoa.createRoom(members[0].token);
    const second = await Board.join(await connect(members[0]), room.id);
    const elsewhere = await Board.join(a.socket, other.id);
    await a.add(rect('x'));
    assert.equal((await second.socket.next('whiteboard_add')).userId, members[0].id);
    assert.equal((await elsewhere.add(rect('x'))).version, 1);
    await a.socket.close();
    await second.add(rect('y'));
    assert.deepEqual((await second.join()).objects.map((o) => o.id), ['x', 'y']);
    assert.deepEqual((await join(second.socket, other.id)).objects.map((o) => o.id), ['x']);
  });
});

test('a board that is as full as it may be reaches everybody who joins, over a queue of any size', async () => {
  for (const max_queue_bytes of ['1MiB', '128KiB']) {
    const stoa = await startStoa({ config: { realtime: { max_queue_bytes }, chat: { answer_bytes: '64KiB' } } });
    try {
      const account = await stoa.register('painter');
      const room = await stoa.createRoom(account.token);
      const board = await Board.join(await stoa.connect(account.token), room.id);
      let count = 0;
      await assert.rejects(async () => {
        for (;; count++) await board.add(rect(`o${count}`, { text: 'x'.repeat(31000) }));
      }, { code: 'BOARD_FULL' });
      assert.ok(count >= 2);
      const others = await Promise.all(Array.from({ length: 8 }, async () => {
        const socket = await stoa.connect(account.token);
        await socket.request('join_room', { roomId: room.id });
        return Board.join(socket, room.id);
      }));
      await board.update(rect('o0'));
      for (const other of others) {
        assert.equal(other.entry.objects.length, count);
        await other.socket.next('whiteboard_update');
        assert.ok(other.socket.open);
      }
    } finally {
      await stoa.stop();
    }
  }
});
