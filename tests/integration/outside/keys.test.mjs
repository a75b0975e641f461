// Where the keys of a provider come from: discovery, their age, rotation, and an issuer that is away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Issuer, kClient, kInside, makeKey } from '../../support/issuers.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

let issuer, stoa;
const keys = { keys_least_age: '1s', keys_most_age: '24h', keys_interval: '100ms' };
const start = (provider, oidc = keys) => startStoa({ config: { oidc: { ...oidc, provider: [provider] }, fetch: kInside } });
before(async () => { issuer = await Issuer.start(); });
after(() => issuer?.stop());

// `says`: how long the answers of the issuer are good by their own word.
async function serving(provider, oidc, work, says = 'public, max-age=3600') {
  issuer.cacheControl = says;
  stoa = await start(provider, oidc);
  try {
    await work();
  } finally {
    await stoa.stop();
  }
}
const post = (idToken) => stoa.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken } });

test('a key that the issuer begins to sign with is fetched by the first token of it', () => serving(issuer.config(), keys, async () => {
  assert.equal((await post(issuer.token())).status, 200);
  const next = makeKey();
  issuer.keys.unshift(next);
  await until(async () => (await post(issuer.token({}, { key: next }))).status === 200);
  assert.equal((await post(issuer.token({}, { key: issuer.keys[1] }))).status, 200);
}));

test('a key that the issuer has withdrawn is good no more once the keys were fetched again', () => serving(issuer.config(), keys, async () => {
  const [old] = issuer.keys;
  assert.equal((await post(issuer.token({}, { key: old }))).status, 200);
  issuer.keys = [makeKey()];
  await until(async () => (await post(issuer.token({}, { key: old }))).status === 401);
}, 'max-age=1'));

test('keys that are known stay good while the issuer is away, and nobody waits for it', () => serving(issuer.config(), keys, async () => {
  assert.equal((await post(issuer.token())).status, 200);
  issuer.status = 500;
  await until(async () => {
    assert.equal((await post(issuer.token())).status, 200);
    return stoa.logs().some(({ event }) => event === 'oidc_keys_failed');
  });
  issuer.hold();
  assert.equal((await post(issuer.token())).status, 200);
  issuer.release();
  issuer.status = 200;
}, 'no-store'));

test('the keys are fetched no sooner than a floor, whatever the issuer says', () => serving(issuer.config(), { keys_least_age: '1h', keys_interval: '100ms' }, async () => {
  await post(issuer.token());
  const asked = issuer.asked.keys;
  for (let i = 0; i < 20; ++i) assert.equal((await post(issuer.token())).status, 200);
  assert.equal(issuer.asked.keys, asked);
}, 'no-cache'));

test('a server whose issuer is away starts, is ready, says so, and lets people in when it is back', async () => {
  const away = await Issuer.start();
  away.status = 503;
  await serving(away.config({ direct: true }), keys, async () => {
    await stoa.log(({ event, provider, reason }) => event === 'oidc_keys_failed' && provider === 'test' && /503/.test(reason));
    assert.equal((await stoa.api('GET', '/readyz')).status, 200);
    const refusal = await post(away.token());
    refused(refusal, 503, 'PROVIDER_UNAVAILABLE');
    assert.ok(Number(refusal.headers.get('retry-after')) > 0);
    refused(await stoa.api('GET', '/api/users/me', { token: away.token() }), 503, 'PROVIDER_UNAVAILABLE');
    assert.ok((await stoa.register('ada')).token, 'the other doors are open');
    away.status = 200;
    await until(async () => (await post(away.token())).status === 200);
  });
  await away.stop();
});

// As these documents and keys are there: Microsoft's keys have no `alg`, and their document, which is that of all tenants, has a
// blank for the tenant.
const kTenant = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
const kMicrosoft = ['microsoft', '/common/v2.0/.well-known/openid-configuration', 'https://login.microsoftonline.com/{tenantid}/v2.0'];
const kApple = ['apple', '/.well-known/openid-configuration', 'https://appleid.apple.com'];

test("Microsoft's keys are found by the document of all tenants", async () => {
  const microsoft = await Issuer.start();
  microsoft.keys = [makeKey('RS256', { alg: undefined })];
  await serving(microsoft.preset(...kMicrosoft, { tenants: [kTenant] }), keys, async () => {
    const token = (tid) => microsoft.token({ iss: `https://login.microsoftonline.com/${tid}/v2.0`, tid, aud: kClient });
    assert.equal((await post(token(kTenant))).status, 200);
    assert.ok(microsoft.asked.document >= 1 && microsoft.asked.keys >= 1);
    refused(await post(token('11111111-2222-4333-8444-555555555555')), 401, 'INVALID_TOKEN');
    refused(await post(microsoft.token({ iss: kMicrosoft[2], tid: '{tenantid}' })), 401, 'INVALID_TOKEN');
  });
  await microsoft.stop();
});

test("Apple's keys are found by its document", async () => {
  const apple = await Issuer.start();
  await serving(apple.preset(...kApple), keys, async () => {
    assert.equal((await post(apple.token({ iss: kApple[2] }))).status, 200);
    assert.ok(apple.asked.document >= 1 && apple.asked.keys >= 1);
    refused(await post(apple.token()), 401, 'INVALID_TOKEN');
  });
  await apple.stop();
});

for (const [[preset, path], issuer, fields] of [
  [kMicrosoft, `https://login.microsoftonline.com/${kTenant}/v2.0`, { tenants: [kTenant] }],
  [kMicrosoft, 'https://sts.windows.net/{tenantid}/', { tenants: [kTenant] }],
  [kApple, 'https://appleid.apple.com/', {}],
]) {
  test(`a document of ${issuer} gives no keys to the preset ${preset}`, async () => {
    const other = await Issuer.start();
    await serving(other.preset(preset, path, issuer, fields), keys, async () => {
      await stoa.log(({ event, reason }) => event === 'oidc_keys_failed' && /another issuer/.test(reason));
    });
    await other.stop();
  });
}

test('a document of another issuer gives no keys', async () => {
  const liar = await Issuer.start();
  liar.documentIssuer = `${liar.issuer}/`;
  await serving(liar.config(), keys, async () => {
    await stoa.log(({ event, reason }) => event === 'oidc_keys_failed' && /another issuer/.test(reason));
    refused(await post(liar.token()), 503, 'PROVIDER_UNAVAILABLE');
  });
  await liar.stop();
});

test('a provider at a private address that nobody has allowed: the log says by which key', async () => {
  const off = await startStoa({ config: { oidc: { ...keys, provider: [issuer.config()] } } });
  try {
    await off.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken: issuer.token() } });
    for (const name of ['oidc_keys_failed', 'fetch_failed']) {
      await off.log(({ event, reason }) => event === name && reason === 'refused (fetch.private_networks does not name it)');
    }
  } finally {
    await off.stop();
  }
});
