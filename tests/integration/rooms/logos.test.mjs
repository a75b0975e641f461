// Pictures that rooms show: made anew, seen by whoever has their address, gone with what they stood for.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { hold } from '../../support/database.mjs';
import { fetchBytes, form, kForm, kPdf } from '../../support/forms.mjs';
import { everyRole, makeRoom } from '../../support/people.mjs';
import { kPlace, look, photo, png } from '../../support/pictures.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { stored } from '../files/stored.mjs';

const kLogo = () => form({}, { name: 'logo.png', type: 'image/png', bytes: png(640, 480, { turned: true }) });
const kAddress = /^http:\/\/127\.0\.0\.1:3000\/api\/logos\/[0-9a-f-]{36}$/;

describe('a logo', () => {
  const world = {};
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { files: { sweep_interval: '100ms' }, jobs: { poll: '100ms' }, pictures: { max_bytes: '100KiB' } } });
    world.stoa = stoa;
    Object.assign(world, await everyRole(stoa));
    world.hidden = await makeRoom(stoa, world.owner, { members: [world.member], roomType: 'private' });
    world.closed = await stoa.createRoom(world.owner.token);
    await stoa.api('DELETE', `/api/rooms/${world.closed.id}`, { token: world.owner.token });
  });
  after(() => stoa.stop());

  const set = async (room, person = world.owner, body = kLogo()) => {
    const answer = await stoa.api('POST', `/api/rooms/${room.id}/logo`, { token: person.token, body, headers: kForm });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const put = (fields, room = world.room) => stoa.api('PUT', `/api/rooms/${room.id}`, { token: world.owner.token, body: fields });
  const seen = async (room) => (await stoa.api('GET', `/api/rooms/${room.id}`, { token: world.owner.token })).body.logoUrl;
  const shown = async (url, size = '') => fetchBytes(stoa, new URL(url).pathname + size);
  const gone = (url) => until(async () => (await shown(url)).status === 404, { what: `${url} to be gone` });
  const kept = ({ id }) => stoa.sql(`select count(*) from files where room_id = '${id}' and kind = 'logo' and held_by is not null and state <> 'dropped'`);
  const usage = async (holder) => (await stoa.sql(`select files || ' ' || bytes from file_usage where holder = '${holder.id}'`)) || '0 0';
  const operator = (...command) => runStoa(['admin', ...command], { env: { STOA_DATABASE_URL: stoa.database } });

  scenarios(world, { request: 'POST /api/rooms/{room}/logo', headers: kForm, body: kLogo }, [
    { name: 'the owner gives one', who: 'owner', answer: 200, has: { id: '{room}', logoUrl: kAddress } },
    { name: 'nobody else in the room does', who: ['member', 'moderator', 'muted'], answer: '403 FORBIDDEN' },
    { name: 'others do not', who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
    { name: 'strangers do not', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'a room has it', who: 'owner', request: 'POST /api/rooms/{nothing}/logo', answer: '404 NOT_FOUND' },
    { name: 'a closed one has none', who: 'owner', request: 'POST /api/rooms/{closed}/logo', answer: '404 NOT_FOUND' },
    { name: 'a private one is not told of', who: 'other', request: 'POST /api/rooms/{hidden}/logo', answer: '404 NOT_FOUND' },
    { name: 'a private one\'s member gives none', who: 'member', request: 'POST /api/rooms/{hidden}/logo', answer: '403 FORBIDDEN' },
    { name: 'a document is none', who: 'owner', body: () => form({}, { name: 'logo.png', type: 'image/png', bytes: kPdf }), answer: '415 NOT_A_PICTURE' },
    { name: 'half a picture is none', who: 'owner', body: () => form({}, { bytes: png(64, 64).subarray(0, 60) }), answer: '415 NOT_A_PICTURE' },
    { name: 'with too many pixels is none', who: 'owner', body: () => form({}, { bytes: png(8, 8, { says: [60_000, 60_000] }) }), answer: '422 PICTURE_TOO_LARGE' },
    { name: 'has its bounds', who: 'owner', body: () => form({}, { bytes: Buffer.alloc(101 * 1024) }), answer: '413 TOO_LARGE' },
  ]);
  scenarios(world, { request: 'DELETE /api/rooms/{room}/logo' }, [
    { name: 'nobody but the owner takes it away', who: ['member', 'moderator'], answer: '403 FORBIDDEN' },
    { name: 'others do not', who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
    { name: 'strangers do not', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'of a private room others know nothing', who: 'other', request: 'DELETE /api/rooms/{hidden}/logo', answer: '404 NOT_FOUND' },
    { name: 'the owner does', who: 'owner', answer: 200, has: { logoUrl: null } },
    { name: 'taking away none is none', who: 'owner', answer: 200, has: { logoUrl: null } },
    { name: 'of a closed room there is none', who: 'owner', request: 'DELETE /api/rooms/{closed}/logo', answer: '404 NOT_FOUND' },
  ]);
  scenarios(world, { request: 'GET /api/logos/{nothing}' }, [
    { name: 'of no room', who: ['stranger', 'member'], answer: '404 NOT_FOUND' },
  ]);

  test('is a square that says nothing of where it was taken, in two sizes, and is told to those in the room', async () => {
    const socket = await stoa.connect(world.member.token);
    await socket.request('join_room', { roomId: world.room.id });
    const { logoUrl } = await set(world.room);
    const { room: told } = await socket.next('room_updated', ({ room }) => room.logoUrl === logoUrl);
    assert.equal(told.id, world.room.id);
    assert.equal(await seen(world.room), logoUrl);
    for (const [size, side] of [['', 480], ['?size=large', 480], ['?size=small', 128]]) {
      const { status, headers, bytes } = await shown(logoUrl, size);
      assert.equal(status, 200);
      assert.deepEqual(look(bytes), { type: headers.get('content-type'), width: side, height: side });
      assert.ok(!bytes.includes(kPlace));
      assert.match(headers.get('content-disposition'), /^inline/);
      assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.match(headers.get('content-security-policy'), /sandbox/);
    }
    await stoa.api('DELETE', `/api/rooms/${world.room.id}/logo`, { token: world.owner.token });
    await socket.next('room_updated', ({ room }) => room.logoUrl === null);
    await socket.close();
  });

  test('of a private room is in what those have who see the room, and nowhere else', async () => {
    const { logoUrl } = await set(world.hidden, world.owner, form({}, { bytes: photo() }));
    const { bytes } = await shown(logoUrl);
    assert.deepEqual(look(bytes), { type: 'image/jpeg', width: 32, height: 32 });
    assert.ok(!bytes.includes(kPlace));
    const rooms = async (who) => JSON.stringify((await stoa.api('GET', '/api/rooms', { token: world[who].token })).body);
    assert.ok((await rooms('member')).includes(logoUrl));
    assert.ok(!(await rooms('other')).includes(logoUrl));
  });

  test('takes the place of the one before, whichever that was', async () => {
    const { logoUrl: first } = await set(world.room);
    const { logoUrl: second } = await set(world.room);
    assert.notEqual(first, second);
    await gone(first);
    for (const same of [second, second.replace('http:', 'https:'), `${second}?size=small`]) {
      assert.equal((await put({ logoUrl: same, name: 'Renamed' })).body.logoUrl, same);
      assert.equal((await shown(second)).status, 200, 'it is named still');
    }
    assert.equal((await put({ name: 'And again' })).status, 200);
    assert.equal((await shown(second)).status, 200);
    assert.equal((await put({ logoUrl: 'https://example.org/logo.png' })).body.logoUrl, 'https://example.org/logo.png');
    await gone(second);
    const { logoUrl: third } = await set(world.room);
    assert.equal((await put({ logoUrl: null })).body.logoUrl, null);
    await gone(third);
    await until(async () => (await usage(world.room)) === '0 0', { what: 'what it took to be free' });
  });

  test('is one, of several that are given at once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => set(world.room)));
    assert.equal(await kept(world.room), '2', 'in both sizes');
    assert.equal((await shown(await seen(world.room))).status, 200);
  });

  test('of another room is not taken away by naming it', async () => {
    const theirs = await stoa.createRoom(world.other.token);
    const { logoUrl } = await set(theirs, world.other);
    await put({ logoUrl });
    await put({ logoUrl: null });
    assert.equal(await kept(theirs), '2');
    assert.equal((await shown(logoUrl)).status, 200);
  });

  test('that cannot be made leaves the one before', async () => {
    const { logoUrl } = await set(world.room);
    await stoa.sql(`insert into file_usage values ('${world.room.id}', 0, 0) on conflict (holder) do update set files = file_usage.files + 1000000`);
    const { status, body } = await stoa.api('POST', `/api/rooms/${world.room.id}/logo`, { token: world.owner.token, body: kLogo(), headers: kForm });
    assert.equal(`${status} ${body.error.code} ${body.error.details.of}`, '409 QUOTA_EXCEEDED room');
    await stoa.sql(`update file_usage set files = files - 1000000 where holder = '${world.room.id}'`);
    assert.equal(await seen(world.room), logoUrl);
    assert.equal((await shown(logoUrl)).status, 200);
  });

  test('goes with its room', async () => {
    const room = await stoa.createRoom(world.owner.token);
    const { logoUrl: closed } = await set(room);
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: world.owner.token })).status, 204);
    await gone(closed);
    const left = await stoa.createRoom(world.owner.token);
    const { logoUrl: empty } = await set(left);
    assert.equal((await stoa.api('POST', `/api/rooms/${left.id}/leave`, { token: world.owner.token })).status, 204);
    await gone(empty);
    await until(async () => (await usage(room)) === '0 0' && (await usage(left)) === '0 0', { what: 'what they took to be free' });
  });

  test('stays with its room where its owner goes, and the next one replaces it', async () => {
    const [giver, heir] = [await stoa.register('Gina Giver'), await stoa.register('Hank Heir')];
    const room = await makeRoom(stoa, giver, { members: [heir] });
    const { logoUrl } = await set(room, giver);
    assert.equal((await stoa.api('DELETE', '/api/users/me', { token: giver.token, body: { password: giver.password } })).status, 204);
    await until(async () => (await stoa.sql(`select role from room_members where room_id = '${room.id}' and user_id = '${heir.id}'`)) === 'owner', { what: 'the heir' });
    assert.equal((await shown(logoUrl)).status, 200);
    await set(room, heir);
    await gone(logoUrl);
    assert.equal(await kept(room), '2');
  });

  test('is given by nobody who is suspended, and stays', async () => {
    const owner = await stoa.register('Susi Suspended');
    const room = await stoa.createRoom(owner.token);
    const { logoUrl } = await set(room, owner);
    assert.equal((await operator('suspend', owner.id)).code, 0);
    await until(async () => (await stoa.api('GET', '/api/users/me', { token: owner.token })).status === 403, { what: 'the server to know' });
    for (const method of ['POST', 'DELETE']) {
      const ask = () => stoa.api(method, `/api/rooms/${room.id}/logo`, { token: owner.token, ...(method === 'POST' && { body: kLogo(), headers: kForm }) });
      refused(await ask(), 403, 'ACCOUNT_SUSPENDED');
    }
    assert.equal((await stoa.api('GET', `/api/rooms/${room.id}`, { token: world.other.token })).body.logoUrl, logoUrl);
  });

  test('is taken away by an operator, which is written down', async () => {
    const { logoUrl } = await set(world.room);
    for (let i = 0; i < 2; ++i) {
      const { code, stderr } = await operator('delete-logo', world.room.id);
      assert.equal(code, 0, stderr);
    }
    await gone(logoUrl);
    assert.equal(await seen(world.room), null);
    const taken = await stoa.rows(`select action, actor_kind, target_kind, before, after from audit_log where target_id = '${world.room.id}' and action = 'rooms.delete_logo'`);
    assert.deepEqual(taken, [{ action: 'rooms.delete_logo', actor_kind: 'operator', target_kind: 'room', before: { logoUrl }, after: { logoUrl: null } }]);
    for (const none of [world.nothing.id, world.closed.id, 'Algebra']) {
      const { code, stderr } = await operator('delete-logo', none);
      assert.match(`${code} ${stderr}`, /^1 .*no open room has the id/s);
    }
  });

  test('is brought by its own door alone', async () => {
    const { status } = await stoa.api('POST', '/api/files', { token: world.owner.token, headers: kForm, body: form({ kind: 'logo', roomId: world.room.id }, { bytes: png(8, 8) }) });
    assert.equal(status, 403);
  });

  test('is known to the check of files', async () => {
    await set(world.room);
    await until(async () => (await stoa.sql("select count(*) from files where state <> 'ready'")) === '0', { what: 'the sweep' });
    const { code, stdout } = await runStoa(['files', 'check'], { env: { STOA_DATABASE_URL: stoa.database, STOA_STORAGE_FOLDER: path.join(stoa.folder, 'var/files') } });
    assert.equal(code, 0, stdout);
    assert.match(stdout, / 0 without their bytes; .* 0 that no file has$/m);
  });

  describe('of a server that is killed', () => {
    // What is left is what is shown, and nothing once that is gone too.
    const whole = async ({ shows }) => {
      await stoa.start();
      await stoa.sql('update files set due_at = now() where due_at is not null');
      await stoa.sql('update jobs set due_at = now()');
      await until(async () => (await stoa.sql(`select count(*) from files where room_id = '${world.killed.id}'`)) === (shows ? '2' : '0'), { what: 'the sweep' });
      const url = await seen(world.killed);
      if (shows) assert.equal((await shown(url)).status, 200);
      else assert.equal(url, null);
      await stoa.api('DELETE', `/api/rooms/${world.killed.id}/logo`, { token: world.owner.token });
      await until(async () => (await usage(world.killed)) === '0 0', { what: 'what it took to be free' });
      assert.deepEqual((await stored(stoa, { all: true })).sort(), world.others);
    };
    // Its answer is not waited for.
    const begin = () => {
      const body = kLogo();
      const call = request(`${stoa.url}/api/rooms/${world.killed.id}/logo`, { method: 'POST', agent: false, headers: { ...kForm, authorization: `Bearer ${world.owner.token}`, 'content-length': body.length } });
      const cut = new Promise((done) => { call.on('error', done); });
      call.end(body);
      return cut;
    };
    const logos = (state) => stoa.sql(`select count(*) from files where room_id = '${world.killed.id}' and state = '${state}'`);
    const waits = (words) => until(async () => (await stoa.sql(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%${words}%'`)) !== '0', { what: `${words} to wait` });

    before(async () => {
      world.killed = await stoa.createRoom(world.owner.token);
      await until(async () => (await stoa.sql("select count(*) from files where state <> 'ready'")) === '0', { what: 'the sweep' });
      world.others = (await stored(stoa, { all: true })).sort();
    });

    test('when nothing of it is there yet', async () => {
      const release = await hold(stoa.database, 'lock table files in share mode');
      const cut = begin();
      await waits('insert into files');
      await stoa.kill9();
      await release();
      await cut;
      await whole({ shows: false });
    });

    test('when all sizes are there and the room does not show them yet', async () => {
      const { logoUrl } = await set(world.killed);
      const release = await hold(stoa.database, `select from study_rooms where id = '${world.killed.id}' for no key update`);
      const cut = begin();
      await waits('for no key update');
      assert.equal(await logos('ready'), '4', 'both sizes of both');
      await stoa.kill9();
      await release();
      await cut;
      assert.equal(await stoa.sql(`select logo_url from study_rooms where id = '${world.killed.id}'`), logoUrl);
      await whole({ shows: true });
    });

    test('when another is shown and the one before is to go', async () => {
      await set(world.killed);
      const release = await hold(stoa.database, 'lock table jobs in exclusive mode');
      await set(world.killed);
      assert.equal(await logos('dropped'), '2');
      await stoa.kill9();
      await release();
      await whole({ shows: true });
    });

    test('when none is shown and the bytes of the one before are gone', async () => {
      await set(world.killed);
      const release = await hold(stoa.database, 'lock table file_usage in exclusive mode');
      await stoa.api('DELETE', `/api/rooms/${world.killed.id}/logo`, { token: world.owner.token });
      await until(async () => (await stored(stoa, { all: true })).length === world.others.length, { what: 'the bytes to go' });
      await stoa.kill9();
      await release();
      await whole({ shows: false });
    });
  });
});
