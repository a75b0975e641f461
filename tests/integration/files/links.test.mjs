// Links to files beside a stranger who asks for what is not there, at the same address.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { bring, fetchBytes, form, kForm, kPng } from '../../support/forms.mjs';
import { makeRoom, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';

const kWrites = 20;
const kReads = 15;
const kNobodys = '01a22249-7834-7695-ad91-e666b213e5d5';

describe('links to files, where a stranger of the address has asked too often', () => {
  let stoa;
  let ada;
  let room;
  let file;
  before(async () => {
    const window = '15m';
    const rate_limits = { enabled: true, write: { requests: kWrites, window }, read: { requests: kReads, window }, avatars: { requests: 10, window } };
    stoa = await startStoa({ config: { rate_limits, disk: { keep_free_bytes: '1MiB' } } });
    [ada] = await people(stoa, 'Ada');
    room = await makeRoom(stoa, ada);
    file = await bring(stoa, ada, { kind: 'message', roomId: room.id }, { bytes: 'hello' });
  });
  after(() => stoa.stop());

  const spend = async (method, target) => {
    for (let i = 0; i < 30; ++i) {
      const { status, headers } = await stoa.api(method, target);
      if (status === 429) return assert.equal(headers.get('ratelimit-remaining'), '0');
      assert.equal(status, 404);
    }
    return assert.fail('was never refused');
  };
  const left = ({ headers }) => Number(headers.get('ratelimit-remaining'));

  test('a right link to write counts with the links of whose it is', async () => {
    await spend('PUT', `/api/uploads/${kNobodys}/content?token=x`);
    const begun = await stoa.api('POST', '/api/uploads', { token: ada.token, body: { kind: 'message', roomId: room.id, name: 'a.txt', size: 5 } });
    assert.equal(begun.status, 201);
    const { file: { id }, upload } = begun.body;
    const put = await stoa.api('PUT', upload.url, { body: 'hello', headers: { 'content-type': 'application/octet-stream' } });
    assert.equal(put.status, 200, put.text);
    assert.equal(left(put), kWrites - 1);
    const wrong = await stoa.api('PUT', upload.url.replace(id, file.id), { body: 'hello', headers: { 'content-type': 'application/octet-stream' } });
    assert.equal(wrong.status, 429, 'of another file it is none');
  });

  test('pictures of people have a limit of their own', async () => {
    const shown = await stoa.api('POST', '/api/users/me/avatar', { token: ada.token, headers: kForm, body: form({}, { name: 'a.png', type: 'image/png', bytes: kPng }) });
    assert.equal(shown.status, 200, shown.text);
    const target = new URL(shown.body.profilePictureUrl).pathname;
    assert.equal((await fetchBytes(stoa, target)).status, 200);
    await spend('GET', `/api/avatars/${kNobodys}`);
    assert.equal((await stoa.api('GET', '/api/rooms')).status, 200, 'what strangers read besides');
  });

  test('a right link to read counts with the links of whose it is, and spends nothing of his own', async () => {
    const asked = await stoa.api('GET', `/api/files/${file.id}/link`, { token: ada.token });
    await spend('GET', `/api/files/${file.id}/content?token=x`);
    const fetched = await fetchBytes(stoa, asked.body.url);
    assert.equal(`${fetched.status} ${fetched.bytes}`, '200 hello');
    assert.equal(left(fetched), kReads - 1);
    for (let i = 1; i < kReads; ++i) assert.equal((await stoa.api('HEAD', asked.body.url)).status, 200);
    assert.equal((await stoa.api('HEAD', asked.body.url)).status, 429);
    const own = await stoa.api('GET', '/api/users/me', { token: ada.token });
    assert.equal(own.status, 200);
    assert.equal(left(own), left(asked) - 1);
  });
});
