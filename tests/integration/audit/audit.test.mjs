// Who did what to what is written with the deed: once, with what was before and after, and without secrets.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { createDatabase, dropDatabase, psql, rows } from '../../support/database.mjs';
import { administrator, everyRole, makeRoom } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';

const kText = 'what was said before it was deleted';
const kEntries = 'select actor_kind, actor_id, session_id, address, request_id, action, target_kind, target_id, within_kind, within_id, before, after from audit_log order by at, id';
const signInOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sid;

describe('the audit log', () => {
  let stoa;
  let owner;
  let moderator;
  let member;
  let room;

  const entries = () => stoa.rows(kEntries);
  const api = (who, method, target, body, headers) => stoa.api(method, target, { token: who.token, body, headers });
  const memberOf = (who) => `/api/rooms/${room.id}/members/${who.id}`;
  const bans = () => `/api/rooms/${room.id}/bans`;
  // A room with those three in it, and an empty log.
  async function fresh(fields = { moderators: [moderator], members: [member] }) {
    room = await makeRoom(stoa, owner, fields);
    await stoa.sql('truncate audit_log');
  }
  const inRoom = (who, action, before_, after_) => ({
    action, target_kind: 'user', target_id: who.id, within_kind: 'room', within_id: room.id, before: before_, after: after_ });

  before(async () => {
    stoa = await startStoa({ config: { auth: { login_attempts: 1000 } } });
    ({ owner, moderator, member } = await everyRole(stoa));
  });
  after(() => stoa.stop());

  // The one row that the deed left, also when it is asked for again.
  async function leavesOne(by, deed, wanted, again = deed) {
    const done = await deed();
    assert.ok(done.status < 300, done.text);
    const [entry, ...others] = await entries();
    assert.deepEqual(others, []);
    const { actor_kind, actor_id, session_id, address, request_id, ...what } = entry;
    assert.deepEqual({ actor_kind, actor_id, session_id, address }, {
      actor_kind: 'user', actor_id: by.id, session_id: signInOf(by.token), address: '127.0.0.1' });
    assert.equal(request_id, done.headers.get('x-request-id'));
    assert.deepEqual(what, { within_kind: null, within_id: null, ...wanted });
    await again();
    assert.equal((await entries()).length, 1, 'it was asked for again');
  }

  test('has a kick', async () => {
    await fresh();
    await leavesOne(moderator, () => api(moderator, 'DELETE', memberOf(member)), inRoom(member, 'rooms.kick', { role: 'member' }, null));
  });

  test('has a ban and its end', async () => {
    await fresh();
    const out = { role: null, isBanned: false, reason: null, bannedBy: null };
    const banned = { role: null, isBanned: true, reason: 'Spam', bannedBy: moderator.id };
    const ban = () => api(moderator, 'POST', bans(), { userId: member.id, reason: 'Spam' });
    await leavesOne(moderator, ban, inRoom(member, 'rooms.ban', { ...out, role: 'member' }, banned));
    await stoa.sql('truncate audit_log');
    await leavesOne(owner, () => api(owner, 'DELETE', `${bans()}/${member.id}`), inRoom(member, 'rooms.unban', banned, out));
  });

  test('has what was done with an Idempotency-Key once', async () => {
    await fresh();
    const ban = () => api(owner, 'POST', bans(), { userId: member.id }, { 'idempotency-key': 'once' });
    await ban();
    await api(owner, 'DELETE', `${bans()}/${member.id}`);
    assert.equal((await ban()).headers.get('idempotent-replayed'), 'true');
    assert.deepEqual((await entries()).map((e) => e.action), ['rooms.ban', 'rooms.unban']);
  });

  test('has a mute', async () => {
    await fresh();
    const mutedUntil = '2126-01-15T10:30:00.000Z';
    await leavesOne(moderator, () => api(moderator, 'PUT', memberOf(member), { mutedUntil }), inRoom(member, 'rooms.mute', { mutedUntil: null }, { mutedUntil }));
  });

  test('has the end of a mute, of a member and of somebody who has left', async () => {
    const mutedUntil = '2126-01-15T10:30:00.000Z';
    for (const goes of [false, true]) {
      await fresh();
      await api(owner, 'PUT', memberOf(member), { mutedUntil });
      if (goes) await api(member, 'POST', `/api/rooms/${room.id}/leave`);
      await stoa.sql('truncate audit_log');
      const lift = () => api(moderator, 'DELETE', `/api/rooms/${room.id}/mutes/${member.id}`);
      await leavesOne(moderator, lift, inRoom(member, 'rooms.mute', { mutedUntil }, { mutedUntil: null }));
    }
  });

  test('has a change of role', async () => {
    await fresh();
    await leavesOne(owner, () => api(owner, 'PUT', memberOf(member), { role: 'moderator' }), inRoom(member, 'rooms.change_role', { role: 'member' }, { role: 'moderator' }));
  });

  test('has who hands a room over, and who leaves it to an heir', async () => {
    await fresh();
    await leavesOne(owner, () => api(owner, 'PUT', memberOf(moderator), { role: 'owner' }), inRoom(moderator, 'rooms.hand_over', { owner: owner.id }, { owner: moderator.id }));
    await stoa.sql('truncate audit_log');
    const leave = () => api(moderator, 'POST', `/api/rooms/${room.id}/leave`);
    await leavesOne(moderator, leave, inRoom(owner, 'rooms.hand_over', { owner: moderator.id }, { owner: owner.id }));
  });

  test('has who opens a room to everybody, and no other change of it', async () => {
    await fresh();
    const { maxParticipants } = room;
    await api(owner, 'PUT', `/api/rooms/${room.id}`, { name: 'Another name' });
    assert.deepEqual(await entries(), []);
    const shut = () => api(owner, 'PUT', `/api/rooms/${room.id}`, { roomType: 'private' });
    await leavesOne(owner, shut, { action: 'rooms.update', target_kind: 'room', target_id: room.id, before: { roomType: 'public', maxParticipants }, after: { roomType: 'private', maxParticipants } });
  });

  test('has the end of a room', async () => {
    const closed = (memberCount) => ({ action: 'rooms.close', target_kind: 'room', target_id: room.id, before: { name: 'A room', roomType: 'public', memberCount }, after: null });
    await fresh();
    await leavesOne(owner, () => api(owner, 'DELETE', `/api/rooms/${room.id}`), closed(3));
    await fresh({});
    await leavesOne(owner, () => api(owner, 'POST', `/api/rooms/${room.id}/leave`), closed(1));
  });

  test("has the deletion of somebody else's message, without its text", async () => {
    await fresh();
    const say = async () => (await api(member, 'POST', `/api/messages/room/${room.id}`, { content: kText })).body;
    const [own, theirs] = [await say(), await say()];
    const author = await stoa.connect(member.token);
    await author.request('delete_message', { messageId: own.id });
    assert.deepEqual(await entries(), [], 'one may delete what is one\'s own');
    const leader = await stoa.connect(moderator.token);
    for (let i = 0; i < 2; i++) await leader.request('delete_message', { messageId: theirs.id });
    const all = await entries();
    assert.deepEqual(all.map(({ address, request_id, ...entry }) => entry), [{
      actor_kind: 'user', actor_id: moderator.id, session_id: signInOf(moderator.token), action: 'chat.delete_message',
      target_kind: 'message', target_id: theirs.id, within_kind: 'room', within_id: room.id,
      before: { senderId: member.id, isDeleted: false }, after: { senderId: member.id, isDeleted: true } }]);
    await Promise.all([author.close(), leader.close()]);
  });

  test('has a new password, and who signs a device or all of them out', async () => {
    await stoa.sql('truncate audit_log');
    const person = await stoa.register('cleo');
    const bare = { before: null, after: null };
    const change = () => api(person, 'PUT', '/api/auth/password', { currentPassword: person.password, newPassword: 'another long secret' });
    await leavesOne(person, change, { action: 'auth.change_password', target_kind: 'user', target_id: person.id, ...bare });
    const elsewhere = await stoa.api('POST', '/api/auth/login', { body: { email: person.email, password: 'another long secret' } });
    await stoa.sql('truncate audit_log');
    const other = signInOf(elsewhere.body.accessToken);
    await leavesOne(person, () => api(person, 'DELETE', `/api/auth/sessions/${other}`), {
      action: 'auth.end_sign_in', target_kind: 'sign_in', target_id: other, within_kind: 'user', within_id: person.id, ...bare });
    await stoa.api('POST', '/api/auth/login', { body: { email: person.email, password: 'another long secret' } });
    await stoa.sql('truncate audit_log');
    await leavesOne(person, () => api(person, 'POST', '/api/auth/logout-all'), {
      action: 'auth.sign_out_all', target_kind: 'user', target_id: person.id, before: { count: 2 }, after: { count: 0 } });
  });

  test('has what administrators do to the list of subjects', async () => {
    const admin = await administrator(stoa);
    await stoa.sql('truncate audit_log');
    const state = { name: 'Botany', category: '', description: '', iconUrl: '' };
    let made;
    const create = async () => { const answer = await api(admin, 'POST', '/api/subjects', { name: 'Botany' }); made ??= answer.body; return answer; };
    const of = () => ({ target_kind: 'subject', target_id: made.id });
    const done = await create();
    assert.equal(done.status, 201);
    await create(); // its name is taken
    const [entry, ...others] = await entries();
    assert.deepEqual(others, []);
    assert.deepEqual([entry.actor_id, entry.action, entry.target_id, entry.before, entry.after], [admin.id, 'subjects.create', made.id, null, state]);
    await stoa.sql('truncate audit_log');
    const after_ = { ...state, category: 'Nature' };
    await leavesOne(admin, () => api(admin, 'PUT', `/api/subjects/${made.id}`, { category: 'Nature' }), { action: 'subjects.update', ...of(), before: state, after: after_ });
    await stoa.sql('truncate audit_log');
    await leavesOne(admin, () => api(admin, 'DELETE', `/api/subjects/${made.id}`), { action: 'subjects.delete', ...of(), before: after_, after: null });
  });

  test('has the end of an account, by its id alone', async () => {
    const person = await stoa.register('Finn Forgotten');
    await stoa.sql('truncate audit_log');
    const remove = () => api(person, 'DELETE', '/api/users/me', { password: person.password });
    await leavesOne(person, remove, { action: 'account.delete', target_kind: 'user', target_id: person.id, before: null, after: null });
    const all = JSON.stringify(await entries());
    for (const word of ['Finn', person.email]) assert.ok(!all.includes(word), all);
  });

  test('has nothing of what was refused or undone', async () => {
    await fresh();
    refused(await api(member, 'DELETE', memberOf(moderator)), 403, 'FORBIDDEN');
    refused(await api(moderator, 'PUT', memberOf(member), { role: 'moderator' }), 403, 'FORBIDDEN');
    // At the end of the transaction, when all has been written.
    await stoa.sql(`
      create function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create constraint trigger fails after insert on audit_log deferrable initially deferred for each row execute function fail();`);
    assert.ok((await api(moderator, 'DELETE', memberOf(member))).status >= 500);
    await stoa.sql('drop trigger fails on audit_log');
    assert.deepEqual(await entries(), []);
    assert.equal((await api(member, 'GET', `/api/rooms/${room.id}/members`)).status, 200, 'still a member');
  });

  test('has no secrets', async () => {
    await fresh();
    const person = await stoa.register('dora');
    await api(person, 'PUT', '/api/auth/password', { currentPassword: person.password, newPassword: 'another long secret' });
    const { code } = (await api(owner, 'POST', `/api/rooms/${room.id}/invites`, {})).body;
    await api(person, 'POST', '/api/rooms/join-by-code', { inviteCode: code });
    await api(owner, 'POST', bans(), { userId: person.id });
    const { body: { ticket } } = await api(person, 'POST', '/api/auth/tickets');
    await api(person, 'POST', '/api/auth/logout-all');
    const all = JSON.stringify(await entries());
    assert.equal((await entries()).length, 3);
    for (const secret of [person.password, 'another long secret', person.email, person.token, person.refreshToken, code, ticket, '$2', kText]) {
      assert.ok(!all.includes(secret), `${secret} in ${all}`);
    }
  });
});

describe('stoa audit', () => {
  let database;
  const env = () => ({ STOA_DATABASE_URL: database, STOA_AUTH_KEYS: `a:${'x'.repeat(32)}` });
  before(async () => { database = await createDatabase(); });
  after(() => dropDatabase(database));

  async function printed(...args) {
    const { code, stdout, stderr } = await runStoa(args, { env: env() });
    assert.equal(code, 0, stderr);
    return stdout.trimEnd().split('\n');
  }
  const entries = () => rows(database, kEntries);

  test('has what the operator did', async () => {
    const [job, dropped, user] = [randomUUID(), randomUUID(), randomUUID()];
    await psql(database, `
      insert into jobs (id, kind, payload, due_at, attempts, parked_at, last_error) select id, 'mail', '{"to": "x@example.org"}', now(), 15, now(), 'token abc'
        from unnest('{${job},${dropped}}'::uuid[]) id;
      insert into users (id, email, full_name) values ('${user}', 'eve@xn--bcher-kva.example', 'Eve');`);
    await printed('jobs', 'retry', job);
    await printed('jobs', 'drop', dropped);
    for (const email of ['eve@xn--bcher-kva.example', 'eve@bücher.example']) await printed('admin', 'promote', email);
    for (let i = 0; i < 2; ++i) await printed('admin', 'demote', 'eve@bücher.example');
    assert.equal(await psql(database, `select role from users where id = '${user}'`), 'learner');
    const [token] = await printed('admin', 'token', '--user', user);
    const all = await entries();
    const due = [all[0].before, all[0].after, all[1].before].map((state) => { const { dueAt } = state; delete state.dueAt; return Date.parse(dueAt); });
    assert.ok(due[0] < due[1], 'made due by the operator');
    const nobody = { actor_kind: 'operator', actor_id: null, session_id: null, address: '', request_id: '', within_kind: null, within_id: null };
    const parked = { kind: 'mail', state: 'parked', attempts: 15 };
    assert.deepEqual(all, [
      { ...nobody, action: 'jobs.retry', target_kind: 'job', target_id: job, before: parked, after: { kind: 'mail', state: 'waiting', attempts: 0 } },
      { ...nobody, action: 'jobs.drop', target_kind: 'job', target_id: dropped, before: parked, after: null },
      { ...nobody, action: 'users.promote', target_kind: 'user', target_id: user, before: { role: 'learner' }, after: { role: 'admin' } },
      { ...nobody, action: 'users.demote', target_kind: 'user', target_id: user, before: { role: 'admin' }, after: { role: 'learner' } },
      { ...nobody, action: 'auth.open_sign_in', target_kind: 'sign_in', target_id: signInOf(token), within_kind: 'user', within_id: user, before: null, after: null },
    ]);
    const failed = await runStoa(['jobs', 'drop', dropped], { env: env() });
    assert.equal(failed.code, 1);
    assert.equal((await entries()).length, 5);
  });

  test('lists it, the newest first, as it is asked for', async () => {
    const [actor, target, within, session] = Array.from({ length: 4 }, () => randomUUID());
    await psql(database, `
      truncate audit_log;
      insert into audit_log (id, at, actor_kind, actor_id, session_id, address, request_id, action, target_kind, target_id, within_kind, within_id, before, after) values
        (gen_random_uuid(), '2026-01-15 10:30:00Z', 'user', '${actor}', '${session}', '192.0.2.7', 'r-1', 'rooms.kick', 'user', '${target}', 'room', '${within}', '{"role": "member"}', null),
        (gen_random_uuid(), '2026-01-15 10:31:00Z', 'operator', null, null, E'a\nb', '', 'jobs.drop', 'job', '${session}', null, null, null, '{"x": 1}');`);
    const kick = `2026-01-15T10:30:00.000Z  rooms.kick  user ${target}  in room ${within}  by user ${actor}  sign-in ${session}  from 192.0.2.7  request r-1  before {"role": "member"}`;
    const drop = `2026-01-15T10:31:00.000Z  jobs.drop  job ${session}  by operator  from a b  after {"x": 1}`;
    assert.deepEqual(await printed('audit', 'list'), [drop, kick]);
    assert.deepEqual(await printed('audit', 'list', '--limit', '1'), [drop, 'and more: --limit shows them']);
    assert.deepEqual(await printed('audit', 'list', '--actor', actor), [kick]);
    for (const id of [target, within]) assert.deepEqual(await printed('audit', 'list', '--target', id), [kick]);
    assert.deepEqual(await printed('audit', 'list', '--since', '2026-01-15T10:31:00Z'), [drop]);
    assert.deepEqual(await printed('audit', 'list', '--actor', target), ['nothing of that kind was done']);
    for (const [column, option] of [['actor_id', '--actor'], ['target_id', '--target']]) {
      const address = `${option.slice(2)}@example.org`;
      await psql(database, `insert into users (id, email, full_name) select ${column}, '${address}', 'Eve' from audit_log where action = 'rooms.kick'`);
      assert.deepEqual(await printed('audit', 'list', option, address.toUpperCase()), [kick]);
    }
    const stranger = await runStoa(['audit', 'list', '--actor', 'x@example.org'], { env: env() });
    assert.equal(`${stranger.code} ${stranger.stderr.trimEnd()}`, '1 stoa: no account has the address x@example.org');
    for (const [option, value, why] of [['--actor', 'x', "a user's address or id"], ['--target', 'x', 'an address or an id'], ['--since', 'noon', 'a time; write it as in 2026-01-15T10:30:00Z']]) {
      const { code, stderr } = await runStoa(['audit', 'list', option, value], { env: env() });
      assert.equal(`${code} ${stderr.trimEnd()}`, `2 stoa: '${value}' is not ${why}`);
    }
  });
});
