// POST /api/auth/oidc with a real provider from npm, whose address, keys and tokens nobody here has made.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { kInside, RealProvider } from '../../support/issuers.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';

const doors = {};
let stoa;
before(async () => {
  for (const alg of ['RS256', 'ES256', 'PS256', 'EdDSA']) doors[alg] = await RealProvider.start(alg);
  const provider = Object.entries(doors).map(([alg, door]) => door.config({ name: alg.toLowerCase(), algorithms: [alg] }));
  stoa = await startStoa({ config: { oidc: { provider }, fetch: kInside } });
});
after(async () => {
  await stoa?.stop();
  for (const door of Object.values(doors)) await door.stop();
});

const post = (body) => stoa.api('POST', '/api/auth/oidc', { body });
const me = async ({ accessToken }) => (await stoa.api('GET', '/api/users/me', { token: accessToken })).body;

for (const alg of ['RS256', 'ES256', 'PS256', 'EdDSA']) {
  test(`somebody who signs in at a provider that signs with ${alg} is the same person each time`, async () => {
    const email = `ada.${alg.toLowerCase()}@example.org`;
    doors[alg].accounts.set('ada', { email, email_verified: true, name: 'Ada Lovelace' });
    const { idToken, nonce } = await doors[alg].signIn('ada');
    const answer = await post({ provider: alg.toLowerCase(), idToken, nonce });
    assert.equal(answer.status, 200, answer.text);
    const { user } = answer.body;
    assert.deepEqual([user.fullName, user.email, user.isVerified, user.role], ['Ada Lovelace', email, true, 'learner']);
    assert.deepEqual((await me(answer.body)).id, user.id);
    assert.ok(answer.body.refreshToken && answer.body.deviceToken && answer.body.expiresIn);
    const again = await post({ provider: alg.toLowerCase(), ...await doors[alg].signIn('ada') });
    assert.equal(again.body.user.id, user.id);
    doors[alg].accounts.set('ben', {});
    const other = await post({ provider: alg.toLowerCase(), ...await doors[alg].signIn('ben') });
    assert.notEqual(other.body.user.id, user.id);
    assert.equal(other.body.user.email, null);
  });
}

test('a token of one provider is none of another, and the nonce is its own', async () => {
  const { idToken } = await doors.RS256.signIn('ada');
  refused(await post({ provider: 'es256', idToken }), 401, 'INVALID_TOKEN');
  refused(await post({ provider: 'rs256', idToken, nonce: 'another' }), 401, 'INVALID_TOKEN');
  refused(await post({ provider: 'nobody', idToken }), 422, 'VALIDATION_ERROR');
});
