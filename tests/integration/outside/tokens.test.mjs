// What an ID token must be: each row is one that differs from a good one in one thing.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Issuer, kClient, kInside, makeKey, seconds, signToken } from '../../support/issuers.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';

let issuer, stoa;
before(async () => {
  issuer = await Issuer.start();
  issuer.keys.push(makeKey('RS256', { alg: undefined }), makeKey('RS256', { use: 'enc' }), makeKey('PS256'), makeKey('ES256'));
  const tenant = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
  stoa = await startStoa({
    config: {
      oidc: {
        provider: [
          issuer.config({ algorithms: ['RS256', 'ES256'], authorized_parties: ['stoa-android'] }),
          { preset: 'google', jwks_url: issuer.jwksUrl, client_ids: [kClient] },
          { preset: 'apple', jwks_url: issuer.jwksUrl, client_ids: [kClient] },
          { preset: 'microsoft', jwks_url: issuer.jwksUrl, client_ids: [kClient], tenants: [tenant] },
          issuer.firebase(),
        ],
      },
      fetch: kInside,
    },
  });
});
after(async () => {
  await stoa?.stop();
  await issuer?.stop();
});

const post = (provider, idToken, more = {}) => stoa.api('POST', '/api/auth/oidc', { body: { provider, idToken, ...more } });

describe('a token is refused', () => {
  const rows = {
    'of another issuer': () => issuer.token({ iss: `${issuer.issuer}/` }),
    'without an issuer': () => issuer.token({ iss: undefined }),
    'for another client': () => issuer.token({ aud: 'somebody-else' }),
    'for nobody': () => issuer.token({ aud: [] }),
    'for several without azp': () => issuer.token({ aud: [kClient, 'other'] }),
    'whose azp is another client': () => issuer.token({ azp: 'other' }),
    'that has expired': () => issuer.token({ iat: seconds(-7200), exp: seconds(-61) }),
    'without an end': () => issuer.token({ exp: undefined }),
    'without a beginning': () => issuer.token({ iat: undefined }),
    'of the future': () => issuer.token({ iat: seconds(90) }),
    'that is not good yet': () => issuer.token({ nbf: seconds(90) }),
    'of a sign-in that is to come': () => issuer.token({ auth_time: seconds(90) }),
    'whose times are no numbers': () => issuer.token({ exp: `${seconds(3600)}` }),
    'without a subject': () => issuer.token({ sub: undefined }),
    'with an empty subject': () => issuer.token({ sub: '' }),
    'with a subject that is too long': () => issuer.token({ sub: 'x'.repeat(256) }),
    'with a subject that is a number': () => issuer.token({ sub: 7 }),
    'whose signature is another key\'s': () => issuer.token({}, { key: { ...makeKey(), kid: issuer.key.kid } }),
    'whose claims were changed': () => {
      const [head, , signature] = issuer.token().split('.');
      return [head, Buffer.from(JSON.stringify(issuer.claims({ sub: 'admin' }))).toString('base64url'), signature].join('.');
    },
    'without a signature': () => `${issuer.token().split('.').slice(0, 2).join('.')}.`,
    'that says alg none': () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${issuer.token().split('.')[1]}.`,
    'signed with the public key as a secret': () => {
      const text = `${Buffer.from(JSON.stringify({ alg: 'HS256', kid: issuer.key.kid })).toString('base64url')}.${issuer.token().split('.')[1]}`;
      return `${text}.${createHmac('sha256', issuer.key.publicKey.export({ type: 'spki', format: 'pem' })).update(text).digest('base64url')}`;
    },
    'of an algorithm that is not listed': () => issuer.token({}, { key: issuer.keys[3] }),
    'of a key that is of another algorithm': () => issuer.token({}, { header: { kid: issuer.keys[4].kid } }),
    'of a key for encryption': () => issuer.token({}, { key: issuer.keys[2] }),
    'of an ES256 signature in DER': () => {
      const raw = issuer.token({}, { key: issuer.keys[4] }).split('.');
      const bytes = Buffer.from(raw[2], 'base64url');
      const number = (part) => (part[0] & 0x80 ? Buffer.concat([Buffer.from([2, 33, 0]), part]) : Buffer.concat([Buffer.from([2, 32]), part]));
      const both = Buffer.concat([number(bytes.subarray(0, 32)), number(bytes.subarray(32))]);
      return [raw[0], raw[1], Buffer.concat([Buffer.from([0x30, both.length]), both]).toString('base64url')].join('.');
    },
    'that asks for an extension': () => issuer.token({}, { header: { crit: ['b64'], b64: true } }),
    'that brings its own key': () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return signToken({ alg: 'RS256', privateKey }, issuer.claims(), { jwk: publicKey.export({ format: 'jwk' }), jku: 'https://example.org/keys' });
    },
    'of three dots': () => `${issuer.token()}.x`,
    'that is no token': () => 'hello',
    'of text that is not JSON': () => `${Buffer.from('{').toString('base64url')}.e30.e30`,
    'of a header that is a list': () => `${Buffer.from('[]').toString('base64url')}.e30.e30`,
    'that names a member twice': () => `${Buffer.from('{"alg":"RS256","alg":"RS256"}').toString('base64url')}.e30.e30`,
    'that is nested deeply': () => issuer.token({ deep: JSON.parse('['.repeat(50) + ']'.repeat(50)) }),
  };
  for (const [name, make] of Object.entries(rows)) {
    test(name, async () => {
      refused(await post('test', make()), 401, 'INVALID_TOKEN');
      assert.equal((await post('test', issuer.token())).status, 200, 'a good one');
    });
  }
  test('and says which fields are bad, all at once', async () => {
    const answer = await stoa.api('POST', '/api/auth/oidc', { body: { provider: 7, idToken: 'x'.repeat(8193), nonce: '' } });
    const paths = refused(answer, 422, 'VALIDATION_ERROR').details.validationErrors.map(({ path }) => path.join('.'));
    assert.deepEqual(paths.sort(), ['idToken', 'nonce', 'provider']);
  });
});

describe('a token is taken', () => {
  const rows = {
    'for several with our azp': () => issuer.token({ aud: [kClient, 'other'], azp: kClient }),
    'whose azp is a client that is listed': () => issuer.token({ azp: 'stoa-android' }),
    'whose clock is a little ahead': () => issuer.token({ iat: seconds(45), nbf: seconds(45) }),
    'that has just expired': () => issuer.token({ iat: seconds(-3600), exp: seconds(-30) }),
    'with times of a fraction': () => issuer.token({ iat: seconds() + 0.5 }),
    'of ES256': () => issuer.token({}, { key: issuer.keys[4] }),
    'of a key without alg, as Microsoft has them': () => issuer.token({}, { key: issuer.keys[1] }),
    'with a name that is no name': () => issuer.token({ name: '\u202e \u0007', nickname: 'a@b.example' }),
  };
  for (const [name, make] of Object.entries(rows)) {
    test(name, async () => {
      const answer = await post('test', make());
      assert.equal(answer.status, 200, answer.text);
    });
  }
});

test('Google writes its name in two ways, which are one', async () => {
  const sub = '1234567890';
  const plain = await post('google', issuer.token({ iss: 'accounts.google.com', sub }));
  const whole = await post('google', issuer.token({ iss: 'https://accounts.google.com', sub }));
  assert.deepEqual([plain.status, whole.status], [200, 200], plain.text);
  assert.equal(plain.body.user.id, whole.body.user.id);
});

test('Apple writes booleans as text, and leaves the name to the client', async () => {
  const token = (fields) => issuer.token({ iss: 'https://appleid.apple.com', ...fields });
  const ada = await post('apple', token({ sub: 'a', email: 'ada@privaterelay.example', email_verified: 'true' }), { fullName: ' Ada Lovelace ' });
  assert.deepEqual([ada.body.user?.email, ada.body.user?.isVerified, ada.body.user?.fullName], ['ada@privaterelay.example', true, 'Ada Lovelace'], ada.text);
  const ben = await post('apple', token({ sub: 'b', email: 'ben@privaterelay.example', email_verified: 'false' }));
  assert.equal(ben.body.user?.email, null, ben.text);
});

test('Microsoft has an issuer a tenant, and its addresses prove nothing', async () => {
  const [mine, other] = ['f47ac10b-58cc-4372-a567-0e02b2c3d479', '11111111-2222-4333-8444-555555555555'];
  const token = (tid, of = tid) => issuer.token({ iss: `https://login.microsoftonline.com/${of}/v2.0`, tid, sub: 'ada', email: 'ceo@contoso.example', email_verified: true });
  const answer = await post('microsoft', token(mine));
  assert.deepEqual([answer.status, answer.body.user?.email], [200, null], answer.text);
  refused(await post('microsoft', token(other)), 401, 'INVALID_TOKEN');
  refused(await post('microsoft', token(mine, other)), 401, 'INVALID_TOKEN');
  refused(await post('microsoft', token(undefined, mine)), 401, 'INVALID_TOKEN');
});

test('Firebase: the project is the client, and who signed in says when', async () => {
  const answer = await post('firebase', issuer.firebaseToken({ name: 'Ada', email: 'ada.fb@example.org' }));
  assert.deepEqual([answer.status, answer.body.user?.fullName, answer.body.user?.email], [200, 'Ada', 'ada.fb@example.org'], answer.text);
  const password = await post('firebase', issuer.firebaseToken({ email: 'ben.fb@example.org', verified: false, provider: 'password' }));
  assert.equal(password.body.user?.email, null, 'an address of a password account is unverified');
  refused(await post('firebase', issuer.firebaseToken({ auth_time: undefined })), 401, 'INVALID_TOKEN');
  refused(await post('firebase', issuer.firebaseToken({ aud: 'another-project' })), 401, 'INVALID_TOKEN');
  refused(await post('firebase', issuer.firebaseToken({ iss: 'https://securetoken.google.com/another-project' })), 401, 'INVALID_TOKEN');
  const emulated = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${issuer.firebaseToken().split('.')[1]}.`;
  refused(await post('firebase', emulated), 401, 'INVALID_TOKEN');
});
