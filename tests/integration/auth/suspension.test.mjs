// What an operator does to an account, a running server knows at once: long before what it remembers of sign-ins is stale.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

let stoa;
before(async () => { stoa = await startStoa({ config: { jobs: { poll: '100ms' }, auth: { session_cache_ttl: '1h' } } }); });
after(() => stoa.stop());

const operator = (...command) => runStoa(['admin', ...command], { env: { STOA_DATABASE_URL: stoa.database } });
const login = ({ email, password }) => stoa.api('POST', '/api/auth/login', { body: { email, password } });
const me = ({ token }) => stoa.api('GET', '/api/users/me', { token });

test('a suspension closes the sockets and refuses whatever the account tries, until it is lifted', async () => {
  const [eve, ada] = [await stoa.register('eve'), await stoa.register('ada')];
  const sockets = await Promise.all([eve, eve, ada].map(({ token }) => stoa.connect(token)));
  assert.equal((await me(eve)).status, 200);

  assert.equal((await operator('suspend', eve.email.toUpperCase())).code, 0);
  for (const socket of sockets.slice(0, 2)) assert.equal((await socket.closed).code, 4401);
  refused(await me(eve), 403, 'ACCOUNT_SUSPENDED');
  refused(await login(eve), 403, 'ACCOUNT_SUSPENDED');
  refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: eve.refreshToken } }), 403, 'ACCOUNT_SUSPENDED');
  await assert.rejects(stoa.connect(eve.token));
  assert.equal((await me(ada)).status, 200);
  assert.deepEqual(await sockets[2].request('authenticate', { token: ada.token }), { userId: ada.id });

  assert.equal((await operator('unsuspend', eve.email)).code, 0);
  await until(async () => (await me(eve)).status === 200, { what: 'the end of the suspension' });
  assert.equal((await login(eve)).status, 200);
  await sockets[2].close();
});

test('each change of it stands in the audit log once', async () => {
  const { email, id } = await stoa.register('audited');
  for (const act of ['suspend', 'suspend', 'unsuspend', 'unsuspend']) assert.equal((await operator(act, email)).code, 0);
  const entries = await stoa.rows(`select action, actor_kind, before, after from audit_log where target_id = '${id}' order by at, id`);
  const [yes, no] = [{ suspended: true }, { suspended: false }];
  assert.deepEqual(entries, [
    { action: 'users.suspend', actor_kind: 'operator', before: no, after: yes },
    { action: 'users.unsuspend', actor_kind: 'operator', before: yes, after: no },
  ]);
});

test('an account is named by its id as well, since it may have no address', async () => {
  const eve = await stoa.register('nameless');
  assert.equal((await operator('suspend', eve.id)).code, 0);
  await until(async () => (await me(eve)).status === 403, { what: 'the suspension' });
  const { code, stderr } = await operator('suspend', 'f47ac10b-58cc-4372-a567-0e02b2c3d479');
  assert.deepEqual([code, /no account has the id f47ac10b/.test(stderr)], [1, true], stderr);
});

test('an address that nobody has is said, and changes nothing', async () => {
  const { code, stderr } = await operator('suspend', 'nobody@example.org');
  assert.equal(code, 1);
  assert.match(stderr, /no account has the address nobody@example\.org/);
});
