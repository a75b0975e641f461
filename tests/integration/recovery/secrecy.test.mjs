// What nobody learns from recovery: whether there is an account, and what stands in a link.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { hold } from '../../support/database.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { forgot, kJobs, kPublicUrl, login, Mailbox, reset, verify } from './mailbox.mjs';

let server, stoa, box;
const world = {};
before(async () => {
  server = await MailServer.start();
  world.stoa = stoa = await startStoa({ config: { server: { public_url: kPublicUrl }, mail: server.config(), jobs: kJobs, codes: { min_wait: '0ms' } } });
  box = new Mailbox(server, stoa);
  world.ada = await stoa.register('ada');
  world.stale = await stoa.register('stale');
  await stoa.sql(`update auth_sessions set created_at = now() - interval '1 hour' where user_id = '${world.stale.id}'; update users set is_verified = true where id = '${world.stale.id}'`);
});
after(async () => {
  await stoa?.stop();
  await server?.stop();
});

const kToken = 'A'.repeat(43);
const gone = { who: ['stranger', 'ada'], answer: '410 CODE_EXPIRED', hasNot: ['@', kToken] };
scenarios(world, [
  { ...gone, name: 'a link that never was sets no password', request: 'POST /api/auth/password/reset', body: { token: kToken, password: 'another long secret' } },
  { ...gone, name: 'a link that never was confirms no address', request: 'POST /api/auth/email/verify', body: { token: kToken } },
  { ...gone, name: 'nor does one with letters that none has', request: 'POST /api/auth/email/verify', body: { token: "' or '1'='1" } },
  { name: 'a link without its token', who: 'stranger', request: 'POST /api/auth/email/verify', body: {}, answer: '422 VALIDATION_ERROR', invalid: ['token'] },
  { name: 'a new password without one', who: 'stranger', request: 'POST /api/auth/password/reset', body: { token: kToken }, answer: '422 VALIDATION_ERROR', invalid: ['password'] },
  { name: 'a new password that is too short', who: 'stranger', request: 'POST /api/auth/password/reset', body: { token: kToken, password: 'short' }, answer: '422 VALIDATION_ERROR', invalid: ['password'] },
  { name: 'a link is for posting', who: 'stranger', request: `GET /api/auth/email/verify?token=${kToken}`, answer: '405 METHOD_NOT_ALLOWED' },
  { name: 'a password is forgotten by anybody', who: ['stranger', 'ada', 'stale'], request: 'POST /api/auth/password/forgot', body: { email: 'nobody@example.org' }, answer: 202, keys: [], hasNot: '@' },
  { name: 'what is no address', who: 'stranger', request: 'POST /api/auth/password/forgot', body: { email: 'nobody' }, answer: '422 VALIDATION_ERROR', invalid: ['email'] },
  { name: 'a link is sent again to who is signed in', who: 'stranger', request: 'POST /api/auth/email/resend', answer: '401 UNAUTHORIZED' },
  { name: 'and not to who has confirmed the address', who: 'stale', request: 'POST /api/auth/email/resend', answer: '409 ALREADY_VERIFIED' },
  { name: 'a link is sent again', who: 'ada', request: 'POST /api/auth/email/resend', answer: 202, keys: ['sent'] },
  { name: 'an address is changed by who is signed in', who: 'stranger', request: 'PUT /api/auth/email', body: { email: 'x@example.org' }, answer: '401 UNAUTHORIZED' },
  { name: 'and that since a moment ago', who: 'stale', request: 'PUT /api/auth/email', body: { email: 'x@example.org' }, answer: '403 SIGN_IN_AGAIN' },
  { name: 'an address that is none', who: 'ada', request: 'PUT /api/auth/email', body: { email: 'x' }, answer: '422 VALIDATION_ERROR', invalid: ['email'] },
]);

test('known, unknown, suspended and deleted addresses are answered alike, and so is one that has had its share', async () => {
  const [known, suspended, deleted, often] = await Promise.all(['known', 'suspended', 'deleted', 'often'].map((name) => stoa.register(name)));
  await stoa.sql(`update users set suspended_at = now() where id = '${suspended.id}'; update users set deleted_at = now() where id = '${deleted.id}'`);
  for (let i = 0; i < 6; i++) {
    await forgot(stoa, often.email);
    await box.settled();
  }
  const told = ({ status, headers, text }) => ({ status, text, headers: [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name)) });
  const [first, ...others] = await Promise.all([known.email, known.email.toUpperCase(), suspended.email, deleted.email, often.email, 'nobody@example.org'].map(async (email) => told(await forgot(stoa, email))));
  assert.equal(first.status, 202);
  for (const other of others) assert.deepEqual(other, first);
  await box.settled();
  assert.ok(box.mails('reset_password', known.email).length >= 1);
  for (const { email } of [suspended, deleted, { email: 'nobody@example.org' }]) assert.equal(box.mails('reset_password', email).length, 0);
});

test('nothing is looked up before the answer', async () => {
  const { email } = await stoa.register('locked');
  await box.settled();
  const release = await hold(stoa.database, 'lock table users in access exclusive mode; lock table one_time_codes in access exclusive mode; lock table code_sends in access exclusive mode');
  try {
    for (const address of [email, 'nobody@example.org']) assert.equal((await forgot(stoa, address)).status, 202);
  } finally {
    await release();
  }
  await box.mail('reset_password', email);
});

test('a token stands in its mail and nowhere else', async () => {
  const { email } = await stoa.register('secret');
  await box.settled();
  server.holds = true;
  await forgot(stoa, email);
  await until(() => server.held.length > 0, { what: 'a mail on its way' });
  const dumped = async () => {
    const tables = await Promise.all(['jobs', 'one_time_codes', 'code_sends', 'audit_log'].map((table) => stoa.rows(`select row_to_json(t)::text as row from ${table} t`)));
    const listed = await runStoa(['jobs', 'list'], { env: { STOA_DATABASE_URL: stoa.database } });
    return JSON.stringify([tables, listed, stoa.logs()]);
  };
  const waiting = await dumped();
  assert.match(waiting, /send_mail/);
  server.holds = false;
  server.hangUp();
  const token = await box.token('reset_password', email);
  assert.ok(!waiting.includes(token), 'a token stands in what waits');
  const answer = await reset(stoa, token);
  assert.ok(!answer.text.includes(token) && !JSON.stringify([...answer.headers]).includes(token));
  assert.ok(!(await dumped()).includes(token), 'a token stands in what is left');
});

test('looking at a link changes nothing', async () => {
  const { email } = await stoa.register('scanned');
  await forgot(stoa, email);
  const [verification, token] = [await box.token('verify_email', email), await box.token('reset_password', email)];
  for (const target of ['/', `/?token=${token}`, `/api/auth/password/reset?token=${token}`, `/api/auth/email/verify?token=${verification}`]) {
    for (const method of ['HEAD', 'GET', 'OPTIONS']) await fetch(stoa.url + target, { method });
  }
  const page = await fetch(`${stoa.url}/`);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  assert.equal((await verify(stoa, verification)).status, 200);
  assert.equal((await reset(stoa, token)).status, 200);
});

test('links go where the configuration says, whatever a request says', async () => {
  const { email } = await stoa.register('host');
  const headers = { host: 'evil.example', origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', 'content-type': 'application/json' };
  const status = await new Promise((resolve, reject) => {
    http.request(`${stoa.url}/api/auth/password/forgot`, { method: 'POST', headers }, (answer) => resolve(answer.resume().statusCode)).on('error', reject).end(JSON.stringify({ email }));
  });
  assert.equal(status, 202);
  const { raw } = await box.mail('reset_password', email);
  assert.doesNotMatch(raw, /evil/);
  await box.token('reset_password', email);
});

test('a server that sends no mails says so, and people register there as ever', async () => {
  const off = await startStoa({ config: { listener: [{ address: '0.0.0.0', port: 0 }] } });
  try {
    const ada = await off.register('ada');
    refused(await forgot(off, ada.email), 503, 'MAIL_OFF');
    refused(await off.api('POST', '/api/auth/email/resend', { token: ada.token }), 503, 'MAIL_OFF');
    refused(await off.api('PUT', '/api/auth/email', { token: ada.token, body: { email: 'x@example.org' } }), 503, 'MAIL_OFF');
    assert.deepEqual(await off.rows('select target from one_time_codes'), []);
    const { stdout } = await runStoa(['admin', 'reset-password', ada.email], { env: { STOA_DATABASE_URL: off.database } });
    const [, token] = /token=([\w.-]{66})/.exec(stdout);
    assert.equal((await reset(off, token)).status, 200);
    assert.equal((await login(off, ada.email, 'another long secret')).status, 200);
  } finally {
    await off.stop();
  }
});
