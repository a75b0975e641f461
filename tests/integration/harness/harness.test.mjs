// The tests' own ground: a server on a database and a port of its own, which ends well, comes back where
// it was and leaves nothing behind.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';

import { databaseUrl, psql } from '../../support/database.mjs';
import { startStoa } from '../../support/stoa.mjs';

const nameOf = (url) => /^postgresql:\/\/[^/]*\/([^?]*)/.exec(url)[1];

test('two servers share nothing', async () => {
  const [one, two] = await Promise.all([startStoa(), startStoa()]);
  assert.notEqual(one.port, two.port);
  assert.notEqual(one.database, two.database);
  assert.equal((await one.api('GET', '/readyz')).status, 200);
  assert.equal((await two.api('GET', '/readyz')).status, 200);
  await Promise.all([one.stop(), two.stop()]);
});

test('a killed server comes back on its port and its database', async () => {
  const stoa = await startStoa();
  after(() => stoa.stop());
  const { port, pid } = stoa;
  await stoa.sql('CREATE TABLE kept (n int); INSERT INTO kept VALUES (7);');
  assert.deepEqual(await stoa.kill9(), { code: null, signal: 'SIGKILL' });
  await stoa.start();
  assert.equal(stoa.port, port);
  assert.notEqual(stoa.pid, pid);
  assert.deepEqual(await stoa.rows('SELECT n FROM kept WHERE n::text = :\'n\'', { n: 7 }), [{ n: 7 }]);
});

test('a stopped server leaves neither database nor files', async () => {
  const stoa = await startStoa();
  const { database, folder, pid } = stoa;
  await stoa.stop();
  assert.equal(existsSync(folder), false);
  assert.equal(existsSync(`/proc/${pid}`), false);
  const found = await psql(databaseUrl('postgres'), 'SELECT count(*) FROM pg_database WHERE datname = :\'name\'', { name: nameOf(database) });
  assert.equal(found, '0');
});

test('a server that cannot start says why', async () => {
  await assert.rejects(startStoa({ config: { server: { no_such_key: 1 } } }), /it ended\n.*no_such_key/s);
});
