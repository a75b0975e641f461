// What a service that speaks S3 does wrong at times, and what comes of it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { form, kForm } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { startFakeS3 } from '../../support/s3.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('a service that fails', () => {
  const world = {};
  let s3;
  let stoa;
  before(async () => {
    s3 = await startFakeS3();
    stoa = await startStoa({ config: { ...s3.config(), files: { max_bytes: '20MiB', sweep_interval: '100ms' }, jobs: { poll: '100ms' } } });
    Object.assign(world, await everyRole(stoa));
  });
  beforeEach(() => {
    s3.fail = () => false;
    s3.seen.length = 0;
  });
  after(async () => {
    await stoa.stop();
    await s3.stop();
  });

  const kSmall = Buffer.from('The plan');
  const kLarge = Buffer.alloc(11 * 1024 * 1024, 'a line of text, and the next one\n');
  const bring = async (bytes) => {
    const { status, body } = await stoa.api('POST', '/api/files', { token: world.member.token, body: form({ kind: 'message', roomId: world.room.id }, { name: 'plan.txt', bytes }), headers: kForm });
    return `${status} ${body.error?.code ?? ''}`.trim();
  };
  // Fails so often where the request is one of those.
  const failing = (times, which, how) => {
    let left = times;
    s3.fail = (request, answer, url, body) => left > 0 && which(request, url) && (left -= 1, how(request, answer, url, body), true);
  };
  const isPut = (request) => request.method === 'PUT';
  const isComplete = (request, url) => request.method === 'POST' && url.searchParams.has('uploadId');
  const stored = () => [...s3.objects.values()].at(-1);

  test('busy: it is asked again', async () => {
    failing(3, isPut, (_, answer) => answer(503, s3.refusal('SlowDown')));
    assert.equal(await bring(kSmall), '201');
    assert.ok(stored().equals(kSmall));
  });

  test('a connection that ends: it is asked again', async () => {
    failing(2, isPut, (request) => request.socket.destroy());
    assert.equal(await bring(kSmall), '201');
  });

  test('busy for long: the answer says so, and nothing is left', async () => {
    const before = s3.objects.size;
    failing(100, isPut, (_, answer) => answer(500, s3.refusal('InternalError')));
    assert.equal(await bring(kSmall), '503 STORAGE_UNAVAILABLE');
    assert.equal(s3.objects.size, before);
    assert.equal((await stoa.api('GET', '/readyz')).status, 200, 'everything else goes on');
  });

  test('keys that are refused: the log says what the service said', async () => {
    failing(1, isPut, (_, answer) => answer(403, s3.refusal('InvalidAccessKeyId')));
    assert.equal(await bring(kSmall), '503 STORAGE_UNAVAILABLE');
    await until(() => stoa.logs().some(({ event, code }) => event === 'storage_refused' && code === 'InvalidAccessKeyId'));
  });

  test('`stoa files check` says why', async () => {
    const check = async (env = {}) => {
      const { code, stderr } = await runStoa(['files', 'check', '--config', stoa.configFile], { env });
      return `${code} ${stderr.trimEnd()}`;
    };
    failing(100, (_, url) => url.searchParams.has('list-type'), (_, answer) => answer(403, s3.refusal('AccessDenied')));
    assert.match(await check(), /^1 stoa: http:\/\/\S+ gives no files: AccessDenied \(status 403\)$/);
    assert.match(await check({ STOA_FETCH_PRIVATE_NETWORKS: '10.0.0.0/8' }), / gives no files: refused \(fetch\.private_networks does not name it\)$/);
  });

  test('a full one: 507', async () => {
    failing(1, isPut, (_, answer) => answer(507, s3.refusal('XMinioStorageFull')));
    assert.equal(await bring(kSmall), '507 STORAGE_FULL');
  });

  test('another clock: the request is signed for it', async () => {
    const later = new Date(Date.now() + 3600 * 1000);
    failing(1, isPut, (_, answer) => answer(403, s3.refusal('RequestTimeTooSkewed'), { date: later.toUTCString() }));
    assert.equal(await bring(kSmall), '201');
    const [first, second] = s3.seen.filter(({ method }) => method === 'PUT').map(({ headers }) => headers['x-amz-date']);
    assert.notEqual(first.slice(0, 11), second.slice(0, 11));
    // Back to the right one, for the others.
    failing(1, isPut, (_, answer) => answer(403, s3.refusal('RequestTimeTooSkewed'), { date: new Date().toUTCString() }));
    assert.equal(await bring(kSmall), '201');
  });

  test('parts of one size, each asked again by itself', async () => {
    failing(2, (request, url) => isPut(request) && url.searchParams.get('partNumber') === '2', (_, answer) => answer(503, s3.refusal('SlowDown')));
    assert.equal(await bring(kLarge), '201');
    assert.ok(stored().equals(kLarge));
    const sizes = new Map(s3.seen.filter(({ query }) => query.includes('partNumber')).map(({ query, size }) => [query, size]));
    assert.deepEqual([...sizes.values()], [5 * 1024 * 1024, 5 * 1024 * 1024, 1024 * 1024]);
    assert.equal(s3.uploads.size, 0);
  });

  test('200 and then an error: completed again', async () => {
    failing(1, isComplete, (_, answer) => answer(200, `   \n${s3.refusal('InternalError').replace(/^<\?xml.*\n/, '')}`));
    assert.equal(await bring(kLarge), '201');
  });

  test('the answer of completing is lost: what is there decides', async () => {
    failing(1, isComplete, (request, answer, url) => {
      const key = decodeURIComponent(url.pathname).replace(/^\/[^/]+\//, '');
      const id = url.searchParams.get('uploadId');
      s3.objects.set(key, Buffer.concat(s3.uploads.get(id).parts));
      s3.uploads.delete(id);
      request.socket.destroy();
    });
    assert.equal(await bring(kLarge), '201');
  });

  test('what is not there is not taken for complete', async () => {
    failing(1, isComplete, (_, answer, url) => {
      s3.uploads.delete(url.searchParams.get('uploadId'));
      answer(404, s3.refusal('NoSuchUpload'));
    });
    assert.equal(await bring(kLarge), '503 STORAGE_UNAVAILABLE');
  });

  test('an upload that is given up is ended', async () => {
    failing(100, (request, url) => isPut(request) && url.searchParams.get('partNumber') === '2', (_, answer) => answer(500, s3.refusal('InternalError')));
    assert.equal(await bring(kLarge), '503 STORAGE_UNAVAILABLE');
    await until(() => s3.uploads.size === 0, 'the upload to be ended');
  });

  test('a file that is deleted while it is copied leaves nothing', async () => {
    const { body: { file, upload } } = await stoa.api('POST', '/api/uploads', { token: world.member.token, body: { kind: 'message', roomId: world.room.id, name: 'a.txt', size: 8 } });
    const headers = Object.fromEntries(upload.headers.map(({ name, value }) => [name, value]));
    delete headers['content-length'];
    await fetch(upload.url, { method: upload.method, headers, body: kSmall });
    let copied;
    const copying = new Promise((resolve) => {
      s3.fail = (request, answer, url) => {
        if (copied || !request.headers['x-amz-copy-source']) return false;
        copied = () => { s3.objects.set(decodeURIComponent(url.pathname).split('/').slice(2).join('/'), kSmall); answer(200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>'); };
        resolve();
        return true;
      };
    });
    await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: world.member.token });
    await copying;
    assert.equal((await stoa.api('DELETE', `/api/files/${file.id}`, { token: world.member.token })).status, 204);
    await stoa.sql(`update files set open_until = null, due_at = now() where id = '${file.id}'`); // its link is over
    await until(async () => (await stoa.sql(`select count(*) from files where id = '${file.id}'`)) === '0', { what: 'the row to go' });
    copied();
    const left = () => [...s3.objects.keys()].filter((key) => key.includes(file.id));
    await until(async () => (await stoa.sql(`select count(*) from jobs where key = '${file.id}'`)) === '0' && left().length === 0, { what: 'the copy to go' });
  });
});
