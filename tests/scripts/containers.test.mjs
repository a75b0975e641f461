// The containers' files agree with the server and with the scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { required } from '../support/database.mjs';
import { runStoa } from '../support/stoa.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name) => readFileSync(path.join(root, name), 'utf8');
const compose = read('docker/compose.yml');

// What an operator would fill in.
const filled = {
  PUBLIC_URL: 'https://stoa.example.org', TRUSTED_PROXIES: '172.16.0.0/12', PORT: '3000', POSTGRES_PASSWORD: 'p',
  AUTH_KEYS: `a:${'k'.repeat(64)}`, TURN_HOST: 'turn.example.org', TURN_EXTERNAL_IP: '203.0.113.1', TURN_SECRET: 's',
  CORS_ORIGINS: 'https://app.example.org', REALTIME_ORIGINS: '', METRICS_ALLOW: '127.0.0.1',
};
const substituted = (text) => text.replace(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, name) => filled[name]);

// The STOA_ variables that compose sets, filled in.
const composed = Object.fromEntries(
  [...compose.matchAll(/^\s+(STOA_\w+): "(.*)"$/gm)].map(([, name, value]) => [name, substituted(value)]),
);

// The variables that a printed configuration's keys can be set by.
function variables(toml) {
  const names = new Set(['STOA_LISTEN', 'STOA_CONFIG', 'STOA_AUTH_KEYS']);
  let section = '';
  for (const line of toml.split('\n')) {
    section = /^\[+([a-z_.]+)\]+/.exec(line)?.[1] ?? section;
    const key = /^([a-z_]+) *=/.exec(line)?.[1];
    if (key) names.add(`STOA_${section.replaceAll('.', '_')}_${key}`.toUpperCase());
  }
  return names;
}

test('compose and the image set only what the server knows', async () => {
  assert.ok(Object.keys(composed).length >= 6);
  const { code, stdout, stderr } = await runStoa(['config'], { env: composed });
  assert.equal(code, 0, stderr);
  const known = variables(stdout);
  const image = [...read('docker/Dockerfile').matchAll(/\b(STOA_\w+)=/g)].map(([, name]) => name);
  for (const name of [...Object.keys(composed), ...image]) assert.ok(known.has(name), `${name} is no variable of the server`);
  assert.ok(stdout.includes('https://stoa.example.org'), stdout);
  assert.ok(!stdout.includes(filled.AUTH_KEYS.slice(2)), 'the secret is masked');
});

test('every value that compose asks for stands in .env.example', () => {
  const example = new Set([...read('docker/.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  const asked = new Set([...compose.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  assert.deepEqual([...asked].sort(), [...example].sort());
});

test('the configurations that are shipped are valid', async () => {
  const secrets = { STOA_AUTH_KEYS: composed.STOA_AUTH_KEYS, STOA_TURN_SECRET: 's' };
  for (const file of ['stoa', 'production', 'test']) {
    const { code, stderr } = await runStoa(['config', '--config', path.join(root, `config/${file}.toml`)], { env: secrets });
    assert.equal(code, 0, `${file}: ${stderr}`);
  }
});

test('the image is built and runs on the newest release that the list of packages knows', () => {
  const releases = [...read('docker/Dockerfile').matchAll(/^FROM debian:(\d+)-slim/gm)].map(([, release]) => release);
  const known = /^stoa_releases=\((.*)\)$/m.exec(read('scripts/lib/packages.sh'))[1].split(' ');
  assert.deepEqual(releases, [known.at(-1), known.at(-1)]);
});

test('the image installs every library that the binary loads', () => {
  const loaded = execFileSync('readelf', ['-d', required('STOA_BINARY')], { encoding: 'utf8' });
  const libraries = [...loaded.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
  const packages = new Set([...read('scripts/lib/packages.txt').matchAll(/^image (\S+)/gm)].flatMap(([, names]) => names.split('|')));
  // With the compiler's own libraries, which every Debian has, and the sanitizers', which no image has.
  const base = /^(libc|libgcc_s|libstdc|libm|ld-|libasan|libubsan|libtsan)\b/;
  const ours = libraries.filter((name) => !base.test(name));
  assert.ok(ours.length > 0);
  for (const library of ours) {
    const owners = execFileSync('dpkg', ['-S', `*/${library}`], { encoding: 'utf8' });
    const from = owners.split('\n').map((l) => l.split(':')[0]);
    assert.ok(from.some((name) => packages.has(name)), `${library} comes from ${from}, which the image does not install`);
  }
});
