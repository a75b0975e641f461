// What an operator does to second factors, and what becomes of them when keys change.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { challengeOf, codeOf, forgetSteps, login, show, signInWithBoth, turnOn } from '../../support/totp.mjs';

const key = (kid) => ({ kid, secret: randomBytes(32).toString('hex') });
const [kOld, kNew] = [key('old'), key('new')];

let stoa;
before(async () => { stoa = await startStoa({ config: { auth: { sealing_keys: [kOld] }, jobs: { poll: '50ms' } } }); });
after(() => stoa.stop());

const operator = (...command) => runStoa(['admin', ...command, '--config', stoa.configFile]);
const keyOf = ({ id }) => stoa.sql(`select sealed_kid from user_totp where user_id = '${id}'`);
const sealingKeys = (...keys) => ({ auth: { sealing_keys: keys } });

test('an operator takes it away from who has lost everything', async () => {
  const ada = await stoa.register('ada');
  const { secret } = await turnOn(stoa, ada);
  const challenge = await challengeOf(stoa, ada);
  for (let i = 0; i < 2; i++) assert.equal((await operator('reset-totp', ada.email.toUpperCase())).code, 0);
  refused(await show(stoa, { challenge, code: codeOf(secret) }), 410, 'CODE_EXPIRED');
  assert.ok((await login(stoa, ada)).body.accessToken);
  assert.equal(await stoa.sql(`select count(*) from recovery_codes where user_id = '${ada.id}'`), '0');
  const entries = await stoa.rows(`select action, actor_kind, before, after from audit_log where target_id = '${ada.id}' and actor_kind = 'operator'`);
  assert.deepEqual(entries, [{ action: 'second_factor.reset', actor_kind: 'operator', before: { on: true }, after: { on: false } }]);
});

test('an address or an id that nobody has is said', async () => {
  const nobody = '00000000-0000-7000-8000-000000000000';
  for (const [who, said] of [['nobody@example.org', 'no account has the address nobody@example.org'], [nobody, `no account has the id ${nobody}`]]) {
    assert.deepEqual(await operator('reset-totp', who), { code: 1, stdout: '', stderr: `stoa: ${said}\n` });
  }
});

test('an account may be named by its id; its owner is told by mail where his address is confirmed', async () => {
  const [max, moe] = await Promise.all(['max', 'moe'].map((name) => stoa.register(name)));
  await stoa.sql(`update users set is_verified = true, locale = 'de' where id = '${max.id}'`);
  for (const one of [max, moe]) await turnOn(stoa, one);
  assert.equal((await operator('reset-totp', max.id)).stdout, 'done: its password alone signs in; its owner is told by mail\n');
  assert.equal((await operator('reset-totp', moe.id)).stdout, 'done: its password alone signs in; its owner is not told, since no mail can be sent there\n');
  assert.equal((await operator('reset-totp', max.id)).stdout, 'that account has no second factor: nothing was changed\n');
  const mail = await stoa.log(({ event, to, text }) => event === 'mail' && to === max.email && /hat den zweiten Faktor Ihres Kontos entfernt/.test(text));
  assert.match(mail.subject, /hat keinen zweiten Faktor mehr$/);
});

test('a new key seals, the old one still opens, and each sign-in seals anew', async () => {
  const [ben, cas, dan] = await Promise.all(['ben', 'cas', 'dan'].map((name) => stoa.register(name)));
  const given = await Promise.all([ben, cas].map((person) => turnOn(stoa, person)));
  assert.equal(await keyOf(ben), 'old');
  await stoa.restart(sealingKeys(kNew, kOld));

  await signInWithBoth(stoa, ben, given[0].secret);
  assert.equal(await keyOf(ben), 'new');
  assert.equal(await keyOf(cas), 'old');
  await signInWithBoth(stoa, ben, given[0].secret);
  assert.equal((await show(stoa, { challenge: await challengeOf(stoa, ben), recoveryCode: given[0].recoveryCodes[0] })).status, 200);
  await turnOn(stoa, { ...dan, token: (await login(stoa, dan)).body.accessToken });
  assert.equal(await keyOf(dan), 'new');

  const { code, stdout } = await operator('reseal');
  assert.equal(code, 0);
  assert.equal(stdout, 'sealed anew: 1\n');
  assert.equal(await keyOf(cas), 'new');
  assert.equal((await operator('reseal')).stdout, 'sealed anew: 0\n');
  await stoa.restart(sealingKeys(kNew));
  await signInWithBoth(stoa, cas, given[1].secret);
  assert.equal((await show(stoa, { challenge: await challengeOf(stoa, cas), recoveryCode: given[1].recoveryCodes[0] })).status, 200);
});

test('the server does not start without a key that one is sealed with, nor is it sealed anew', async () => {
  const eve = await stoa.register('eve');
  const { secret } = await turnOn(stoa, eve);
  const kid = await keyOf(eve);
  const another = { env: { STOA_AUTH_SEALING_KEYS: `another:${'x'.repeat(32)}` } };
  const start = await runStoa(['serve', '--config', stoa.configFile], another);
  assert.equal(start.code, 1);
  const { reason } = JSON.parse(start.stdout.split('\n').find((line) => line.includes('"failed"')));
  assert.match(reason, new RegExp(`^auth\\.sealing_keys: .* sealed with the key "${kid}", which is not there.*stoa admin reseal`));
  const { code, stderr } = await runStoa(['admin', 'reseal', '--config', stoa.configFile], another);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`sealed with the key "${kid}", which is not configured`));
  await signInWithBoth(stoa, eve, secret);
});

test('a key that is one of auth.keys is named as such where there are sealing keys', async () => {
  const [token, sealing] = [key('of-tokens'), key('of-seals')];
  const other = await startStoa({ config: { auth: { keys: [token] } } });
  try {
    await turnOn(other, await other.register('nia'));
    const failure = async (env) => {
      const { code, stdout } = await runStoa(['serve', '--config', other.configFile], { env });
      assert.equal(code, 1);
      return JSON.parse(stdout.split('\n').find((line) => line.includes('"failed"'))).reason;
    };
    assert.match(await failure({ STOA_AUTH_SEALING_KEYS: `${sealing.kid}:${sealing.secret}` }),
      /^auth\.sealing_keys: .* key "of-tokens", which stands in auth\.keys: .*Add it, with its secret, to auth\.sealing_keys behind the first/);
    assert.match(await failure({ STOA_AUTH_KEYS: `${sealing.kid}:${sealing.secret}` }), /^auth\.keys: .* key "of-tokens", which is not there/);
  } finally {
    await other.stop();
  }
});

test('a key that has the name of the right one does not stand in for it', async () => {
  const kim = await stoa.register('kim');
  await turnOn(stoa, kim);
  const kid = await keyOf(kim);
  const start = await runStoa(['serve', '--config', stoa.configFile], { env: { STOA_AUTH_SEALING_KEYS: `${kid}:${'x'.repeat(32)}` } });
  assert.equal(start.code, 1);
  const { reason } = JSON.parse(start.stdout.split('\n').find((line) => line.includes('"failed"')));
  assert.match(reason, new RegExp(`sealed with the key "${kid}", that has another secret now`));
});

test('a server that sends no mails warns of none when one is turned on', async () => {
  const off = await startStoa({ config: { listener: [{ address: '0.0.0.0', port: 0 }] } });
  try {
    const lea = await off.register('lea');
    await off.sql(`update users set is_verified = true where id = '${lea.id}'`);
    await turnOn(off, lea);
    assert.deepEqual(off.logs().filter(({ event }) => event === 'mail_off'), []);
  } finally {
    await off.stop();
  }
});

test('a secret that belongs to somebody else opens nothing', async () => {
  const [fay, gus] = await Promise.all(['fay', 'gus'].map((name) => stoa.register(name)));
  const [, { secret }] = await Promise.all([turnOn(stoa, fay), turnOn(stoa, gus)]);
  await stoa.sql(`update user_totp set sealed_secret = (select sealed_secret from user_totp where user_id = '${gus.id}') where user_id = '${fay.id}'`);
  await forgetSteps(stoa, fay);
  refused(await show(stoa, { challenge: await challengeOf(stoa, fay), code: codeOf(secret) }), 500, 'INTERNAL');
  await stoa.sql(`delete from user_totp where user_id = '${fay.id}'`);
});

test('without a key that outlives the server nobody gets one', async () => {
  const brief = await startStoa({ config: { auth: { keys: [] } } });
  try {
    const { token } = await brief.register('hal');
    refused(await brief.api('POST', '/api/auth/totp', { token }), 503, 'SECOND_FACTOR_OFF');
  } finally {
    await brief.stop();
  }
});

test('a token of the operator\'s is a sign-in with one factor', async () => {
  const ida = await stoa.register('ida');
  await turnOn(stoa, ida);
  const { code, stdout } = await operator('token', '--user', ida.id);
  assert.equal(code, 0);
  const token = stdout.trim();
  assert.equal((await stoa.api('GET', '/api/auth/totp', { token })).body.enabled, true);
  refused(await stoa.api('DELETE', '/api/auth/totp', { token }), 403, 'SIGN_IN_AGAIN');
});
