// A backup of a server that runs, and its restore into another database and folder: by the commands of docs/OPERATIONS.md, "Back up".
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { databaseUrl, dropDatabase, psql, required } from '../../support/database.mjs';
import { bring, fetchBytes, form, kForm, kPdf, kPng } from '../../support/forms.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { signInWithBoth, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';

import { stored } from '../files/stored.mjs';
import { forgot, kJobs, kPublicUrl, Mailbox, reset } from '../recovery/mailbox.mjs';

const operations = readFileSync(fileURLToPath(new URL('../../../docs/OPERATIONS.md', import.meta.url)), 'utf8');
const section = operations.split(/^## /m).find((text) => text.startsWith('Back up\n'));
// The environment configures the commands here, where no file has that name.
const [kBackup, kRestore] = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block.replaceAll(' --config /etc/stoa/stoa.toml', '').trimEnd().split('\n'));

const kWaiting = "select count(*) from jobs where kind = 'send_mail' and worker is null and attempts > 0 and payload::text like '%reset_password%'";
const key = (kid) => [{ kid, secret: randomBytes(32).toString('hex') }];

// As an operator's shell, in a folder of its own, where `stoa` is the binary.
function shell(line, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-euc', line], { cwd, env: { ...process.env, PATH: `${path.dirname(required('STOA_BINARY'))}:${process.env.PATH}`, ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (data) => { text += data; });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${line}: ${code}\n${text}`))));
  });
}

describe('a backup', () => {
  const auth = { keys: key('signs'), sealing_keys: key('seals') };
  const files = { sweep_interval: '100ms' };
  const world = {};
  let database; // of the restored server
  let folder;
  let mails;
  let stoa;
  let restored;

  const filesOf = (server) => path.join(server.folder, 'var/files');
  const bringIt = (bytes) => bring(stoa, world.ada, { kind: 'message', roomId: world.room.id }, { name: 'a.txt', bytes });
  async function say(server, person, fields) {
    const { status, text, body } = await server.api('POST', `/api/messages/room/${world.room.id}`, { token: person.token, body: fields });
    assert.equal(status, 201, text);
    return body;
  }
  async function forget(file) {
    const { status } = await stoa.api('DELETE', `/api/files/${file.id}`, { token: world.ada.token });
    assert.equal(status, 204);
    await until(async () => !(await stored(stoa)).some((name) => name.endsWith(file.id)), { what: 'the file to be swept' });
  }
  const download = (server, file) => fetchBytes(server, `/api/files/${file.id}/download`, { token: world.ada.token });

  // What is there before, what happens between the commands, and the restore.
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'backup-'));
    mails = await MailServer.start();
    const config = { auth, files, jobs: kJobs, server: { public_url: kPublicUrl }, mail: mails.config() };
    stoa = await startStoa({ config: { ...config, mail: { ...config.mail, url: 'smtp://127.0.0.1:1' } } });
    world.ada = await stoa.register('ada');
    world.ben = await stoa.register('ben');
    world.room = await stoa.createRoom(world.ada.token, { roomType: 'private' });
    world.kept = await bringIt(kPdf);
    world.message = await say(stoa, world.ada, { content: 'The sheet', fileIds: [world.kept.id] });
    const note = await stoa.api('POST', '/api/notes', { token: world.ada.token, body: form({ title: 'Primes' }, { name: 'primes.pdf', bytes: kPdf }), headers: kForm });
    world.note = note.body;
    const { body: shown } = await stoa.api('POST', '/api/users/me/avatar', { token: world.ada.token, body: form({}, { name: 'me.png', type: 'image/png', bytes: kPng }), headers: kForm });
    world.avatar = new URL(shown.profilePictureUrl).pathname;
    world.factor = await turnOn(stoa, world.ben);
    world.cas = await stoa.register('cas');
    assert.equal((await forgot(stoa, world.cas.email)).status, 202);
    await until(async () => Number(await stoa.sql(kWaiting)) === 1, { what: 'the mail to wait for its server' });
    world.old = await bringIt('brought and deleted around the dump');

    const env = { FILES: filesOf(stoa), STOA_DATABASE_URL: stoa.database };
    const [make, first, dump, second] = kBackup;
    await shell(`${make}\n${first}`, { cwd: folder, env });
    world.between = await bringIt('brought before the dump');
    world.brief = await bringIt('brought before the dump and deleted behind it');
    await shell(dump, { cwd: folder, env });
    await forget(world.old);
    await forget(world.brief);
    world.later = await bringIt('brought behind the dump');
    await say(stoa, world.ada, { content: 'Said behind the dump' });
    await shell(second, { cwd: folder, env });

    database = databaseUrl(`restored_${randomBytes(6).toString('hex')}`);
    await psql(databaseUrl('postgres'), `CREATE DATABASE ${/restored_\w+/.exec(database)[0]};`);
    const [rows, bytes, check, serve] = kRestore;
    assert.equal(serve, 'stoa serve');
    const into = { FILES: path.join(folder, 'files'), STOA_DATABASE_URL: database, STOA_STORAGE_FOLDER: path.join(folder, 'files') };
    await shell(`${rows}\n${bytes}`, { cwd: folder, env: into });
    world.check = await runStoa(['files', 'check'], { env: into });
    world.mended = await shell(check, { cwd: folder, env: into });
    world.checked = await runStoa(['files', 'check'], { env: into });
    await psql(database, 'update jobs set due_at = now()'); // as if waits, and what was being done, were over
    restored = await startStoa({ database, config: { ...config, storage: { folder: into.FILES } } });
  });
  after(async () => {
    await restored?.stop();
    await stoa?.stop();
    await mails?.stop();
    if (database) await dropDatabase(database);
    rmSync(folder, { recursive: true, force: true });
  });

  test('has every file that its dump names, but for what was brought and deleted while it was made', () => {
    const { code, stdout } = world.check;
    assert.equal(code, 1);
    assert.deepEqual(stdout.split('\n').filter((line) => line.startsWith('lost')).map((line) => line.split(/ +/)[1]), [world.brief.id]);
    assert.deepEqual(stdout.split('\n').filter((line) => line.startsWith('stray')).map((line) => line.slice(-36)), [world.later.id]);
    assert.match(world.mended, /^mended/m);
  });

  test('is whole once what is left over was taken away', async () => {
    await until(async () => (await restored.api('GET', `/api/files/${world.brief.id}`, { token: world.ada.token })).status === 404, { what: 'the lost row to go' });
    assert.match(world.checked.stdout, / 0 without their bytes; .* 0 that no file has$/m);
    assert.equal(world.checked.code, 0);
    const [{ kept, taken }] = await restored.rows(`select (select sum(size) from files where owner_id = '${world.ada.id}' and state <> 'dropped')::int as kept,
      (select bytes from file_usage where holder = '${world.ada.id}')::int as taken`);
    await until(async () => Number(await restored.sql(`select bytes from file_usage where holder = '${world.ada.id}'`)) === kept, { what: `${taken} to be ${kept}` });
  });

  test('gives back files byte for byte, notes and pictures too', async () => {
    assert.deepEqual((await download(restored, world.kept)).bytes, kPdf);
    assert.equal(String((await download(restored, world.between)).bytes), 'brought before the dump');
    assert.equal(String((await download(restored, world.old)).bytes), 'brought and deleted around the dump');
    assert.equal((await download(restored, world.later)).status, 404);
    assert.deepEqual((await fetchBytes(restored, `/api/notes/${world.note.id}/download`, { token: world.ada.token })).bytes, kPdf);
    assert.equal((await fetchBytes(restored, world.avatar)).status, 200);
  });

  test('knows who was signed in, and what they said', async () => {
    const { body: history } = await restored.api('GET', `/api/messages/room/${world.room.id}`, { token: world.ada.token });
    assert.deepEqual(history.items.map(({ content }) => content), ['The sheet']);
    assert.equal(history.items[0].attachments[0].fileId, world.kept.id);
    const said = await say(restored, world.ada, { content: 'And on' });
    assert.equal(said.seq, world.message.seq + 1);
    const renewed = await restored.api('POST', '/api/auth/refresh', { body: { refreshToken: world.ada.refreshToken } });
    assert.equal(renewed.status, 200);
  });

  test('opens what was sealed: second factors, and links in mails that waited', async () => {
    const ben = await signInWithBoth(restored, world.ben, world.factor.secret);
    assert.equal((await restored.api('GET', '/api/users/me', { token: ben.token })).status, 200);
    const box = new Mailbox(mails, restored);
    assert.equal((await reset(restored, await box.token('reset_password', world.cas.email))).status, 200);
  });

  test('wants its sealing keys, and the keys of access tokens only for those that are out', async () => {
    await restored.end();
    const lost = await runStoa(['serve', '--config', restored.configFile], { env: { STOA_AUTH_SEALING_KEYS: `another:${'k'.repeat(64)}` } });
    assert.equal(lost.code, 1);
    assert.match(lost.stdout, /seals/);
    await restored.restart({ auth: { keys: key('new') } });
    assert.equal((await restored.api('GET', '/api/users/me', { token: world.ben.token })).status, 401);
    assert.equal((await restored.api('POST', '/api/auth/refresh', { body: { refreshToken: world.ben.refreshToken } })).status, 200);
  });

  test('into the wrong folder is told from a loss', async () => {
    const env = { STOA_DATABASE_URL: database, STOA_STORAGE_FOLDER: mkdtempSync(path.join(folder, 'empty-')) };
    const { code, stderr } = await runStoa(['files', 'check', '--mend'], { env });
    assert.equal(code, 1);
    assert.match(stderr, /nothing was changed/);
    const missing = await runStoa(['files', 'check'], { env: { ...env, STOA_STORAGE_FOLDER: path.join(folder, 'nowhere') } });
    assert.match(`${missing.code} ${missing.stderr}`, /^2 stoa: storage\.folder: there is no folder/);
  });
});
