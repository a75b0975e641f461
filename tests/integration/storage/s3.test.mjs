// Files that lie at a service that speaks S3: s3rver of npm, and links as the official SDK makes them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { bring, fetchBytes, form, kForm } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { kPlace, look, png } from '../../support/pictures.mjs';
import { startS3rver } from '../../support/s3.mjs';
import { signedQuery } from '../../support/s3_signatures.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { ClamdStandIn } from '../files/clamd_stand_in.mjs';

describe('files at s3rver', () => {
  const world = {};
  let s3;
  let stoa;
  before(async () => {
    s3 = await startS3rver();
    stoa = await startStoa({ config: { ...s3.config(), files: { max_bytes: '20MiB', sweep_interval: '100ms' }, jobs: { poll: '100ms', first_wait: '100ms' } } });
    Object.assign(world, await everyRole(stoa));
  });
  after(async () => {
    await stoa.stop();
    await s3.stop();
  });

  const bringIt = (file) => bring(stoa, world.member, { kind: 'message', roomId: world.room.id }, file);
  const download = (id) => fetchBytes(stoa, `/api/files/${id}/download`, { token: world.member.token });

  test('a small one comes back as it was, by a link of the service', async () => {
    const { id } = await bringIt({ name: 'plan.txt', bytes: 'The plan' });
    const { status, headers } = await download(id);
    assert.equal(status, 302);
    assert.equal(headers.get('cache-control'), 'no-store');
    const answer = await fetch(headers.get('location'));
    assert.equal(await answer.text(), 'The plan');
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.match(answer.headers.get('content-disposition'), /^attachment; filename="plan\.txt"/);
  });

  test('a large one goes in parts and comes back whole', async () => {
    const bytes = Buffer.alloc(12 * 1024 * 1024 + 7, 'a line of text, and the next one\n');
    const file = await bringIt({ name: 'long.txt', bytes });
    assert.equal(file.size, bytes.length);
    const { headers } = await download(file.id);
    const come = Buffer.from(await (await fetch(headers.get('location'))).arrayBuffer());
    assert.equal(createHash('sha256').update(come).digest('hex'), file.sha256);
    assert.ok(come.equals(bytes));
  });

  test('a link that was asked for leads there too, without a token', async () => {
    const { id } = await bringIt({ name: 'plan.txt', bytes: 'The plan' });
    const { status, body: link } = await stoa.api('GET', `/api/files/${id}/link`, { token: world.member.token });
    assert.equal(status, 200);
    assert.match(link.url, new RegExp(`^/api/files/${id}/content\\?token=`));
    const first = await fetchBytes(stoa, link.url);
    assert.equal(first.status, 302);
    assert.equal(first.headers.get('cache-control'), 'no-store');
    assert.equal(first.bytes.length, 0);
    const answer = await fetch(first.headers.get('location'));
    assert.equal(`${answer.status} ${await answer.text()}`, '200 The plan');
    // Who follows the link is told where the bytes are as long as its owner may have them, and each time anew.
    const again = await fetch(stoa.url + link.url);
    assert.equal(await again.text(), 'The plan');
    assert.ok(again.redirected);
  });

  test('a link is the one that the official SDK makes', async () => {
    const { id } = await bringIt({ name: 'plan (final) über.txt', bytes: 'The plan' });
    const link = (await download(id)).headers.get('location');
    assert.deepEqual(Object.fromEntries(new URL(link).searchParams), await signedQuery(link, 'GET'));
  });

  const begin = async (size) => {
    const { status, body } = await stoa.api('POST', '/api/uploads', { token: world.member.token, body: { kind: 'message', roomId: world.room.id, name: 'a.txt', size } });
    assert.equal(status, 201);
    return { ...body, headers: Object.fromEntries(body.upload.headers.map(({ name, value }) => [name, value])) };
  };
  // `length`: what is said of it; a client that says none sends chunks.
  const put = ({ upload, headers }, bytes, length) => new Promise((resolve, reject) => {
    const { 'content-length': _, ...others } = headers;
    const call = request(upload.url, { method: upload.method, agent: false, headers: { ...others, ...(length === undefined ? {} : { 'content-length': length }) } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    call.on('error', reject).end(bytes);
  });
  const complete = async ({ file }) => {
    const { status, body } = await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: world.member.token });
    return `${status} ${body.error?.code ?? body.state}`;
  };

  test('a link to bring one is the one that the official SDK makes, with the size and the type', async () => {
    const { upload, headers } = await begin(10);
    assert.deepEqual(headers, { 'content-length': '10', 'content-type': 'application/octet-stream' });
    const theirs = await signedQuery(upload.url, 'PUT', headers);
    assert.equal(theirs['X-Amz-SignedHeaders'], 'content-length;content-type;host');
    assert.deepEqual(Object.fromEntries(new URL(upload.url).searchParams), theirs);
  });

  test('by a link to bring one nothing of another size comes', async () => {
    const begun = await begin(10);
    for (const [bytes, length] of [['0123456789a', 11], ['012345678', 9], ['', 0], ['0123456789a', undefined]]) {
      assert.equal(await put(begun, bytes, length), 403, `${length} bytes`);
      assert.equal(await complete(begun), '409 FILE_NOT_READY');
    }
    assert.equal(await put(begun, '0123456789', 10), 200);
    assert.equal(await complete(begun), '200 scanning');
  });

  test('one of another size than was said is not complete, whatever the service let through', async () => {
    for (const bytes of ['0123456789a', '012345678', '']) {
      const begun = await begin(10);
      s3.put(new URL(begun.upload.url).pathname, bytes);
      assert.equal(await complete(begun), '409 FILE_NOT_READY', `${bytes.length} bytes`);
      s3.put(new URL(begun.upload.url).pathname, '0123456789');
      assert.equal(await complete(begun), '200 scanning');
    }
  });

  test('one that comes by a link of the service is looked at before it is there', async () => {
    const begun = await begin(10);
    const { file, upload } = begun;
    assert.match(upload.url, new RegExp(`^http://127\\.0\\.0\\.1:${s3.port}/${s3.bucket}/school/`));
    assert.equal(await put(begun, '0123456789', 10), 200);
    assert.equal(await complete(begun), '200 scanning');
    assert.equal((await download(file.id)).status, 409);
    const now = async () => (await stoa.api('GET', `/api/files/${file.id}`, { token: world.member.token })).body;
    await until(async () => (await now()).state === 'ready', { what: 'it to be looked at' });
    assert.equal((await now()).mediaType, 'text/plain');
    // What comes by the link afterwards changes nothing.
    await put(begun, 'otherwise!', 10);
    const { headers: answer } = await download(file.id);
    assert.equal(await (await fetch(answer.get('location'))).text(), '0123456789');
  });

  test('what its link writes after it was deleted goes as well', async () => {
    const { body: { file, upload } } = await stoa.api('POST', '/api/uploads', { token: world.member.token, body: { kind: 'message', roomId: world.room.id, name: 'a.txt', size: 10 } });
    const headers = Object.fromEntries(upload.headers.map(({ name, value }) => [name, value]));
    delete headers['content-length'];
    const put = async () => (await fetch(upload.url, { method: upload.method, headers, body: '0123456789' })).status;
    assert.equal(await put(), 200);
    await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: world.member.token });
    await until(async () => (await stoa.sql(`select state from files where id = '${file.id}'`)) === 'ready', { what: 'it to be looked at' });
    const link = (await download(file.id)).headers.get('location');
    const removed = async () => (await stoa.sql(`select count(*) from jobs where kind = 'remove_file' and key = '${file.id}'`)) === '0';
    const gone = async () => (await fetch(link)).status === 404 && removed();
    assert.equal((await stoa.api('DELETE', `/api/files/${file.id}`, { token: world.member.token })).status, 204);
    await until(gone, { what: 'the object to be gone' });
    assert.equal(await put(), 200, 'the link is good still');
    const staged = `school/incoming/${file.id.slice(-2)}/${file.id}`;
    assert.ok(s3.has(staged));
    assert.equal(await stoa.sql(`select state from files where id = '${file.id}'`), 'dropped');
    await stoa.sql(`update files set due_at = now(), open_until = now() - interval '2 minutes' where id = '${file.id}'`);
    await until(async () => (await stoa.sql(`select count(*) from files where id = '${file.id}'`)) === '0', { what: 'the row to go' });
    assert.ok(!s3.has(staged));
  });

  // Brings bytes straight to the service, and answers what becomes of them.
  async function sent(name, bytes) {
    const { body: { file, upload } } = await stoa.api('POST', '/api/uploads', { token: world.member.token, body: { kind: 'message', roomId: world.room.id, name, size: bytes.length } });
    const headers = Object.fromEntries(upload.headers.map((header) => [header.name, header.value]));
    delete headers['content-length'];
    assert.equal((await fetch(upload.url, { method: upload.method, headers, body: bytes })).status, 200);
    await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: world.member.token });
    const now = async () => (await stoa.api('GET', `/api/files/${file.id}`, { token: world.member.token })).body;
    return until(async () => { const { state, ...view } = await now(); return state !== 'scanning' && { state, ...view }; }, { what: 'it to be looked at' });
  }

  test('a picture is made anew before anybody has it, and the small ones the server gives out itself', async () => {
    const file = await sent('a.png', png(640, 480, { turned: true }));
    assert.deepEqual([file.state, file.mediaType, file.width, file.height, file.sizes], ['ready', 'image/png', 480, 640, [320]]);
    const { status, headers } = await download(file.id);
    assert.equal(status, 302);
    const whole = Buffer.from(await (await fetch(headers.get('location'))).arrayBuffer());
    assert.deepEqual(look(whole), { type: 'image/png', width: 480, height: 640 });
    assert.ok(!whole.includes(kPlace));
    assert.equal(whole.length, file.size);
    for (const [size, seen] of [[320, { type: 'image/jpeg', width: 240, height: 320 }], [1280, { type: 'image/png', width: 480, height: 640 }]]) {
      const small = await fetchBytes(stoa, `/api/files/${file.id}/download?size=${size}`, { token: world.member.token });
      assert.equal(small.status, 200);
      assert.deepEqual(look(small.bytes), seen);
    }
    const [usage] = await stoa.rows(`select u.bytes = sum(f.size + f.sizes_bytes) as fits from file_usage u join files f on f.owner_id = u.holder where u.holder = '${world.member.id}' group by u.bytes`);
    assert.equal(usage.fits, true);
  });

  test('a picture is scanned as it came, before it is made anew', async () => {
    const clamd = await new ClamdStandIn().start();
    const bytes = png(640, 480, { turned: true });
    const seen = [];
    clamd.answer = (came) => (seen.push(came) < 4 ? 'stream: busy. ERROR' : 'stream: OK');
    await stoa.restart({ files: { clamd: clamd.address } });
    try {
      const file = await sent('a.png', bytes);
      assert.deepEqual([file.state, file.width], ['ready', 480]);
      assert.equal(seen.length, 4);
      for (const came of seen) assert.deepEqual(came, bytes);
    } finally {
      await stoa.restart({ files: { clamd: '' } });
      await clamd.stop();
    }
  });

  test('an avatar comes from the server itself, since a page shows nothing of other origins', async () => {
    const { body } = await stoa.api('POST', '/api/users/me/avatar', { token: world.member.token, body: form({}, { name: 'me.png', type: 'image/png', bytes: png(64, 64) }), headers: kForm });
    const { status, headers } = await fetchBytes(stoa, new URL(body.profilePictureUrl).pathname);
    assert.deepEqual([status, headers.get('cache-control')], [200, 'public, max-age=31536000, immutable']);
  });

  test('one that is none is refused', async () => {
    const { state, width } = await sent('a.png', png(8, 8, { says: [60_000, 60_000] }));
    assert.deepEqual([state, width], ['refused', null]);
  });

  test('one that is deleted is gone there too', async () => {
    const { id } = await bringIt({ name: 'plan.txt', bytes: 'The plan' });
    const link = (await download(id)).headers.get('location');
    assert.equal((await stoa.api('DELETE', `/api/files/${id}`, { token: world.member.token })).status, 204);
    await until(async () => (await fetch(link)).status === 404, { what: 'the object to be gone' });
  });

  test('rows and objects are held against each other, and what has no other half is given up', async () => {
    await stoa.restart({ files: { sweep_interval: '1h' } });
    const check = (...more) => runStoa(['files', 'check', '--config', stoa.configFile, ...more]);
    const [kept, stray] = [await bringIt({ bytes: 'kept' }), await bringIt({ bytes: 'without a row' })];
    assert.match((await check()).stdout, / 0 without their bytes; .* 0 that no file has$/m);
    await stoa.sql(`delete from files where id = '${stray.id}'`);
    const lost = await stoa.sql(`insert into files (id, owner_id, kind, state, original_name, size, sha256)
      select gen_random_uuid(), owner_id, kind, state, original_name, size, sha256 from files where id = '${kept.id}' returning id`);
    const { code, stdout } = await check();
    assert.equal(code, 1);
    assert.ok(stdout.includes(`lost   ${lost}  message  4 bytes  of ${world.member.id}\n`), stdout);
    assert.match(stdout, new RegExp(`^stray  files/${stray.id.slice(-2)}/${stray.id}$`, 'm'));
    assert.equal((await check('--mend')).code, 0);
    assert.equal((await check()).code, 0);
    assert.equal((await download(kept.id)).status, 302);
    assert.equal((await download(lost)).status, 404);
    assert.deepEqual(await stoa.rows(`select action, actor_kind, before from audit_log where target_id = '${lost}'`),
      [{ action: 'files.forget', actor_kind: 'operator', before: { kind: 'message', size: 4 } }]);
  });
});
