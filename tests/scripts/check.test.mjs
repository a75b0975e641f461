// The tree as scripts/check wants it: formatted, with only allowed includes, and shell scripts without known traps.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('scripts/check finds nothing', () => {
  const check = fileURLToPath(new URL('../../scripts/check', import.meta.url));
  const { status, stdout, stderr } = spawnSync(check, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
