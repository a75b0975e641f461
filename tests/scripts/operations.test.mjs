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

// Each block of a section, with the words that stand for what only an operator has.
const kWords = { '"AC..."': `"AC${'0'.repeat(32)}"`, '"VA..."': `"VA${'0'.repeat(32)}"` };
const blocks = (title) => [...section(title).matchAll(/^```toml\n(.*?)^```$/gms)]
  .map(([, toml]) => Object.entries(kWords).reduce((text, [word, real]) => text.replaceAll(word, real), toml));

// "section.key = value" of each line, without its reason.
function settings(toml) {
  let name = '';
  const found = [];
  for (const line of toml.split('\n')) {
    name = /^\[\[?([a-z_.]+)\]/.exec(line)?.[1] ?? name;
    const [, key, value] = /^([a-z_]+) *= *([^#]*[^# ])/.exec(line) ?? [];
    if (key) found.push(`${name}.${key} = ${value}`);
  }
  return found;
}

// A table of a list ("oidc.provider.preset = ...") stands in the line of its list.
function isAmong(inForce, setting) {
  const [, list, member] = /^(oidc\.provider)\.(.*)$/.exec(setting) ?? [];
  return list ? inForce.some((one) => one.startsWith(`${list} = [`) && [',', ' }'].some((end) => one.includes(` ${member}${end}`))) : inForce.includes(setting);
}

// What the text beside a block says that comes from the environment.
const kSecrets = {
  Mail: { STOA_MAIL_PASSWORD: 'secret' },
  Phones: { STOA_PHONE_AUTH_TOKEN: 'secret' },
  Files: { STOA_S3_SECRET_KEY: 'secret' },
};

function taken(title, toml, least) {
  test(`the server takes the block of "${title}" with ${toml.split('\n').slice(0, 2).join(' ').replace(/ *#.*/, '')}`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'stoa-operations-'));
    try {
      const file = path.join(folder, 'stoa.toml');
      writeFileSync(file, toml);
      const { code, stdout, stderr } = await runStoa(['config', '--config', file], { env: { STOA_AUTH_KEYS: `a:${'k'.repeat(64)}`, ...kSecrets[title] } });
      assert.equal(code, 0, stderr);
      const inForce = settings(stdout);
      const told = settings(toml);
      assert.ok(told.length >= least, `${told.length} settings`);
      for (const setting of told) assert.ok(isAmong(inForce, setting), `${setting} is not in force`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const kTitles = operations.split(/^## /m).slice(1).map((text) => text.slice(0, text.indexOf('\n')));
for (const title of kTitles) {
  for (const toml of blocks(title)) taken(title, toml, title === 'A school of 2,000' ? 9 : 1);
}

test('what wants a block has one', () => {
  for (const title of ['TLS', 'Mail', 'Identity from outside', 'Phones', 'A school of 2,000', 'Files', 'Virus scan']) assert.ok(blocks(title).length >= 1, title);
  for (const title of Object.keys(kSecrets)) assert.ok(kTitles.includes(title), title);
});
