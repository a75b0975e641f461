// Files that are pictures: made anew before anybody has them, in a few sizes, and swept with their file.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { hold } from '../../support/database.mjs';
import { bring, fetchBytes, form, kForm, kPdf } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { gif, kPlace, look, photo, png } from '../../support/pictures.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

import { stored } from './stored.mjs';

const kInto = (bytes) => ({ room }) => form({ kind: 'message', roomId: room.id }, { name: 'photo.jpg', bytes });
const kLarge = png(2000, 1000);

describe('a picture', () => {
  const world = {};
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { files: { max_bytes: '2MiB', sweep_interval: '100ms' }, pictures: { max_pixels: 4_000_000 }, jobs: { poll: '100ms', lease: '1s' } } });
    world.stoa = stoa;
    Object.assign(world, await everyRole(stoa));
    world.loose = await into(kLarge);
    world.kept = await into(kLarge);
    await say([world.kept]);
  });
  after(() => stoa.stop());

  const into = (bytes, person = world.member) => bring(stoa, person, { kind: 'message', roomId: world.room.id }, { name: 'photo.jpg', bytes });
  async function say(files, person = world.member) {
    const { status, body, text } = await stoa.api('POST', `/api/messages/room/${world.room.id}`, { token: person.token, body: { content: 'See this', fileIds: files.map(({ id }) => id) } });
    assert.equal(status, 201, text);
    return body;
  }
  const get = (file, query = '', { person = world.owner, ...more } = {}) => fetchBytes(stoa, `/api/files/${file.id}/download${query}`, { token: person.token, ...more });
  const usage = async (person) => (await stoa.api('GET', '/api/files/usage', { token: person.token })).body;

  scenarios(world, { request: 'POST /api/files', headers: kForm, who: 'member' }, [
    { name: 'is told with its size, and which smaller ones there are', body: kInto(kLarge), answer: 201, has: { mediaType: 'image/png', width: 2000, height: 1000, sizes: [320, 1280] } },
    { name: 'is as it stands upright', body: kInto(photo()), answer: 201, has: { mediaType: 'image/jpeg', width: 32, height: 48, sizes: [] } },
    { name: 'that moves has its first frame in small', body: kInto(gif(400, 100)), answer: 201, has: { mediaType: 'image/gif', width: 400, height: 100, sizes: [320] } },
    { name: 'is no document', body: kInto(kPdf), answer: 201, has: { width: null, height: null, sizes: [] } },
    { name: 'with too many pixels is refused by its header', body: kInto(png(8, 8, { says: [60_000, 60_000] })), answer: '422 PICTURE_TOO_LARGE' },
    { name: 'of which half is missing is none', body: kInto(kLarge.subarray(0, kLarge.length / 2)), answer: '415 NOT_A_PICTURE' },
  ]);
  scenarios(world, { request: 'GET /api/files/{kept}/download?size=320' }, [
    { name: 'in small is for the room', who: ['member', 'owner', 'muted'], answer: 200 },
    { name: 'in small is for nobody else', who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
    { name: 'in small is for no stranger', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'in small is its owner\'s as long as nothing keeps it', request: 'GET /api/files/{loose}/download?size=320', who: ['owner', 'other'], answer: '404 NOT_FOUND' },
    { name: 'has a size', request: 'GET /api/files/{kept}/download?size=0', who: 'member', answer: '422 VALIDATION_ERROR', invalid: ['size'] },
    { name: 'has a link in small', request: 'GET /api/files/{kept}/link?size=320', who: 'member', answer: 200, has: { url: /&size=320$/ } },
    { name: 'has none for others', request: 'GET /api/files/{kept}/link?size=320', who: 'other', answer: '403 NOT_A_MEMBER' },
  ]);

  test('is had without what the camera wrote into it', async () => {
    for (const bytes of [photo(), png(640, 480, { turned: true })]) {
      assert.ok(bytes.includes(kPlace));
      const file = await into(bytes);
      await say([file]);
      for (const query of ['', '?size=320']) {
        const { status, bytes: had, headers } = await get(file, query);
        assert.equal(status, 200);
        for (const trace of [kPlace, 'Exif', 'eXIf', 'tEXt']) assert.ok(!had.includes(trace), `${trace} in ${file.mediaType}`);
        const seen = look(had);
        assert.ok(seen.width < seen.height, 'it stands upright');
        assert.equal(headers.get('content-type'), seen.type);
      }
      const { bytes: whole } = await get(file);
      assert.equal(createHash('sha256').update(whole).digest('hex'), file.sha256, 'what is told is of what is kept');
      assert.equal(whole.length, file.size);
    }
  });

  test('is given out in the least size that is large enough, shown, and under conditions', async () => {
    for (const [query, width] of [['?size=100', 320], ['?size=320', 320], ['?size=321', 1280], ['?size=1280', 1280], ['?size=1281', 2000], ['', 2000]]) {
      const { status, headers, bytes } = await get(world.kept, query);
      assert.equal(status, 200);
      assert.deepEqual(look(bytes), { type: headers.get('content-type'), width, height: width / 2 });
      assert.match(headers.get('content-disposition'), /^inline; filename="photo\.jpg"/);
      assert.match(headers.get('content-security-policy'), /sandbox/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('cache-control'), 'private, no-cache');
      const known = { 'if-none-match': headers.get('etag') };
      assert.equal((await get(world.kept, query, { headers: known })).status, 304);
      assert.equal((await get(world.kept, query, { headers: known, person: world.other })).status, 403, 'who may is asked before');
    }
    const tags = await Promise.all(['?size=320', '?size=1280', ''].map(async (query) => (await get(world.kept, query)).headers.get('etag')));
    assert.equal(new Set(tags).size, 3);
    assert.deepEqual((await get(world.kept, '?size=320', { headers: { range: 'bytes=0-1' } })).bytes, Buffer.from([0xff, 0xd8]));
  });

  test('is had by a link in small, as long as who asked for it may', async () => {
    const { body: link } = await stoa.api('GET', `/api/files/${world.kept.id}/link?size=320`, { token: world.owner.token });
    const { status, bytes } = await fetchBytes(stoa, link.url);
    assert.equal(status, 200);
    assert.equal(look(bytes).width, 320);
  });

  test('that moves stays as it came, and is given out as a file', async () => {
    const bytes = gif(400, 100, 3);
    const file = await into(bytes);
    await say([file]);
    const whole = await get(file);
    assert.deepEqual(whole.bytes, bytes);
    assert.match(whole.headers.get('content-disposition'), /^attachment/);
    assert.deepEqual(look((await get(file, '?size=320')).bytes), { type: 'image/jpeg', width: 320, height: 80 });
  });

  test('is told with its size in the message that has it', async () => {
    const [file, document] = [await into(kLarge), await into(kPdf)];
    const message = await say([file, document]);
    const { width, height, sizes } = message.attachments[0];
    assert.deepEqual({ width, height, sizes }, { width: 2000, height: 1000, sizes: [320, 1280] });
    assert.deepEqual(Object.keys(message.attachments[1]).sort(), ['fileId', 'mediaType', 'name', 'size', 'url']);
    const { body: history } = await stoa.api('GET', `/api/messages/room/${world.room.id}?limit=1`, { token: world.owner.token });
    assert.deepEqual(history.items[0].attachments, message.attachments);
  });

  test('of a note is one like all others', async () => {
    const { status, body: note } = await stoa.api('POST', '/api/notes', { token: world.member.token, headers: kForm, body: form({ title: 'Sheet', roomId: world.room.id }, { name: 'sheet.png', bytes: png(640, 480, { turned: true }) }) });
    assert.equal(status, 201);
    const { bytes } = await fetchBytes(stoa, `/api/notes/${note.id}/download`, { token: world.owner.token });
    assert.deepEqual(look(bytes), { type: 'image/png', width: 480, height: 640 });
    assert.ok(!bytes.includes(kPlace));
    const small = await get({ id: note.fileId }, '?size=320');
    assert.deepEqual(look(small.bytes), { type: 'image/jpeg', width: 240, height: 320 });
    assert.equal((await get({ id: note.fileId }, '?size=320', { person: world.other })).status, 404);
  });

  test('that comes by itself is made anew too', async () => {
    const bytes = png(640, 480, { turned: true });
    const { body: begun } = await stoa.api('POST', '/api/uploads', { token: world.member.token, body: { kind: 'message', roomId: world.room.id, name: 'a.png', size: bytes.length } });
    const headers = Object.fromEntries(begun.upload.headers.map(({ name, value }) => [name, value]));
    const put = await fetch(stoa.url + begun.upload.url, { method: begun.upload.method, headers, body: bytes });
    const file = await put.json();
    assert.deepEqual([file.state, file.width, file.height, file.sizes], ['ready', 480, 640, [320]]);
    assert.ok(!(await get(file, '', { person: world.member })).bytes.includes(kPlace));
  });

  test('takes room with all that was made of it, and leaves nothing', async () => {
    const ann = await stoa.register('ann');
    await stoa.api('POST', `/api/rooms/${world.room.id}/join`, { token: ann.token, body: {} });
    const before = (await stored(stoa)).length;
    const file = await into(kLarge, ann);
    const parts = await Promise.all(['?size=320', '?size=1280', ''].map((query) => get(file, query, { person: ann })));
    const { bytes, files } = await usage(ann);
    assert.deepEqual({ bytes, files }, { bytes: parts.reduce((sum, part) => sum + part.bytes.length, 0), files: 1 });
    assert.equal((await stored(stoa)).length, before + 3);
    const message = await say([file], ann);
    const socket = await stoa.connect(ann.token);
    await socket.request('delete_message', { messageId: message.id });
    await socket.close();
    await until(async () => (await usage(ann)).files === 0, { what: 'its room to be free' });
    assert.equal((await usage(ann)).bytes, 0);
    assert.equal((await stored(stoa)).length, before);
    for (const bad of [png(8, 8, { says: [60_000, 60_000] }), kLarge.subarray(0, kLarge.length / 2)]) {
      const { status } = await stoa.api('POST', '/api/files', { token: ann.token, headers: kForm, body: kInto(bad)(world) });
      assert.ok(status === 422 || status === 415);
      assert.deepEqual((await usage(ann)).files, 0);
      assert.equal((await stored(stoa, { all: true })).length, before);
    }
  });

  test('that takes more than came has to have room for it', async () => {
    const ann = await stoa.register('ann');
    await stoa.api('POST', `/api/rooms/${world.room.id}/join`, { token: ann.token, body: {} });
    const bytes = png(700, 700, { noise: true }); // of noise nothing is smaller than it
    const before = (await stored(stoa)).length;
    await stoa.restart({ files: { max_bytes: '2MiB', user_quota: '2MiB' } });
    await stoa.sql(`insert into file_usage values ('${ann.id}', ${2 * 1024 * 1024 - bytes.length - 100}, 0)`);
    const { status, body } = await stoa.api('POST', '/api/files', { token: ann.token, headers: kForm, body: kInto(bytes)(world) });
    assert.equal(`${status} ${body.error?.code} ${body.error?.details.of}`, '409 QUOTA_EXCEEDED user');
    assert.equal(await stoa.sql(`select bytes from file_usage where holder = '${ann.id}'`), `${2 * 1024 * 1024 - bytes.length - 100}`);
    assert.equal((await stored(stoa, { all: true })).length, before);
    await stoa.restart({ files: { max_bytes: '2MiB', user_quota: '1GiB' } });
  });

  test('counts with its small ones among what nothing keeps', async () => {
    const ann = await stoa.register('ann');
    await stoa.api('POST', `/api/rooms/${world.room.id}/join`, { token: ann.token, body: {} });
    const file = await into(png(700, 700, { noise: true }), ann);
    const share = `${Math.ceil(file.size / 1024) + 4}KiB`; // less than that and the small one
    await stoa.restart({ files: { max_bytes: share, loose_per_room: share } });
    const { status, body } = await stoa.api('POST', '/api/files', { token: ann.token, headers: kForm, body: kInto('a few words')(world) });
    assert.equal(`${status} ${body.error?.code} ${body.error?.details.of}`, '409 QUOTA_EXCEEDED loose');
    await stoa.restart({ files: { max_bytes: '2MiB', loose_per_room: '256MiB' } });
  });

  test('whose small ones do not belong to its row, or are gone, is told and mended, and stays', async () => {
    const folder = path.join(stoa.folder, stoa.config.storage?.folder ?? 'var/files');
    const check = async (...more) => {
      const { code, stdout } = await runStoa(['files', 'check', '--config', stoa.configFile, ...more], { env: { STOA_STORAGE_FOLDER: folder } });
      return { code, wrong: stdout.split('\n').filter((line) => /^(lost|small|stray) /.test(line)), stdout };
    };
    const ann = await stoa.register('ann');
    await stoa.api('POST', `/api/rooms/${world.room.id}/join`, { token: ann.token, body: {} });
    const [lacking, gone, extra] = [await into(kLarge, ann), await into(kLarge, ann), await into(photo(), ann)];
    await say([lacking, extra], ann);
    const at = ({ id }, part) => path.join(folder, 'files', id.slice(-2), `${id}${part}`);
    assert.deepEqual((await check()).wrong, []);
    await rm(at(lacking, '.320'));
    await copyFile(at(gone, '.320'), at(extra, '.320'));
    const ofGone = Number(await stoa.sql(`delete from files where id = '${gone.id}' returning size + sizes_bytes`));
    const name = (file, part) => `stray  files/${file.id.slice(-2)}/${file.id}${part}`;
    const found = await check();
    assert.equal(found.code, 1);
    assert.deepEqual(found.wrong.sort(), [`small  ${lacking.id}  message  ${lacking.size} bytes  of ${ann.id}`, name(gone, ''), name(gone, '.320'), name(gone, '.1280'), name(extra, '.320')].sort());
    assert.equal((await check('--mend')).code, 0);
    assert.deepEqual((await check()).wrong, []);
    const bytes = (await get(lacking, '?size=320', { person: ann })).bytes;
    assert.deepEqual(bytes, (await get(lacking, '', { person: ann })).bytes, 'it is given out itself');
    const { body } = await stoa.api('GET', `/api/files/${lacking.id}`, { token: ann.token });
    assert.deepEqual([body.state, body.width, body.sizes], ['ready', 2000, []]);
    const [{ bytes: kept }] = await stoa.rows(`select sum(size + sizes_bytes)::int as bytes from files where owner_id = '${ann.id}'`);
    assert.equal((await usage(ann)).bytes - ofGone, kept, 'what they took is free again');
    await stoa.sql(`update file_usage set bytes = bytes - ${ofGone}, files = files - 1 where holder in ('${ann.id}', '${world.room.id}')`);
  });

  describe('killed', () => {
    const swept = async () => {
      await stoa.start();
      await stoa.sql('update files set due_at = now(), held_by = null');
      await until(async () => (await stoa.sql('select count(*) from files')) === '0', { what: 'the sweep' });
      assert.deepEqual(await stored(stoa, { all: true }), []);
      assert.equal(await stoa.sql('select coalesce(sum(bytes + files), 0) from file_usage'), '0');
    };
    before(async () => {
      await stoa.sql('delete from file_usage where files = 0'); // what was set aside by hand
      await stoa.sql('update files set due_at = now(), held_by = null');
      await until(async () => (await stoa.sql('select count(*) from files')) === '0', { what: 'all to go' });
    });

    test('when all sizes are there and the row does not say so yet', async () => {
      const body = kInto(kLarge)(world);
      const call = request(`${stoa.url}/api/files`, { method: 'POST', agent: false, headers: { ...kForm, authorization: `Bearer ${world.member.token}`, 'content-length': body.length } });
      const cut = new Promise((done) => { call.on('error', done); });
      call.write(body.subarray(0, 1000));
      await until(async () => (await stoa.sql('select count(*) from files')) === '1', { what: 'it to come' });
      const release = await hold(stoa.database, 'select from files for update');
      call.end(body.subarray(1000));
      await until(async () => (await stored(stoa)).length === 3, { what: 'all sizes' });
      await stoa.kill9();
      await release();
      await cut;
      assert.equal(await stoa.sql('select state from files'), 'receiving');
      await swept();
    });

    test('when it is ready and nothing keeps it', async () => {
      await into(kLarge);
      await stoa.kill9();
      await swept();
    });
  });
});
