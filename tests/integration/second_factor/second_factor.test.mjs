// An account gets a second factor, is signed in to with it, and loses it again.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { challengeOf, codeOf, forgetSteps, login, presentStep, show, signInWithBoth, turnOn, wrongCode } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';

const kTokens = ['accessToken', 'deviceToken', 'expiresIn', 'refreshToken', 'user'];

let stoa;
let mails;
const world = {};
before(async () => {
  mails = await MailServer.start();
  world.stoa = stoa = await startStoa({ config: {
    server: { name: 'Café 1+1' }, auth: { session_cache_ttl: '0ms' }, jobs: { poll: '50ms' }, mail: mails.config(),
  } });
});
after(async () => {
  await stoa.stop();
  await mails.stop();
});

const as = ({ token }, method, path, body) => stoa.api(method, `/api/auth/totp${path}`, { token, body });
const standing = async (person) => (await as(person, 'GET', '')).body;
// As if that sign-in had been begun so long ago.
const age = ({ token }, interval) => stoa.sql("update auth_sessions set created_at = created_at - :'interval'::interval where id = :'id'",
  { id: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sid, interval });
// An address that nobody has confirmed gets no mail.
const confirm = ({ id }) => stoa.sql(`update users set is_verified = true where id = '${id}'`);
const mailTo = (person, words) => until(() => mails.mails.find((mail) => mail.envelope.to.includes(person.email) && words.test(mail.subject)), { what: 'a mail' });

describe('turning it on', () => {
  test('takes a code of the app that has the secret, and gives ten recovery codes', async () => {
    const ada = await stoa.register('ada');
    await confirm(ada);
    const enrolment = await as(ada, 'POST', '');
    assert.equal(enrolment.status, 201);
    assert.match(enrolment.headers.get('cache-control'), /no-store/);
    const { secret, uri } = enrolment.body;
    assert.match(secret, /^[A-Z2-7]{32}$/); // 160 bits
    assert.equal(uri, `otpauth://totp/Caf%C3%A9%201%2B1:${encodeURIComponent(ada.email)}?secret=${secret}`
      + '&issuer=Caf%C3%A9%201%2B1&algorithm=SHA1&digits=6&period=30');
    assert.deepEqual(await standing(ada), { enabled: false, recoveryCodesLeft: 0 });
    assert.ok((await login(stoa, ada)).body.accessToken, 'it is asked for before a code has come');

    refused(await as(ada, 'POST', '/confirm', { code: wrongCode(secret) }), 422, 'WRONG_CODE');
    assert.deepEqual(await standing(ada), { enabled: false, recoveryCodesLeft: 0 });
    const code = codeOf(secret);
    const { status, body } = await as(ada, 'POST', '/confirm', { code: `${code.slice(0, 3)} ${code.slice(3)}` });
    assert.equal(status, 200);
    assert.equal(new Set(body.recoveryCodes).size, 10);
    for (const one of body.recoveryCodes) assert.match(one, /^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
    assert.deepEqual(await standing(ada), { enabled: true, recoveryCodesLeft: 10 });
    refused(await as(ada, 'POST', '/confirm', { code: codeOf(secret, presentStep() + 1) }), 409, 'SECOND_FACTOR_ON');
    refused(await as(ada, 'POST', ''), 409, 'SECOND_FACTOR_ON');
    await mailTo(ada, /has a second factor/);
  });

  test('takes the last secret that was asked for', async () => {
    const bob = await stoa.register('bob');
    const { body: first } = await as(bob, 'POST', '');
    const { body: second } = await as(bob, 'POST', '');
    refused(await as(bob, 'POST', '/confirm', { code: codeOf(first.secret) }), 422, 'WRONG_CODE');
    assert.equal((await as(bob, 'POST', '/confirm', { code: codeOf(second.secret) })).status, 200);
  });

  test('signs all other devices out, and not this one', async () => {
    const eve = await stoa.register('eve');
    const { body: other } = await login(stoa, eve);
    const [here, there] = [await stoa.connect(eve.token), await stoa.connect(other.accessToken)];
    await turnOn(stoa, eve);
    assert.equal((await there.closed).code, 4401);
    refused(await stoa.api('GET', '/api/users/me', { token: other.accessToken }), 401, 'INVALID_TOKEN');
    refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: other.refreshToken } }), 401, 'INVALID_TOKEN');
    assert.equal((await stoa.api('GET', '/api/users/me', { token: eve.token })).status, 200);
    assert.equal((await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: eve.refreshToken } })).status, 200);
    await here.close();
  });

  test('is once, of twenty at once', async () => {
    const many = await stoa.register('many');
    const { body: { secret } } = await as(many, 'POST', '');
    const answers = await Promise.all(Array.from({ length: 20 }, () => as(many, 'POST', '/confirm', { code: codeOf(secret) })));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    assert.deepEqual(await standing(many), { enabled: true, recoveryCodesLeft: 10 });
  });

  test('leaves no secret in the database, and no code', async () => {
    const secretive = await stoa.register('secretive');
    const { secret, recoveryCodes } = await turnOn(stoa, secretive);
    const rows = await stoa.sql('select * from user_totp; select * from recovery_codes; select * from audit_log; select * from jobs');
    const plain = recoveryCodes.flatMap((code) => [code, code.replaceAll('-', '')]);
    for (const text of [secret, ...plain]) assert.ok(!rows.includes(text), text);
    assert.ok(!JSON.stringify(stoa.logs()).includes(secret));
  });
});

describe('signing in', () => {
  let ada;
  let secret;
  let recoveryCodes;
  before(async () => {
    ada = await stoa.register('ada');
    await confirm(ada);
    ({ secret, recoveryCodes } = await turnOn(stoa, ada));
  });

  test('by the password ends in a challenge and gives no token', async () => {
    const { status, body, text } = await login(stoa, ada);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['challenge', 'challengeExpiresIn']);
    assert.equal(body.challengeExpiresIn, 300);
    assert.ok(!text.includes(ada.id));
    refused(await stoa.api('GET', '/api/users/me', { token: body.challenge }), 401, 'INVALID_TOKEN');
    await assert.rejects(stoa.connect(body.challenge));
    assert.ok(!(await stoa.sql('select * from one_time_codes')).includes(body.challenge));
  });

  test('takes the code behind it, and is listed', async () => {
    const challenge = await challengeOf(stoa, ada);
    await forgetSteps(stoa, ada);
    const { status, body } = await show(stoa, { challenge, code: codeOf(secret) });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), kTokens);
    assert.deepEqual(body.user, { ...ada.user, isVerified: true });
    assert.equal((await stoa.api('GET', '/api/users/me', { token: body.accessToken })).status, 200);
    assert.equal((await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: body.refreshToken } })).status, 200);
    await stoa.log((l) => l.event === 'auth_challenged' && l.userId === ada.id);
    await stoa.log((l) => l.event === 'auth_login' && l.userId === ada.id);
    refused(await show(stoa, { challenge, code: codeOf(secret, presentStep() + 1) }), 410, 'CODE_EXPIRED');
  });

  test('takes a recovery code once, however it is typed, and tells its owner', async () => {
    const [first, second] = recoveryCodes;
    const challenge = await challengeOf(stoa, ada);
    assert.equal((await show(stoa, { challenge, recoveryCode: first.toLowerCase().replaceAll('-', ' ') })).status, 200);
    assert.match((await mailTo(ada, /recovery code/)).text, /Codes left: 9/);
    refused(await show(stoa, { challenge: await challengeOf(stoa, ada), recoveryCode: first }), 401, 'INVALID_CODE');
    const challenges = await Promise.all(Array.from({ length: 8 }, () => challengeOf(stoa, ada)));
    const answers = await Promise.all(challenges.map((one) => show(stoa, { challenge: one, recoveryCode: second })));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    assert.equal((await standing(ada)).recoveryCodesLeft, 8);
  });

  test('takes a challenge for five minutes', async () => {
    const challenge = await challengeOf(stoa, ada);
    await forgetSteps(stoa, ada);
    await stoa.sql(`update one_time_codes set expires_at = expires_at - interval '5 minutes' where user_id = '${ada.id}' and spent_at is null`);
    refused(await show(stoa, { challenge, code: codeOf(secret) }), 410, 'CODE_EXPIRED');
  });

  test('behind a new password begins anew', async () => {
    const pat = await stoa.register('pat');
    const { recoveryCodes: codes } = await turnOn(stoa, pat);
    const challenge = await challengeOf(stoa, pat);
    const newPassword = 'another long enough secret';
    assert.equal((await stoa.api('PUT', '/api/auth/password', { token: pat.token, body: { currentPassword: pat.password, newPassword } })).status, 204);
    refused(await show(stoa, { challenge, recoveryCode: codes[0] }), 410, 'CODE_EXPIRED');
    assert.equal((await show(stoa, { challenge: await challengeOf(stoa, { ...pat, password: newPassword }), recoveryCode: codes[0] })).status, 200);
  });

  test('of a suspended account is refused behind the challenge too', async () => {
    const sam = await stoa.register('sam');
    const { secret: his } = await turnOn(stoa, sam);
    const challenge = await challengeOf(stoa, sam);
    await forgetSteps(stoa, sam);
    await stoa.sql(`update users set suspended_at = now() where id = '${sam.id}'`);
    refused(await show(stoa, { challenge, code: codeOf(his) }), 403, 'ACCOUNT_SUSPENDED');
    await stoa.sql(`update users set suspended_at = null where id = '${sam.id}'`);
    assert.equal((await show(stoa, { challenge, code: codeOf(his) })).status, 200, 'what was refused has spent the code');
  });
});

describe('turning it off', () => {
  test('and new recovery codes want a fresh sign-in with both factors', async () => {
    const tom = await stoa.register('tom');
    await confirm(tom);
    const { secret, recoveryCodes: old } = await turnOn(stoa, tom);
    // The sign-in that turned it on has shown the password alone.
    refused(await as(tom, 'DELETE', ''), 403, 'SIGN_IN_AGAIN');
    refused(await as(tom, 'POST', '/recovery-codes'), 403, 'SIGN_IN_AGAIN');

    const both = await signInWithBoth(stoa, tom, secret);
    await age(both, '11 minutes');
    refused(await as(both, 'DELETE', ''), 403, 'SIGN_IN_AGAIN');
    refused(await as(both, 'POST', '/recovery-codes'), 403, 'SIGN_IN_AGAIN');

    const fresh = await signInWithBoth(stoa, tom, secret);
    const { status, body } = await as(fresh, 'POST', '/recovery-codes');
    assert.equal(status, 200);
    assert.equal(body.recoveryCodes.length, 10);
    refused(await show(stoa, { challenge: await challengeOf(stoa, tom), recoveryCode: old[0] }), 401, 'INVALID_CODE');
    assert.equal((await show(stoa, { challenge: await challengeOf(stoa, tom), recoveryCode: body.recoveryCodes[0] })).status, 200);

    const pending = await challengeOf(stoa, tom);
    assert.equal((await as(fresh, 'DELETE', '')).status, 204);
    assert.deepEqual(await standing(fresh), { enabled: false, recoveryCodesLeft: 0 });
    await mailTo(tom, /no second factor any more/);
    refused(await show(stoa, { challenge: pending, recoveryCode: body.recoveryCodes[1] }), 410, 'CODE_EXPIRED');
    assert.ok((await login(stoa, tom)).body.accessToken);
    refused(await as(fresh, 'DELETE', ''), 404, 'NOT_FOUND');
    const acts = await stoa.rows(`select action from audit_log where actor_id = '${tom.id}' order by at, id`);
    assert.deepEqual(acts.map((row) => row.action), ['second_factor.turn_on', 'second_factor.renew_recovery_codes', 'second_factor.turn_off']);
  });

  test('is not what a sign-in does that is no longer fresh: it turns none on either', async () => {
    const old = await stoa.register('old');
    await age(old, '11 minutes');
    refused(await as(old, 'POST', ''), 403, 'SIGN_IN_AGAIN');
    const { body: { refreshToken } } = await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: old.refreshToken } });
    assert.ok(refreshToken);
    refused(await as(old, 'POST', ''), 403, 'SIGN_IN_AGAIN');
    const { body } = await login(stoa, old);
    assert.equal((await as({ token: body.accessToken }, 'POST', '')).status, 201);
  });
});

describe('its routes', () => {
  before(async () => {
    world.nobody = await stoa.register('nobody'); // without a second factor
    world.waiting = await stoa.register('waiting');
    world.waitingSecret = (await as(world.waiting, 'POST', '')).body.secret;
    world.on = await stoa.register('on');
    world.secret = (await turnOn(stoa, world.on)).secret;
    world.challenge = await challengeOf(stoa, world.on);
  });

  const challenged = (more) => ({ challenge }) => ({ challenge, ...more });
  scenarios(world, [
    ...[['GET', ''], ['POST', ''], ['POST', '/confirm'], ['POST', '/recovery-codes'], ['DELETE', '']].map(([method, path]) => (
      { name: 'is for those who are signed in', who: 'stranger', request: `${method} /api/auth/totp${path}`, answer: '401 UNAUTHORIZED' })),
    { name: 'says of an account without one', who: 'nobody', request: 'GET /api/auth/totp', answer: 200, keys: ['enabled', 'recoveryCodesLeft'], has: { enabled: false } },
    { name: 'does not show the secret again', who: 'waiting', request: 'GET /api/auth/totp', answer: 200, has: { enabled: false }, hasNot: ['otpauth', 'secret'] },
    { name: 'cannot confirm what was not begun', who: 'nobody', request: 'POST /api/auth/totp/confirm', body: { code: '123456' }, answer: '404 NOT_FOUND' },
    { name: 'wants a code', who: 'waiting', request: 'POST /api/auth/totp/confirm', body: {}, answer: '422 VALIDATION_ERROR', invalid: ['code'] },
    { name: 'wants a code that is text', who: 'waiting', request: 'POST /api/auth/totp/confirm', body: { code: 123456 }, answer: '422 VALIDATION_ERROR', invalid: ['code'] },
    ...['12345', '1234567', '１２３４５６', 'abcdef', '-1', '0x12AB'].map((code) => (
      { name: 'takes no code of another form', who: 'waiting', request: 'POST /api/auth/totp/confirm', body: { code }, answer: '422 WRONG_CODE' })),
    { name: 'has no recovery codes without one', who: ['nobody', 'waiting'], request: 'POST /api/auth/totp/recovery-codes', answer: '404 NOT_FOUND' },
    { name: 'cannot be turned off where it is not on', who: ['nobody', 'waiting'], request: 'DELETE /api/auth/totp', answer: '404 NOT_FOUND' },
    { name: 'is turned on once', who: 'on', request: 'POST /api/auth/totp', answer: '409 SECOND_FACTOR_ON', hasNot: ['otpauth'] },
  ]);
  scenarios(world, { who: 'stranger', request: 'POST /api/auth/login/totp' }, [
    { name: 'wants a challenge', body: { code: '123456' }, answer: '422 VALIDATION_ERROR', invalid: ['challenge'] },
    { name: 'takes no made-up challenge', body: ({ secret }) => ({ challenge: 'x'.repeat(43), code: codeOf(secret) }), answer: '410 CODE_EXPIRED' },
    { name: 'takes no hash of one', body: ({ secret }) => ({ challenge: randomUUID(), code: codeOf(secret) }), answer: '410 CODE_EXPIRED' },
    { name: 'wants a code', body: challenged({}), answer: '422 VALIDATION_ERROR', invalid: ['code'] },
    { name: 'wants one code', body: challenged({ code: '123456', recoveryCode: 'ABCD' }), answer: '422 VALIDATION_ERROR', invalid: ['recoveryCode'] },
    { name: 'wants a code that is text', body: challenged({ code: { $ne: '' } }), answer: '422 VALIDATION_ERROR', invalid: ['code'] },
    { name: 'takes no wrong code', body: ({ challenge, secret }) => ({ challenge, code: wrongCode(secret) }), answer: '401 INVALID_CODE', hasNot: ['accessToken'] },
    { name: 'takes no wrong recovery code', body: challenged({ recoveryCode: 'ABCD-EFGH-IJKL-MNOP' }), answer: '401 INVALID_CODE', hasNot: ['accessToken'] },
    { name: 'takes no code of the app as a recovery code', body: ({ challenge, secret }) => ({ challenge, recoveryCode: codeOf(secret, presentStep() + 1) }), answer: '401 INVALID_CODE' },
    { name: 'takes no code of another person', body: ({ challenge, waitingSecret }) => ({ challenge, code: codeOf(waitingSecret) }), answer: '401 INVALID_CODE' },
    { name: 'takes the right one', body: ({ challenge, secret }) => ({ challenge, code: codeOf(secret, presentStep() + 1) }), answer: 200, keys: kTokens, hasNot: ['challenge'] },
  ]);
});

test('what became of codes stands in the metrics', async () => {
  for (const [purpose, result] of [['totp', 'right'], ['totp', 'wrong'], ['totp', 'expired'], ['recovery_code', 'right'], ['recovery_code', 'wrong']]) {
    assert.ok(await stoa.metric('stoa_codes_total', { purpose, result }) > 0, `${purpose} ${result}`);
  }
});
