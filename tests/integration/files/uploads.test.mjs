// Files that come by a link of their own.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { fetchBytes } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

import { stored } from './stored.mjs';

describe('a file that comes by a link', () => {
  const world = {};
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { files: { max_bytes: '100KiB', open_uploads_per_user: 3, upload_time: '5m', sweep_interval: '100ms' }, jobs: { poll: '100ms' }, disk: { keep_free_bytes: '1MiB' } } });
    world.stoa = stoa;
    Object.assign(world, await everyRole(stoa));
    world.upload = { id: (await begin()).file.id };
  });
  after(() => stoa.stop());

  const wish = { kind: 'message', roomId: '{room}', name: 'a.txt', size: 10 };
  const begin = async (person = world.member, fields = {}) => {
    const { status, body, text } = await stoa.api('POST', '/api/uploads', { token: person.token, body: { ...wish, roomId: world.room.id, ...fields } });
    assert.equal(status, 201, text);
    return body;
  };
  const send = (upload, body) => stoa.api(upload.method, upload.url, { body, headers: Object.fromEntries(upload.headers.map(({ name, value }) => [name, value])) });
  // Half of it, and end(), which sends the rest and tells the status of the answer.
  const halfSent = (upload) => new Promise((resolve, reject) => {
    const call = request(`${stoa.url}${upload.url}`, { method: 'PUT', agent: false, headers: { 'content-type': 'application/octet-stream', 'content-length': 10 } });
    const answered = new Promise((done) => { call.on('response', (answer) => { answer.resume(); done(answer.statusCode); }); });
    call.on('error', reject);
    call.write('01234', () => resolve({ end: () => { call.end('56789'); return answered; } }));
  });
  const answerOf = ({ status, body }) => `${status} ${body.error?.code ?? ''}`.trim();

  scenarios(world, { request: 'POST /api/uploads', body: wish }, [
    { name: 'members begin one', who: 'member', answer: 201, has: { file: { state: 'receiving', size: 10, name: 'a.txt' }, upload: { method: 'PUT' } } },
    { name: 'nobody else does', who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
    { name: 'strangers neither', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'all bad fields at once', who: 'member', body: { kind: 1, name: '', size: -1 }, answer: '422 VALIDATION_ERROR', invalid: ['kind', 'name', 'size'] },
    { name: 'larger than it may be', who: 'member', body: { ...wish, size: 100 * 1024 + 1 }, answer: '413 TOO_LARGE' },
  ]);
  scenarios(world, { request: 'PUT /api/uploads/{upload}/content?token=AAAA', body: () => 'x' }, [
    { name: 'nobody writes without the link', who: ['stranger', 'member', 'other'], answer: '404 NOT_FOUND' },
  ]);
  scenarios(world, { request: 'POST /api/uploads/{upload}/complete' }, [
    { name: 'what has not come is not complete', who: 'member', answer: '409 FILE_NOT_READY' },
    { name: 'others do not say so', who: ['owner', 'other'], answer: '404 NOT_FOUND' },
    { name: 'nor strangers', who: 'stranger', answer: '401 UNAUTHORIZED' },
  ]);

  test('is there once it came, without a token, and is said to be complete as often as wanted', async () => {
    const { file, upload } = await begin(world.owner);
    const put = await send(upload, '0123456789');
    assert.equal(put.status, 200);
    assert.deepEqual([put.body.id, put.body.state, put.body.size, put.body.mediaType], [file.id, 'ready', 10, 'text/plain']);
    for (let i = 0; i < 2; ++i) {
      const { status, body } = await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: world.owner.token });
      assert.equal(`${status} ${body.state}`, '200 ready');
    }
    assert.equal(`${(await fetchBytes(stoa, `/api/files/${file.id}/download`, { token: world.owner.token })).bytes}`, '0123456789');
    assert.equal(answerOf(await send(upload, 'again')), '409 FILE_IN_USE', 'the link is good once');
    assert.equal(`${(await fetchBytes(stoa, `/api/files/${file.id}/download`, { token: world.owner.token })).bytes}`, '0123456789');
  });

  test('has its own link, which fetches nothing', async () => {
    const [one, other] = [await begin(world.owner), await begin(world.owner)];
    const stolen = one.upload.url.replace(one.file.id, other.file.id);
    assert.equal(answerOf(await send({ ...one.upload, url: stolen }, 'x')), '404 NOT_FOUND');
    await send(one.upload, 'x'.repeat(5));
    const reading = `/api/files/${one.file.id}/content${one.upload.url.slice(one.upload.url.indexOf('?'))}`;
    assert.equal((await fetchBytes(stoa, reading)).status, 404);
    await send(other.upload, 'x');
  });

  test('is no larger than it was said to be', async () => {
    const { file, upload } = await begin(world.owner);
    assert.equal(answerOf(await send(upload, 'x'.repeat(11))), '413 TOO_LARGE');
    assert.equal((await stoa.api('GET', `/api/files/${file.id}`, { token: world.owner.token })).status, 404);
  });

  test('of two requests at once one writes it', async () => {
    const { file, upload } = await begin(world.owner);
    const answers = await Promise.all(['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc'].map((bytes) => send(upload, bytes)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
    const { body: link } = await stoa.api('GET', `/api/files/${file.id}`, { token: world.owner.token });
    const { bytes, headers } = await fetchBytes(stoa, `/api/files/${file.id}/download`, { token: world.owner.token });
    assert.match(`${bytes}`, /^(a|b|c)\1{9}$/);
    assert.equal(headers.get('etag'), `"${link.sha256}"`);
  });

  test('of those that have not come a person has so many, until their time is over', async () => {
    for (let i = 0; i < 3; ++i) await begin(world.moderator);
    const refused = await stoa.api('POST', '/api/uploads', { token: world.moderator.token, body: { ...wish, roomId: world.room.id } });
    assert.equal(answerOf(refused), '429 TOO_MANY_UPLOADS');
    await stoa.sql(`update files set due_at = now(), open_until = now() where owner_id = '${world.moderator.id}'`);
    await until(async () => (await stoa.api('POST', '/api/uploads', { token: world.moderator.token, body: { ...wish, roomId: world.room.id } })).status === 201, { what: 'the sweep' });
  });

  test('its bytes have all their time, however late they begin', async () => {
    const { upload, file } = await begin(world.secondModerator);
    await stoa.sql(`update files set due_at = now() + interval '2 seconds' where id = '${file.id}'`);
    const coming = await halfSent(upload);
    await until(async () => (await stoa.sql(`select due_at > now() + interval '5 minutes' from files where id = '${file.id}'`)) === 't', { what: 'it to be begun' });
    assert.equal(await coming.end(), 200);
  });

  for (const [what, answer, leave] of [
    ['deletes the account', 401, async (person) => assert.equal((await stoa.api('DELETE', '/api/users/me', { token: person.token, body: { password: person.password } })).status, 204)],
    ['is suspended', 403, (person) => stoa.sql(`update users set suspended_at = now() where id = '${person.id}'`)],
  ]) {
    test(`leaves nothing where its owner ${what} while it comes`, async () => {
      const person = await stoa.register('leaves');
      const before_ = (await stored(stoa)).length;
      const { upload, file } = await begin(person, { kind: 'note', roomId: undefined });
      const row = (columns) => stoa.sql(`select ${columns} from files where id = '${file.id}'`);
      const coming = await halfSent(upload);
      await until(async () => (await row('open_until is null')) === 't', { what: 'it to be begun' });
      await leave(person);
      // The sweep leaves what still comes its row.
      await stoa.sql('insert into files (id, kind, state, original_name, size, due_at) values (gen_random_uuid(), \'note\', \'dropped\', \'other\', 0, now())');
      await until(async () => (await stoa.sql('select count(*) from files where original_name = \'other\'')) === '0', { what: 'the sweep' });
      assert.equal(await row('count(*)'), '1');
      assert.equal(await coming.end(), answer);
      await until(async () => (await row('count(*)')) === '0', { what: 'its row to go' });
      assert.equal((await stored(stoa)).length, before_);
      assert.equal(await stoa.sql(`select coalesce(sum(bytes + files), 0) from file_usage where holder = '${person.id}'`), '0');
    });
  }

  test('is asked for once more with its key as long as its link is good', async () => {
    const ask = () => stoa.api('POST', '/api/uploads', { token: world.owner.token, body: { ...wish, roomId: world.room.id }, headers: { 'idempotency-key': 'late' } });
    const first = await ask();
    assert.equal(first.status, 201, first.text);
    assert.deepEqual((await ask()).body.file, first.body.file);
    const { id } = first.body.file;
    await stoa.sql(`update files set open_until = now() - interval '5 minutes', due_at = now() where id = '${id}'`);
    await stoa.sql(`update idempotency_keys set response = jsonb_set(response::jsonb, '{until}', '"2026-01-01T00:00:00.000Z"')::text where key = 'late'`);
    await until(async () => (await stoa.sql(`select count(*) from files where id = '${id}'`)) === '0', { what: 'the file to go' });
    assert.equal(answerOf(await ask()), '403 LINK_EXPIRED');
  });

  test('its link ends', async () => {
    const { upload, file } = await begin(world.secondModerator);
    await stoa.sql(`update files set open_until = now() where id = '${file.id}'`);
    assert.equal(answerOf(await send(upload, 'x')), '409 FILE_IN_USE');
  });
});
