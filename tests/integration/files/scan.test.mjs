// Files that a scanner looks at: nobody has one before it was found clean.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { bring } from '../../support/forms.mjs';
import { people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

import { Clamd } from './clamd.mjs';
import { stored } from './stored.mjs';

describe('with clamd', () => {
  let clamd;
  let stoa;
  let ada;
  let room;
  let socket;
  before(async () => {
    clamd = await new Clamd({ most: 512 * 1024 }).start();
    stoa = await startStoa({ config: { files: { clamd: clamd.address, scan_timeout: '2s', sweep_interval: '100ms' }, jobs: { poll: '100ms', first_wait: '100ms', longest_wait: '200ms' }, disk: { keep_free_bytes: '1MiB' } } });
    ada = await stoa.register('ada');
    room = await stoa.createRoom(ada.token);
    socket = await stoa.connect(ada.token);
  });
  after(async () => {
    await socket.close();
    await stoa.stop();
    await clamd.stop();
  });

  const into = (file) => bring(stoa, ada, { kind: 'message', roomId: room.id }, file);
  const hears = (file, state) => socket.next('file_updated', ({ id, state: now }) => id === file.id && now === state);
  const asks = async (file, what = 'download') => {
    const { status, body } = await stoa.api('GET', `/api/files/${file.id}/${what}`, { token: ada.token });
    return `${status} ${body.error?.code ?? ''}`.trim();
  };

  test('a clean file is ready after it was scanned whole', async () => {
    const bytes = Buffer.alloc(300_000, 'clean ');
    const file = await into({ bytes });
    assert.equal(file.state, 'scanning');
    await hears(file, 'ready');
    assert.equal(await asks(file), '200');
    assert.ok(clamd.seen.some((seen) => seen.equals(bytes)), 'other bytes came to the scanner');
  });

  test('a harmful one is refused, its owner is told, and its bytes are gone', async () => {
    const before = (await stored(stoa)).length;
    const file = await into({ bytes: 'this is EICAR' });
    const told = await hears(file, 'refused');
    assert.equal(told.name, 'notes.txt');
    assert.equal(await asks(file), '409 FILE_REFUSED');
    assert.equal(await asks(file, 'link'), '409 FILE_REFUSED');
    await until(async () => (await stored(stoa)).length === before, { what: 'the bytes to go' });
    const { status, body } = await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'x', fileIds: [file.id] } });
    assert.equal(`${status} ${body.error.code}`, '404 NOT_FOUND');
  });

  test('while nothing is known nobody has it, and it is asked for again', async () => {
    clamd.silent = true;
    const file = await into({ bytes: 'wait for it' });
    assert.equal(await asks(file), '409 FILE_NOT_READY');
    const { status, body } = await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'x', fileIds: [file.id] } });
    assert.equal(`${status} ${body.error.code}`, '409 FILE_NOT_READY');
    await stoa.log(({ event, reason }) => event === 'job_failed' && /clamd/.test(reason ?? ''));
    clamd.silent = false;
    await hears(file, 'ready');
  });

  for (const [name, answer] of [['an error', 'stream: lstat() failed. ERROR'], ['nonsense', 'OK'], ['nothing', undefined]]) {
    test(`${name} is no verdict`, async () => {
      const { answer: usual } = clamd;
      let asked = 0;
      clamd.answer = (bytes) => (++asked < 3 ? answer : usual(bytes));
      const file = await into({ bytes: `said ${name}` });
      await hears(file, 'ready');
      assert.ok(asked >= 3, `it was asked for ${asked} times`);
      clamd.answer = usual;
    });
  }

  test('what is larger than the scanner takes is not clean', async () => {
    const file = await into({ bytes: Buffer.alloc(900_000, 'large ') });
    await stoa.log(({ event, reason }) => event === 'job_failed' && /size limit exceeded/.test(reason ?? ''));
    assert.equal(await asks(file), '409 FILE_NOT_READY');
    clamd.most = 1 << 20;
    await hears(file, 'ready');
  });

  test('a scanner that is away keeps nobody from bringing files', async () => {
    await clamd.stop();
    const file = await into({ bytes: 'later' });
    await stoa.log(({ event, reason }) => event === 'job_failed' && /not there/.test(reason ?? ''));
    assert.equal(await asks(file), '409 FILE_NOT_READY');
    await clamd.start();
    await hears(file, 'ready');
  });
});

test('files of one person are scanned one after the other, beside those of others', async () => {
  let most = 0;
  let now = 0;
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const answer = async (bytes) => {
    if (!bytes.includes('slow')) return 'stream: OK';
    most = Math.max(most, ++now);
    await released;
    --now;
    return 'stream: OK';
  };
  const clamd = await new Clamd({ answer }).start();
  const stoa = await startStoa({ config: { files: { clamd: clamd.address }, jobs: { poll: '100ms' }, disk: { keep_free_bytes: '1MiB' } } });
  try {
    const [ada, ben] = await people(stoa, 'Ada', 'Ben');
    const bringTo = (person, bytes) => bring(stoa, person, { kind: 'note' }, { bytes });
    const slow = [];
    for (let i = 0; i < 4; ++i) slow.push(await bringTo(ada, `slow ${i}`));
    const isReady = async ({ id }) => (await stoa.sql(`select state from files where id = '${id}'`)) === 'ready';
    for (let i = 0; i < 2; ++i) {
      const file = await bringTo(ben, `quick ${i}`);
      await until(() => isReady(file), { what: 'the other person\'s file' });
    }
    release();
    for (const file of slow) await until(() => isReady(file), { what: 'the rest' });
    assert.equal(most, 1);
  } finally {
    await stoa.stop();
    await clamd.stop();
  }
});

test('files of one person that wait for their turn ask seldom, and follow one another once it comes', async () => {
  const kFiles = 60;
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const clamd = await new Clamd({ answer: async (bytes) => { if (bytes.includes('slow')) await released; return 'stream: OK'; } }).start();
  const stoa = await startStoa({ config: { files: { clamd: clamd.address }, jobs: { poll: '100ms' }, disk: { keep_free_bytes: '1MiB' } } });
  try {
    const [ada, ben] = await people(stoa, 'Ada', 'Ben');
    for (let i = 0; i < kFiles; ++i) await bring(stoa, ada, { kind: 'note' }, { bytes: `slow ${i}` });
    const count = async (what) => Number(await stoa.sql(`select count(*) from ${what}`));
    const soon = 'jobs where kind = \'examine_file\' and due_at < now() + interval \'1 second\'';
    await until(async () => (await count(soon)) <= kFiles / 4, { what: 'most to wait for longer' });
    const { id } = await bring(stoa, ben, { kind: 'note' }, { bytes: 'quick' });
    await until(async () => (await count(`files where id = '${id}' and state = 'ready'`)) === 1, { what: 'the other person\'s file' });
    assert.equal(await count('files where state = \'scanning\''), kFiles);
    release();
    // By asking alone they would take half a minute.
    const end = Date.now() + 20_000;
    await until(async () => (await count('files where state = \'scanning\'')) === 0, { what: 'all of them' });
    assert.ok(Date.now() < end, `${Date.now() - end} ms late`);
  } finally {
    release();
    await stoa.stop();
    await clamd.stop();
  }
});
