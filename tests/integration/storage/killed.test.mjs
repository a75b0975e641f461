// What a killed server leaves at a service that speaks S3, and who takes it away.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { hold } from '../../support/database.mjs';
import { form, kForm } from '../../support/forms.mjs';
import { startFakeS3 } from '../../support/s3.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kMiB = 1024 * 1024;
const kDay = 24 * 3600 * 1000;
const kSoon = { s3: { sweep_interval: '100ms', abandoned_after: '1s' }, files: { upload_time: '1s', sweep_interval: '100ms' } };
const kLater = { s3: { sweep_interval: '1h', abandoned_after: '24h' }, files: { upload_time: '1h', sweep_interval: '100ms' } };

describe('a server killed while a file goes to S3', () => {
  let s3;
  let stoa;
  let ada;
  let room;
  before(async () => {
    s3 = await startFakeS3();
    const base = s3.config(kLater.s3);
    stoa = await startStoa({ config: { ...base, files: { ...kLater.files, max_bytes: '20MiB' }, jobs: { poll: '100ms' } } });
    ada = await stoa.register('ada');
    room = await stoa.createRoom(ada.token);
  });
  afterEach(async () => {
    s3.fail = () => false;
    await stoa.restart(kLater);
  });
  after(async () => {
    await stoa.stop();
    await s3.stop();
  });

  // Its answer, or "cut".
  const bring = (size) => stoa.api('POST', '/api/files', { token: ada.token, headers: kForm,
    body: form({ kind: 'message', roomId: room.id }, { bytes: Buffer.alloc(size, 'a line of text\n') }) }).then(({ status }) => status, () => 'cut');
  const swept = async () => {
    await stoa.restart(kSoon);
    await stoa.sql('update files set due_at = now() where due_at is not null');
    await until(() => s3.uploads.size === 0, { what: 'the upload in parts to be ended' });
    await until(async () => s3.objects.size === 0 && await stoa.sql('select count(*) from files') === '0', { what: 'the sweep' });
    assert.equal(await stoa.sql('select coalesce(sum(bytes + files), 0) from file_usage'), '0');
  };

  test('in parts leaves an upload that is ended, and no row', async () => {
    let isHeld = false;
    s3.fail = (request, answer, url) => url.searchParams.get('partNumber') === '2' && (isHeld = true);
    const answered = bring(11 * kMiB);
    await until(() => isHeld, { what: 'the second part' });
    await stoa.kill9();
    assert.equal(await answered, 'cut');
    assert.deepEqual([...s3.uploads.values()].map(({ parts }) => parts.length), [1]);
    assert.equal(await stoa.sql('select state from files'), 'receiving');
    await swept();
  });

  for (const [what, size] of [['in one call', 1000], ['in parts', 11 * kMiB]]) {
    test(`${what}, that is whole before its row says so, leaves nothing`, async () => {
      let release;
      // What lets its row be written is held before the last call is answered.
      s3.fail = (request, answer, url) => {
        const isLast = size < kMiB ? request.method === 'PUT' : request.method === 'POST' && url.searchParams.has('uploadId');
        if (!isLast || release) return false;
        release = hold(stoa.database, 'select from files for update');
        release.then(() => answer(503, s3.refusal('SlowDown')));
        return true;
      };
      const answered = bring(size);
      await until(() => s3.objects.size === 1, { what: 'the object' });
      await stoa.kill9();
      await (await release)();
      assert.equal(await answered, 'cut');
      assert.equal(await stoa.sql('select state from files'), 'receiving');
      await swept();
    });
  }

  test('is not mended at the cost of uploads that are young, or not its own', async () => {
    const old = new Date(Date.now() - 2 * kDay);
    s3.uploads.set('ours', { key: 'school/files/ours', parts: [], begun: old });
    s3.uploads.set('young', { key: 'school/files/young', parts: [], begun: new Date() });
    s3.uploads.set('theirs', { key: 'hospital/files/theirs', parts: [], begun: old });
    await stoa.restart({ s3: { sweep_interval: '100ms' } });
    await until(() => !s3.uploads.has('ours'), { what: 'ours to be ended' });
    const lists = () => s3.seen.filter(({ method, query }) => method === 'GET' && query.includes('uploads')).length;
    const seen = lists();
    await until(() => lists() >= seen + 2, { what: 'two more sweeps' });
    assert.deepEqual([...s3.uploads.keys()], ['young', 'theirs']);
    s3.uploads.clear();
  });

  // A link is good for beginning: who sends slowly ends when the file is gone.
  test('nor is what came by a link after its file was gone, as long as it may still have a row', async () => {
    const idAt = (time) => { const hex = time.toString(16).padStart(12, '0'); return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-0000000000aa`; };
    const at = (id) => `school/incoming/aa/${id}`;
    const [stray, young, kept] = [idAt(Date.now() - 2 * kDay), idAt(Date.now()), idAt(Date.now() - 3 * kDay)];
    await stoa.sql(`insert into files (id, owner_id, kind, state, original_name, size, due_at) values ('${kept}', '${ada.id}', 'message', 'receiving', 'a', 1, now() + interval '1 day')`);
    for (const id of [stray, young, kept]) s3.objects.set(at(id), Buffer.from('x'));
    await stoa.restart({ s3: { sweep_interval: '100ms' } });
    await until(() => !s3.objects.has(at(stray)), { what: 'what has no row to be removed' });
    const lists = () => s3.seen.filter(({ query }) => query.includes('list-type') && query.includes('incoming%2Fff')).length;
    const seen = lists();
    await until(() => lists() > seen, { what: 'another sweep' });
    assert.deepEqual([...s3.objects.keys()].sort(), [at(young), at(kept)].sort());
    await stoa.sql(`delete from files where id = '${kept}'`);
    s3.objects.clear();
  });

  test('is no reason to stop where the uploads may not be listed', async () => {
    s3.fail = (request, answer, url) => request.method === 'GET' && url.searchParams.has('uploads') && (answer(403, s3.refusal('AccessDenied')), true);
    await stoa.restart({ s3: { sweep_interval: '100ms' } });
    s3.seen.length = 0;
    await until(() => s3.seen.filter(({ query }) => query.includes('uploads')).length >= 2, { what: 'two sweeps' });
    assert.equal(await bring(1000), 201);
    s3.fail = () => false;
    await stoa.sql("update files set state = 'dropped', due_at = now()");
    await until(() => s3.objects.size === 0, { what: 'the file to go' });
  });
});
