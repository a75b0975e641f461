// The containers' files agree with the server and with the scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { databaseUrl, psql, required } from '../support/database.mjs';
import { runStoa } from '../support/stoa.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name) => readFileSync(path.join(root, name), 'utf8');
const compose = read('docker/compose.yml');

// What an operator would fill in.
const filled = {
  PUBLIC_URL: 'https://stoa.example.org', TRUSTED_PROXIES: '172.16.0.0/12', PORT: '3000',
  TURN_HOST: 'turn.example.org', TURN_EXTERNAL_IP: '203.0.113.1',
  CORS_ORIGINS: 'https://app.example.org', REALTIME_ORIGINS: '', METRICS_ALLOW: '127.0.0.1',
  MAIL_URL: 'smtp://mail.example.org:587', MAIL_USER: 'stoa', MAIL_FROM: 'Stoa <stoa@example.org>',
};
const substituted = (text) => text.replace(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, name) => filled[name]);

// The STOA_ variables that compose sets, filled in.
const composed = Object.fromEntries(
  [...compose.matchAll(/^\s+(STOA_\w+): "(.*)"$/gm)].map(([, name, value]) => [name, substituted(value)]),
);

const { services, secrets, confined } = composeFile(compose);

// A folder with the secrets that docker/make_secrets makes.
let folder;
const secret = (name) => readFileSync(path.join(folder, 'secrets', name), 'utf8').trim();
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'containers-'));
  execFileSync(path.join(root, 'docker/make_secrets'), [path.join(folder, 'secrets')]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

// What this asks of the file is little enough for the lines' indentation: the text of each service, the names of the secrets.
function composeFile(text) {
  const block = (name) => new RegExp(`^${name}\n((?:(?: .*)?\n)*)`, 'm').exec(text.replace(/^ *#.*\n/gm, ''))[1];
  const parts = block('services:').split(/^ {2}(\w+):\n/m).slice(1);
  return {
    services: Object.fromEntries(parts.flatMap((name, i) => (i % 2 ? [] : [[name, parts[i + 1]]]))),
    confined: block('x-confined: &confined'),
    secrets: Object.fromEntries([...block('secrets:').matchAll(/^ {2}(\w+): \{ file: (\S+) \}$/gm)].map(([, name, file]) => [name, file])),
  };
}

// A folder of programs that stand in for the one that an entry point becomes: each prints its arguments and environment.
function stage(name) {
  const bin = path.join(folder, `bin-${name}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, name), '#!/bin/sh\nprintf "%s\\n" "arguments: $*"\nenv\n', { mode: 0o755 });
  return `${bin}:${process.env.PATH}`;
}

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
  const { code, stdout, stderr } = await runStoa(['config'], { env: { ...composed, STOA_AUTH_KEYS: secret('auth_keys'), STOA_TURN_SECRET: secret('turn_secret'), STOA_MAIL_PASSWORD: 'p' } });
  assert.equal(code, 0, stderr);
  const known = variables(stdout);
  const image = [...read('docker/Dockerfile').matchAll(/\b(STOA_\w+)=/g)].map(([, name]) => name);
  for (const name of [...Object.keys(composed), ...image]) assert.ok(known.has(name), `${name} is no variable of the server`);
  assert.ok(stdout.includes('https://stoa.example.org'), stdout);
  assert.ok(!stdout.includes(secret('auth_keys').split(':')[1]), 'the secret is masked');
});

test('every value that compose asks for stands in .env.example', () => {
  const example = new Set([...read('docker/.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  const asked = new Set([...compose.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  assert.deepEqual([...asked].sort(), [...example].sort());
});

test('the configurations that are shipped are valid', async () => {
  const given = { STOA_AUTH_KEYS: secret('auth_keys'), STOA_TURN_SECRET: 's' };
  for (const file of ['stoa', 'production', 'test']) {
    const { code, stderr } = await runStoa(['config', '--config', path.join(root, `config/${file}.toml`)], { env: given });
    assert.equal(code, 0, `${file}: ${stderr}`);
  }
});

// What docker/stoa.example.toml shows, with nothing left out.
const example = () => read('docker/stoa.example.toml').replace(/^# (?=\[+[a-z0-9_.]+\]+$|[a-z_]+ = )/gm, '');

test('the file that containers mount is valid as it is, and with all that it shows', async () => {
  const env = { ...composed, STOA_AUTH_KEYS: secret('auth_keys'), STOA_TURN_SECRET: 's', STOA_PHONE_AUTH_TOKEN: 't', STOA_S3_SECRET_KEY: 'k', STOA_MAIL_PASSWORD: 'p' };
  const file = path.join(folder, 'stoa.toml');
  for (const [text, wanted] of [[read('docker/stoa.example.toml'), []], [example(), ['preset = "google"', 'preset = "firebase"', 'provider = "twilio"', 'engine = "s3"', 'clamd = "unix:']]]) {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await runStoa(['config', '--config', file], { env });
    assert.equal(code, 0, stderr);
    for (const line of wanted) assert.ok(stdout.includes(line), `${line} is not in force:\n${stdout}`);
  }
});

test('what the server writes is a volume of its user, where the file says that files lie', () => {
  const lies = /^folder = "(.*?)"/m.exec(read('docker/stoa.example.toml'))[1];
  assert.ok(services.stoa.includes(`- files:${lies}\n`), services.stoa);
  assert.match(read('docker/Dockerfile'), new RegExp(`install -d -m 700 -o 10001 -g 10001 ${lies}$`, 'm'));
  assert.match(compose, /^volumes:\n(?: {2}\w+:\n)* {2}files:$/m);
  assert.ok(services.stoa.includes('source: ./stoa.toml, target: /etc/stoa/stoa.toml, read_only: true'), services.stoa);
  assert.equal(/STOA_CONFIG=(\S+)/.exec(read('docker/Dockerfile'))[1], '/etc/stoa/stoa.toml');
  for (const name of ['.gitignore', 'docker/Dockerfile.dockerignore']) assert.match(read(name), /^\/?docker\/stoa\.toml$/m, name);
  const unit = /^\[Service\]\n((?:.+\n)*)/m.exec(read('docs/OPERATIONS.md'))[1];
  const [, state] = /^StateDirectory=(\w+)$/m.exec(unit);
  const shipped = /^folder = "(.*?)"/m.exec(read('config/production.toml'))[1];
  assert.ok(shipped.startsWith(`/var/lib/${state}/`), `${shipped} is not in ${state}`);
});

test('the image is built and runs on the newest release that the list of packages knows', () => {
  const releases = [...read('docker/Dockerfile').matchAll(/^FROM debian:(\d+)\.\d+-slim\b/gm)].map(([, release]) => release);
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

test('images are named by an exact version', () => {
  for (const [name, text] of Object.entries(services)) {
    if (/^ {4}build:/m.test(text)) continue;
    assert.match(text, /^ {4}image: [a-z/]+:\d+\.\d+[\w.-]*$/m, name);
  }
});

test('every container is confined, bounded and watched, and runs as a user that is not root', () => {
  for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true', 'max-size:', 'max-file:']) assert.ok(confined.includes(line), line);
  for (const [name, text] of Object.entries(services)) {
    for (const line of ['<<: *confined', 'mem_limit: ', 'pids_limit: ']) assert.ok(text.includes(`\n    ${line}`) || text.startsWith(`    ${line}`), `${name}: ${line}`);
    const watched = name === 'stoa' ? read('docker/Dockerfile') : text;
    assert.match(watched, /^ *healthcheck/im, name);
    assert.match(watched, name === 'stoa' ? /^USER [1-9]\d*:[1-9]\d*$/m : /^ {4}user: (?!root|0)\w+/m, name);
    assert.ok(!/privileged|network_mode|docker\.sock/.test(text), name);
  }
  assert.match(services.stoa, /"127\.0\.0\.1:/);
  assert.ok(!services.postgres.includes('ports:'), 'the database is published');
});

test('secrets stand in files alone, and docker/make_secrets makes all of them, once', () => {
  assert.deepEqual(readdirSync(path.join(folder, 'secrets')).sort(), Object.keys(secrets).sort());
  assert.equal(statSync(path.join(folder, 'secrets')).mode & 0o777, 0o700);
  const before = Object.keys(secrets).map(secret);
  const ours = before.filter(Boolean);
  assert.equal(new Set(ours).size, ours.length);
  assert.equal(before.length - ours.length, 3, 'what others give is empty');
  execFileSync(path.join(root, 'docker/make_secrets'), [path.join(folder, 'secrets')]);
  assert.deepEqual(Object.keys(secrets).map(secret), before);
  for (const [name, text] of Object.entries(services)) {
    assert.ok(!/(PASSWORD|SECRET|KEYS)\w*: (?!\/run\/secrets\/)|--[\w-]*secret/.test(text), `${name} is given a secret in the clear`);
  }
  assert.ok(!/PASSWORD|SECRET|KEYS/.test(read('docker/.env.example')));
  for (const file of ['.gitignore', 'docker/Dockerfile.dockerignore']) assert.match(read(file), /^\/?docker\/secrets\/?$/m, file);
});

for (const [name, variable] of [['mail_password', 'STOA_MAIL_PASSWORD'], ['phone_auth_token', 'STOA_PHONE_AUTH_TOKEN'], ['s3_secret_key', 'STOA_S3_SECRET_KEY']]) {
  test(`${name} is what the operator writes into its file`, () => {
    const handed = () => execFileSync(path.join(root, 'docker/entrypoint'), ['serve'], {
      encoding: 'utf8', env: { PATH: stage('stoa'), SECRETS: path.join(folder, 'secrets') },
    }).split('\n').filter((line) => line.startsWith(variable));
    const file = path.join(folder, 'secrets', name);
    assert.equal(statSync(file).mode & 0o777, 0o644);
    assert.deepEqual(handed(), []);
    writeFileSync(file, 'from the provider\n');
    execFileSync(path.join(root, 'docker/make_secrets'), [path.join(folder, 'secrets')]);
    assert.deepEqual(handed(), [`${variable}=from the provider`]);
  });
}

test("the image's entry point hands the secrets over in the environment, not on the command line", () => {
  const output = execFileSync(path.join(root, 'docker/entrypoint'), ['serve'], {
    encoding: 'utf8', env: { PATH: stage('stoa'), SECRETS: path.join(folder, 'secrets') },
  }).split('\n');
  assert.ok(output.includes('arguments: serve'), output.join('\n'));
  for (const [variable, name] of [['PGPASSWORD', 'database_password'], ['STOA_AUTH_KEYS', 'auth_keys'], ['STOA_AUTH_SEALING_KEYS', 'sealing_keys'], ['STOA_TURN_SECRET', 'turn_secret']]) {
    assert.ok(output.includes(`${variable}=${secret(name)}`), variable);
  }
});

test("coturn's entry point puts the secret into a file that nobody else reads", () => {
  const made = path.join(folder, 'made.conf');
  const bin = stage('turnserver');
  writeFileSync(path.join(folder, 'bin-turnserver', 'hostname'), '#!/bin/sh\necho 127.0.1.1 172.19.0.2 fd00::2\n', { mode: 0o755 });
  const output = execFileSync('sh', [path.join(root, 'docker/coturn/entrypoint')], {
    encoding: 'utf8',
    env: {
      PATH: bin, SECRETS: path.join(folder, 'secrets'), TURN_MADE: made,
      TURN_CONFIG: path.join(root, 'docker/coturn/turnserver.conf'), TURN_HOST: filled.TURN_HOST, TURN_EXTERNAL_IP: filled.TURN_EXTERNAL_IP,
    },
  });
  assert.ok(!output.includes(secret('turn_secret')), output);
  assert.ok(output.includes(`arguments: -c ${made}`), output);
  assert.equal(statSync(made).mode & 0o777, 0o600);
  const lines = readFileSync(made, 'utf8').split('\n');
  for (const line of [`static-auth-secret=${secret('turn_secret')}`, 'realm=turn.example.org', 'external-ip=203.0.113.1', 'use-auth-secret']) {
    assert.ok(lines.includes(line), line);
  }
  assert.deepEqual(lines.filter((line) => line.startsWith('allowed-peer-ip')), ['allowed-peer-ip=172.19.0.2', 'allowed-peer-ip=fd00::2']);
});

test("the containers' database role owns its database, may do nothing beyond it, and that is enough to migrate and to seed", async () => {
  const role = `role_${randomBytes(6).toString('hex')}`;
  const admin = databaseUrl('postgres', 'postgres');
  await psql(admin, read('docker/postgres/role.sql').replace(/\bstoa\b/g, role).replace('/run/secrets/', `${folder}/secrets/`));
  try {
    const url = databaseUrl(role, role);
    assert.equal(await psql(url, `SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
      FROM pg_roles WHERE rolname = current_user;`), 'f');
    assert.equal(await psql(admin, `SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = '${role}';`), 't');
    for (const command of ['migrate', 'seed']) {
      const { code, stderr } = await runStoa([command], { env: { STOA_DATABASE_URL: url, STOA_AUTH_KEYS: secret('auth_keys') } });
      assert.equal(code, 0, `${command}: ${stderr}`);
    }
    assert.notEqual(await psql(url, 'SELECT count(*) FROM users;'), '0');
  } finally {
    await psql(admin, `DROP DATABASE IF EXISTS ${role} WITH (FORCE);\nDROP ROLE IF EXISTS ${role};`);
  }
});
