// What people change of their accounts and of what is theirs, when the answer to the commit is lost: nobody knows whether it was
// done, the client asks again, and then it is as if it had been done once. Sign-ins that it ends are over before that.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';

import { createDatabase, dropDatabase } from '../../support/database.mjs';
import { DatabaseProxy } from '../../support/database_proxy.mjs';
import { form, kForm, kPng } from '../../support/forms.mjs';
import { Connections, makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { codeOf, signInWithBoth, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';
import { codeFrom, newNumber, removeOwn, setOwn } from '../phone/phones.mjs';
import { changeEmail, forgot, kPublicUrl, login, Mailbox, reset, verify } from '../recovery/mailbox.mjs';

// The answer to the commit of a transaction that says `text`, or to the statement that does, is lost; then it is asked again.
async function inDoubt(proxy, text, request, { isOneStatement = false } = {}) {
  if (isOneStatement) proxy.loseAnswerTo(text);
  else proxy.loseCommitOf(text);
  refused(await request(), 503, 'DB_UNAVAILABLE');
  assert.ok(proxy.hasLost);
  return () => until(async () => {
    const answer = await request();
    return answer.status !== 503 && answer;
  }, { what: 'the database to be back' });
}

describe('writes in doubt', () => {
  let database, proxy, mail, stoa, box, connections;
  let ada, ben;

  before(async () => {
    database = await createDatabase();
    [proxy, mail] = await Promise.all([DatabaseProxy.start(database), MailServer.start()]);
    stoa = await startStoa({
      database: proxy.url,
      config: {
        server: { public_url: kPublicUrl }, mail: mail.config(), jobs: { poll: '50ms' }, files: { sweep_interval: '100ms' },
        codes: { min_wait: '0ms' }, auth: { session_cache_ttl: '10m' },
      },
    });
    box = new Mailbox(mail, stoa);
    connections = new Connections(stoa);
  });
  after(async () => {
    await stoa?.stop();
    await mail.stop();
    await proxy.stop();
    await dropDatabase(database);
  });
  afterEach(() => connections.end());

  const ask = (person, method, target, body, headers) => stoa.api(method, `/api/${target}`, { token: person.token, body, headers });
  const me = async (person) => (await ask(person, 'GET', 'users/me')).body;
  async function fresh() {
    [ada, ben] = await people(stoa, 'Ada', 'Ben');
    await box.settled();
  }

  const count = async (table, column, { id }) => Number(await stoa.sql(`select count(*) from ${table} where ${column} = '${id}'`));
  const isOut = async (person, socket) => {
    assert.equal((await socket.closed).code, 4401);
    refused(await ask(person, 'GET', 'users/me'), 401, 'INVALID_TOKEN');
  };

  test('deleting the account: its sockets are closed, and it is gone', async () => {
    await fresh();
    const socket = await connections.open(ada);
    const retry = await inDoubt(proxy, ada.id, () => ask(ada, 'DELETE', 'users/me', { password: ada.password }));
    await isOut(ada, socket);
    refused(await retry(), 401, 'INVALID_TOKEN');
    refused(await login(stoa, ada.email, ada.password), 401, 'INVALID_CREDENTIALS');
    refused(await ask(ben, 'GET', `users/${ada.id}`), 404, 'NOT_FOUND');
  });

  test('making an account: it is there once, and its owner signs in', async () => {
    const email = `${randomUUID()}@example.org`;
    const registration = { email, password: 'a long enough secret', fullName: 'Cleo' };
    const retry = await inDoubt(proxy, email, () => stoa.api('POST', '/api/auth/register', { body: registration }));
    refused(await retry(), 409, 'EMAIL_TAKEN');
    assert.equal((await login(stoa, email, registration.password)).status, 200);
    assert.equal(await stoa.sql(`select count(*) from users where email = '${email}'`), '1');
  });

  test('signing in: the second answer is good', async () => {
    await fresh();
    const retry = await inDoubt(proxy, ada.id, () => login(stoa, ada.email, ada.password));
    const { body } = await retry();
    assert.equal((await ask({ token: body.accessToken }, 'GET', 'users/me')).body.id, ada.id);
  });

  test('a ticket for a socket: the second one opens it', async () => {
    await fresh();
    const { body: { ticket }, text } = await (await inDoubt(proxy, ada.id, () => ask(ada, 'POST', 'auth/tickets')))();
    assert.ok(ticket, text);
    const socket = await stoa.connect(undefined, { query: { ticket } });
    assert.equal(await count('socket_tickets', 'user_id', ada), 1, 'the first is there unused');
    socket.close();
  });

  test('a new password by a link: all sign-ins are over, the link is used up, and the password is good', async () => {
    await fresh();
    const socket = await connections.open(ada);
    await forgot(stoa, ada.email);
    const token = await box.token('reset_password', ada.email);
    const retry = await inDoubt(proxy, ada.id, () => reset(stoa, token, 'another long secret'));
    await isOut(ada, socket);
    assert.equal((await retry()).status >= 400, true);
    assert.equal((await login(stoa, ada.email, 'another long secret')).status, 200);
    refused(await login(stoa, ada.email, ada.password), 401, 'INVALID_CREDENTIALS');
  });

  test('confirming an address', async () => {
    await fresh();
    const token = await box.token('verify_email', ada.email);
    const retry = await inDoubt(proxy, ada.id, () => verify(stoa, token));
    await retry();
    assert.equal((await me(ada)).isVerified, true);
  });

  test('asking for another address: the link of the last mail is good', async () => {
    await fresh();
    const wanted = `new.${ada.email}`;
    const retry = await inDoubt(proxy, wanted, () => changeEmail(stoa, ada, wanted));
    assert.equal((await retry()).status, 202);
    await box.settled();
    const token = await box.token('change_email', wanted, box.mails('change_email', wanted).length);
    assert.equal((await verify(stoa, token)).status, 200);
    assert.equal((await me(ada)).email, wanted);
  });

  test('turning the second factor on: it is on, and its owner can have recovery codes', async () => {
    await fresh();
    const { body: { secret } } = await ask(ada, 'POST', 'auth/totp');
    const retry = await inDoubt(proxy, ada.id, () => ask(ada, 'POST', 'auth/totp/confirm', { code: codeOf(secret) }));
    await retry();
    const both = await signInWithBoth(stoa, ada, secret);
    const { status, body, text } = await ask(both, 'POST', 'auth/totp/recovery-codes');
    assert.equal(status, 200, text);
    assert.equal(body.recoveryCodes.length, 10);
    assert.equal(await count('recovery_codes', 'user_id', ada), 10);
  });

  test('new recovery codes: those that were told last are good', async () => {
    await fresh();
    const { secret } = await turnOn(stoa, ada);
    const both = await signInWithBoth(stoa, ada, secret);
    const retry = await inDoubt(proxy, ada.id, () => ask(both, 'POST', 'auth/totp/recovery-codes'));
    const { body: { recoveryCodes: [code] } } = await retry();
    const { body: { challenge } } = await login(stoa, ada.email, ada.password);
    assert.equal((await stoa.api('POST', '/api/auth/login/totp', { body: { challenge, recoveryCode: code } })).status, 200);
    assert.equal(await count('recovery_codes', 'user_id', ada), 9);
  });

  test('turning the second factor off', async () => {
    await fresh();
    const { secret } = await turnOn(stoa, ada);
    const both = await signInWithBoth(stoa, ada, secret);
    const retry = await inDoubt(proxy, ada.id, () => ask(both, 'DELETE', 'auth/totp'));
    await retry();
    assert.ok((await login(stoa, ada.email, ada.password)).body.accessToken);
  });

  test('a picture, and none any more: no file is left', async () => {
    await fresh();
    const picture = form({}, { name: 'me.png', type: 'image/png', bytes: kPng });
    const shown = await (await inDoubt(proxy, '/api/avatars/', () => ask(ada, 'POST', 'users/me/avatar', picture, kForm)))();
    assert.equal(shown.status, 200, shown.text);
    assert.equal((await me(ada)).profilePictureUrl, shown.body.profilePictureUrl);
    // Two squares of each picture. Rows go last, and what removes them says the owner as well.
    const files = () => count('files', 'owner_id', ada);
    await until(async () => await files() === 2, { what: 'the first picture to go' });
    await (await inDoubt(proxy, ada.id, () => ask(ada, 'DELETE', 'users/me/avatar')))();
    assert.equal((await me(ada)).profilePictureUrl, null);
    await until(async () => await files() === 0, { what: 'the second picture to go' });
  });

  test('a logo of a room, and none any more: no file is left', async () => {
    await fresh();
    const room = await makeRoom(stoa, ada);
    const picture = form({}, { name: 'us.png', type: 'image/png', bytes: kPng });
    const shown = await (await inDoubt(proxy, '/api/logos/', () => ask(ada, 'POST', `rooms/${room.id}/logo`, picture, kForm)))();
    assert.equal(shown.status, 200, shown.text);
    assert.equal((await ask(ben, 'GET', `rooms/${room.id}`)).body.logoUrl, shown.body.logoUrl);
    const files = () => count('files', 'room_id', room);
    await until(async () => await files() === 2, { what: 'the first logo to go' });
    await (await inDoubt(proxy, room.id, () => ask(ada, 'DELETE', `rooms/${room.id}/logo`)))();
    assert.equal((await ask(ben, 'GET', `rooms/${room.id}`)).body.logoUrl, null);
    await until(async () => await files() === 0, { what: 'the second logo to go' });
  });

  test('skills are those that were set', async () => {
    await fresh();
    const name = `Go of ${ada.id.slice(-12)}`;
    const retry = await inDoubt(proxy, ada.id, () => ask(ada, 'PUT', 'users/me/skills', { skills: [{ name, level: 'beginner', wanted: true }] }));
    assert.deepEqual((await retry()).body.items.map((skill) => skill.name), [name]);
    assert.deepEqual((await ask(ada, 'GET', 'users/me/skills')).body.items.map((skill) => skill.name), [name]);
  });

  test('blocking, and no longer', async () => {
    await fresh();
    const retry = await inDoubt(proxy, ben.id, () => ask(ada, 'POST', `users/${ben.id}/block`));
    assert.ok((await retry()).status < 300);
    assert.equal(await count('user_blocks', 'user_id', ada), 1);
    await (await inDoubt(proxy, 'delete from user_blocks', () => ask(ada, 'DELETE', `users/${ben.id}/block`), { isOneStatement: true }))();
    assert.equal(await count('user_blocks', 'user_id', ada), 0);
  });

  test('a note that is changed, and deleted with its file', async () => {
    await fresh();
    const { body: note } = await ask(ada, 'POST', 'notes', form({ title: 'First' }), kForm);
    const change = { title: 'Second' };
    assert.equal((await (await inDoubt(proxy, note.id, () => ask(ada, 'PUT', `notes/${note.id}`, change)))()).body.title, 'Second');
    assert.equal((await ask(ada, 'GET', `notes/${note.id}`)).body.title, 'Second');
    const retry = await inDoubt(proxy, note.id, () => ask(ada, 'DELETE', `notes/${note.id}`));
    refused(await retry(), 404, 'NOT_FOUND');
    assert.equal(await count('files', "state = 'ready' and owner_id", ada), 0);
  });

  test('a file of one\'s own that is deleted', async () => {
    await fresh();
    const room = await makeRoom(stoa, ada);
    const { body: file } = await ask(ada, 'POST', 'files', form({ kind: 'message', roomId: room.id }), kForm);
    const retry = await inDoubt(proxy, 'held_by is null and state not in', () => ask(ada, 'DELETE', `files/${file.id}`), { isOneStatement: true });
    refused(await retry(), 404, 'NOT_FOUND');
    refused(await ask(ada, 'GET', `files/${file.id}`), 404, 'NOT_FOUND');
  });

  test('a ban and a mute that are lifted, and a person who joins again', async () => {
    await fresh();
    const room = await makeRoom(stoa, ada, { members: [ben] });
    const inRoom = (person, method, target, body) => ask(person, method, `rooms/${room.id}/${target}`, body);
    const until_then = new Date(Date.now() + 3_600_000).toISOString();
    assert.equal((await inRoom(ada, 'PUT', `members/${ben.id}`, { mutedUntil: until_then })).status, 200);
    await (await inDoubt(proxy, ben.id, () => inRoom(ada, 'DELETE', `mutes/${ben.id}`)))();
    const socket = await connections.enter(ben, room);
    await socket.request('send_message', { roomId: room.id, content: 'heard again' });
    await inRoom(ada, 'POST', 'bans', { userId: ben.id });
    await (await inDoubt(proxy, ben.id, () => inRoom(ada, 'DELETE', `bans/${ben.id}`)))();
    const joined = await (await inDoubt(proxy, ben.id, () => inRoom(ben, 'POST', 'join')))();
    assert.ok(joined.status < 300, joined.text);
    assert.equal((await ask(ben, 'GET', `rooms/${room.id}`)).body.memberCount, 2);
  });

  test('how far somebody has read: the others hear of it', async () => {
    await fresh();
    const room = await makeRoom(stoa, ada, { members: [ben] });
    const [reader, observer] = await Promise.all([ada, ben].map((person) => connections.enter(person, room)));
    const { seq } = await observer.request('send_message', { roomId: room.id, content: 'read me' });
    const retry = await inDoubt(proxy, room.id, () => ask(ada, 'POST', `messages/room/${room.id}/read`, { seq }));
    assert.deepEqual(await observer.next('read_updated'), { roomId: room.id, userId: ada.id, seq });
    assert.deepEqual((await retry()).body, { roomId: room.id, userId: ada.id, seq });
    await reader.request('mark_read', { roomId: room.id, seq });
    await reader.request('send_message', { roomId: room.id, content: 'a barrier' });
    await observer.next('new_message', (m) => m.content === 'a barrier');
    assert.equal(observer.all('read_updated').length, 1, 'and once');
  });
});

// Codes are in the log of a server that this machine alone reaches.
test('a number in doubt, and none any more', async () => {
  const database = await createDatabase();
  const proxy = await DatabaseProxy.start(database);
  const stoa = await startStoa({ database: proxy.url, config: { jobs: { poll: '50ms' }, phone: { provider: 'log' } } });
  try {
    const cid = await stoa.register('cid');
    const number = async () => (await stoa.api('GET', '/api/auth/phone', { token: cid.token })).body.phone;
    await stoa.sql(`update users set is_verified = true where id = '${cid.id}'`);
    const phone = newNumber();
    await stoa.api('POST', '/api/auth/phone/send-otp', { body: { phone } });
    const code = await codeFrom(stoa, phone);
    await (await inDoubt(proxy, cid.id, () => setOwn(stoa, cid, phone, code)))();
    assert.equal(await number(), phone);
    await (await inDoubt(proxy, cid.id, () => removeOwn(stoa, cid)))();
    assert.equal(await number(), null);
  } finally {
    await stoa.stop();
    await proxy.stop();
    await dropDatabase(database);
  }
});
