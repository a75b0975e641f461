// A forgotten password: a link by mail, good once and for ten minutes, by which its owner gets back in and everybody else is out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';
import { changeEmail, forgot, kJobs, kPublicUrl, login, Mailbox, me, reset, verify } from './mailbox.mjs';

let server, stoa, box;
before(async () => {
  server = await MailServer.start();
  stoa = await startStoa({
    config: {
      server: { public_url: `${kPublicUrl}/` }, mail: server.config(), jobs: kJobs, codes: { min_wait: '0ms', per_target: 100 },
      auth: { login_attempts: 5, login_wait: '10m', session_cache_ttl: '1h' },
    },
  });
  box = new Mailbox(server, stoa);
});
after(async () => {
  await stoa?.stop();
  await server?.stop();
});

const kNew = 'another long secret';
const asked = async (email, nth = 1) => {
  assert.equal((await forgot(stoa, email)).status, 202);
  return box.token('reset_password', email, nth);
};

test('a link sets a new password, ends all sign-ins and signs nobody in', async () => {
  const ada = await stoa.register('ada');
  const sockets = [await stoa.connect(ada.token), await stoa.connect((await login(stoa, ada.email, ada.password)).body.accessToken)];
  const token = await asked(ada.email);
  assert.equal((await login(stoa, ada.email, ada.password)).status, 200, 'the old password is good until then');

  const answer = await reset(stoa, token);
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.body).sort(), ['deviceToken', 'email']);
  assert.equal(answer.body.email, ada.email);
  for (const socket of sockets) assert.equal((await socket.closed).code, 4401);
  refused(await me(stoa, ada), 401, 'INVALID_TOKEN');
  refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: ada.refreshToken } }), 401, 'INVALID_TOKEN');
  refused(await login(stoa, ada.email, ada.password), 401, 'INVALID_CREDENTIALS');
  const entry = await login(stoa, ada.email, kNew, { deviceToken: answer.body.deviceToken });
  assert.equal(entry.status, 200);
  assert.equal(entry.body.user.isVerified, true, 'who read the mail has the address');

  await box.mail('password_changed', ada.email);
  const entries = await stoa.rows(`select action, actor_id, session_id, address, before, after from audit_log where target_id = '${ada.id}'`);
  assert.deepEqual(entries, [{ action: 'recovery.reset_password', actor_id: ada.id, session_id: null, address: '127.0.0.1', before: null, after: null }]);
});

test('a device that was known before is none any more, and the one that set the password is', async () => {
  const ada = await stoa.register('devices');
  const answer = await reset(stoa, await asked(ada.email));
  const guess = (deviceToken) => login(stoa, ada.email, 'not the password', { deviceToken });
  for (let i = 0; i < 5; i++) refused(await guess(ada.deviceToken), 401, 'INVALID_CREDENTIALS');
  // These counted for the account, as a stranger's do.
  refused(await login(stoa, ada.email, kNew), 429, 'RATE_LIMITED');
  refused(await login(stoa, ada.email, kNew, { deviceToken: ada.deviceToken }), 429, 'RATE_LIMITED');
  assert.equal((await login(stoa, ada.email, kNew, { deviceToken: answer.body.deviceToken })).status, 200);
});

test('a link is good once, also for ten who come at once', async () => {
  const { email } = await stoa.register('once');
  const token = await asked(email);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => reset(stoa, token, `${kNew} ${i}`)));
  const done = answers.filter(({ status }) => status === 200);
  assert.equal(done.length, 1);
  for (const answer of answers.filter((a) => a !== done[0])) refused(answer, 410, 'CODE_EXPIRED');
  refused(await reset(stoa, token), 410, 'CODE_EXPIRED');
  assert.equal((await login(stoa, email, `${kNew} ${answers.indexOf(done[0])}`)).status, 200);
  await box.settled();
  assert.equal(box.mails('password_changed', email).length, 1);
});

test('a link is good for ten minutes, and until the next', async () => {
  const { email, password } = await stoa.register('late');
  const first = await asked(email);
  const second = await asked(email, 2);
  refused(await reset(stoa, first), 410, 'CODE_EXPIRED');
  await box.age('9 minutes');
  await box.age('1 minute');
  refused(await reset(stoa, second), 410, 'CODE_EXPIRED');
  const third = await asked(email, 3);
  await box.age('9 minutes');
  assert.equal((await login(stoa, email, password)).status, 200);
  assert.equal((await reset(stoa, third)).status, 200);
});

test('a password that is refused spends nothing', async () => {
  const { email } = await stoa.register('weak');
  const token = await asked(email);
  for (const password of ['short', 'password1', email, email.split('@')[0].toUpperCase()]) {
    const { details } = refused(await reset(stoa, token, password), 422, 'VALIDATION_ERROR', password);
    assert.deepEqual(details.validationErrors.map(({ path }) => path), [['password']]);
  }
  assert.equal((await reset(stoa, token)).status, 200);
});

test('a link of another purpose sets no password, and is good for its own afterwards', async () => {
  const { email } = await stoa.register('purpose');
  const verification = await box.token('verify_email', email);
  const token = await asked(email);
  refused(await reset(stoa, verification), 410, 'CODE_EXPIRED');
  refused(await verify(stoa, token), 410, 'CODE_EXPIRED');
  assert.equal((await verify(stoa, verification)).status, 200);
  assert.equal((await reset(stoa, token)).status, 200);
});

test('whoever registered with a stranger\'s address leaves no second factor there', async () => {
  const squatter = await stoa.register('squatted');
  await turnOn(stoa, squatter);
  assert.equal((await reset(stoa, await asked(squatter.email))).status, 200);
  const entry = await login(stoa, squatter.email, kNew);
  assert.ok(entry.body.accessToken, 'the owner is let in');

  // Its owner is known now, and what he turns on stays.
  await turnOn(stoa, { ...squatter, token: entry.body.accessToken });
  assert.equal((await reset(stoa, await asked(squatter.email, 2), 'yet another secret')).status, 200);
  assert.ok((await login(stoa, squatter.email, 'yet another secret')).body.challenge);
});

test('whoever changes the password keeps nobody from a link in the mailbox', async () => {
  const ada = await stoa.register('hijacked');
  const link = await asked(ada.email);
  const body = { currentPassword: ada.password, newPassword: kNew };
  assert.equal((await stoa.api('PUT', '/api/auth/password', { token: ada.token, body })).status, 204);
  assert.equal((await reset(stoa, link, 'the owner has it back')).status, 200);
  refused(await me(stoa, ada), 401, 'INVALID_TOKEN');
});

test('a mail to an address asks for nothing of what links to set a password have', async () => {
  const stranger = await stoa.register('stranger');
  const ada = await stoa.register('shared');
  await box.mail('verify_email', ada.email);
  await stoa.sql(`insert into code_sends (target, at) select lower('${ada.email}'), now() - i * interval '1 second' from generate_series(1, 100) i`);
  assert.equal((await changeEmail(stoa, stranger, ada.email)).status, 202);
  await box.settled();
  assert.equal(box.mails('address_taken', ada.email).length, 0, 'of those it has had too many');
  assert.equal((await reset(stoa, await asked(ada.email))).status, 200);
});

test('no link from before a change of address or of the account is good', async () => {
  const ada = await stoa.register('changing');
  const old = await asked(ada.email);
  const wanted = `new-${ada.email}`;
  assert.equal((await changeEmail(stoa, ada, wanted)).status, 202);
  assert.equal((await verify(stoa, await box.token('change_email', wanted))).status, 200);
  refused(await reset(stoa, old), 410, 'CODE_EXPIRED');

  const third = await asked(wanted);
  await stoa.sql(`update users set email = 'by-hand-${ada.email}' where id = '${ada.id}'`);
  refused(await reset(stoa, third), 410, 'CODE_EXPIRED');
  await stoa.sql(`update users set email = '${wanted}', suspended_at = now() where id = '${ada.id}'`);
  refused(await reset(stoa, third), 403, 'ACCOUNT_SUSPENDED');
  await stoa.sql(`update users set suspended_at = null, deleted_at = now() where id = '${ada.id}'`);
  refused(await reset(stoa, third), 410, 'CODE_EXPIRED');
  await stoa.sql(`delete from users where id = '${ada.id}'`);
  refused(await reset(stoa, third), 410, 'CODE_EXPIRED');
});

test('a new password is told to a confirmed address, however it came', async () => {
  const [known, unknown] = [await stoa.register('known'), await stoa.register('unknown')];
  assert.equal((await verify(stoa, await box.token('verify_email', known.email))).status, 200);
  for (const { token, password } of [unknown, known]) {
    const body = { currentPassword: password, newPassword: kNew };
    assert.equal((await stoa.api('PUT', '/api/auth/password', { token, body })).status, 204);
  }
  await box.mail('password_changed', known.email);
  await box.settled();
  assert.equal(box.mails('password_changed', unknown.email).length, 0, 'a stranger may have registered with it');
});

test('the owner of an account that is being guessed at gets in by the mail', async () => {
  const ada = await stoa.register('guessed');
  const guess = () => login(stoa, ada.email, 'not the password');
  const lockOut = () => until(async () => (await guess()).status === 429, { what: 'the account to slow down' });
  await lockOut();
  refused(await login(stoa, ada.email, ada.password), 429, 'RATE_LIMITED');

  const { body: { deviceToken } } = await reset(stoa, await asked(ada.email));
  await lockOut();
  refused(await login(stoa, ada.email, kNew), 429, 'RATE_LIMITED');
  assert.equal((await login(stoa, ada.email, kNew, { deviceToken })).status, 200);
});

test('wrong passwords from before a reset slow nobody down after it', async () => {
  const { email } = await stoa.register('forgiven');
  await until(async () => (await login(stoa, email, 'not the password')).status === 429, { what: 'the account to slow down' });
  await reset(stoa, await asked(email));
  assert.equal((await login(stoa, email, kNew)).status, 200);
});

test('the operator prints a link, which confirms no address', async () => {
  const { email, id } = await stoa.register('handed');
  const run = (address) => runStoa(['admin', 'reset-password', address], { env: { STOA_DATABASE_URL: stoa.database, STOA_SERVER_PUBLIC_URL: kPublicUrl } });
  const { code, stdout, stderr } = await run(email.toUpperCase());
  assert.equal(code, 0, stderr);
  const [, token] = new RegExp(`^${kPublicUrl}/#/reset\\?token=([\\w-]{43}\\.[\\w-]{22})\n$`).exec(stdout);
  assert.match(stderr, /^good once, until \d{4}-/);
  await box.age('50 minutes'); // it is carried by a person
  const { status, body } = await reset(stoa, token);
  assert.equal(status, 200);
  assert.equal(body.email, email);
  assert.equal((await login(stoa, email, kNew)).body.user.isVerified, false);
  const entries = await stoa.rows(`select action, actor_kind, before, after from audit_log where target_id = '${id}' order by at, id`);
  assert.deepEqual(entries, [
    { action: 'recovery.make_reset_link', actor_kind: 'operator', before: null, after: null },
    { action: 'recovery.reset_password', actor_kind: 'user', before: null, after: null },
  ]);

  // Who asks for a link by mail to that address, which anybody may, ends no link of the operator's; a new password does.
  const printed = async () => /token=(\S+)/.exec((await run(email)).stdout)[1];
  const beside = await printed();
  const mailed = await asked(email);
  assert.equal((await reset(stoa, beside)).status, 200);
  refused(await reset(stoa, mailed), 410, 'CODE_EXPIRED');
  const ended = await printed();
  assert.equal((await reset(stoa, await asked(email, 2))).status, 200);
  refused(await reset(stoa, ended), 410, 'CODE_EXPIRED');

  const unknown = await run('nobody@example.org');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no account has the address nobody@example\.org/);
  await stoa.sql(`update users set suspended_at = now() where id = '${id}'`);
  const suspended = await run(email);
  assert.equal(suspended.code, 1);
  assert.match(suspended.stderr, /suspended/);
});
