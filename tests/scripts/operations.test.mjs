// What docs/OPERATIONS.md tells operators to set is what the server takes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { runStoa } from '../support/stoa.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const operations = readFileSync(path.join(root, 'docs/OPERATIONS.md'), 'utf8');
const section = (title) => operations.split(/^## /m).find((text) => text.startsWith(`${title}\n`));

test('the server takes every key and value that a school of 2,000 is told to set', async () => {
  const rows = [...section('A school of 2,000').matchAll(/^\| `([a-z_.]+)` \| `([^`]+)` \|/gm)];
  assert.ok(rows.length >= 8, `${rows.length} rows`);
  const env = { STOA_AUTH_KEYS: `a:${'k'.repeat(64)}` };
  const variable = (key) => `STOA_${key.replaceAll('.', '_').toUpperCase()}`;
  for (const [, key, value] of rows) {
    const [requests, window] = value.split(' / ');
    if (window) Object.assign(env, { [variable(`${key}.requests`)]: requests, [variable(`${key}.window`)]: window });
    else env[variable(key)] = value;
  }
  const { code, stdout, stderr } = await runStoa(['config'], { env });
  assert.equal(code, 0, stderr);
  // Each stands in what is in force, in the section that the table names.
  for (const [, key, value] of rows) {
    const [, inSection] = stdout.split(new RegExp(`^\\[${key.split('.')[0]}\\]`, 'm'));
    const line = new RegExp(`^${key.split('.')[1]} *= *(.*)$`, 'm').exec(inSection?.split(/^\[/m)[0])?.[1];
    assert.ok(line?.includes(value.split(' / ')[0]), `${key}: ${line}`);
  }
});
