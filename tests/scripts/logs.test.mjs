// Log files of scripts/run: bounded in size and number, and what writes them goes on.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { until } from '../support/until.mjs';

const lib = fileURLToPath(new URL('../../scripts/lib', import.meta.url));
const sourced = (command) => ['-c', `set -euo pipefail; . ${lib}/common.sh; . ${lib}/logs.sh; ${command}`];

let folder;
before(() => { folder = mkdtempSync(path.join(tmpdir(), 'logs-')); });
after(() => rmSync(folder, { recursive: true }));

test('a log is moved on when it is full, and the oldest is given up', () => {
  const log = path.join(folder, 'a log');
  for (let i = 1; i <= 6; ++i) {
    appendFileSync(log, `${i}`.repeat(11));
    assert.equal(spawnSync('bash', sourced(`rotate_log 10 3 '${log}'`)).status, 0);
    assert.equal(statSync(log).size, 0);
  }
  assert.deepEqual(readdirSync(folder).sort(), ['a log', 'a log.1', 'a log.2']);
  assert.equal(readFileSync(`${log}.1`, 'utf8'), '6'.repeat(11));
  assert.equal(readFileSync(`${log}.2`, 'utf8'), '5'.repeat(11));
  appendFileSync(log, 'x'.repeat(10));
  assert.equal(spawnSync('bash', sourced(`rotate_log 10 3 '${log}'`)).status, 0);
  assert.equal(readFileSync(log, 'utf8'), 'x'.repeat(10), 'it has room still');
});

test('logs are kept small for as long as the process that writes them lives', async () => {
  const log = path.join(folder, 'b');
  const writer = spawn('bash', ['-c', `while read -r line; do echo "$line"; done >>'${log}'`], { stdio: ['pipe', 'ignore', 'ignore'] });
  const keeper = spawn('bash', sourced(`keep_logs ${writer.pid} 10 2 '${log}' '${folder}/none'`), { stdio: 'ignore' });
  writer.stdin.write('a line that is long enough\n');
  await until(() => existsSync(`${log}.1`) && statSync(log).size === 0, { what: 'the log to be moved on' });
  writer.stdin.write('short\n');
  await until(() => readFileSync(log, 'utf8') === 'short\n', { what: 'the writer to go on in the empty file' });
  writer.stdin.end();
  await until(() => keeper.exitCode === 0, { what: 'the keeper to end' });
});
