// People's pictures of themselves: made anew, shown to everybody, gone when they are changed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { fetchBytes, form, kForm, kPdf, kPng } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { ClamdStandIn } from '../files/clamd_stand_in.mjs';

const kPicture = () => form({}, { name: 'me.png', type: 'image/png', bytes: kPng });

describe('an avatar', () => {
  const world = {};
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { files: { sweep_interval: '100ms' }, jobs: { poll: '100ms' }, pictures: { max_bytes: '100KiB' } } });
    world.stoa = stoa;
    Object.assign(world, await everyRole(stoa));
  });
  after(() => stoa.stop());

  const set = (person, body = kPicture()) => stoa.api('POST', '/api/users/me/avatar', { token: person.token, body, headers: kForm });
  const target = (url) => new URL(url).pathname;

  scenarios(world, { request: 'POST /api/users/me/avatar', headers: kForm, body: kPicture }, [
    { name: 'anybody shows one', who: ['member', 'other'], answer: 200 },
    { name: 'strangers show none', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'a document is none', who: 'member', body: () => form({}, { name: 'me.png', type: 'image/png', bytes: kPdf }), answer: '415 NOT_A_PICTURE' },
    { name: 'half a picture is none', who: 'member', body: () => form({}, { bytes: kPng.subarray(0, 40) }), answer: '415 NOT_A_PICTURE' },
    { name: 'a drawing with scripts is none', who: 'member', body: () => form({}, { bytes: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"/>' }), answer: '415 NOT_A_PICTURE' },
    { name: 'a picture has its bounds', who: 'member', body: () => form({}, { bytes: Buffer.alloc(101 * 1024) }), answer: '413 TOO_LARGE' },
    { name: 'a form has a file', who: 'member', body: () => Buffer.from(String(form({}, {})).replace('name="file"; filename="notes.txt"', 'name="more"')), answer: '422 VALIDATION_ERROR', invalid: ['file'] },
  ]);
  scenarios(world, { request: 'DELETE /api/users/me/avatar' }, [
    { name: 'strangers have none to take away', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'taking away none is none', who: 'banned', answer: 200, has: { profilePictureUrl: null } },
  ]);
  scenarios(world, { request: 'GET /api/avatars/{nothing}' }, [
    { name: 'of nobody', who: ['stranger', 'member'], answer: '404 NOT_FOUND' },
  ]);

  test('is in the profile, and everybody sees it by its address', async () => {
    const { status, body } = await set(world.owner);
    assert.equal(status, 200);
    const { body: seen } = await stoa.api('GET', `/api/users/${world.owner.id}`, { token: world.other.token });
    assert.equal(seen.profilePictureUrl, body.profilePictureUrl);
    for (const size of ['', '?size=small', '?size=large']) {
      const { status: shown, headers, bytes } = await fetchBytes(stoa, target(body.profilePictureUrl) + size);
      assert.equal(shown, 200);
      assert.match(headers.get('content-type'), /^image\/(jpeg|png)$/);
      assert.match(headers.get('content-disposition'), /^inline/);
      assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.notDeepEqual(bytes, kPng, 'made anew');
    }
  });

  test('is taken away by an operator, which is written down', async () => {
    const { body: { profilePictureUrl } } = await set(world.moderator);
    for (let i = 0; i < 2; ++i) {
      const { code, stderr } = await runStoa(['admin', 'delete-avatar', world.moderator.id], { env: { STOA_DATABASE_URL: stoa.database } });
      assert.equal(code, 0, stderr);
    }
    assert.equal((await fetchBytes(stoa, target(profilePictureUrl))).status, 404);
    assert.equal((await stoa.api('GET', `/api/users/${world.moderator.id}`, { token: world.other.token })).body.profilePictureUrl, null);
    const taken = await stoa.rows(`select action, actor_kind, before, after from audit_log where target_id = '${world.moderator.id}' and action = 'avatars.delete'`);
    assert.deepEqual(taken, [{ action: 'avatars.delete', actor_kind: 'operator', before: { profilePictureUrl }, after: { profilePictureUrl: null } }]);
    const nobody = await runStoa(['admin', 'delete-avatar', world.nothing.id], { env: { STOA_DATABASE_URL: stoa.database } });
    assert.match(`${nobody.code} ${nobody.stderr}`, /^1 .*no account has the id/s);
  });

  test('is one, of several that are shown at once', async () => {
    const { member } = world;
    await Promise.all(Array.from({ length: 4 }, () => set(member)));
    await until(async () => (await stoa.sql(`select count(*) from files where owner_id = '${member.id}' and kind = 'avatar' and state <> 'dropped'`)) === '2', { what: 'one in both sizes to be left' });
    const { body: { profilePictureUrl } } = await stoa.api('GET', '/api/users/me', { token: member.token });
    assert.equal((await fetchBytes(stoa, target(profilePictureUrl))).status, 200);
  });

  test('is gone once another is shown, and where none is', async () => {
    const { body: first } = await set(world.owner);
    const { body: second } = await set(world.owner);
    assert.notEqual(first.profilePictureUrl, second.profilePictureUrl);
    await until(async () => (await fetchBytes(stoa, target(first.profilePictureUrl))).status === 404, 'the first to be gone');
    const { body } = await stoa.api('DELETE', '/api/users/me/avatar', { token: world.owner.token });
    assert.equal(body.profilePictureUrl, null);
    await until(async () => (await fetchBytes(stoa, target(second.profilePictureUrl))).status === 404, 'the second to be gone');
    await until(async () => (await stoa.api('GET', '/api/files/usage', { token: world.owner.token })).body.files === 0, 'its room to be free');
  });

  test('is brought by its own door alone', async () => {
    const { status } = await stoa.api('POST', '/api/files', { token: world.member.token, body: form({ kind: 'avatar' }, { bytes: kPng }), headers: kForm });
    assert.equal(status, 403);
  });
});

test('a new one, and a room\'s logo, are seen at once also where no scanner answers: the server made them itself', async () => {
  const clamd = await new ClamdStandIn({ answer: () => 'stream: lstat() failed. ERROR' }).start();
  const stoa = await startStoa({ config: { files: { clamd: clamd.address }, disk: { keep_free_bytes: '1MiB' } } });
  try {
    const ada = await stoa.register('ada');
    const room = await stoa.createRoom(ada.token);
    for (const at of ['/api/users/me/avatar', `/api/rooms/${room.id}/logo`]) {
      for (const time of ['the first', 'another one']) {
        const { status, body, text } = await stoa.api('POST', at, { token: ada.token, body: kPicture(), headers: kForm });
        assert.equal(status, 200, text);
        const { pathname } = new URL(body.profilePictureUrl ?? body.logoUrl);
        for (const size of ['small', 'large']) assert.equal((await fetchBytes(stoa, `${pathname}?size=${size}`)).status, 200, `${at}, ${time}, ${size}`);
      }
    }
  } finally {
    await stoa.stop();
    await clamd.stop();
  }
});
