// What refused tokens count for, and what new accounts do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Issuer, kInside, makeKey, seconds } from '../../support/issuers.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';

let issuer, stoa;
before(async () => {
  issuer = await Issuer.start();
  stoa = await startStoa({
    config: {
      oidc: { provider: [issuer.config({ direct: true })] },
      fetch: kInside,
      server: { trusted_proxies: ['127.0.0.1'] },
      rate_limits: { enabled: true, sensitive: { requests: 3, window: '15m' }, registration: { requests: 4, window: '15m' }, identity: { requests: 5, window: '15m' } },
    },
  });
});
after(async () => {
  await stoa?.stop();
  await issuer?.stop();
});

const from = (address) => ({ 'x-forwarded-for': address });
const post = (idToken, address) => stoa.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken }, headers: from(address) });

test('refused tokens count for their address, and keep no right one out', async () => {
  const forged = () => issuer.token({}, { key: { ...makeKey(), kid: issuer.key.kid } });
  for (let i = 0; i < 3; ++i) refused(await post(forged(), '192.0.2.1'), 401, 'INVALID_TOKEN');
  const over = await post(forged(), '192.0.2.1');
  refused(over, 429, 'RATE_LIMITED');
  assert.ok(Number(over.headers.get('retry-after')) > 0);
  refused(await post(forged(), '192.0.2.2'), 401, 'INVALID_TOKEN');
  const sub = 'neighbour';
  assert.equal((await post(issuer.token({ sub }), '192.0.2.1')).status, 200);
  const direct = await stoa.api('GET', '/api/users/me', { token: issuer.token({ sub }), headers: from('192.0.2.1') });
  assert.equal(direct.status, 200);
});

test('one person at an issuer signs in so often, by one token or several, and others go on', async () => {
  const sub = 'restless';
  const token = issuer.token({ sub });
  const first = await post(token, '192.0.2.20');
  for (let i = 1; i < 4; ++i) assert.equal((await post(token, `192.0.2.2${i}`)).status, 200);
  const own = issuer.token({ sub, iat: seconds(-1) });
  const direct = (bearer) => stoa.api('GET', '/api/users/me', { token: bearer });
  assert.equal((await direct(own)).status, 200);
  const over = await post(token, '192.0.2.20');
  refused(over, 429, 'RATE_LIMITED');
  assert.ok(Number(over.headers.get('retry-after')) > 0);
  refused(await direct(issuer.token({ sub, iat: seconds(-2) })), 429, 'RATE_LIMITED');
  assert.equal((await direct(own)).status, 200, 'a token that is known is not counted again');
  assert.equal(await stoa.sql(`select count(*) from auth_sessions where user_id = '${first.body.user.id}'`), '5');
  assert.equal((await post(issuer.token({ sub: 'neighbour' }), '192.0.2.20')).status, 200);
});

test('accounts that were made count as registrations do, whichever way; who has one is not counted', async () => {
  const subs = ['a', 'b', 'c', 'd'];
  for (const sub of subs) assert.equal((await post(issuer.token({ sub }), '192.0.2.9')).status, 200);
  refused(await post(issuer.token({ sub: 'e' }), '192.0.2.9'), 429, 'RATE_LIMITED');
  refused(await stoa.api('GET', '/api/users/me', { token: issuer.token({ sub: 'f' }), headers: from('192.0.2.9') }), 429, 'RATE_LIMITED');
  for (const sub of subs) assert.equal((await post(issuer.token({ sub }), '192.0.2.9')).status, 200);
  assert.equal((await post(issuer.token({ sub: 'e' }), '192.0.2.10')).status, 200);
});
