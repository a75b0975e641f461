// Who leads a room: roles, mutes, kicks, bans and invites, and that the wrong person is refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { crowd, everyRole, makeRoom } from '../../support/people.mjs';
import { refused, refusedEvent } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('people of a room', () => {
  let stoa;
  let owner;
  let moderator;
  let second; // another moderator
  let member;
  let stranger;
  let room;
  const world = {};

  const member_of = (who) => `/api/rooms/${room.id}/members/${who.id}`;
  const put = (who, target, body) => stoa.api('PUT', member_of(target), { token: who.token, body });
  const kick = (who, target) => stoa.api('DELETE', member_of(target), { token: who.token });
  const join = (who, body = {}) => stoa.api('POST', `/api/rooms/${room.id}/join`, { token: who.token, body });
  const invite = (who, body = {}) => stoa.api('POST', `/api/rooms/${room.id}/invites`, { token: who.token, body });
  const say = (who, content) => stoa.api('POST', `/api/messages/room/${room.id}`, { token: who.token, body: { content } });
  const ban = (who, target, body = {}) => stoa.api('POST', `/api/rooms/${room.id}/bans`, { token: who.token, body: { userId: target.id, ...body } });

  async function freshRoom(fields = { moderators: [moderator, second], members: [member] }) {
    room = await makeRoom(stoa, owner, fields);
  }

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { rooms: { max_invites_per_room: 3 } } });
    ({ owner, moderator, secondModerator: second, member, other: stranger } = Object.assign(world, await everyRole(stoa)));
  });
  after(() => stoa.stop());

  test('members are listed with role and presence, page by page', async () => {
    await freshRoom();
    const socket = await stoa.connect(member.token);
    await socket.request('join_room', { roomId: room.id });
    const seen = [];
    let cursor;
    do {
      const { status, body } = await stoa.api('GET', `/api/rooms/${room.id}/members?limit=3${cursor ? `&cursor=${cursor}` : ''}`, { token: member.token });
      assert.equal(status, 200);
      seen.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor);
    assert.deepEqual(seen.map((m) => [m.userId, m.role, m.isOnline]), [
      [owner.id, 'owner', false], [moderator.id, 'moderator', false], [second.id, 'moderator', false], [member.id, 'member', true]]);
    await socket.close();
  });

  const named = (name, rows) => rows.map((row) => ({ name, ...row }));
  scenarios(world, { answer: '403 FORBIDDEN' }, [
    ...named('nobody throws out an equal or higher', [
      { who: 'member', request: 'DELETE /api/rooms/{room}/members/{moderator}' },
      { who: ['member', 'moderator', 'owner'], request: 'DELETE /api/rooms/{room}/members/{owner}' },
      { who: 'moderator', request: 'DELETE /api/rooms/{room}/members/{secondModerator}' },
      { who: 'other', request: 'DELETE /api/rooms/{room}/members/{member}', answer: '403 NOT_A_MEMBER' },
      { who: 'owner', request: 'DELETE /api/rooms/{room}/members/{other}', answer: '404 NOT_FOUND' },
    ]),
    ...named('nobody mutes an equal or higher', [
      { who: 'moderator', request: 'PUT /api/rooms/{room}/members/{owner}', body: { mutedMinutes: 5 } },
      { who: 'moderator', request: 'PUT /api/rooms/{room}/members/{secondModerator}', body: { mutedMinutes: 5 } },
    ]),
    ...named('only the owner changes roles, and not their own', [
      { who: 'moderator', request: 'PUT /api/rooms/{room}/members/{member}', body: { role: 'moderator' } },
      { who: 'member', request: 'PUT /api/rooms/{room}/members/{member}', body: { role: 'owner' } },
      { who: 'owner', request: 'PUT /api/rooms/{room}/members/{owner}', body: { role: 'member' } },
      { who: 'owner', request: 'PUT /api/rooms/{room}/members/{member}', body: { role: 'king' }, answer: '422 VALIDATION_ERROR', invalid: ['role'] },
    ]),
    ...named('nobody bans an equal or higher, and no member bans', [
      { who: 'moderator', request: 'POST /api/rooms/{room}/bans', body: { userId: '{owner}' } },
      { who: 'member', request: 'POST /api/rooms/{room}/bans', body: { userId: '{other}' } },
      { who: 'moderator', request: 'POST /api/rooms/{room}/bans', body: { userId: '{nothing}' }, answer: '404 NOT_FOUND' },
    ]),
    ...named('the lists of a room are for those who are in it, bans for those who lead it', [
      { who: 'other', request: 'GET /api/rooms/{room}/members', answer: '403 NOT_A_MEMBER' },
      { who: 'banned', request: 'GET /api/rooms/{room}/bans', answer: '403 NOT_A_MEMBER' },
      { who: 'moderator', request: 'GET /api/rooms/{room}/bans', answer: 200, has: { items: [{ userId: '{banned}', bannedBy: '{owner}' }] } },
    ]),
    ...named('mutes are listed for those who lead the room, and lifted by those who stand above', [
      { who: 'moderator', request: 'GET /api/rooms/{room}/mutes', answer: 200, has: { items: [{ userId: '{muted}', isMember: true }] } },
      { who: ['member', 'muted'], request: 'GET /api/rooms/{room}/mutes' },
      { who: ['other', 'banned'], request: 'GET /api/rooms/{room}/mutes', answer: '403 NOT_A_MEMBER' },
      { who: ['member', 'muted'], request: 'DELETE /api/rooms/{room}/mutes/{muted}' },
      { who: ['other', 'banned'], request: 'DELETE /api/rooms/{room}/mutes/{muted}', answer: '403 NOT_A_MEMBER' },
      { who: 'moderator', request: 'DELETE /api/rooms/{room}/mutes/{moderator}' },
      { who: 'moderator', request: 'DELETE /api/rooms/{room}/mutes/{secondModerator}' },
      { who: 'moderator', request: 'DELETE /api/rooms/{room}/mutes/{member}', answer: '404 NOT_FOUND' },
      { who: 'owner', request: 'DELETE /api/rooms/{room}/mutes/{nothing}', answer: '404 NOT_FOUND' },
    ]),
    ...named('bans are lifted by who leads the room', [
      { who: ['member', 'muted'], request: 'DELETE /api/rooms/{room}/bans/{banned}' },
      { who: ['other', 'banned'], request: 'DELETE /api/rooms/{room}/bans/{banned}', answer: '403 NOT_A_MEMBER' },
      { who: 'moderator', request: 'DELETE /api/rooms/{room}/bans/{member}', answer: '404 NOT_FOUND' },
    ]),
    ...named('invites are made, listed and withdrawn by who leads the room', [
      { who: ['member', 'muted'], request: 'GET /api/rooms/{room}/invites' },
      { who: ['other', 'banned'], request: 'GET /api/rooms/{room}/invites', answer: '403 NOT_A_MEMBER' },
      { who: ['member', 'muted'], request: 'POST /api/rooms/{room}/invites', body: {} },
      { who: ['other', 'banned'], request: 'POST /api/rooms/{room}/invites', body: {}, answer: '403 NOT_A_MEMBER' },
      { who: ['member', 'muted'], request: 'DELETE /api/rooms/{room}/invites/{nothing}' },
      { who: ['other', 'banned'], request: 'DELETE /api/rooms/{room}/invites/{nothing}', answer: '403 NOT_A_MEMBER' },
      { who: 'moderator', request: 'DELETE /api/rooms/{room}/invites/{nothing}', answer: '404 NOT_FOUND' },
    ]),
    ...named('who is not in it does not leave it', [
      { who: ['other', 'banned'], request: 'POST /api/rooms/{room}/leave', body: {}, answer: '403 NOT_A_MEMBER' },
    ]),
    ...named('who is banned stays out', [
      { who: 'banned', request: 'POST /api/rooms/{room}/join', body: {}, answer: '403 BANNED' },
    ]),
  ]);

  scenarios(world, { name: 'strangers have no part in it', who: 'stranger', answer: '401 UNAUTHORIZED' }, [
    ...['GET members', 'DELETE members/{member}', 'GET bans', 'DELETE bans/{banned}', 'GET mutes', 'DELETE mutes/{muted}', 'GET invites', 'DELETE invites/{nothing}']
      .map((request) => ({ request: request.replace(' ', ' /api/rooms/{room}/') })),
    ...['PUT members/{member}', 'POST bans', 'POST invites', 'POST join', 'POST leave'].map((request) => ({ request: request.replace(' ', ' /api/rooms/{room}/'), body: {} })),
    { request: 'POST /api/rooms/join-by-code', body: { code: 'ABCDEFGH' } },
  ]);

  test('a room is handed over by its owner, who is a moderator then', async () => {
    await freshRoom();
    assert.equal((await put(owner, member, { role: 'owner' })).body.role, 'owner');
    const { body } = await stoa.api('GET', `/api/rooms/${room.id}/members`, { token: owner.token });
    const roles = Object.fromEntries(body.items.map((m) => [m.userId, m.role]));
    assert.equal(roles[member.id], 'owner');
    assert.equal(roles[owner.id], 'moderator');
    refused(await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: owner.token }), 403, 'FORBIDDEN');
  });

  test('who is muted says nothing, edits nothing and reacts to nothing until it ends', async () => {
    await freshRoom();
    const before_ = (await say(member, 'still free')).body;
    const watcher = await stoa.connect(owner.token);
    await watcher.request('join_room', { roomId: room.id });
    const muted = await put(moderator, member, { mutedMinutes: 10 });
    assert.equal(muted.status, 200);
    assert.ok(Date.parse(muted.body.mutedUntil) > Date.now() + 9 * 60_000);
    const told = await watcher.next('member_updated', (p) => p.userId === member.id);
    assert.equal(told.mutedUntil, muted.body.mutedUntil);
    refused(await say(member, 'hm'), 403, 'MUTED');
    const socket = await stoa.connect(member.token);
    await refusedEvent(socket.request('edit_message', { messageId: before_.id, content: 'changed' }), 'MUTED');
    await refusedEvent(socket.request('add_reaction', { messageId: before_.id, emoji: '👍' }), 'MUTED');
    assert.equal((await put(moderator, member, { mutedUntil: null })).body.mutedUntil, null);
    assert.equal((await say(member, 'free again')).status, 201);
    assert.equal((await put(moderator, member, { mutedUntil: new Date(Date.now() - 1000).toISOString() })).status, 200);
    assert.equal((await say(member, 'a mute of the past is none')).status, 201);
    const last = '9999-12-31T23:59:59.999Z';
    assert.equal((await put(moderator, member, { mutedUntil: last })).body.mutedUntil, last);
    for (const mutedUntil of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00', '10000-01-01T00:00:00Z', '2016-12-31T23:59:60Z', 'infinity']) {
      refused(await put(moderator, member, { mutedUntil }), 422, 'VALIDATION_ERROR');
    }
    await socket.close();
    await watcher.close();
  });

  test('a mute is there again when its member comes back, however that person went', async () => {
    const leave = () => stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: member.token });
    await freshRoom();
    const { mutedUntil } = (await put(moderator, member, { mutedMinutes: 10 })).body;
    for (const go of [leave, () => kick(moderator, member), leave]) {
      assert.equal((await go()).status, 204);
      assert.equal((await join(member)).status, 200);
      refused(await say(member, 'hm'), 403, 'MUTED');
    }
    const members = await stoa.api('GET', `/api/rooms/${room.id}/members`, { token: owner.token });
    assert.equal(members.body.items.find(({ userId }) => userId === member.id).mutedUntil, mutedUntil);
    assert.equal((await put(moderator, member, { mutedUntil: null })).status, 200);
    assert.equal((await leave()).status, 204);
    assert.equal((await join(member)).status, 200);
    assert.equal((await say(member, 'free')).status, 201);
  });

  test('who comes in is told who is muted, and all when somebody muted comes in', async () => {
    await freshRoom({ moderators: [moderator], members: [member, second] });
    const { mutedUntil } = (await put(moderator, member, { mutedMinutes: 10 })).body;
    await put(moderator, second, { mutedUntil: new Date(Date.now() - 1000).toISOString() });
    const [watcher, socket] = await Promise.all([second, member].map(({ token }) => stoa.connect(token)));
    const muteOf = ({ participants }, { id }) => participants.find(({ userId }) => userId === id).mutedUntil;
    for (const entry of [await watcher.request('join_room', { roomId: room.id }), (await join(second)).body]) {
      assert.deepEqual([member, second, owner].map((each) => muteOf(entry, each)), [mutedUntil, null, null]);
    }
    await socket.request('join_room', { roomId: room.id });
    const { user } = await watcher.next('user_joined', (p) => p.user.userId === member.id);
    assert.equal(user.mutedUntil, mutedUntil);
    await socket.close();
    await watcher.close();
  });

  test('the mute of somebody who has left is listed and lifted, by those alone who lead the room', async () => {
    await freshRoom({ moderators: [moderator], members: [member, second] });
    const mutes = (who) => stoa.api('GET', `/api/rooms/${room.id}/mutes`, { token: who.token });
    const unmute = (who, target = member) => stoa.api('DELETE', `/api/rooms/${room.id}/mutes/${target.id}`, { token: who.token });
    const { mutedUntil } = (await put(owner, member, { mutedMinutes: 10 })).body;
    await put(owner, second, { mutedMinutes: 10 });
    const out = { userId: member.id, fullName: 'Max Member', mutedUntil, isMember: false };
    assert.equal((await stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: member.token })).status, 204);
    const { items } = (await mutes(moderator)).body;
    assert.deepEqual(items.find(({ userId }) => userId === member.id), out);
    assert.deepEqual(items.map(({ userId, isMember }) => [userId, isMember]).sort(), [[member.id, false], [second.id, true]].sort());
    refused(await unmute(member), 403, 'NOT_A_MEMBER');
    refused(await unmute(stranger), 403, 'NOT_A_MEMBER');
    refused(await unmute(second), 403, 'FORBIDDEN');
    assert.equal((await mutes(owner)).body.items.length, 2, 'who was refused changed nothing');

    assert.equal((await unmute(moderator)).status, 204);
    refused(await unmute(moderator), 404, 'NOT_FOUND');
    assert.deepEqual((await mutes(owner)).body.items.map(({ userId }) => userId), [second.id]);
    assert.equal((await join(member)).status, 200);
    assert.equal((await say(member, 'free')).status, 201);

    const watcher = await stoa.connect(owner.token);
    await watcher.request('join_room', { roomId: room.id });
    assert.equal((await unmute(moderator, second)).status, 204);
    assert.equal((await watcher.next('member_updated', (p) => p.userId === second.id)).mutedUntil, null);
    assert.equal((await say(second, 'free')).status, 201);
    assert.deepEqual((await mutes(owner)).body.items, []);
    await watcher.close();
  });

  test('who becomes the owner is muted no more, however that comes', async () => {
    await freshRoom();
    refused(await put(owner, member, { role: 'owner', mutedMinutes: 10 }), 409, 'CONFLICT');
    assert.equal((await put(owner, member, { mutedMinutes: 10 })).status, 200);
    assert.equal((await put(owner, member, { role: 'owner' })).body.mutedUntil, null);
    assert.equal((await say(member, 'my room')).status, 201);
    await freshRoom();
    for (const muted of [moderator, second, member]) assert.equal((await put(owner, muted, { mutedMinutes: 10 })).status, 200);
    assert.equal((await stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: owner.token })).status, 204);
    const { items } = (await stoa.api('GET', `/api/rooms/${room.id}/members`, { token: member.token })).body;
    const heir = items.find(({ role }) => role === 'owner');
    assert.equal(heir.mutedUntil, null);
    assert.equal((await say([moderator, second].find(({ id }) => id === heir.userId), 'mine now')).status, 201);
  });

  test('who is kicked hears nothing more, from the answer on, and may come back', async () => {
    await freshRoom();
    const sockets = [await stoa.connect(member.token), await stoa.connect(member.token)];
    const other = await stoa.connect(owner.token);
    for (const socket of [...sockets, other]) await socket.request('join_room', { roomId: room.id });
    const flood = (async () => { // goes on while the kick happens
      for (let i = 0; i < 200; i++) await say(owner, `line ${i}`);
    })();
    await sockets[0].next('new_message');
    assert.equal((await kick(moderator, member)).status, 204);
    const seen = sockets.map((s) => s.all('new_message').length);
    await flood;
    await other.next('new_message', (m) => m.content === 'line 199');
    for (const [i, socket] of sockets.entries()) {
      assert.deepEqual(await socket.next('removed_from_room'), { roomId: room.id, reason: 'kicked' });
      // What was on its way to the client before the answer is all that may still have come.
      const barrier = await socket.request('leave_room', { roomId: room.id });
      assert.deepEqual(barrier, {});
      const after_ = socket.received.slice(socket.received.findIndex((f) => f.type === 'removed_from_room'));
      assert.equal(after_.filter((f) => f.type === 'new_message').length, 0, `after ${seen[i]} messages`);
      await refusedEvent(socket.request('typing', { roomId: room.id, isTyping: true }), 'NOT_A_MEMBER');
      await refusedEvent(socket.request('send_message', { roomId: room.id, content: 'I am still here' }), 'NOT_A_MEMBER');
    }
    assert.deepEqual(await other.next('user_left', (p) => p.userId === member.id), { roomId: room.id, userId: member.id, reason: 'kicked' });
    refused(await stoa.api('GET', `/api/messages/room/${room.id}`, { token: member.token }), 403, 'NOT_A_MEMBER');
    assert.equal((await sockets[0].request('join_room', { roomId: room.id })).room.id, room.id);
    await Promise.all([...sockets, other].map((s) => s.close()));
  });

  test('who is banned is out and stays out until the ban is lifted', async () => {
    await freshRoom();
    const socket = await stoa.connect(member.token);
    await socket.request('join_room', { roomId: room.id });
    const done = await ban(moderator, member, { reason: 'Spam' });
    assert.equal(done.status, 201);
    assert.equal(done.body.bannedBy, moderator.id);
    assert.deepEqual(await socket.next('removed_from_room'), { roomId: room.id, reason: 'banned' });
    refused(await join(member), 403, 'BANNED');
    await refusedEvent(socket.request('join_room', { roomId: room.id }), 'BANNED');
    assert.equal((await ban(moderator, stranger)).status, 201, 'before they ever came');
    refused(await join(stranger), 403, 'BANNED');

    refused(await stoa.api('GET', `/api/rooms/${room.id}/bans`, { token: member.token }), 403, 'NOT_A_MEMBER');
    const list = await stoa.api('GET', `/api/rooms/${room.id}/bans`, { token: second.token });
    assert.deepEqual(new Set(list.body.items.map((b) => b.userId)), new Set([member.id, stranger.id]));
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}/bans/${member.id}`, { token: second.token })).status, 204);
    refused(await stoa.api('DELETE', `/api/rooms/${room.id}/bans/${member.id}`, { token: second.token }), 404, 'NOT_FOUND');
    assert.equal((await join(member)).status, 200);
    await socket.close();
  });

  test('a moderator neither lifts nor changes a ban of the owner', async () => {
    await freshRoom();
    const of_owner = (await ban(owner, member, { reason: 'Mine' })).body;
    const unban = (who) => stoa.api('DELETE', `/api/rooms/${room.id}/bans/${member.id}`, { token: who.token });
    assert.deepEqual((await ban(moderator, member, { reason: 'Now mine' })).body, of_owner);
    refused(await unban(moderator), 403, 'FORBIDDEN');
    refused(await join(member), 403, 'BANNED');
    assert.equal((await unban(owner)).status, 204);
    assert.equal((await join(member)).status, 200);
  });

  test('an invite opens a private room, as often and as long as it says', async () => {
    await freshRoom({ roomType: 'private' });
    refused(await invite(stranger), 404, 'NOT_FOUND');
    const made = await invite(owner, { maxUses: 2, expiresInSeconds: 3600 });
    assert.equal(made.status, 201);
    assert.match(made.body.code, /^[A-Z0-9]{10,}$/);
    assert.equal(made.body.uses, 0);
    const inviteCode = made.body.code;

    const people = await crowd(stoa, 12, 'guest');
    const answers = await Promise.all(people.map((p, i) => (i % 2
      ? join(p, { inviteCode })
      : stoa.api('POST', '/api/rooms/join-by-code', { token: p.token, body: { inviteCode } }))));
    const inside = people.filter((_, i) => answers[i].status === 200);
    assert.equal(inside.length, 2, 'two uses, two people');
    for (const answer of answers.filter((a) => a.status !== 200)) refused(answer, 403, 'INVITE_INVALID');
    assert.equal((await join(inside[0], { inviteCode })).status, 200, 'a member needs no further use');
    assert.equal((await join(inside[0])).status, 200);
    const listed = await stoa.api('GET', `/api/rooms/${room.id}/invites`, { token: owner.token });
    assert.deepEqual(listed.body.items.map((i) => [i.id, i.uses, i.maxUses]), [[made.body.id, 2, 2]]);
    refused(await stoa.api('GET', `/api/rooms/${room.id}/invites`, { token: inside[0].token }), 403, 'FORBIDDEN');

    for (const wrong of ['ABCDEFGHJKLMNPQR', inviteCode.toLowerCase(), `${inviteCode}A`, '\\x41', "'; drop table users; --"]) {
      refused(await stoa.api('POST', '/api/rooms/join-by-code', { token: stranger.token, body: { inviteCode: wrong } }), 403, 'INVITE_INVALID');
    }
  });

  test('an expired or deleted invite opens nothing, and their number is bounded', async () => {
    await freshRoom({ roomType: 'private' });
    const { body: short } = await invite(owner, { expiresInSeconds: 60 });
    await stoa.rows(`update room_invites set expires_at = now() - interval '1 second' where id = '${short.id}' returning 1 as x`);
    refused(await join(stranger, { inviteCode: short.code }), 403, 'INVITE_INVALID');
    const made = [];
    for (let i = 0; i < 3; i++) made.push((await invite(owner)).body); // the expired one gave way
    refused(await invite(owner), 409, 'CONFLICT');
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}/invites/${made[0].id}`, { token: owner.token })).status, 204);
    refused(await join(stranger, { inviteCode: made[0].code }), 403, 'INVITE_INVALID');
    const elsewhere = await stoa.createRoom(owner.token, { roomType: 'private' });
    refused(await stoa.api('POST', `/api/rooms/${elsewhere.id}/join`, { token: stranger.token, body: { inviteCode: made[1].code } }), 403, 'INVITE_INVALID');
    await ban(owner, stranger);
    refused(await join(stranger, { inviteCode: made[1].code }), 403, 'BANNED');
    const { body: after_ } = await stoa.api('GET', `/api/rooms/${room.id}/invites`, { token: owner.token });
    assert.deepEqual(after_.items.map((i) => i.uses), [0, 0], 'a refused use does not count');
  });

  test('a closing room is told to all who are in it', async () => {
    await freshRoom();
    const socket = await stoa.connect(member.token);
    await socket.request('join_room', { roomId: room.id });
    await stoa.api('PUT', `/api/rooms/${room.id}`, { token: owner.token, body: { name: 'Renamed' } });
    assert.equal((await socket.next('room_updated')).room.name, 'Renamed');
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: owner.token })).status, 204);
    assert.deepEqual(await socket.next('room_closed'), { roomId: room.id });
    await refusedEvent(socket.request('send_message', { roomId: room.id, content: 'Anybody?' }), 'NOT_FOUND');
    await refusedEvent(socket.request('join_room', { roomId: room.id }), 'NOT_FOUND');
    await socket.close();
  });
});
