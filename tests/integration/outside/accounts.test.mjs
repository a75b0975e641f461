// Whose account an identity leads to, and what becomes of who was there before.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Issuer, kInside, seconds } from '../../support/issuers.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { codeOf, forgetSteps, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';

const world = {};
let issuer, stoa;
before(async () => {
  issuer = await Issuer.start();
  stoa = world.stoa = await startStoa({
    config: { oidc: { provider: [issuer.config(), issuer.config({ name: 'unproven', trust_email: false, client_ids: ['unproven'] })] }, fetch: kInside },
  });
  world.ada = await stoa.register('ada');
});
after(async () => {
  await stoa?.stop();
  await issuer?.stop();
});

const post = (idToken, more = {}) => stoa.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken, ...more } });
const me = (token) => stoa.api('GET', '/api/users/me', { token });
const proven = (person, fields = {}) => issuer.token({ sub: `of ${person.id}`.replaceAll(' ', '-'), email: person.email.toUpperCase(), email_verified: true, ...fields });
const confirm = (person) => stoa.sql(`update users set is_verified = true where id = '${person.id}'`);

describe('the route', () => {
  scenarios(world, { request: 'POST /api/auth/oidc', who: 'stranger' }, [
    { name: 'takes no token that is none', body: { provider: 'test', idToken: 'x' }, answer: '401 INVALID_TOKEN' },
    { name: 'knows its providers', body: { provider: 'other', idToken: 'x' }, answer: '422 VALIDATION_ERROR', invalid: ['provider'] },
    { name: 'takes no token of ours', who: 'ada', body: ({ ada }) => ({ provider: 'test', idToken: ada.token }), answer: '401 INVALID_TOKEN' },
    { name: 'makes an account', body: () => ({ provider: 'test', idToken: issuer.token({ name: 'New' }) }), answer: 200, has: { user: { fullName: 'New', isVerified: false } } },
  ]);
});

test('an account whose address is confirmed on both sides is the same, keeps its password, and the audit log has it', async () => {
  const ada = await stoa.register('both');
  await confirm(ada);
  const answer = await post(proven(ada));
  assert.deepEqual([answer.status, answer.body.user?.id], [200, ada.id], answer.text);
  assert.equal((await me(ada.token)).status, 200, 'sign-ins that were there go on');
  const login = await stoa.api('POST', '/api/auth/login', { body: { email: ada.email, password: ada.password } });
  assert.equal(login.status, 200);
  const entries = await stoa.rows(`select action, actor_id, after from audit_log where target_id = '${ada.id}'`);
  assert.deepEqual(entries, [{ action: 'outside.link', actor_id: ada.id, after: { provider: 'test' } }]);
  await post(proven(ada));
  assert.equal((await stoa.rows(`select 1 from audit_log where target_id = '${ada.id}'`)).length, 1, 'once');
});

test('the owner of the address hears by mail that there is another way in', async () => {
  const server = await MailServer.start();
  const other = await startStoa({ config: { oidc: { provider: [issuer.config()] }, fetch: kInside, mail: server.config(), jobs: { poll: '10ms' } } });
  try {
    const ada = await other.register('mailed');
    await other.sql(`update users set is_verified = true where id = '${ada.id}'`);
    const answer = await other.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken: proven(ada) } });
    assert.equal(answer.body.user?.id, ada.id, answer.text);
    const mail = await until(() => server.mails.find(({ subject }) => /another way in/.test(subject)), { what: 'the mail' });
    assert.match(mail.text, /signs in at "test"/);
    await other.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken: issuer.token({ email: 'new@example.org', email_verified: true }) } });
    await until(async () => (await other.rows("select 1 from jobs where kind = 'send_mail'")).length === 0, { what: 'all mails' });
    assert.deepEqual(server.mails.filter(({ envelope }) => envelope.to.includes('new@example.org')), [], 'a proven address is not asked to confirm itself');
  } finally {
    await other.stop();
    await server.stop();
  }
});

test('who made an account with a stranger\'s address loses it to its owner: password, sign-ins and sockets', async () => {
  const thief = await stoa.register('thief');
  const socket = await stoa.connect(thief.token);
  const answer = await post(proven(thief));
  assert.deepEqual([answer.body.user?.id, answer.body.user?.isVerified], [thief.id, true], answer.text);
  assert.equal((await socket.closed).code, 4401);
  refused(await me(thief.token), 401, 'INVALID_TOKEN');
  refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: thief.refreshToken } }), 401, 'INVALID_TOKEN');
  refused(await stoa.api('POST', '/api/auth/login', { body: { email: thief.email, password: thief.password } }), 401, 'INVALID_CREDENTIALS');
});

test('a second factor that a thief has turned on goes with him, one of a confirmed account is asked for', async () => {
  const [thief, ada] = [await stoa.register('locker'), await stoa.register('careful')];
  await turnOn(stoa, thief);
  assert.ok((await post(proven(thief))).body.accessToken);
  const { secret } = await turnOn(stoa, ada);
  await confirm(ada);
  const half = await post(proven(ada));
  assert.deepEqual(Object.keys(half.body).sort(), ['challenge', 'challengeExpiresIn'], half.text);
  await forgetSteps(stoa, ada);
  const whole = await stoa.api('POST', '/api/auth/login/totp', { body: { challenge: half.body.challenge, code: codeOf(secret) } });
  assert.equal(whole.body.user?.id, ada.id, whole.text);
});

test('an address that is not proven links nothing, and takes nobody\'s', async () => {
  const ada = await stoa.register('unlinked');
  await confirm(ada);
  const answers = [
    await post(proven(ada, { email_verified: false })),
    await post(proven(ada, { sub: 'no-word-of-it', email_verified: undefined })),
    await post(proven(ada, { sub: 'of-a-provider-that-proves-nothing', aud: 'unproven' }), { provider: 'unproven' }),
    await post(proven(ada, { sub: 'of-no-address', email: 'nobody' })),
  ];
  for (const { status, body, text } of answers) {
    assert.equal(status, 200, text);
    assert.notEqual(body.user.id, ada.id);
    assert.equal(body.user.email, null);
  }
});

test('an address that changes hands at the issuer takes no account along', async () => {
  const ada = await stoa.register('mover');
  await confirm(ada);
  await post(proven(ada));
  const elsewhere = `elsewhere.${ada.email}`;
  assert.equal((await post(proven(ada, { email: elsewhere }))).body.user.id, ada.id, 'the identity is what counts');
  assert.equal((await me(ada.token)).body.email, ada.email);
});

test('of many who come at once with one new identity there is one account', async () => {
  const token = issuer.token({ email: 'many@example.org', email_verified: true });
  const answers = await Promise.all(Array.from({ length: 12 }, () => post(token)));
  assert.deepEqual([...new Set(answers.map(({ status, body }) => `${status} ${body.user?.id}`))].length, 1, answers.map(({ text }) => text).join('\n'));
});

test('a suspended account does not sign in, neither by its identity nor by its address', async () => {
  const ada = await stoa.register('suspended');
  await confirm(ada);
  await stoa.sql(`update users set suspended_at = now() where id = '${ada.id}'`);
  refused(await post(proven(ada)), 403, 'ACCOUNT_SUSPENDED');
  await stoa.sql(`update users set suspended_at = null where id = '${ada.id}'`);
  assert.equal((await post(proven(ada))).status, 200);
  await stoa.sql(`update users set suspended_at = now() where id = '${ada.id}'`);
  refused(await post(proven(ada)), 403, 'ACCOUNT_SUSPENDED');
});

test('who signs out everywhere is not signed in again by an older token', async () => {
  const old = issuer.token({ sub: 'restless', iat: seconds(-60) });
  const { body: { accessToken } } = await post(old);
  assert.equal((await stoa.api('POST', '/api/auth/logout-all', { token: accessToken })).status, 204);
  refused(await post(old), 401, 'INVALID_TOKEN');
  assert.equal((await post(issuer.token({ sub: 'restless', iat: seconds(1) }))).status, 200);
});

test('a sign-in is as fresh as that at the issuer', async () => {
  const enrol = (token) => stoa.api('POST', '/api/auth/totp', { token });
  const stale = await post(issuer.token({ sub: 'stale', auth_time: seconds(-3600) }));
  refused(await enrol(stale.body.accessToken), 403, 'SIGN_IN_AGAIN');
  const fresh = await post(issuer.token({ sub: 'stale', auth_time: seconds() }));
  assert.equal((await enrol(fresh.body.accessToken)).status, 201);
});
