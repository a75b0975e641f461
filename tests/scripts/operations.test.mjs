// What docs/OPERATIONS.md tells operators to set is what the server takes.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { runStoa } from '../support/stoa.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const operations = readFileSync(path.join(root, 'docs/OPERATIONS.md'), 'utf8');
const section = (title) => operations.split(/^## /m).find((text) => text.startsWith(`${title}\n`));

const block = (title) => /^```toml\n(.*?)^```$/ms.exec(section(title))[1];

// "section.key = value" of each line, without its reason.
function settings(toml) {
  let name = '';
  const found = [];
  for (const line of toml.split('\n')) {
    name = /^\[([a-z_]+)\]/.exec(line)?.[1] ?? name;
    const [, key, value] = /^([a-z_]+) *= *([^#]*[^# ])/.exec(line) ?? [];
    if (key) found.push(`${name}.${key} = ${value}`);
  }
  return found;
}

test('the server takes the block that a school of 2,000 is told to paste', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stoa-school-'));
  try {
    const file = path.join(folder, 'school.toml');
    writeFileSync(file, block('A school of 2,000'));
    const { code, stdout, stderr } = await runStoa(['config', '--config', file], { env: { STOA_AUTH_KEYS: `a:${'k'.repeat(64)}` } });
    assert.equal(code, 0, stderr);
    const inForce = settings(stdout);
    const told = settings(block('A school of 2,000'));
    assert.ok(told.length >= 9, `${told.length} settings`);
    for (const setting of told) assert.ok(inForce.includes(setting), `${setting} is not in force`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
