// Renewing with refresh tokens: each is used once; a lost answer is no theft, a second use is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

let stoa;
const world = {};
before(async () => {
  world.stoa = stoa = await startStoa();
  world.ada = await signIn('ada');
});
after(() => stoa.stop());

const refresh = (refreshToken, agent = 'device/1') => stoa.api('POST', '/api/auth/refresh', { body: { refreshToken }, headers: { 'user-agent': agent } });
const me = (token) => stoa.api('GET', '/api/users/me', { token });

// As the same device.
async function signIn(name) {
  const person = await stoa.register(name);
  const { body } = await stoa.api('POST', '/api/auth/login', { body: { email: person.email, password: person.password }, headers: { 'user-agent': 'device/1' } });
  return { ...person, ...body, token: body.accessToken };
}

test('a refresh token is exchanged for new tokens of the same sign-in', async () => {
  const ada = await signIn('ada');
  const answer = await refresh(ada.refreshToken);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('cache-control'), /no-store/);
  assert.deepEqual(answer.body.user, ada.user);
  assert.notEqual(answer.body.refreshToken, ada.refreshToken);
  assert.equal((await me(answer.body.accessToken)).status, 200);
  const sid = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sid;
  assert.equal(sid(answer.body.accessToken), sid(ada.token));
  const next = await refresh(answer.body.refreshToken);
  assert.equal(next.status, 200);
});

test('a token that was used before ends the whole sign-in, and its sockets', async () => {
  const bob = await signIn('bob');
  const first = (await refresh(bob.refreshToken)).body;
  const second = (await refresh(first.refreshToken)).body;
  const socket = await stoa.connect(second.accessToken);
  refused(await refresh(bob.refreshToken), 401, 'INVALID_TOKEN', 'the stolen one');
  assert.equal((await socket.closed).code, 4401);
  refused(await refresh(second.refreshToken), 401, 'INVALID_TOKEN', 'the present one');
  refused(await me(second.accessToken), 401, 'INVALID_TOKEN', 'its access token');
  await stoa.log((l) => l.event === 'auth_refresh_reused');
  // Another sign-in of the same person goes on.
  assert.equal((await stoa.api('POST', '/api/auth/login', { body: { email: bob.email, password: bob.password } })).status, 200);
});

test('the second use waits for whatever changes the account by that sign-in just then', async () => {
  const zoe = await signIn('zoe');
  const first = (await refresh(zoe.refreshToken)).body;
  const finish = await hold(stoa.database, `select from users where id = '${zoe.id}' for update`);
  const second = refresh(zoe.refreshToken, 'thief/1');
  await until(async () => (await waitingForLocks(stoa.database)) === 1, { what: 'the second use to wait' });
  assert.equal((await me(first.accessToken)).status, 200);
  await finish();
  refused(await second, 401, 'INVALID_TOKEN');
  refused(await me(first.accessToken), 401, 'INVALID_TOKEN');
});

test('a lost answer may be asked for once more by the same client', async () => {
  const eve = await signIn('eve');
  const first = (await refresh(eve.refreshToken)).body;
  const again = await refresh(eve.refreshToken);
  assert.equal(again.status, 200);
  assert.equal(again.body.refreshToken, first.refreshToken);
  assert.equal((await refresh(first.refreshToken)).status, 200);
});

test('two tabs that renew at once both go on', async () => {
  const tabs = await signIn('tabs');
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(tabs.refreshToken)));
  assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
  assert.equal(new Set(answers.map((a) => a.body.refreshToken)).size, 1);
  assert.equal((await refresh(answers[0].body.refreshToken)).status, 200);
});

test('another client that shows the used token is a thief', async () => {
  const mia = await signIn('mia');
  const first = (await refresh(mia.refreshToken)).body;
  refused(await refresh(mia.refreshToken, 'thief/1'), 401, 'INVALID_TOKEN');
  refused(await refresh(first.refreshToken), 401, 'INVALID_TOKEN');
});

test('after the window the used token is reuse even from the same client', async () => {
  const ned = await signIn('ned');
  const first = (await refresh(ned.refreshToken)).body;
  await stoa.sql(`update auth_sessions set rotated_at = rotated_at - interval '11 seconds' where user_id = '${ned.id}'`);
  refused(await refresh(ned.refreshToken), 401, 'INVALID_TOKEN');
  refused(await refresh(first.refreshToken), 401, 'INVALID_TOKEN');
});

test('a made-up secret with a known family ends it too; made-up families get nothing', async () => {
  const pat = await signIn('pat');
  const [family] = pat.refreshToken.split('.');
  refused(await refresh(`${'A'.repeat(43)}.${'A'.repeat(43)}`), 401, 'INVALID_TOKEN');
  assert.equal((await me(pat.token)).status, 200);
  refused(await refresh(`${family}.${'A'.repeat(43)}`), 401, 'INVALID_TOKEN');
  refused(await refresh(pat.refreshToken), 401, 'INVALID_TOKEN');
});

test('an expired one is refused', async () => {
  const old = await signIn('old');
  await stoa.sql(`update auth_sessions set expires_at = now() - interval '1 second' where user_id = '${old.id}'`);
  refused(await refresh(old.refreshToken), 401, 'INVALID_TOKEN');
});

const kRefresh = { who: 'stranger', request: 'POST /api/auth/refresh' };
scenarios(world, { ...kRefresh, answer: '401 INVALID_TOKEN' }, [
  { name: 'a letter', body: { refreshToken: 'x' } },
  { name: 'a dot', body: { refreshToken: '.' } },
  { name: 'an access token', body: ({ ada }) => ({ refreshToken: ada.token.slice(0, 190) }) },
  { name: 'a refresh token and a letter', body: ({ ada }) => ({ refreshToken: `${ada.refreshToken}x` }) },
]);
scenarios(world, { ...kRefresh, answer: '422 VALIDATION_ERROR', invalid: ['refreshToken'] }, [
  ['nothing', ''], ['more than a token', 'x'.repeat(201)], ['null', null], ['a number', 7], ['an object', {}], ['a list', []],
].map(([name, refreshToken]) => ({ name, body: { refreshToken } })));

test('a refresh token is no access token', async () => {
  refused(await me(world.ada.refreshToken), 401, 'INVALID_TOKEN');
});
