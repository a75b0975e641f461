// What a run says of its failures, apart from its output of megabytes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('the tests that failed are listed with their errors, and no others', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'failures-'));
  try {
    const file = path.join(folder, 'sample.test.mjs');
    writeFileSync(file, `
      import assert from 'node:assert/strict';
      import { describe, test } from 'node:test';
      describe('a suite', () => {
        test('goes well', () => {});
        test('goes wrong', () => assert.equal(1, 2, 'one is not two'));
      });`);
    const report = path.join(folder, 'report');
    const runner = fileURLToPath(new URL('../run.mjs', import.meta.url));
    const { NODE_TEST_CONTEXT: _, ...env } = process.env; // else the runner would take itself for a part of this run
    const { status, stdout } = spawnSync(process.execPath, [runner, report, '1', file], { encoding: 'utf8', env });
    assert.equal(status, 1, stdout);
    const failed = readFileSync(`${report}.failed`, 'utf8');
    assert.match(failed, /sample\.test\.mjs: goes wrong\n.*one is not two/);
    assert.doesNotMatch(failed, /goes well|a suite/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
