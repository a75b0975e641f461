// Which packages the scripts ask for, on which system; and which PostgreSQL they take.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const lib = fileURLToPath(new URL('../../scripts/lib', import.meta.url));
const listed = readFileSync(path.join(lib, 'packages.txt'), 'utf8').split('\n').filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(' '));

let folder;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'packages-'));
  chmodSync(folder, 0o755); // the database's user passes through
});
after(() => rmSync(folder, { recursive: true, force: true }));

function executable(name, text) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

function osRelease(name, text) {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

// What a piece of shell says that has the scripts' functions. The commands made by executable('bin/...') come
// before the system's.
function shell(script, env = {}) {
  const { status, stdout, stderr } = spawnSync(
    'bash', ['-c', `set -euo pipefail; for part in common packages postgres; do . "${lib}/$part.sh"; done; ${script}`],
    { encoding: 'utf8', env: { PATH: `${folder}/bin:${process.env.PATH}`, ...env } },
  );
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

const debian = (version) => osRelease(`debian-${version}`, `PRETTY_NAME="Debian GNU/Linux ${version}"\nID=debian\nVERSION_ID="${version}"\n`);

// The packages that are missing where the given ones are installed.
function missing(version, groups, installed = []) {
  executable('bin/dpkg-query', installed.map((name) => `echo 'installed ${name}:amd64'`).join('\n'));
  const { status, stdout, stderr } = shell(`missing_packages "$(debian_release)" ${groups}`, { STOA_OS_RELEASE: debian(version) });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter(Boolean);
}

test('every line names one package for all releases, or one for each', () => {
  const releases = shell('echo "${#stoa_releases[@]}"').stdout;
  assert.ok(listed.length > 30);
  for (const [group, names, standIn] of listed) {
    const count = names.split('|').filter(Boolean).length;
    assert.ok(count === 1 || count === Number(releases), `${group} ${names}`);
    assert.doesNotMatch(standIn ?? '', /\|/);
  }
});

test('each release is asked for its own names', () => {
  const [twelve, thirteen] = [missing('12', 'build run fuzz image'), missing('13', 'build run fuzz image')];
  for (const name of ['libboost-url1.81-dev', 'postgresql-15', 'libpqxx-6.4', 'libpqxx-dev']) assert.ok(twelve.includes(name), `${name} in ${twelve}`);
  for (const name of ['libboost-url-dev', 'postgresql-17', 'libpqxx-7.10', 'libpqxx-dev']) assert.ok(thirteen.includes(name), `${name} in ${thirteen}`);
  assert.equal(twelve.length, thirteen.length);
  for (const names of listed.map(([, field]) => field.split('|')).filter((all) => all.length > 1)) {
    assert.ok(!twelve.includes(names[1]) && !thirteen.includes(names[0]), names.join(' and '));
  }
});

test('what is installed, or has a stand-in, is not asked for', () => {
  executable('bin/node', 'echo v17.9.1');
  assert.ok(missing('13', 'build').includes('nodejs'), 'an old Node does not stand in');
  executable('bin/node', 'echo v22.1.0');
  const wanted = missing('13', 'build', ['libboost-url-dev', 'libboost1.81-dev', 'g++']);
  assert.ok(!wanted.includes('nodejs'));
  assert.ok(!wanted.includes('libboost-url-dev'));
  assert.ok(!wanted.includes('g++'));
  assert.ok(wanted.includes('libboost-dev'), 'another release\'s name counts for nothing');
});

test('another system is told what it can do, and nothing is installed', () => {
  executable('bin/apt-get', `touch ${folder}/asked`);
  const systems = [
    [osRelease('ubuntu', 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n'), /Ubuntu 24\.04\.1 LTS/],
    [osRelease('sid', 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n'), /forky\/sid/],
    [debian('11'), /Debian GNU\/Linux 11/],
    [path.join(folder, 'absent'), /an unknown system/],
  ];
  for (const [file, name] of systems) {
    const refused = shell('ensure_packages build', { STOA_OS_RELEASE: file });
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, name);
    assert.match(refused.stderr, /12 13.*packages\.txt.*STOA_PACKAGES=installed/);
    assert.equal(shell('ensure_packages build; echo went on', { STOA_OS_RELEASE: file, STOA_PACKAGES: 'installed' }).stdout, 'went on');
  }
  assert.throws(() => readFileSync(path.join(folder, 'asked')), { code: 'ENOENT' });
});

// The PostgreSQL that is taken for a folder whose files version `madeBy` made, where the given versions are installed.
function chosen(installed, madeBy, env) {
  const home = path.join(folder, 'postgresql');
  const data = path.join(folder, 'cluster', 'data');
  for (const old of [home, data]) rmSync(old, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  for (const version of installed) executable(`postgresql/${version}/bin/postgres`, `echo 'postgres (PostgreSQL) ${version}.3 (Debian ${version}.3-1)'`);
  if (madeBy) writeFileSync(path.join(data, 'PG_VERSION'), `${madeBy}\n`);
  return shell(`pg_home=${home} pg_dir=${path.dirname(data)}; pg_choose_bin; echo "\${pg_bin#$pg_home/}"`, env);
}

test('a new database gets the newest PostgreSQL, an old one the version that made it', () => {
  assert.equal(chosen([9, 15, 17]).stdout, '17/bin');
  assert.equal(chosen([15]).stdout, '15/bin');
  assert.equal(chosen([9, 15, 17], 15).stdout, '15/bin');
  assert.equal(chosen([15, 17], 17).stdout, '17/bin');
  assert.equal(chosen([15, 17], undefined, { PG_BIN: path.join(folder, 'postgresql/15/bin') }).stdout, '15/bin');
});

test('a PostgreSQL that cannot read the database, or is too old, is refused in words', () => {
  const foreign = chosen([17], 15);
  assert.equal(foreign.status, 1);
  assert.match(foreign.stderr, /PostgreSQL 15 made the database in .*cluster, and 17 cannot read it.*OPERATIONS\.md/);
  for (const versions of [[], [9, 14]]) {
    const none = chosen(versions);
    assert.equal(none.status, 1);
    assert.match(none.stderr, /no PostgreSQL 15 or newer in .*postgresql/);
  }
  assert.match(readFileSync(path.join(lib, '../../docs/OPERATIONS.md'), 'utf8'), /Another version of PostgreSQL/);
});
