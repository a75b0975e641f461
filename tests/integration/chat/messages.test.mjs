// Messages: sending, order, resending, bounds, edits, deletions, reactions, read markers, history, search.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { Connections, crowd, everyRole, makeRoom, oneTo } from '../../support/people.mjs';
import { refused, refusedEvent } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('messages', () => {
  let stoa;
  let owner;
  let member;
  let stranger;
  let room;
  let connections;
  const world = {};

  const say = (person, body) => stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body });
  const history = (person, query = '') => stoa.api('GET', `/api/messages/room/${room.id}${query}`, { token: person.token });

  const enter = (person) => connections.enter(person, room);

  async function fresh() {
    connections.end();
    room = await makeRoom(stoa, owner, { members: [member] });
  }

  before(async () => {
    world.stoa = stoa = await startStoa({
      config: {
        chat: { max_content_bytes: '1KiB', search_backlog_bytes: '1KiB', max_reactions_per_message: 4, max_reactions_per_user: 3 },
      },
    });
    connections = new Connections(stoa);
    ({ owner, member, other: stranger } = Object.assign(world, await everyRole(stoa)));
    world.hidden = await stoa.createRoom(owner.token, { roomType: 'private' });
    const { id } = await stoa.createRoom(owner.token);
    world.elsewhere = (await stoa.api('POST', `/api/messages/room/${id}`, { token: owner.token, body: { content: 'there' } })).body;
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  // Both wait for the room; the change is before the message.
  async function sendBehind(change) {
    await fresh();
    const b = await enter(member);
    const release = await hold(stoa.database, `SELECT 1 FROM study_rooms WHERE id = '${room.id}' FOR UPDATE`);
    const changed = change();
    let sent;
    try {
      await until(async () => await waitingForLocks(stoa.database) === 1, { what: 'the change to wait for the room' });
      sent = b.request('send_message', { roomId: room.id, content: 'too late' }).then(() => null, (error) => error);
      await until(async () => await waitingForLocks(stoa.database) === 2, { what: 'the message to wait for the room' });
    } finally {
      await release();
    }
    const { status } = await changed;
    assert.ok(status < 300, `the change was answered ${status}`);
    return { error: await sent, messages: (await history(owner)).body.items };
  }

  test('a message that waited behind a mute is refused', async () => {
    const { error, messages } = await sendBehind(() => stoa.api('PUT', `/api/rooms/${room.id}/members/${member.id}`, {
      token: owner.token, body: { mutedMinutes: 60 },
    }));
    assert.equal(error?.code, 'MUTED');
    assert.deepEqual(messages, []);
  });

  test('a message that waited behind a kick is refused', async () => {
    const { error, messages } = await sendBehind(() => stoa.api('DELETE', `/api/rooms/${room.id}/members/${member.id}`, {
      token: owner.token,
    }));
    assert.equal(error?.code, 'NOT_A_MEMBER');
    assert.deepEqual(messages, []);
  });

  test('a message is acknowledged with what everybody hears', async () => {
    await fresh();
    const [a, b] = [await enter(owner), await enter(member)];
    const clientMessageId = randomUUID();
    const attachments = [{ url: 'https://example.org/a.png', name: 'a.png', mediaType: 'image/png', size: 12 }];
    const ack = await a.request('send_message', { roomId: room.id, content: 'Hello "there" \u{1F600}\n', messageType: 'image', attachments, clientMessageId });
    assert.deepEqual(ack, {
      id: ack.id, roomId: room.id, seq: 1, senderId: owner.id, senderName: owner.user.fullName, content: 'Hello "there" \u{1F600}\n', messageType: 'image',
      attachments, reactions: [], replyTo: null, isEdited: false, isDeleted: false, createdAt: ack.createdAt, clientMessageId,
    });
    assert.deepEqual(await b.next('new_message'), ack);
    assert.deepEqual(await a.next('new_message'), ack, 'the sender hears it too, for other devices');
    const reply = await b.request('send_message', { roomId: room.id, content: 'Hi', replyTo: ack.id });
    assert.equal(reply.replyTo, ack.id);
    assert.equal(reply.seq, 2);
    assert.equal(reply.clientMessageId, null);
    assert.deepEqual((await history(member)).body.items, [reply, ack]);
  });

  test('REST says the same as the socket', async () => {
    await fresh();
    const a = await enter(owner);
    const answer = await say(member, { content: 'from a script' });
    assert.equal(answer.status, 201);
    assert.deepEqual(await a.next('new_message'), answer.body);
  });

  const kSay = { request: 'POST /api/messages/room/{room}', body: { content: 'x' } };
  scenarios(world, { ...kSay, name: 'who may not speak' }, [
    { who: 'stranger', answer: '401 UNAUTHORIZED' },
    { who: 'other', answer: '403 NOT_A_MEMBER' },
    { who: 'banned', answer: '403 NOT_A_MEMBER' },
    { who: 'muted', answer: '403 MUTED' },
    { who: 'owner', request: 'POST /api/messages/room/{nothing}', answer: '404 NOT_FOUND' },
    { who: 'other', request: 'POST /api/messages/room/{hidden}', answer: '404 NOT_FOUND' },
  ]);
  scenarios(world, { answer: '403 NOT_A_MEMBER' }, [
    { name: 'who may not read', who: ['other', 'banned'], request: 'GET /api/messages/room/{room}' },
    { name: 'who has nothing to find', who: ['other', 'banned'], request: 'GET /api/messages/search?q=word&roomId={room}', answer: 200, has: { items: [] } },
    { name: 'strangers do not search', who: 'stranger', request: 'GET /api/messages/search?q=word', answer: '401 UNAUTHORIZED' },
    { name: 'who has nothing to read', who: 'other', request: 'POST /api/messages/room/{room}/read', body: { seq: 1 } },
  ]);
  scenarios(world, { name: 'pages of the history have bounds', who: 'member', answer: '422 VALIDATION_ERROR' }, [
    { request: 'GET /api/messages/room/{room}?limit=0', invalid: ['limit'] },
    { request: 'GET /api/messages/room/{room}?limit=101', invalid: ['limit'] },
    { request: 'GET /api/messages/room/{room}?before=x', invalid: ['before'] },
    { request: 'GET /api/messages/room/{room}?after=-1', invalid: ['after'] },
  ]);

  const kFile = { url: 'https://example.org/a', name: 'a', mediaType: 'text/plain', size: 1 };
  scenarios(world, { ...kSay, who: 'owner', answer: '422 VALIDATION_ERROR' }, [
    { name: 'no content', body: {}, invalid: ['content'] },
    { name: 'empty content', body: { content: '' }, invalid: ['content'] },
    { name: 'nothing but space', body: { content: ' \n\t ' }, invalid: ['content'] },
    { name: 'nothing that can be seen', body: { content: '\u200b \u202e' }, invalid: ['content'] },
    { name: 'a number', body: { content: 5 }, invalid: ['content'] },
    { name: 'a byte too many', body: { content: 'x'.repeat(1025) }, invalid: ['content'] },
    { name: 'too many bytes in few letters', body: { content: 'ä'.repeat(513) }, invalid: ['content'] },
    { name: 'the system\'s words', body: { content: 'x', messageType: 'system' }, invalid: ['messageType'] },
    { name: 'a reply to what is no id', body: { content: 'x', replyTo: 'me' }, invalid: ['replyTo'] },
    { name: 'an id of its own that is none', body: { content: 'x', clientMessageId: 'once' }, invalid: ['clientMessageId'] },
    { name: 'eleven files', body: { content: 'x', attachments: Array(11).fill(kFile) }, invalid: ['attachments'] },
    { name: 'a file that is a script', body: { content: 'x', attachments: [{ ...kFile, url: 'javascript:alert(1)' }] }, invalid: ['attachments.0.url'] },
    { name: 'a file of less than nothing', body: { content: 'x', attachments: [{ ...kFile, size: -1 }] }, invalid: ['attachments.0.size'] },
    { name: 'files that are no list', body: { content: 'x', attachments: {} }, invalid: ['attachments'] },
  ]);
  scenarios(world, { ...kSay, who: 'owner' }, [
    { name: 'a reply to nothing', body: { content: 'x', replyTo: '{nothing}' }, answer: '404 NOT_FOUND' },
    { name: 'a reply to another room\'s message', body: { content: 'x', replyTo: '{elsewhere}' }, answer: '404 NOT_FOUND' },
    { name: 'what was refused took no number', body: { content: 'x'.repeat(1024) }, answer: 201, has: { seq: 1 } },
  ]);

  test('many senders at once: one gapless order, the same for everybody', async () => {
    await fresh();
    const senders = await crowd(stoa, 8, 'sender');
    const all = await Promise.all(senders.map(enter));
    const each = 60;
    const acks = (await Promise.all(all.map((socket, k) => Promise.all(
      Array.from({ length: each }, (_, i) => socket.request('send_message', { roomId: room.id, content: `${k}:${i}`, clientMessageId: randomUUID() })),
    )))).flat();
    const total = senders.length * each;
    assert.deepEqual(acks.map((m) => m.seq).sort((x, y) => x - y), oneTo(total));
    for (const [k, socket] of all.entries()) {
      await until(() => socket.all('new_message').length >= total, { what: 'all messages' });
      const heard = socket.all('new_message');
      assert.deepEqual(heard.map((m) => m.seq), oneTo(total));
      const own = heard.filter((m) => m.senderId === senders[k].id).map((m) => m.content);
      assert.deepEqual(own, Array.from({ length: each }, (_, i) => `${k}:${i}`), 'one sender\'s messages keep their order');
    }
    const stored = await stoa.rows(`select seq from messages where room_id = '${room.id}' order by seq`);
    assert.deepEqual(stored.map((r) => r.seq), oneTo(total));
  });

  test('the same send a hundred times, at once and later: one row, one broadcast, one answer', async () => {
    await fresh();
    const listener = await enter(owner);
    const socket = await enter(member);
    const body = { content: 'only once', clientMessageId: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2
      ? socket.request('send_message', { roomId: room.id, ...body })
      : say(member, body).then((r) => r.body))));
    for (const answer of answers) assert.deepEqual({ ...answer, attachments: [], reactions: [] }, answers[0]);
    await socket.request('send_message', { roomId: room.id, content: 'end' });
    await listener.next('new_message', (m) => m.content === 'end');
    assert.deepEqual(listener.all('new_message').map((m) => [m.seq, m.content]), [[1, 'only once'], [2, 'end']]);
    assert.equal((await say(owner, { content: 'mine', clientMessageId: body.clientMessageId })).body.seq, 3, 'ids are each sender\'s own');
    const elsewhere = await stoa.createRoom(member.token);
    refused(await stoa.api('POST', `/api/messages/room/${elsewhere.id}`, { token: member.token, body }), 409, 'CONFLICT');
  });

  test('the same id for another message is a conflict, and the message of that id stays as it is', async () => {
    await fresh();
    const socket = await enter(member);
    const { id: replyTo } = await socket.request('send_message', { roomId: room.id, content: 'first of all' });
    const attachments = [{ url: 'https://example.org/a.png', name: 'a.png', mediaType: 'image/png', size: 12 }];
    const body = { content: 'this', messageType: 'image', attachments, replyTo, clientMessageId: randomUUID() };
    const sent = (await say(member, body)).body;
    for (const change of [{ content: 'that' }, { messageType: 'text' }, { attachments: [] }, { attachments: [{ ...attachments[0], size: 13 }] }, { replyTo: null }]) {
      refused(await say(member, { ...body, ...change }), 409, 'CONFLICT');
      await refusedEvent(socket.request('send_message', { roomId: room.id, ...body, ...change }), 'CONFLICT');
    }
    assert.deepEqual(await socket.request('send_message', { roomId: room.id, ...body }), sent);
    assert.deepEqual((await history(member)).body.items.map((m) => m.content), ['this', 'first of all']);
  });

  test('two messages of one id at once: one is stored, the other is a conflict', async () => {
    await fresh();
    const socket = await enter(member);
    const release = await hold(stoa.database, `SELECT 1 FROM study_rooms WHERE id = '${room.id}' FOR UPDATE`);
    const answers = [];
    try {
      const before_ = socket.request('send_message', { roomId: room.id, content: 'goes ahead' });
      await until(async () => await waitingForLocks(stoa.database) === 1, { what: 'the first batch to wait for the room' });
      const clientMessageId = randomUUID();
      for (const content of ['one', 'one', 'other']) {
        answers.push(socket.request('send_message', { roomId: room.id, content, clientMessageId }).then((m) => m.seq, (error) => error.code));
      }
      answers.unshift(before_.then((m) => m.seq));
    } finally {
      await release();
    }
    assert.deepEqual(await Promise.all(answers), [1, 2, 2, 'CONFLICT']);
  });

  test('a message that was edited meanwhile is still what was sent with its id', async () => {
    await fresh();
    const socket = await enter(member);
    const body = { content: 'as it was sent', clientMessageId: randomUUID() };
    const { body: sent } = await say(member, body);
    for (const content of ['edited', 'edited again']) {
      const edited = await socket.request('edit_message', { messageId: sent.id, content });
      assert.deepEqual((await say(member, body)).body, edited);
      refused(await say(member, { ...body, content }), 409, 'CONFLICT');
    }
    const gone = await socket.request('delete_message', { messageId: sent.id });
    assert.deepEqual((await say(member, body)).body, gone);
    assert.equal(await stoa.sql(`SELECT sent_digest IS NULL FROM messages WHERE id = '${sent.id}'`), 't', 'nothing tells what is deleted');
  });

  test('a message that was edited before its id was watched may have been anything', async () => {
    await fresh();
    const body = { content: 'of old', clientMessageId: randomUUID() };
    const { body: sent } = await say(member, body);
    await stoa.sql(`UPDATE messages SET content = 'edited', is_edited = true WHERE id = '${sent.id}'`);
    assert.equal((await say(member, body)).body.content, 'edited');
  });

  test('who was banned or has left learns nothing of a message by sending it again', async () => {
    await fresh();
    const body = { content: 'said in time', clientMessageId: randomUUID() };
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: stranger.token });
    for (const [person, goes] of [
      [member, () => stoa.api('POST', `/api/rooms/${room.id}/bans`, { token: owner.token, body: { userId: member.id } })],
      [stranger, () => stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: stranger.token })],
    ]) {
      const { body: sent } = await say(person, body);
      await (await enter(person)).request('edit_message', { messageId: sent.id, content: 'edited' });
      assert.equal((await say(person, body)).body.content, 'edited');
      assert.ok((await goes()).status < 300);
      refused(await say(person, body), 403, 'NOT_A_MEMBER');
    }
    const stays = { content: 'of one who stays', clientMessageId: randomUUID() };
    const { body: sent } = await say(owner, stays);
    assert.deepEqual((await say(owner, stays)).body, sent);
  });

  test('a resend of a reply whose message is gone is no conflict', async () => {
    await fresh();
    const { body: first } = await say(member, { content: 'a question' });
    const body = { content: 'an answer', replyTo: first.id, clientMessageId: randomUUID() };
    const { body: reply } = await say(member, body);
    await stoa.sql(`DELETE FROM messages WHERE id = '${first.id}'`);
    assert.deepEqual((await say(member, body)).body, { ...reply, replyTo: null });
  });

  test('an author edits, an author or a moderator deletes', async () => {
    await fresh();
    const [a, b] = [await enter(owner), await enter(member)];
    const { body: message } = await say(member, { content: 'fist', attachments: [] });
    const edited = await b.request('edit_message', { messageId: message.id, content: 'first' });
    assert.deepEqual(edited, { ...message, content: 'first', isEdited: true });
    assert.deepEqual(await a.next('message_updated'), edited);
    await refusedEvent(a.request('edit_message', { messageId: message.id, content: 'not mine' }), 'FORBIDDEN');
    await refusedEvent(b.request('edit_message', { messageId: message.id, content: ' ' }), 'INVALID_MESSAGE');
    await refusedEvent(b.request('edit_message', { messageId: randomUUID(), content: 'x' }), 'NOT_FOUND');
    const c = await connections.open(stranger);
    await refusedEvent(c.request('edit_message', { messageId: message.id, content: 'x' }), 'NOT_FOUND');
    await refusedEvent(c.request('delete_message', { messageId: message.id }), 'NOT_FOUND');
    await refusedEvent(c.request('add_reaction', { messageId: message.id, emoji: '👍' }), 'NOT_FOUND');

    await b.request('add_reaction', { messageId: message.id, emoji: '👍' });
    const { body: owners } = await say(owner, { content: 'of the owner' });
    await refusedEvent(b.request('delete_message', { messageId: owners.id }), 'FORBIDDEN');
    const tombstone = await a.request('delete_message', { messageId: message.id });
    assert.deepEqual(tombstone, { ...message, content: '', isEdited: true, isDeleted: true, attachments: [], reactions: [] });
    assert.deepEqual(await b.next('message_updated', (m) => m.isDeleted), tombstone);
    assert.deepEqual(await a.request('delete_message', { messageId: message.id }), tombstone, 'deleting again is harmless');
    await refusedEvent(b.request('edit_message', { messageId: message.id, content: 'undo' }), 'CONFLICT');
    await refusedEvent(b.request('add_reaction', { messageId: message.id, emoji: '👍' }), 'CONFLICT');
    const [{ content }] = await stoa.rows(`select content from messages where id = '${message.id}'`);
    assert.equal(content, '', 'what is deleted is gone');
  });

  test('any emoji is a reaction, and the same one however it is written', async () => {
    await fresh();
    const [a, b] = [await enter(owner), await enter(member)];
    const { body: message } = await say(member, { content: 'react' });
    const kiss = '\u{1F469}\u{1F3FB}\u200D\u2764\uFE0F\u200D\u{1F48B}\u200D\u{1F468}\u{1F3FF}';
    assert.equal(Buffer.byteLength(kiss), 35);
    const ack = await a.request('add_reaction', { messageId: message.id, emoji: kiss });
    assert.deepEqual(ack.reactions, [{ emoji: kiss, count: 1, userIds: [owner.id] }]);
    await a.request('add_reaction', { messageId: message.id, emoji: '\u2764' });
    const both = await b.request('add_reaction', { messageId: message.id, emoji: '\u2764\uFE0F' });
    assert.deepEqual(both.reactions[1], { emoji: '\u2764\uFE0F', count: 2, userIds: [owner.id, member.id] });
    await a.request('remove_reaction', { messageId: message.id, emoji: '\u2764\uFE0F' });
    const none = await b.request('remove_reaction', { messageId: message.id, emoji: '\u2764' });
    assert.deepEqual(none.reactions, ack.reactions);
    // As it was stored before there was one form.
    await stoa.sql(`INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ('${message.id}', '${owner.id}', E'\\u2764')`);
    assert.deepEqual((await a.request('remove_reaction', { messageId: message.id, emoji: '\u2764' })).reactions, ack.reactions);
  });

  test('reactions are counted a person and emoji, and bounded', async () => {
    await fresh();
    const [a, b] = [await enter(owner), await enter(member)];
    const { body: message } = await say(member, { content: 'react' });
    await a.request('add_reaction', { messageId: message.id, emoji: '👍' });
    await b.request('add_reaction', { messageId: message.id, emoji: '👍' });
    const twice = await b.request('add_reaction', { messageId: message.id, emoji: '👍' });
    assert.deepEqual(twice.reactions, [{ emoji: '👍', count: 2, userIds: [owner.id, member.id] }]);
    await b.request('add_reaction', { messageId: message.id, emoji: '1️⃣' });
    await b.request('add_reaction', { messageId: message.id, emoji: '👩‍👩‍👧' });
    await refusedEvent(b.request('add_reaction', { messageId: message.id, emoji: '🎉' }), 'CONFLICT'); // has three
    await a.request('add_reaction', { messageId: message.id, emoji: '1️⃣' });
    await a.request('add_reaction', { messageId: message.id, emoji: '🎉' });
    await a.request('remove_reaction', { messageId: message.id, emoji: '1️⃣' });
    await refusedEvent(a.request('add_reaction', { messageId: message.id, emoji: '❤️' }), 'CONFLICT'); // there are four
    await a.request('remove_reaction', { messageId: message.id, emoji: '🎉' });
    await a.request('add_reaction', { messageId: message.id, emoji: '1️⃣' });
    for (const emoji of ['', 'ok', '1', '<b>', ' ', 'ä', '\u200d', '👍👍', '👍'.repeat(9), 7]) {
      await refusedEvent(a.request('add_reaction', { messageId: message.id, emoji }), 'INVALID_MESSAGE');
    }
    const less = await b.request('remove_reaction', { messageId: message.id, emoji: '👍' });
    assert.deepEqual(less.reactions.map((r) => [r.emoji, r.count]), [['👍', 1], ['1️⃣', 2], ['👩‍👩‍👧', 1]]);
    await b.request('remove_reaction', { messageId: message.id, emoji: '👍' });
    const end = await say(owner, { content: 'end' });
    await a.next('new_message', (m) => m.id === end.body.id);
    await until(() => a.all('message_updated').length >= 10, { what: 'the changes that were made' });
    assert.equal(a.all('message_updated').length, 10, 'what changes nothing is told to nobody');
    assert.deepEqual((await history(owner, '?before=2')).body.items[0].reactions, less.reactions);
  });

  test('updates of one message arrive in the order of their commits', async () => {
    await fresh();
    const [a, b] = [await enter(owner), await enter(member)];
    const { body: message } = await say(owner, { content: 'v0' });
    const changes = [];
    for (let i = 1; i <= 50; i++) {
      changes.push(a.request('edit_message', { messageId: message.id, content: `v${i}` }));
      changes.push(b.request(i % 2 ? 'add_reaction' : 'remove_reaction', { messageId: message.id, emoji: '👍' }));
    }
    await Promise.all(changes);
    const final = (await history(owner)).body.items[0];
    assert.equal(final.content, 'v50');
    for (const socket of [a, b]) {
      await until(() => socket.all('message_updated').some((m) => m.content === 'v50' && m.reactions.length === 0), { what: 'the last update' });
      const heard = socket.all('message_updated');
      assert.deepEqual(heard.at(-1), final);
      const versions = heard.map((m) => Number(m.content.slice(1)));
      assert.deepEqual(versions, [...versions].sort((x, y) => x - y));
    }
  });

  test('read markers go forward only, and not past the last message', async () => {
    await fresh();
    const [a, b] = [await enter(owner), await enter(member)];
    for (let i = 0; i < 5; i++) await say(owner, { content: `m${i}` });
    assert.deepEqual(await b.request('mark_read', { roomId: room.id, seq: 3 }), { roomId: room.id, userId: member.id, seq: 3 });
    assert.deepEqual(await a.next('read_updated'), { roomId: room.id, userId: member.id, seq: 3 });
    assert.equal((await b.request('mark_read', { roomId: room.id, seq: 2 })).seq, 3);
    b.sendRaw(`{"type":"mark_read","payload":{"roomId":"${room.id}","seq":4.0}}`); // an integer, however it is written
    assert.equal((await a.next('read_updated')).seq, 4);
    assert.equal((await stoa.api('POST', `/api/messages/room/${room.id}/read`, { token: member.token, body: { seq: 99 } })).body.seq, 5);
    assert.equal((await a.next('read_updated')).seq, 5);
    assert.equal(a.all('read_updated').length, 3);
    for (const seq of [-1, 1.5, '3', 2 ** 53]) await refusedEvent(b.request('mark_read', { roomId: room.id, seq }), 'INVALID_MESSAGE');
  });

  test('history pages backwards and forwards', async () => {
    await fresh();
    for (let i = 1; i <= 25; i++) await say(owner, { content: `m${i}` });
    const seqs = async (query) => {
      const { status, body } = await history(member, query);
      assert.equal(status, 200);
      assert.equal(body.lastSeq, 25);
      return [body.items.map((m) => m.seq), body.hasMore];
    };
    assert.deepEqual(await seqs('?limit=3'), [[25, 24, 23], true]);
    assert.deepEqual(await seqs('?before=4'), [[3, 2, 1], false]);
    assert.deepEqual(await seqs('?after=20&limit=3'), [[21, 22, 23], true]);
    assert.deepEqual(await seqs('?after=22'), [[23, 24, 25], false]);
    assert.deepEqual(await seqs('?after=5&before=8'), [[6, 7], false]);
    assert.equal((await seqs(''))[0].length, 20);
  });

  test('history is read page by page where the messages have many reactions', async () => {
    const kMessages = 110;
    await fresh();
    await Promise.all(Array.from({ length: kMessages }, (_, i) => say(owner, { content: `m${i}` })));
    await stoa.sql(`INSERT INTO message_reactions (message_id, user_id, emoji) SELECT m.id, u, i::text
      FROM messages m, generate_series(1, 60) i, unnest('{${owner.id}, ${member.id}}'::uuid[]) u WHERE m.room_id = '${room.id}'`);
    for (const [from, next] of [['', (seqs) => `&before=${seqs.at(-1)}`], ['&after=0', (seqs) => `&after=${seqs.at(-1)}`]]) {
      const seen = [];
      for (let query = `?limit=100${from}`, more = true, pages = 1; more; pages += 1) {
        const { body } = await history(member, query);
        const seqs = body.items.map((m) => m.seq);
        assert.ok(seqs.length > 0 && seqs.length < 50);
        seen.push(...seqs);
        more = body.hasMore;
        query = `?limit=100${next(seqs)}`;
        assert.ok(pages < 10);
      }
      assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: kMessages }, (_, i) => i + 1));
    }
    const socket = await enter(member);
    const { messages, complete } = await socket.request('join_room', { roomId: room.id, sinceSeq: 0 });
    assert.ok(messages.length > 0 && messages.length < 50 && messages.at(-1).seq === kMessages);
    assert.equal(complete, false);
  });

  test('search finds words in the rooms one is in, and nothing else', async () => {
    await fresh();
    const word = `quokka${randomUUID().slice(0, 8)}`;
    for (let i = 0; i < 3; i++) await say(owner, { content: `a ${word} number ${i}` });
    const gone = (await say(owner, { content: `${word} to forget` })).body;
    const a = await enter(owner);
    await a.request('delete_message', { messageId: gone.id });
    const find = (person, query) => stoa.api('GET', `/api/messages/search?q=${word}${query ?? ''}`, { token: person.token });
    const first = (await find(member, '&limit=2')).body;
    assert.deepEqual(first.items.map((m) => m.seq), [3, 2]);
    assert.deepEqual((await find(member, `&limit=2&cursor=${first.nextCursor}`)).body.items.map((m) => m.seq), [1]);
    assert.equal((await find(member, `&roomId=${room.id}`)).body.items.length, 3);
    assert.equal((await find(member, `&roomId=${randomUUID()}`)).body.items.length, 0);
    assert.equal((await find(stranger)).body.items.length, 0);
  });

  test('search finds what was changed by its new words, in any language', async () => {
    await fresh();
    const word = `wombat${randomUUID().slice(0, 8)}`;
    const { id } = (await say(owner, { content: `plain ${word}` })).body;
    const found = async (query) => {
      const { body } = await stoa.api('GET', `/api/messages/search?q=${encodeURIComponent(query)}&roomId=${room.id}`, { token: member.token });
      return body.items.map((m) => m.id);
    };
    assert.deepEqual(await found(`"plain ${word}"`), [id]);
    const a = await enter(owner);
    await a.request('edit_message', { messageId: id, content: `Straße ${word}` });
    assert.deepEqual(await found('plain'), []);
    assert.deepEqual(await found(`"STRASSE" OR "straße ${word}"`), [id]);
    const other = (await say(owner, { content: `Größe ${word}` })).body;
    assert.deepEqual(await found(`größe ${word}`), [other.id]);
  });

  test('search finds parts of what is written without spaces, also after an edit', async () => {
    await fresh();
    const found = async (query) => {
      const { body } = await stoa.api('GET', `/api/messages/search?q=${encodeURIComponent(query)}&roomId=${room.id}`, { token: member.token });
      return body.items.map((m) => m.id);
    };
    const chinese = (await say(owner, { content: '我今天下午去图书馆学习数学，你要一起来吗？' })).body;
    const thai = (await say(owner, { content: 'ภาษาไทยง่ายมาก 数学' })).body;
    assert.deepEqual(await found('下午'), [chinese.id]);
    assert.deepEqual(await found('数学'), [thai.id, chinese.id]);
    assert.deepEqual(await found('数学 -下午'), [thai.id]);
    assert.deepEqual(await found('馆'), [chinese.id]);
    assert.deepEqual(await found('ไทย'), [thai.id]);
    assert.deepEqual(await found('午下'), []);
    const a = await enter(owner);
    await a.request('edit_message', { messageId: chinese.id, content: 'C语言很有意思' });
    assert.deepEqual(await found('下午'), []);
    assert.deepEqual(await found('语言'), [chinese.id]);
    assert.deepEqual(await found('c语'), [chinese.id]);
  });

  // Else the insert that fills the index's list does it, and every send waits.
  test('the words of new messages are sorted into the index beside the sending', async () => {
    await fresh();
    const sorted = () => stoa.metric('stoa_chat_search_sorted_total');
    const before = await sorted();
    await until(async () => {
      await say(owner, { content: 'word '.repeat(200) });
      return await sorted() > before;
    }, { what: 'the index to be sorted' });
    assert.equal(await stoa.sql("SELECT gin_clean_pending_list('messages_search') < 10"), 't');
  });

  test('search finds a word with signs by itself, and by its parts', async () => {
    await fresh();
    const word = `numbat${randomUUID().slice(0, 8)}`;
    const { id } = (await say(owner, { content: `(don't write to ${word}@burrow.example, see docs/a_b.html)` })).body;
    const other = (await say(owner, { content: `burrow for a ${word}` })).body;
    const found = async (query) => {
      const { body } = await stoa.api('GET', `/api/messages/search?q=${encodeURIComponent(query)}&roomId=${room.id}`, { token: member.token });
      return body.items.map((m) => m.id);
    };
    for (const query of ["don't", `${word}@burrow.example`, 'a_b.html', 'docs/a_b', `"${word} burrow"`, `${word} -for`]) {
      assert.deepEqual(await found(query), [id], query);
    }
    assert.deepEqual(await found(`${word} burrow`), [other.id, id]);
  });

  // No foreign key does this: docs/adr/0008-messages-without-foreign-keys.md.
  test('a deleted room takes its messages along', async () => {
    await fresh();
    await say(owner, { content: 'of the past' });
    await stoa.sql("DELETE FROM study_rooms WHERE id = :'room';", { room: room.id });
    assert.deepEqual(await stoa.rows("SELECT id FROM messages WHERE room_id = :'room'", { room: room.id }), []);
  });

  test('a deleted message is no longer answered by its replies', async () => {
    await fresh();
    const first = (await say(owner, { content: 'a question' })).body;
    const reply = (await say(member, { content: 'an answer', replyTo: first.id })).body;
    assert.equal(reply.replyTo, first.id);
    await stoa.sql("DELETE FROM messages WHERE id = :'id';", { id: first.id });
    assert.deepEqual((await history(member)).body.items.map((m) => [m.id, m.replyTo]), [[reply.id, null]]);
  });

  test('the messages of a deleted person stay without a sender, also those that are under way', async () => {
    await fresh();
    const [leaver] = await crowd(stoa, 1, 'leaver');
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: leaver.token });
    await say(leaver, { content: 'before' });
    // The locks of all databases are in pg_locks, and those that were cloned from one template share their tables' oids.
    const messages = "relation = 'messages'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    const wait = (what) => `DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE ${messages} AND ${what}) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;`;
    // An insert that commits once the deletion waits for it, and a deletion that begins once the insert has begun.
    await Promise.all([
      stoa.sql(`BEGIN;
        INSERT INTO messages (id, room_id, seq, sender_id, content) VALUES (gen_random_uuid(), :'room', 2, :'user', 'meanwhile');
        UPDATE study_rooms SET last_seq = 2 WHERE id = :'room';
        ${wait('NOT granted')}
        COMMIT;`, { room: room.id, user: leaver.id }),
      stoa.sql(`${wait("granted AND mode = 'RowExclusiveLock'")} DELETE FROM users WHERE id = :'user';`, { user: leaver.id }),
    ]);
    const { items } = (await history(member)).body;
    assert.deepEqual(items.map((m) => [m.content, m.senderId]), [['meanwhile', null], ['before', null]]);
  });
});
