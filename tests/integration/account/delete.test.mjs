// Somebody deletes the account: what is the person's is gone, what others need stays without the person.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { ageSignIn, Connections, makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { login, signInWithBoth, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';

describe('an account that is deleted', () => {
  const world = {};
  let stoa;
  let sockets;
  const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
  const remove = (who, password = who.password) => as(who, 'DELETE', '/api/users/me', { password });
  const count = async (table, column, who) => Number(await stoa.sql(`select count(*) from ${table} where ${column} = '${who.id}'`));

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { auth: { session_cache_ttl: '0ms', login_attempts: 3 }, jobs: { poll: '50ms' } } });
    sockets = new Connections(stoa);
    [world.ada, world.old] = await people(stoa, 'Ada', 'Old');
    await ageSignIn(stoa, world.old);
  });
  after(async () => {
    sockets.end();
    await stoa.stop();
  });

  scenarios(world, { request: 'DELETE /api/users/me' }, [
    { name: 'is somebody\'s', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'is one\'s own by a fresh sign-in alone', who: 'old', body: ({ old }) => ({ password: old.password }), answer: '403 SIGN_IN_AGAIN' },
    { name: 'takes the password', who: 'ada', body: {}, answer: '422 VALIDATION_ERROR', invalid: ['password'] },
    { name: 'takes the password, also without a body', who: 'ada', answer: '422 VALIDATION_ERROR', invalid: ['password'] },
    { name: 'takes JSON', who: 'ada', body: '{"password":', answer: '400 INVALID_REQUEST' },
    { name: 'takes the right one', who: 'ada', body: { password: 'not the password' }, answer: '401 INVALID_CREDENTIALS' },
    { name: 'is still there', who: 'ada', request: 'GET /api/users/me', answer: 200 },
  ]);

  test('is not deleted by guesses', async () => {
    const [eve] = await people(stoa, 'Eve');
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push((await remove(eve, `guess ${i}`)).status);
    assert.deepEqual(answers.slice(0, 3), [401, 401, 401]);
    assert.equal(answers.at(-1), 429);
    assert.equal((await as(eve, 'GET', '/api/users/me')).status, 200);
  });

  test('takes the second factor too, where there is one', async () => {
    const [fay] = await people(stoa, 'Fay');
    const { secret } = await turnOn(stoa, fay);
    refused(await remove(fay), 403, 'SIGN_IN_AGAIN');
    const both = await signInWithBoth(stoa, fay, secret);
    assert.equal((await remove({ ...fay, token: both.accessToken })).status, 204);
    assert.equal(await count('user_totp', 'user_id', fay), 0);
    assert.equal((await login(stoa, fay)).status, 401);
  });

  test('leaves nothing of the person, and the address is free', async () => {
    const [gus, other] = await people(stoa, 'Gus Gone', 'Other');
    await as(gus, 'PUT', '/api/users/me', { username: 'gus.gone', bio: 'A life', institution: 'Somewhere', isFindable: true, profilePictureUrl: 'https://example.org/g.png' });
    await stoa.sql(`update users set phone = '+15550123', phone_confirmed_at = now() where id = '${gus.id}'`);
    await as(gus, 'PUT', '/api/users/me/skills', { skills: [{ name: 'Vanishing', level: 'expert', offered: true }] });
    await as(gus, 'POST', `/api/users/${other.id}/block`);
    await as(other, 'POST', `/api/users/${gus.id}/block`);
    await stoa.api('POST', '/api/rooms', { token: gus.token, body: { name: 'His own' }, headers: { 'idempotency-key': 'one' } });
    await as(gus, 'POST', '/api/auth/tickets');
    const socket = await sockets.open(gus);

    assert.equal((await remove(gus)).status, 204);
    assert.equal((await socket.closed).code, 4401);
    refused(await as(gus, 'GET', '/api/users/me'), 401, 'INVALID_TOKEN');
    refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: gus.refreshToken } }), 401, 'INVALID_TOKEN');
    refused(await login(stoa, gus), 401, 'INVALID_CREDENTIALS');
    refused(await as(other, 'GET', `/api/users/${gus.id}`), 404, 'NOT_FOUND');
    for (const table of ['auth_sessions', 'socket_tickets', 'one_time_codes', 'user_skills', 'user_subjects', 'user_blocks', 'idempotency_keys']) {
      assert.equal(await count(table, 'user_id', gus), 0, table);
    }
    const { items: [blocked] } = (await as(other, 'GET', '/api/users/me/blocks')).body;
    assert.deepEqual({ ...blocked, createdAt: '' }, { userId: gus.id, fullName: null, username: null, createdAt: '' });
    const [row] = await stoa.rows(`select to_jsonb(u) as it from users u where id = '${gus.id}'`);
    const kept = Object.entries(row.it).filter(([name, value]) => value !== null && value !== false && !/_(at|since)$/.test(name));
    assert.deepEqual(Object.fromEntries(kept), { id: gus.id, full_name: 'Deleted account', role: 'learner', timezone: 'UTC', locale: 'en' });

    const again = await stoa.api('POST', '/api/auth/register', { body: { email: gus.email, password: gus.password, fullName: 'Gus Anew', username: 'gus.gone' } });
    assert.equal(again.status, 201);
    assert.notEqual(again.body.user.id, gus.id);
  });

  test('leaves what was said without its author, and gives rooms to others', async () => {
    const [hal, ina, jon] = await people(stoa, 'Hal Leaves', 'Ina', 'Jon');
    const room = await makeRoom(stoa, hal, { members: [ina, jon] });
    const alone = await makeRoom(stoa, hal);
    const other = await makeRoom(stoa, ina, { members: [hal] });
    await makeRoom(stoa, ina, { banned: [hal] });
    const said = (await as(hal, 'POST', `/api/messages/room/${room.id}`, { content: 'stays' })).body;
    const heard = await sockets.enter(ina, room);
    const left = heard.next('user_left');

    assert.equal((await remove(hal)).status, 204);
    assert.deepEqual(await left, { roomId: room.id, userId: hal.id, reason: 'left' });
    await until(async () => await count('room_members', 'user_id', hal) === 0, { what: 'all rooms to be left' });
    const members = (await as(ina, 'GET', `/api/rooms/${room.id}/members`)).body.items;
    assert.deepEqual(members.map((one) => [one.userId, one.role]), [[ina.id, 'owner'], [jon.id, 'member']]);
    refused(await as(ina, 'GET', `/api/rooms/${alone.id}`), 404, 'NOT_FOUND');
    assert.equal((await as(ina, 'GET', `/api/rooms/${other.id}`)).body.memberCount, 1);
    await until(async () => await count('study_rooms', 'created_by', hal) + await count('room_bans', 'user_id', hal) === 0, { what: 'the rest' });

    const { items: [message], ...page } = (await as(ina, 'GET', `/api/messages/room/${room.id}`)).body;
    assert.deepEqual([message.id, message.content, message.senderId, message.senderName], [said.id, 'stays', null, '']);
    assert.ok(!JSON.stringify([message, page, members]).includes('Hal'));
    const found = (await as(ina, 'GET', '/api/messages/search?q=stays')).body.items;
    assert.deepEqual(found.map((one) => one.senderId), [null]);
  });

  test('is deleted with all or nothing, and what was under way ends a while later', async () => {
    const [kim] = await people(stoa, 'Kim');
    await stoa.sql(`
      create function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create constraint trigger fails after insert on jobs deferrable initially deferred for each row when (new.kind = 'account_left') execute function fail();`);
    assert.ok((await remove(kim)).status >= 500);
    await stoa.sql('drop trigger fails on jobs');
    assert.equal((await as(kim, 'GET', '/api/users/me')).body.fullName, 'Kim');
    assert.equal((await remove(kim)).status, 204);
    // As if a request had been under way.
    const room = await makeRoom(stoa, world.ada);
    await stoa.sql(`insert into room_members (room_id, user_id) values ('${room.id}', '${kim.id}'); update study_rooms set member_count = 2 where id = '${room.id}'`);
    await stoa.sql("update jobs set due_at = now() where kind = 'account_left'");
    await until(async () => await count('room_members', 'user_id', kim) === 0, { what: 'the late room to be left' });
    assert.equal((await as(world.ada, 'GET', `/api/rooms/${room.id}`)).body.memberCount, 1);
  });

  test('is not deleted by a password that was changed meanwhile', async () => {
    const [lea] = await people(stoa, 'Lea');
    // Between the look at the password and the deletion's transaction, which waits for the account's row.
    const release = await hold(stoa.database, `select 1 from users where id = '${lea.id}' for update; update users set password_hash = 'another' where id = '${lea.id}'`);
    const removing = remove(lea);
    await until(async () => await waitingForLocks(stoa.database) > 0, { what: 'the deletion to wait' });
    await release();
    refused(await removing, 409, 'CONFLICT');
    assert.equal(await stoa.sql(`select deleted_at is null from users where id = '${lea.id}'`), 't');
  });

  test('is told to its confirmed address, which nothing else remembers', async () => {
    const server = await MailServer.start();
    const mailing = await startStoa({ config: { mail: server.config(), jobs: { poll: '50ms' } } });
    try {
      const [mia, nil] = await people(mailing, 'Mia', 'Nil');
      await mailing.sql(`update users set is_verified = true, locale = 'de-AT' where id = '${mia.id}'`);
      for (const one of [mia, nil]) assert.equal((await mailing.api('DELETE', '/api/users/me', { token: one.token, body: { password: one.password } })).status, 204);
      const deleted = () => server.mails.filter(({ subject }) => /gelöscht|deleted/.test(subject));
      await until(() => deleted().length > 0, { what: 'the mail' });
      await until(async () => (await mailing.rows("select 1 from jobs where kind = 'send_mail'")).length === 0, { what: 'all mails' });
      assert.deepEqual(deleted().map(({ envelope, subject }) => [envelope.to, subject]), [[[mia.email], 'Ihr Konto bei Stoa wurde gelöscht']]);
      assert.equal(await mailing.sql(`select count(*) from users where email = '${mia.email}'`), '0');
    } finally {
      await mailing.stop();
      await server.stop();
    }
  });
});
