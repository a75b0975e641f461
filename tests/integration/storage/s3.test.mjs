// Files that lie at a service that speaks S3: s3rver of npm, and links as the official SDK makes them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

import { bring, fetchBytes } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { kKeys, startS3rver } from '../../support/s3.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('files at s3rver', () => {
  const world = {};
  let s3;
  let stoa;
  before(async () => {
    s3 = await startS3rver();
    stoa = await startStoa({ config: { ...s3.config(), files: { max_bytes: '20MiB', sweep_interval: '100ms' }, jobs: { poll: '100ms' } } });
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

  test('a link is the one that the official SDK makes', async () => {
    const { id } = await bringIt({ name: 'plan (final) über.txt', bytes: 'The plan' });
    const ours = new URL((await download(id)).headers.get('location'));
    const asked = (name) => ours.searchParams.get(name);
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(asked('X-Amz-Date'));
    const signer = new SignatureV4({ service: 's3', region: 'us-east-1', credentials: kKeys, sha256: Sha256, uriEscapePath: false, applyChecksum: false });
    const wanted = { protocol: 'http:', method: 'GET', hostname: '127.0.0.1', port: s3.port, path: ours.pathname, headers: { host: ours.host },
      body: {}, // of any kind: links sign none
      query: { 'response-content-disposition': asked('response-content-disposition'), 'response-content-type': asked('response-content-type') } };
    const { query: theirs } = await signer.presign(wanted, {
      expiresIn: Number(asked('X-Amz-Expires')),
      signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
    });
    assert.deepEqual(Object.fromEntries(ours.searchParams), theirs);
  });

  test('one that comes by a link of the service is looked at before it is there', async () => {
    const { body: { file, upload } } = await stoa.api('POST', '/api/uploads', { token: world.member.token, body: { kind: 'message', roomId: world.room.id, name: 'a.txt', size: 10 } });
    assert.match(upload.url, new RegExp(`^http://127\\.0\\.0\\.1:${s3.port}/${s3.bucket}/school/`));
    const headers = Object.fromEntries(upload.headers.map(({ name, value }) => [name, value]));
    delete headers['content-length'];
    assert.equal((await fetch(upload.url, { method: upload.method, headers, body: '0123456789' })).status, 200);
    const done = await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: world.member.token });
    assert.equal(`${done.status} ${done.body.state}`, '200 scanning');
    assert.equal((await download(file.id)).status, 409);
    const now = async () => (await stoa.api('GET', `/api/files/${file.id}`, { token: world.member.token })).body;
    await until(async () => (await now()).state === 'ready', { what: 'it to be looked at' });
    assert.equal((await now()).mediaType, 'text/plain');
    // What comes by the link afterwards changes nothing.
    await fetch(upload.url, { method: upload.method, headers, body: 'otherwise!' });
    const { headers: answer } = await download(file.id);
    assert.equal(await (await fetch(answer.get('location'))).text(), '0123456789');
  });

  test('one that is deleted is gone there too', async () => {
    const { id } = await bringIt({ name: 'plan.txt', bytes: 'The plan' });
    const link = (await download(id)).headers.get('location');
    assert.equal((await stoa.api('DELETE', `/api/files/${id}`, { token: world.member.token })).status, 204);
    await until(async () => (await fetch(link)).status === 404, { what: 'the object to be gone' });
  });
});
