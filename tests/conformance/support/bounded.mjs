// What an attack must not cost: the process, its memory, and the service of others.
import assert from 'node:assert/strict';

import { growth } from '../../support/process.mjs';
import { isSanitized } from '../../support/sanitizers.mjs';
import { until } from '../../support/until.mjs';

const kMegabyte = 1 << 20;

// Runs `attack` and asserts that the server lives, that `stillServes` holds, and that its memory has not grown by
// more than `megabytes` at the end, nor by twice that meanwhile. Four times as much under
// sanitizers.
export async function bounded(target, { megabytes, stillServes }, attack) {
  const allowed = megabytes * kMegabyte * (isSanitized ? 4 : 1);
  const before = target.memory();
  const grown = await growth(target, attack);
  await stillServes();
  await until(() => target.memory() - before < allowed, { what: `the memory to fall to ${megabytes} MB above what it was` });
  assert.ok(grown < 2 * allowed, `${Math.round(grown / kMegabyte)} MB meanwhile`);
}
