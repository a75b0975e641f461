// Files that a scanner looks at: nobody has one before it was found clean.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { bring, fetchBytes } from '../../support/forms.mjs';
import { people } from '../../support/people.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

import { Clamd, kEicar } from './clamd.mjs';
import { ClamdStandIn } from './clamd_stand_in.mjs';
import { stored } from './stored.mjs';

// What asks that scanner, and what its files are asked for by ada, who brings them into a room.
function scanned(clamd) {
  const world = {};
  before(async () => {
    await clamd.start();
    const { address } = clamd;
    const stoa = await startStoa({ config: { files: { clamd: address, scan_timeout: '2s', sweep_interval: '100ms' }, jobs: { poll: '100ms', first_wait: '100ms', longest_wait: '200ms', attempts: 1000 }, disk: { keep_free_bytes: '1MiB' } } });
    const ada = await stoa.register('ada');
    const room = await stoa.createRoom(ada.token);
    Object.assign(world, { stoa, ada, room, socket: await stoa.connect(ada.token) });
  });
  after(async () => {
    await world.socket?.close();
    await world.stoa?.stop();
    await clamd.stop();
  });
  return Object.assign(world, {
    into: (file) => bring(world.stoa, world.ada, { kind: 'message', roomId: world.room.id }, file),
    hears: (file, state) => world.socket.next('file_updated', ({ id, state: now }) => id === file.id && now === state),
    fails: (why) => world.stoa.log(({ event, reason }) => event === 'job_failed' && why.test(reason ?? '')),
    async asks(file, what = 'download') {
      const { status, body } = await world.stoa.api('GET', `/api/files/${file.id}/${what}`, { token: world.ada.token });
      return `${status} ${body.error?.code ?? ''}`.trim();
    },
    async sends(file) {
      const { status, body } = await world.stoa.api('POST', `/api/messages/room/${world.room.id}`, { token: world.ada.token, body: { content: 'x', fileIds: [file.id] } });
      return `${status} ${body.error?.code ?? ''}`.trim();
    },
  });
}

describe('with clamd', () => {
  const clamd = new Clamd({ most: 512 * 1024 });
  const world = scanned(clamd);
  const { into, hears, fails, asks, sends } = world;

  test('a clean file is ready, as it came, after it was scanned', async () => {
    const bytes = Buffer.alloc(300_000, 'clean ');
    const file = await into({ bytes });
    assert.equal(file.state, 'scanning');
    await hears(file, 'ready');
    assert.deepEqual((await fetchBytes(world.stoa, `/api/files/${file.id}/download`, { token: world.ada.token })).bytes, bytes);
  });

  for (const [where, bytes] of [['by itself', kEicar], ['at the end of a long one', `${'words '.repeat(50_000)}${kEicar}`]]) {
    test(`a harmful one, ${where}, is refused, its owner is told, and its bytes are gone`, async () => {
      const before = (await stored(world.stoa)).length;
      const file = await into({ bytes });
      assert.notEqual(await asks(file), '200');
      const told = await hears(file, 'refused');
      assert.equal(told.name, 'notes.txt');
      assert.equal(await asks(file), '409 FILE_REFUSED');
      assert.equal(await asks(file, 'link'), '409 FILE_REFUSED');
      assert.equal(await sends(file), '404 NOT_FOUND');
      await world.stoa.log(({ event, found }) => event === 'file_refused' && /Eicar-Test/.test(found));
      await until(async () => (await stored(world.stoa)).length === before, { what: 'the bytes to go' });
    });
  }

  test('what is larger than StreamMaxLength is not clean', async () => {
    const file = await into({ bytes: Buffer.alloc(900_000, 'large ') });
    await fails(/size limit exceeded/);
    assert.equal(await asks(file), '409 FILE_NOT_READY');
    clamd.allow(1 << 20);
    await clamd.kill();
    await clamd.start();
    await hears(file, 'ready');
  });

  test('one that clamd was killed over is scanned later, and nobody has it before', async () => {
    await clamd.freeze();
    const file = await into({ bytes: Buffer.alloc(900_000, 'half ') });
    await until(() => clamd.isAsked(), { what: 'clamd to be asked' });
    await clamd.kill();
    await fails(/clamd closed the connection/);
    assert.equal(await asks(file), '409 FILE_NOT_READY');
    const next = await into({ bytes: 'brought while it is away' });
    await fails(/clamd is not there/);
    for (const one of [file, next]) assert.equal(await asks(one), '409 FILE_NOT_READY');
    await clamd.start();
    await hears(file, 'ready');
    await hears(next, 'ready');
  });
});

describe('with a scanner that answers badly', () => {
  const clamd = new ClamdStandIn();
  const { into, hears, fails, asks, sends } = scanned(clamd);

  test('while nothing is known nobody has it, and it is asked for again', async () => {
    clamd.silent = true;
    const file = await into({ bytes: 'wait for it' });
    assert.equal(await asks(file), '409 FILE_NOT_READY');
    assert.equal(await sends(file), '409 FILE_NOT_READY');
    await fails(/clamd/);
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
  const clamd = await new ClamdStandIn({ answer }).start();
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
  const clamd = await new ClamdStandIn({ answer: async (bytes) => { if (bytes.includes('slow')) await released; return 'stream: OK'; } }).start();
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
    // By asking alone they would wait for an hour.
    await stoa.sql("update jobs set due_at = now() + interval '1 hour' where kind = 'examine_file' and due_at > now() + interval '1 second'");
    release();
    await until(async () => (await count('files where state = \'scanning\'')) === 0, { what: 'all of them' });
  } finally {
    release();
    await stoa.stop();
    await clamd.stop();
  }
});

// What `stoa` says of jobs and files, where nothing is tried again for an hour.
async function whereNothingIsTriedAgain(answer, check) {
  const clamd = await new ClamdStandIn({ answer }).start();
  const stoa = await startStoa({ config: { files: { clamd: clamd.address }, jobs: { poll: '50ms', attempts: 3, first_wait: '1h', longest_wait: '1h' }, disk: { keep_free_bytes: '1MiB' } } });
  try {
    const ada = await stoa.register('Ada');
    await check({
      stoa,
      brings: (bytes) => bring(stoa, ada, { kind: 'note' }, { bytes }),
      removes: async ({ id }) => assert.equal((await stoa.api('DELETE', `/api/files/${id}`, { token: ada.token })).status, 204),
      isReady: async ({ id }) => (await stoa.sql(`select state from files where id = '${id}'`)) === 'ready',
      jobOf: ({ id }) => stoa.sql(`select string_agg(format('attempts %s, parked %s', attempts, parked_at is not null), '; ') from jobs where kind = 'examine_file' and key = '${id}'`),
    });
  } finally {
    await stoa.stop();
    await clamd.stop();
  }
}

test('a file that cannot be scanned keeps its wait, and stays one job, whatever else its owner brings', async () => {
  const answer = (bytes) => (bytes.includes('poison') ? 'stream: lstat() failed. ERROR' : 'stream: OK');
  await whereNothingIsTriedAgain(answer, async ({ stoa, brings, isReady, jobOf }) => {
    const poison = await brings('poison');
    const hasFailed = async (job) => (await jobOf(poison)) === job;
    await until(() => hasFailed('attempts 1, parked f'), { what: 'the first attempt' });
    const others = async (count) => {
      for (let i = 0; i < count; ++i) {
        const file = await brings(`clean ${i}`);
        await until(() => isReady(file), { what: `the clean file ${i}` });
      }
    };
    await others(4);
    assert.equal(await jobOf(poison), 'attempts 1, parked f');
    await stoa.sql(`update jobs set attempts = 2, due_at = now() where key = '${poison.id}'`);
    await until(() => hasFailed('attempts 3, parked t'), { what: 'it to be parked' });
    await others(4);
    assert.equal(await jobOf(poison), 'attempts 3, parked t', 'no further job of it');
    const { code, stdout, stderr } = await runStoa(['jobs', 'retry', '--parked', '--kind', 'examine_file'], { env: { STOA_DATABASE_URL: stoa.database } });
    assert.equal(code, 0, stdout + stderr);
  });
});

test('a file that is deleted before its turn keeps nobody behind it waiting', async () => {
  let isBroken = true;
  const answer = () => (isBroken ? 'stream: lstat() failed. ERROR' : 'stream: OK');
  await whereNothingIsTriedAgain(answer, async ({ stoa, brings, removes, isReady }) => {
    const [deleted, last] = [await brings('deleted'), await brings('last')];
    await until(async () => (await stoa.sql("select count(*) from jobs where kind = 'examine_file' and attempts = 1 and worker is null")) === '2', { what: 'both to wait for an hour' });
    isBroken = false;
    await removes(deleted);
    // As where both had waited for their turn, and the one was woken.
    await stoa.sql(`update jobs set attempts = 0, due_at = case when key = '${deleted.id}' then now() else due_at end where kind = 'examine_file'`);
    await until(() => isReady(last), { what: 'the last one' });
  });
});

test('what is scanned for somebody who is suspended by then is nobody\'s, and goes', async () => {
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const answer = async () => { await released; return 'stream: OK'; };
  await whereNothingIsTriedAgain(answer, async ({ stoa, brings, jobOf }) => {
    const file = await brings('late');
    await until(async () => (await jobOf(file)) === 'attempts 1, parked f', { what: 'it to be scanned' });
    await stoa.sql('update users set suspended_at = now()');
    release();
    await until(async () => (await stoa.sql(`select state from files where id = '${file.id}'`)) === 'dropped', { what: 'it to go' });
    await until(async () => (await stored(stoa)).length === 0, { what: 'its bytes to go' });
  });
});
