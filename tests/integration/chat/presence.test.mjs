// Being in a room: coming in, going out, what was missed, presence and typing.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Connections, crowd, oneTo, people } from '../../support/people.mjs';
import { refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('being in a room', () => {
  let stoa;
  let owner;
  let member;
  let room;
  let connections;

  const connect = (person) => connections.open(person);
  const say = (person, content) => stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content } });

  async function fresh(fields) {
    connections.end();
    room = await stoa.createRoom(owner.token, fields);
  }

  before(async () => {
    stoa = await startStoa({
      config: {
        chat: { history_page: 10, resume_limit: 20, answer_bytes: '64KiB', typing_throttle: '1m' },
        rooms: { stats_interval: '20ms' },
      },
    });
    connections = new Connections(stoa);
    [owner, member] = await people(stoa, 'Olga', 'Max');
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  test('coming in answers the room, its people and the last messages; a public room is joined on the way', async () => {
    await fresh();
    for (let i = 1; i <= 12; i++) await say(owner, `m${i}`);
    const socket = await connect(member);
    const ack = await socket.request('join_room', { roomId: room.id });
    assert.equal(ack.room.id, room.id);
    assert.equal(ack.room.memberCount, 2);
    assert.equal(ack.room.activeCount, 1);
    assert.deepEqual(ack.participants.map((p) => [p.userId, p.isOnline]), [[owner.id, false], [member.id, true]]);
    assert.deepEqual(ack.messages.map((m) => m.seq), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 'oldest first');
    assert.equal(ack.lastSeq, 12);
    assert.equal(ack.complete, true);
  });

  test('who asks to come in as a member alone becomes none on the way', async () => {
    await fresh();
    const socket = await connect(member);
    const enter = () => socket.request('join_room', { roomId: room.id, asMember: true });
    await refusedEvent(enter(), 'NOT_A_MEMBER');
    await refusedEvent(socket.request('join_room', { roomId: randomUUID(), asMember: true }), 'NOT_FOUND');
    assert.equal((await stoa.api('GET', `/api/rooms/${room.id}`)).body.memberCount, 1);
    await say(owner, 'nobody outside hears this');
    assert.equal(socket.all('new_message').length, 0);
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: member.token, body: {} });
    assert.equal((await enter()).room.memberCount, 2);
    await say(owner, 'members do');
    assert.equal((await socket.next('new_message')).content, 'members do');

    await fresh({ roomType: 'private' });
    await refusedEvent((await connect(member)).request('join_room', { roomId: room.id, asMember: true }), 'NOT_FOUND');
  });

  test('a private room wants a membership, a full one has no place, an unknown one is not there', async () => {
    await fresh({ roomType: 'private' });
    const socket = await connect(member);
    await refusedEvent(socket.request('join_room', { roomId: room.id }), 'NOT_FOUND');
    await refusedEvent(socket.request('join_room', { roomId: randomUUID() }), 'NOT_FOUND');
    await refusedEvent(socket.request('join_room', { roomId: 'room' }), 'INVALID_MESSAGE');
    const small = await stoa.createRoom(owner.token, { maxParticipants: 2 });
    const first = await connect(await stoa.register('First'));
    await first.request('join_room', { roomId: small.id });
    await refusedEvent(socket.request('join_room', { roomId: small.id }), 'ROOM_FULL');
    await say(owner, 'nobody else hears this');
    await socket.request('leave_room', { roomId: room.id });
    assert.equal(socket.all('new_message').length, 0);
  });

  test('a resume gets exactly what was missed, while messages go on flowing', async () => {
    await fresh();
    const writer = await connect(owner);
    await writer.request('join_room', { roomId: room.id });
    let socket = await connect(member);
    const first = await socket.request('join_room', { roomId: room.id });
    const seen = first.messages.map((m) => m.seq);
    let writing = true;
    let sent = 0;
    const flood = (async () => {
      while (writing) {
        await Promise.all(Array.from({ length: 4 }, () => writer.request('send_message', { roomId: room.id, content: `n${++sent}` })));
      }
    })();
    for (let round = 0; round < 15; round++) {
      const wanted = seen.length + 12;
      await until(() => seen.length + socket.all('new_message').length >= wanted, { what: 'messages', every: 1 });
      socket.terminate();
      await socket.closed;
      seen.push(...socket.all('new_message').map((m) => m.seq));
      socket = await connect(member);
      const ack = await socket.request('join_room', { roomId: room.id, sinceSeq: seen.at(-1) });
      // The acknowledgement comes before everything that is newer than it.
      const before_ = socket.received.slice(0, socket.received.findIndex((f) => f.type === 'ack'));
      assert.equal(before_.filter((f) => f.type === 'new_message').length, 0);
      while (!ack.complete && seen.at(-1) < ack.messages[0].seq - 1) { // many were missed: the rest is read page by page
        const { body } = await stoa.api('GET', `/api/messages/room/${room.id}?after=${seen.at(-1)}&before=${ack.messages[0].seq}&limit=100`, { token: member.token });
        seen.push(...body.items.map((m) => m.seq));
      }
      seen.push(...ack.messages.map((m) => m.seq));
      assert.equal(ack.lastSeq, seen.at(-1));
    }
    writing = false;
    await flood;
    await until(() => seen.length + socket.all('new_message').length >= sent, { what: 'the last messages' });
    seen.push(...socket.all('new_message').map((m) => m.seq));
    assert.deepEqual(seen, oneTo(sent), 'each once, in order');
  });

  test('more than the limit missed: the newest of them, and it says so', async () => {
    await fresh();
    for (let i = 1; i <= 25; i++) await say(owner, `m${i}`);
    const socket = await connect(owner);
    const whole = await socket.request('join_room', { roomId: room.id, sinceSeq: 5 });
    assert.deepEqual([whole.complete, whole.messages.map((m) => m.seq)], [true, oneTo(25).slice(5)]);
    const part = await socket.request('join_room', { roomId: room.id, sinceSeq: 4 });
    assert.deepEqual([part.complete, part.messages.map((m) => m.seq)], [false, oneTo(25).slice(5)]);
    const none = await socket.request('join_room', { roomId: room.id, sinceSeq: 25 });
    assert.deepEqual([none.complete, none.messages], [true, []]);
    const ahead = await socket.request('join_room', { roomId: room.id, sinceSeq: 26 });
    assert.equal(ahead.complete, false, 'a number that was never given');
    await say(owner, 'one');
    assert.equal((await socket.next('new_message')).seq, 26);
    assert.equal(socket.all('new_message').length, 1, 'coming in again doubles nothing');
  });

  test('an answer is bounded in bytes, so that large messages cannot keep anybody out', async () => {
    await fresh();
    for (let i = 1; i <= 9; i++) await say(owner, `${i}`.padEnd(15000, '\u0001'));
    const socket = await connect(owner);
    const resumed = await socket.request('join_room', { roomId: room.id, sinceSeq: 3 });
    assert.deepEqual([resumed.complete, resumed.lastSeq, resumed.messages.map((m) => m.seq)], [false, 9, [9]]);
    const first = await socket.request('join_room', { roomId: room.id });
    assert.deepEqual([first.complete, first.messages.map((m) => m.seq)], [true, [9]]);
  });

  test('a person comes with the first connection and goes with the last', async () => {
    await fresh();
    const watcher = await connect(owner);
    await watcher.request('join_room', { roomId: room.id });
    const [one, two] = [await connect(member), await connect(member)];
    await one.request('join_room', { roomId: room.id });
    const { user, roomId } = await watcher.next('user_joined');
    assert.equal(roomId, room.id);
    assert.deepEqual([user.userId, user.fullName, user.role, user.isOnline], [member.id, 'Max', 'member', true]);
    await watcher.next('room_stats_updated', (s) => s.memberCount === 2 && s.activeCount === 2);
    await two.request('join_room', { roomId: room.id });
    await one.request('leave_room', { roomId: room.id });
    await say(member, 'still here with the other');
    await watcher.next('new_message');
    assert.equal(watcher.all('user_joined').length, 1);
    assert.equal(watcher.all('user_left').length, 0);
    assert.equal(one.all('new_message').length, 0, 'who went out hears nothing');
    assert.equal((await two.next('new_message')).content, 'still here with the other');
    await two.terminate();
    assert.deepEqual(await watcher.next('user_left'), { roomId: room.id, userId: member.id, reason: 'away' });
    await watcher.next('room_stats_updated', (s) => s.memberCount === 2 && s.activeCount === 1);
    assert.equal(watcher.all('user_joined').filter((p) => p.user.userId === owner.id).length, 0, 'nobody hears of themselves');
    assert.equal((await stoa.api('GET', `/api/rooms/${room.id}`)).body.activeCount, 1);

    await one.request('join_room', { roomId: room.id });
    await watcher.next('user_joined');
    assert.equal((await stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: member.token })).status, 204);
    assert.equal((await watcher.next('user_left')).reason, 'left');
    assert.deepEqual(await one.next('removed_from_room'), { roomId: room.id, reason: 'left' });
    await watcher.next('room_stats_updated', (s) => s.memberCount === 1 && s.activeCount === 1);
  });

  test('typing is told to the others, not too often, and never to oneself', async () => {
    await fresh();
    const [a, b] = [await connect(owner), await connect(member)];
    await refusedEvent(b.request('typing', { roomId: room.id, isTyping: true }), 'NOT_A_MEMBER');
    for (const socket of [a, b]) await socket.request('join_room', { roomId: room.id });
    for (let i = 0; i < 20; i++) {
      await b.request('typing', { roomId: room.id, isTyping: true });
      await b.request('typing', { roomId: room.id, isTyping: false });
    }
    await b.request('send_message', { roomId: room.id, content: 'done' });
    await a.next('new_message');
    assert.deepEqual(a.all('user_typing').map((t) => t.isTyping), [true, false]);
    assert.deepEqual(a.all('user_typing')[0], { roomId: room.id, userId: member.id, name: 'Max', isTyping: true });
    assert.equal(b.all('user_typing').length, 0);
    await b.request('leave_room', { roomId: room.id });
    await refusedEvent(b.request('typing', { roomId: room.id, isTyping: true }), 'NOT_A_MEMBER');
    await refusedEvent(b.request('typing', { roomId: room.id, isTyping: 'yes' }), 'INVALID_MESSAGE');
  });

  test('two hundred come and go at once, and the numbers are right in the end', async () => {
    await fresh({ maxParticipants: 300 });
    const watcher = await connect(owner);
    await watcher.request('join_room', { roomId: room.id });
    const all = await Promise.all((await crowd(stoa, 200)).map(connect));
    await Promise.all(all.map((s) => s.request('join_room', { roomId: room.id })));
    await until(() => watcher.all('room_stats_updated').at(-1)?.activeCount === 201, { what: 'all to be counted' });
    assert.equal(watcher.all('user_joined').length, 200);
    await Promise.all(all.map((s, i) => (i % 2 ? s.terminate() : s.close())));
    await until(() => watcher.all('room_stats_updated').at(-1)?.activeCount === 1, { what: 'all to be gone' });
    assert.equal(watcher.all('user_left').length, 200);
    assert.equal(watcher.all('room_stats_updated').at(-1).memberCount, 201);
  });

  test('a page that is reloaded is heard to go before it comes, whichever shards it is on', async () => {
    const sharded = await startStoa({ config: { server: { shards: 4 } } });
    try {
      const [watcher, reloader] = await people(sharded, 'Wanda', 'Rolf');
      const lobby = await sharded.createRoom(watcher.token);
      const observer = await sharded.connect(watcher.token);
      await observer.request('join_room', { roomId: lobby.id });
      let page = await sharded.connect(reloader.token);
      await page.request('join_room', { roomId: lobby.id });
      for (let i = 0; i < 100; i++) {
        const next = await sharded.connect(reloader.token);
        page.terminate();
        await next.request('join_room', { roomId: lobby.id });
        page = next;
      }
      page.terminate();
      const told = () => observer.received.filter(({ type }) => type === 'user_joined' || type === 'user_left').map(({ type }) => type);
      await until(() => told().at(-1) === 'user_left', { what: 'the last page to be gone' });
      assert.deepEqual(told(), told().map((_, i) => (i % 2 === 0 ? 'user_joined' : 'user_left')));
    } finally {
      await sharded.stop();
    }
  });
});

test('the people of a room keep nobody out of it, however much there is to say of them', async () => {
  const stoa = await startStoa({
    config: { realtime: { max_frame_bytes: '32KiB', max_queue_bytes: '32KiB' }, chat: { answer_bytes: '16KiB' } },
  });
  try {
    const owner = await stoa.register('owner');
    const room = await stoa.createRoom(owner.token, { roomType: 'public', maxParticipants: 50 });
    for (let i = 0; i < 30; i++) {
      const { token } = await stoa.register(`many${i}`);
      const profilePictureUrl = `https://example.org/${'x'.repeat(2000)}`;
      await stoa.api('PUT', '/api/users/me', { token, body: { profilePictureUrl } });
      await stoa.api('POST', `/api/rooms/${room.id}/join`, { token });
    }
    const socket = await stoa.connect(owner.token);
    const { participants } = await socket.request('join_room', { roomId: room.id });
    assert.equal(participants.length, 31, 'an answer larger than the bound of the queue');
  } finally {
    await stoa.stop();
  }
});
