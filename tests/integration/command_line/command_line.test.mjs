// What an operator who mistypes a command, or has not said where the database is, is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runStoa } from '../../support/stoa.mjs';

async function refusal(args, env) {
  const { code, stdout, stderr } = await runStoa(args, { env });
  assert.equal(stdout, '');
  return `${code} ${stderr.trimEnd()}`;
}

test('a command that there is not is named', async () => {
  assert.equal(await refusal(['srve']), '2 stoa: no such command: srve (see --help)');
  assert.equal(await refusal(['srve', '--config', 'stoa.toml']), '2 stoa: no such command: srve (see --help)');
  assert.equal(await refusal(['admin', 'spend', 'eve@example.org']), '2 stoa: no such command: admin spend (see --help)');
  assert.match(await refusal(['admin']), /^2 A subcommand is required/);
  assert.match(await refusal(['admin', 'suspend']), /^2 account is required/);
});

test('--version prints what `stoa version` does', async () => {
  const { code, stdout } = await runStoa(['--version']);
  assert.equal(code, 0);
  assert.match(stdout, /^stoa \d+\.\d+\.\d+\n$/);
  assert.deepEqual(stdout, (await runStoa(['version'])).stdout);
});

// No server listens on a port that nobody may bind, nor on a socket in a folder that is not there.
const away = {
  'postgresql://stoa:hunter2@127.0.0.1:1/stoa': /127\.0\.0\.1.*port 1 failed/,
  'postgresql://stoa:hunter2@/stoa?host=/nowhere': /socket "\/nowhere\/\.s\.PGSQL\.5432" failed/,
};
for (const [url, where] of Object.entries(away)) {
  for (const args of [['admin', 'suspend', 'eve@example.org'], ['jobs', 'list'], ['audit', 'list'], ['migrate'], ['seed']]) {
    test(`stoa ${args.join(' ')} says that it cannot reach ${url.replace(/hunter2/, '...')}`, async () => {
      const said = await refusal(args, { STOA_DATABASE_URL: url });
      assert.match(said, /^1 stoa: cannot reach the database \([^\n]*\): set STOA_DATABASE_URL or --config$/);
      assert.match(said, where);
      assert.ok(!said.includes('hunter2'));
    });
  }
}
