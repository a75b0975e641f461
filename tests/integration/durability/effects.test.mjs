// What follows a commit in memory: sockets are closed, people taken off topics, others told. The answer to each
// commit is lost once, and the client asks again, as clients do: then the state, the sockets and the topics are right.
// Likewise when the work was done by a process that died before its effects.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';

import { createDatabase, dropDatabase } from '../../support/database.mjs';
import { DatabaseProxy } from '../../support/database_proxy.mjs';
import { Connections, makeRoom, oneTo, people } from '../../support/people.mjs';
import { refused, refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { Board, rect } from '../whiteboard/board.mjs';

const media = { audio: true, video: true, screen: false };

describe('effects', () => {
  let database;
  let proxy;
  let stoa;
  let connections;
  let owner;
  let member;
  let other;
  let room;

  before(async () => {
    database = await createDatabase();
    proxy = await DatabaseProxy.start(database);
    stoa = await startStoa({ database: proxy.url, config: { auth: { login_attempts: 1000, session_cache_ttl: '10m' } } });
    connections = new Connections(stoa);
  });
  after(async () => {
    await stoa?.stop();
    await proxy.stop();
    await dropDatabase(database);
  });
  afterEach(() => connections.end());

  async function fresh() {
    [owner, member, other] = await people(stoa, 'Olga', 'Max', 'Otto');
    room = await makeRoom(stoa, owner, { members: [member, other] });
  }
  const ask = (person, method, target, body) => stoa.api(method, `/api/${target}`, { token: person.token, body });
  const inRoom = (person, method, target = '', body = undefined) => ask(person, method, `rooms/${room.id}${target}`, body);

  // The first answer is lost; `text` is something that the transaction says. Resolves to a function that asks again.
  async function inDoubt(text, request) {
    proxy.loseCommitOf(text);
    refused(await request(), 503, 'DB_UNAVAILABLE');
    assert.ok(proxy.hasLost);
    return () => until(async () => {
      const answer = await request();
      return answer.status !== 503 && answer;
    }, { what: 'the database to be back' });
  }

  const say = async (content) => {
    const { status, text } = await ask(owner, 'POST', `messages/room/${room.id}`, { content });
    assert.equal(status, 201, text);
  };

  // The member is on the room's topic, on its board and in its call.
  async function everywhere() {
    const [socket, observer] = await Promise.all([member, other].map((person) => connections.enter(person, room)));
    const boards = await Promise.all([socket, observer].map((one) => Board.join(one, room.id)));
    for (const one of [socket, observer]) await one.request('call_join', { roomId: room.id, media });
    return { socket, observer, board: boards[1] };
  }

  // Out of all three; what comes after a message that another one has heard would have been heard before the barrier.
  async function isOut({ socket, observer, board }) {
    await say('after all');
    await observer.next('new_message', (m) => m.content === 'after all');
    await board.add(rect(randomUUID()));
    await refusedEvent(socket.request('typing', { roomId: room.id, isTyping: true }), 'NOT_A_MEMBER');
    await refusedEvent(socket.request('whiteboard_add', { roomId: room.id, object: rect('mine') }), 'NOT_ON_BOARD');
    await refusedEvent(socket.request('call_leave', { roomId: room.id }), 'NOT_IN_CALL');
    for (const type of ['new_message', 'whiteboard_add']) assert.deepEqual(socket.all(type), []);
    const { body } = await inRoom(other, 'GET');
    assert.equal(body.activeCount, 1);
    refused(await ask(member, 'GET', `messages/room/${room.id}`), 403, 'NOT_A_MEMBER');
  }

  const removals = [
    {
      name: 'a kick',
      reason: 'kicked',
      remove: () => inRoom(owner, 'DELETE', `/members/${member.id}`),
      again: (answer) => refused(answer, 404, 'NOT_FOUND'),
    },
    {
      name: 'a ban',
      reason: 'banned',
      remove: () => inRoom(owner, 'POST', '/bans', { userId: member.id }),
      again: ({ status, body }) => assert.deepEqual([status, body.userId], [201, member.id]),
    },
    {
      name: 'leaving',
      reason: 'left',
      remove: () => inRoom(member, 'POST', '/leave'),
      again: (answer) => refused(answer, 403, 'NOT_A_MEMBER'),
    },
  ];
  for (const { name, reason, remove, again } of removals) {
    test(`${name}: in doubt, the person is out, and others hear of it`, async () => {
      await fresh();
      const there = await everywhere();
      const retry = await inDoubt(member.id, remove);
      assert.deepEqual(await there.socket.next('removed_from_room'), { roomId: room.id, reason });
      assert.deepEqual(await there.observer.next('user_left'), { roomId: room.id, userId: member.id, reason });
      await isOut(there);
      again(await retry());
      await isOut(there);
      assert.equal(there.observer.all('user_left').length, 1);
      const { body } = await inRoom(owner, 'GET', '/members');
      assert.deepEqual(body.items.map((m) => m.userId).sort(), [owner.id, other.id].sort());
    });

    test(`${name}: who is no member any more is taken out of memory, too`, async () => {
      await fresh();
      const there = await everywhere();
      await stoa.sql(`delete from room_members where room_id = '${room.id}' and user_id = '${member.id}'`);
      again(await remove());
      await isOut(there);
    });
  }

  test('leaving: in doubt, everybody hears who owns the room now', async () => {
    await fresh();
    const observer = await connections.enter(other, room);
    const retry = await inDoubt(owner.id, () => inRoom(owner, 'POST', '/leave'));
    const { userId, role } = await observer.next('member_updated');
    assert.deepEqual({ userId, role }, { userId: member.id, role: 'owner' });
    refused(await retry(), 403, 'NOT_A_MEMBER');
    const { body } = await inRoom(other, 'GET', '/members');
    assert.deepEqual(body.items.filter((m) => m.role === 'owner').map((m) => m.userId), [member.id]);
  });

  test('handing a room over: in doubt, everybody hears who owns it now', async () => {
    await fresh();
    const observer = await connections.enter(other, room);
    const retry = await inDoubt(member.id, () => inRoom(owner, 'PUT', `/members/${member.id}`, { role: 'owner' }));
    const told = [await observer.next('member_updated'), await observer.next('member_updated')];
    assert.deepEqual(told.map((m) => [m.userId, m.role]), [[member.id, 'owner'], [owner.id, 'moderator']]);
    refused(await retry(), 403, 'FORBIDDEN');
  });

  test('closing a room: in doubt, everybody is out', async () => {
    await fresh();
    const { socket, observer } = await everywhere();
    const retry = await inDoubt(room.id, () => inRoom(owner, 'DELETE'));
    const assertOut = async (one) => {
      await refusedEvent(one.request('typing', { roomId: room.id, isTyping: true }), 'NOT_A_MEMBER');
      await refusedEvent(one.request('whiteboard_add', { roomId: room.id, object: rect('a') }), 'NOT_ON_BOARD');
      await refusedEvent(one.request('call_leave', { roomId: room.id }), 'NOT_IN_CALL');
    };
    for (const one of [socket, observer]) {
      assert.deepEqual(await one.next('room_closed'), { roomId: room.id });
      await assertOut(one);
    }
    refused(await retry(), 404, 'NOT_FOUND');
    refused(await inRoom(owner, 'GET'), 404, 'NOT_FOUND');
  });

  test('closing a room: once it is closed, its owner alone can have everybody taken out of memory again', async () => {
    await fresh();
    const { observer } = await everywhere();
    await stoa.sql(`update study_rooms set is_active = false where id = '${room.id}'`);
    refused(await inRoom(other, 'DELETE'), 404, 'NOT_FOUND');
    await observer.request('typing', { roomId: room.id, isTyping: true });
    refused(await inRoom(owner, 'DELETE'), 404, 'NOT_FOUND');
    await observer.next('room_closed');
    await refusedEvent(observer.request('typing', { roomId: room.id, isTyping: true }), 'NOT_A_MEMBER');
  });

  test('a role and a mute: in doubt nothing is told as a fact, and asked for again they are', async () => {
    await fresh();
    const { observer } = await everywhere();
    const change = { role: 'moderator', mutedMinutes: 60 };
    const retry = await inDoubt(member.id, () => inRoom(owner, 'PUT', `/members/${member.id}`, change));
    await say('a barrier');
    await observer.next('new_message');
    assert.deepEqual(observer.all('member_updated'), []);
    const { status, body } = await retry();
    assert.deepEqual([status, body.role], [200, 'moderator']);
    const told = await observer.next('member_updated');
    assert.deepEqual(told, { roomId: room.id, userId: member.id, role: 'moderator', mutedUntil: body.mutedUntil });
  });

  test('a room\'s details: in doubt nothing is told as a fact, and asked for again they are', async () => {
    await fresh();
    const observer = await connections.enter(other, room);
    const retry = await inDoubt('a new name', () => inRoom(owner, 'PUT', '', { name: 'a new name' }));
    await say('a barrier');
    await observer.next('new_message');
    assert.deepEqual(observer.all('room_updated'), []);
    assert.equal((await retry()).body.name, 'a new name');
    assert.equal((await observer.next('room_updated')).room.name, 'a new name');
  });

  test('an invite that is good once: in doubt, it lets in who used it, and nobody else', async () => {
    await fresh();
    const [late] = await people(stoa, 'Late');
    const { body: { code } } = await inRoom(owner, 'POST', '/invites', { maxUses: 1 });
    await inRoom(owner, 'PUT', '', { roomType: 'private' });
    const [guest] = await people(stoa, 'Guest');
    const retry = await inDoubt(guest.id, () => inRoom(guest, 'POST', '/join', { inviteCode: code }));
    const { status, body } = await retry();
    assert.equal(status, 200);
    assert.ok(body.participants.some((p) => p.userId === guest.id));
    refused(await inRoom(late, 'POST', '/join', { inviteCode: code }), 403, 'INVITE_INVALID');
    await connections.enter(guest, room);
    const [{ uses }] = await stoa.rows(`select uses from room_invites where code = '${code}'`);
    assert.equal(uses, 1);
  });

  test('an invite that is taken back: in doubt, it is no good', async () => {
    await fresh();
    const [guest] = await people(stoa, 'Guest');
    await inRoom(owner, 'PUT', '', { roomType: 'private' });
    const { body: { id, code } } = await inRoom(owner, 'POST', '/invites', {});
    const retry = await inDoubt(id, () => inRoom(owner, 'DELETE', `/invites/${id}`));
    refused(await retry(), 404, 'NOT_FOUND');
    refused(await inRoom(guest, 'POST', '/join', { inviteCode: code }), 403, 'INVITE_INVALID');
  });

  test('a profile: in doubt, and asked for again, it is as it should be', async () => {
    await fresh();
    const change = { fullName: 'Olga the Second' };
    const retry = await inDoubt(change.fullName, () => ask(owner, 'PUT', 'users/me', change));
    assert.equal((await retry()).body.fullName, change.fullName);
    assert.equal((await ask(member, 'GET', `users/${owner.id}`)).body.fullName, change.fullName);
  });

  // ---- Sign-ins ----

  const signIn = async ({ email, password }) => {
    const { body } = await stoa.api('POST', '/api/auth/login', { body: { email, password } });
    return { token: body.accessToken, refreshToken: body.refreshToken };
  };
  const me = (person) => ask(person, 'GET', 'users/me');
  const sessionOf = ({ token }) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sid;
  async function twoDevices() {
    const [account] = await people(stoa, 'Ada');
    const phone = await signIn(account);
    const sockets = await Promise.all([account, phone].map((device) => connections.open(device)));
    return { account, phone, own: sockets[0], others: sockets[1] };
  }
  const isEnded = async (device, socket) => {
    assert.equal((await socket.closed).code, 4401);
    refused(await me(device), 401, 'INVALID_TOKEN');
    await assert.rejects(stoa.connect(device.token));
  };
  const isOpen = async (device, socket) => {
    assert.equal((await me(device)).status, 200);
    assert.ok(socket.open);
  };

  test('signing out: in doubt, this device is out and no other', async () => {
    const { account, phone, own, others } = await twoDevices();
    const retry = await inDoubt(sessionOf(account), () => ask(account, 'POST', 'auth/logout'));
    await isEnded(account, own);
    refused(await retry(), 401, 'INVALID_TOKEN');
    await isOpen(phone, others);
  });

  test('signing out everywhere: in doubt, every device is out', async () => {
    const { account, phone, own, others } = await twoDevices();
    const retry = await inDoubt(account.id, () => ask(account, 'POST', 'auth/logout-all'));
    await isEnded(account, own);
    await isEnded(phone, others);
    refused(await retry(), 401, 'INVALID_TOKEN');
  });

  test('signing another device out: in doubt, it is out, and this one is not', async () => {
    const { account, phone, own, others } = await twoDevices();
    const retry = await inDoubt(sessionOf(phone), () => ask(account, 'DELETE', `auth/sessions/${sessionOf(phone)}`));
    await isEnded(phone, others);
    refused(await retry(), 404, 'NOT_FOUND');
    await isOpen(account, own);
  });

  test('a new password: in doubt, the other devices are out, and it can be asked for again', async () => {
    const { account, phone, own, others } = await twoDevices();
    const change = { currentPassword: account.password, newPassword: 'an even longer secret' };
    const retry = await inDoubt(sessionOf(account), () => ask(account, 'PUT', 'auth/password', change));
    await isEnded(phone, others);
    const late = await signIn({ ...account, password: change.newPassword });
    const lateSocket = await connections.open(late);
    assert.equal((await retry()).status, 204);
    await isEnded(late, lateSocket);
    await isOpen(account, own);
    refused(await stoa.api('POST', '/api/auth/login', { body: account }), 401, 'INVALID_CREDENTIALS');
    await isOpen(await signIn({ ...account, password: change.newPassword }), own);
  });

  for (const [name, end] of [
    ['signing out', ({ account }) => ask(account, 'POST', 'auth/logout')],
    ['signing the device out', ({ account, phone }) => ask(phone, 'DELETE', `auth/sessions/${sessionOf(account)}`)],
    ['signing out everywhere', ({ phone }) => ask(phone, 'POST', 'auth/logout-all')],
    ['a new password', ({ account: { password }, phone }) => ask(phone, 'PUT', 'auth/password',
      { currentPassword: password, newPassword: 'an even longer secret' })],
  ]) {
    test(`${name}: what has ended without this process is forgotten here, too`, async () => {
      const devices = await twoDevices();
      await isOpen(devices.account, devices.own); // so that its state is remembered
      await stoa.sql(`update auth_sessions set revoked_at = now() where id = '${sessionOf(devices.account)}'`);
      await end(devices);
      await isEnded(devices.account, devices.own);
    });
  }

  test('another\'s device cannot be signed out, whether or not it has ended', async () => {
    const [ada, eve] = [await twoDevices(), await twoDevices()];
    const target = `auth/sessions/${sessionOf(ada.phone)}`;
    refused(await ask(eve.account, 'DELETE', target), 404, 'NOT_FOUND');
    await stoa.sql(`update auth_sessions set revoked_at = now() where id = '${sessionOf(ada.phone)}'`);
    refused(await ask(eve.account, 'DELETE', target), 404, 'NOT_FOUND');
    await isOpen(ada.phone, ada.others); // as this process remembers it
  });

  // ---- Messages ----

  for (const [name, type, change, shows] of [
    ['an edit', 'edit_message', { content: 'changed' }, (m) => m.content === 'changed'],
    ['a reaction', 'add_reaction', { emoji: '👍' }, (m) => m.reactions.length === 1],
    ['a deletion', 'delete_message', {}, (m) => m.isDeleted],
  ]) {
    test(`${name} of a message: in doubt, and asked for again, everybody hears it`, async () => {
      await fresh();
      const [author, observer] = await Promise.all([member, other].map((person) => connections.enter(person, room)));
      const { id } = await author.request('send_message', { roomId: room.id, content: 'first' });
      const request = () => author.request(type, { messageId: id, ...change });
      proxy.loseCommitOf(id);
      await refusedEvent(request(), 'DB_UNAVAILABLE');
      assert.ok(proxy.hasLost);
      const view = await until(() => request().catch(() => undefined), { what: 'the database to be back' });
      assert.ok(shows(view));
      assert.deepEqual(await observer.next('message_updated', shows), view);
      await author.request('add_reaction', { messageId: id, emoji: '🎉' }).catch(() => {});
      await say('a barrier');
      await observer.next('new_message', (m) => m.content === 'a barrier');
      assert.ok(observer.all('message_updated').length <= 2, 'and then no more of it');
    });
  }

  // ---- Order ----

  test('changes of one room are heard in the order of their commits', async () => {
    await fresh();
    const observer = await connections.enter(other, room);
    const rounds = 20;
    const at_once = 8;
    for (const round of oneTo(rounds)) {
      await Promise.all(oneTo(at_once).map((i) => inRoom(owner, 'PUT', '', { name: `round ${round} name ${i}` })));
      await until(() => observer.all('room_updated').length === round * at_once, { what: 'all changes to be told' });
      const { body } = await inRoom(owner, 'GET');
      assert.equal(observer.all('room_updated').at(-1).room.name, body.name);
    }
  });
});
