// scripts/run as a person uses it: it serves, Ctrl-C ends all of it, and the next time everything is there.
// On the release build alone, which is the one that it serves.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { psql, required } from '../support/database.mjs';
import { until } from '../support/until.mjs';

const script = fileURLToPath(new URL('../../scripts/run', import.meta.url));

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const started = [];

function start(port, folder) {
  // As a shell in the foreground starts it: with the signals at their defaults.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_')));
  const child = spawn('env', ['--default-signal=INT', script, '--port', String(port), '--var', folder], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, text: '' };
  started.push(child);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (d) => { run.text += d; });
  child.on('close', (code) => { run.code = code; });
  return run;
}

const ready = (run) => until(() => {
  if (run.code !== undefined) throw new Error(`it ended: ${run.text}`);
  return run.text.includes('Ctrl-C stops it');
}, { what: 'scripts/run to be ready' });

const ended = (run) => until(() => run.code !== undefined, { what: `scripts/run to end\n${run.text}` });

// What stands in the folder and is not its owner's alone: files that others may read, folders that they may list.
function openToOthers(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    const bits = statSync(name).mode & 0o777;
    if (bits & (entry.isDirectory() ? 0o066 : 0o077) && !entry.isSocket()) found.push(`${name} ${bits.toString(8)}`);
    if (entry.isDirectory() && !['data', 'socket'].includes(entry.name)) found.push(...openToOthers(name));
  }
  return found;
}

// Processes that have the folder on their command line, in their environment's database URL or as their
// working directory.
function processesIn(folder) {
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) found.push(`${pid} ${command}`);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

if (required('STOA_TEST_PRESET') === 'release') {
  let folder;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'run-'));
    chmodSync(folder, 0o755); // the database's user passes through
  });
  after(async () => {
    for (const child of started) child.kill('SIGTERM');
    await until(() => started.every((child) => child.exitCode !== null || child.signalCode), { what: 'the scripts to end' });
    rmSync(folder, { recursive: true, force: true });
  });

  test('a second start keeps what people wrote; a signal ends everything', async () => {
    const port = await freePort();
    const account = { email: 'kept@example.org', password: 'a long enough secret', fullName: 'Kept', username: 'kept' };
    const post = (target, body) => fetch(`http://127.0.0.1:${port}${target}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
    });

    const first = start(port, folder);
    await ready(first);
    assert.match(first.text, new RegExp(`http://127.0.0.1:${port}`));
    assert.ok(lstatSync(path.join(folder, 'postgres')).isDirectory(), 'the database is elsewhere, although its user reaches this folder');
    assert.equal((await post('/api/auth/register', account)).status, 201);
    assert.deepEqual(openToOthers(folder), []);
    const [, url] = /psql '(.*)'/.exec(first.text);
    assert.equal(await psql(url, `SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
      FROM pg_roles WHERE rolname = current_user;`), 'f', 'the role that the server signs in as may do too much');
    assert.ok(processesIn(folder).length >= 2);
    appendFileSync(path.join(folder, 'stoa.log'), Buffer.alloc(21 << 20, 'full\n'));
    await until(() => statSync(path.join(folder, 'stoa.log')).size < 1 << 20, { what: 'the log to be moved on' });
    assert.ok(statSync(path.join(folder, 'stoa.log.1')).size > 20 << 20);
    assert.deepEqual(openToOthers(folder), []);
    first.child.kill('SIGINT');
    await ended(first);
    assert.equal(first.code, 130, first.text);
    assert.deepEqual(processesIn(folder), []);

    // As a version left it that did not mind.
    chmodSync(path.join(folder, 'stoa.log'), 0o644);
    const second = start(port, folder);
    await ready(second);
    assert.equal((await post('/api/auth/login', account)).status, 200);
    assert.deepEqual(openToOthers(folder), []);
    const third = start(port, folder);
    await ended(third);
    assert.match(third.text, /something already listens on 127\.0\.0\.1/);
    second.child.kill('SIGTERM');
    await ended(second);
    assert.equal(second.code, 143, second.text);
    assert.deepEqual(processesIn(folder), []);
  });
}
