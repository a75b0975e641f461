// Signing in: what is answered to whom, how long it takes, and how guessing is slowed down.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, inTime } from '../../support/until.mjs';

let stoa;
const world = {};
before(async () => { world.stoa = stoa = await startStoa({ config: { auth: { login_attempts: 5, max_sessions_per_user: 3, session_cache_ttl: '0ms' } } }); });
after(() => stoa.stop());

const login = (email, password, headers) => stoa.api('POST', '/api/auth/login', { body: { email, password }, headers });

test('the right password signs in, whatever the case of the address', async () => {
  const ada = await stoa.register('ada');
  const answer = await login(ada.email.toUpperCase(), ada.password);
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.body).sort(), ['accessToken', 'deviceToken', 'expiresIn', 'refreshToken', 'user']);
  assert.deepEqual(answer.body.user, ada.user);
  assert.notEqual(answer.body.accessToken, ada.accessToken);
  assert.match(answer.headers.get('cache-control'), /no-store/);
});

test('a wrong password and an unknown address get the same answer', async () => {
  const { email } = await stoa.register('bob');
  const wrong = await login(email, 'not the password');
  const unknown = await login('nobody@example.org', 'not the password');
  const told = ({ status, body: { error: { requestId, ...error } } }) => ({ status, error });
  refused(wrong, 401, 'INVALID_CREDENTIALS');
  assert.deepEqual(told(wrong), told(unknown));
});

scenarios(world, { who: 'stranger', request: 'POST /api/auth/login', answer: '422 VALIDATION_ERROR' }, [
  { name: 'an address that is nobody\'s', body: { email: 'nobody.here@example.org', password: 'not the password' }, answer: '401 INVALID_CREDENTIALS', hasNot: 'nobody.here' },
  { name: 'what is no address', body: { email: 'nobody', password: 'x' }, invalid: ['email'] },
  { name: 'an empty password', body: { email: 'a@example.org', password: '' }, invalid: ['password'] },
  { name: 'a password that is an object', body: { email: 'a@example.org', password: { $ne: null } }, invalid: ['password'] },
  { name: 'an address that is a list', body: { email: ['a@example.org'], password: 'x' }, invalid: ['email'] },
]);

test('an account without a password cannot be signed in to', async () => {
  const { email, id, password } = await stoa.register('nopassword');
  await stoa.sql(`update users set password_hash = null where id = '${id}'`);
  refused(await login(email, password), 401, 'INVALID_CREDENTIALS');
});

test('a suspended account learns so only with the right password, and its tokens end', async () => {
  const { email, id, password, token, refreshToken } = await stoa.register('suspended');
  await stoa.sql(`update users set suspended_at = now() where id = '${id}'`);
  refused(await login(email, password), 403, 'ACCOUNT_SUSPENDED');
  refused(await login(email, 'not the password'), 401, 'INVALID_CREDENTIALS');
  refused(await stoa.api('GET', '/api/users/me', { token }), 403, 'ACCOUNT_SUSPENDED');
  refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken } }), 403, 'ACCOUNT_SUSPENDED');
});

test('a deleted account is unknown', async () => {
  const { email, id, password, token, refreshToken } = await stoa.register('deleted');
  await stoa.sql(`update users set deleted_at = now() where id = '${id}'`);
  refused(await login(email, password), 401, 'INVALID_CREDENTIALS');
  refused(await stoa.api('GET', '/api/users/me', { token }), 401, 'INVALID_TOKEN');
  refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken } }), 401, 'INVALID_TOKEN');
});

test('guessing at one account slows down, for known and unknown alike', () => atAnyPace(1000, async () => {
  const { email, password } = await stoa.register('guessed');
  let end;
  for (const target of [`unknown-${email}`, email]) {
    end = Date.now() + 1000;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => login(target, `guess number ${i}`)));
    const tried = answers.filter((a) => a.status === 401).length;
    // Each after the fifth waits twice as long as the one before: no machine is slow enough for half of them.
    assert.ok(tried >= 1 && tried <= 20, `${tried} guesses went through`);
    const slowed = answers.filter((a) => a.status !== 401);
    for (const answer of slowed) {
      refused(answer, 429, 'RATE_LIMITED');
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    }
  }
  // The right password has to wait as well, or it would tell.
  await inTime(end, async () => refused(await login(email, password), 429, 'RATE_LIMITED'));
  // Somebody else does not.
  const other = await stoa.register('other');
  assert.equal((await login(other.email, other.password)).status, 200);
}));

test('the oldest device gives way when there are too many', async () => {
  const { email, password, token } = await stoa.register('devices');
  assert.equal((await stoa.api('GET', '/api/users/me', { token })).status, 200);
  for (let i = 0; i < 3; i++) assert.equal((await login(email, password)).status, 200);
  refused(await stoa.api('GET', '/api/users/me', { token }), 401, 'INVALID_TOKEN');
});

test('the log tells of each sign-in and failure, and holds no secret', async () => {
  const { email, password, id, refreshToken, token } = await stoa.register('logged', { password: 'the-secret-of-this-test' });
  await login(email, password);
  await login(email, 'a-wrong-guess-of-this-test');
  await stoa.log((l) => l.event === 'auth_registered' && l.userId === id);
  await stoa.log((l) => l.event === 'auth_login' && l.userId === id);
  await stoa.log((l) => l.event === 'auth_login_failed' && l.userId === id && l.client === '127.0.0.1');
  const log = JSON.stringify(stoa.logs());
  for (const secret of [password, 'a-wrong-guess-of-this-test', token, refreshToken, refreshToken.split('.')[1]]) {
    assert.ok(!log.includes(secret), 'a secret stands in the log');
  }
});

test('an unknown address takes as long as a wrong password', async () => {
  const slow = await startStoa({ config: { auth: { bcrypt_cost: 10, login_attempts: 1000 } } });
  try {
    const { email } = await slow.register('timed');
    // The server's own time, which a busy machine does not lengthen.
    const cost = async (address) => {
      const before_ = slow.cpuTime();
      for (let i = 0; i < 10; i++) {
        const { status } = await slow.api('POST', '/api/auth/login', { body: { email: address(i), password: 'not the password' } });
        assert.equal(status, 401);
      }
      return slow.cpuTime() - before_;
    };
    const known = await cost(() => email);
    const unknown = await cost((i) => `unknown${i}@example.org`);
    const ratio = unknown / known;
    // Without the decoy's hash the unknown address would take less than a tenth.
    assert.ok(ratio > 0.5 && ratio < 2, `unknown takes ${ratio} of known`);
  } finally {
    await slow.stop();
  }
});

test('a higher cost is taken on at the next sign-in', async () => {
  const { email, password, id } = await stoa.register('rehashed');
  await stoa.restart({ auth: { bcrypt_cost: 5 } });
  assert.equal((await login(email, password)).status, 200);
  const [{ password_hash: stored }] = await stoa.rows(`select password_hash from users where id = '${id}'`);
  assert.match(stored, /^h1:\$2b\$05\$/);
  assert.equal((await login(email, password)).status, 200);
});
