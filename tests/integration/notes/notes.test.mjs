// Notes: files with a title, for everybody or for a room.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { bring, fetchBytes, form, kForm, kPdf, kPng } from '../../support/forms.mjs';
import { everyRole, makeRoom, people } from '../../support/people.mjs';
import { look } from '../../support/pictures.mjs';
import { startS3rver } from '../../support/s3.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

import { ClamdStandIn } from '../files/clamd_stand_in.mjs';
import { stored } from '../files/stored.mjs';

describe('notes', () => {
  const world = {};
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { files: { sweep_interval: '100ms' }, jobs: { poll: '100ms' }, notes: { max_versions: 2 }, disk: { keep_free_bytes: '1MiB' } } });
    world.stoa = stoa;
    Object.assign(world, await everyRole(stoa, { roomType: 'private' }));
    world.secret = await write(world.member, { title: 'Of the room', roomId: world.room.id });
    world.open = await write(world.member, { title: 'For all', description: 'Prime numbers' }, { name: 'primes.pdf', bytes: kPdf });
    [world.subject] = await stoa.rows('insert into subjects (id, name) values (gen_random_uuid(), \'Numbers\') returning id');
  });
  after(() => stoa.stop());

  const send = (person, fields, file) => stoa.api('POST', '/api/notes', { token: person.token, body: form(fields, file), headers: kForm });
  async function write(person, fields, file) {
    const { status, body, text } = await send(person, fields, file);
    assert.equal(status, 201, text);
    return body;
  }
  const listed = async (person, query = '') => (await stoa.api('GET', `/api/notes${query}`, { token: person?.token })).body.items.map(({ id }) => id);
  // A form without a file.
  const bare = (fields) => Object.entries(fields).map(([key, value]) => `--between-the-parts\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`).join('') + '--between-the-parts--\r\n';
  const version = (person, note, file) => stoa.api('POST', `/api/notes/${note.id}/versions`, { token: person.token, body: form({}, file), headers: kForm });

  scenarios(world, { request: 'POST /api/notes', headers: kForm, body: () => form({ title: 'T' }) }, [
    { name: 'everybody writes for all', who: ['member', 'other', 'banned'], answer: 201,
      has: { title: 'T', isPublic: true, roomId: null, fileType: 'text', fileName: 'notes.txt', fileState: 'ready', size: 10, version: 1, viewCount: 0, downloadCount: 0 } },
    { name: 'strangers write none', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'members write for a room', who: ['owner', 'moderator', 'member'], body: ({ room }) => form({ title: 'T', roomId: room.id }), answer: 201, has: { isPublic: false, roomId: '{room}' } },
    { name: 'and for all in it', who: 'member', body: ({ room }) => form({ title: 'T', roomId: room.id, isPublic: true }), answer: 201, has: { isPublic: true } },
    { name: 'nobody else writes for it', who: ['other', 'banned'], body: ({ room }) => form({ title: 'T', roomId: room.id }), answer: '404 NOT_FOUND' },
    { name: 'nor who is muted', who: 'muted', body: ({ room }) => form({ title: 'T', roomId: room.id }), answer: '403 MUTED' },
    { name: 'all bad fields at once', who: 'member', body: () => form({ title: ' ', roomId: 'x', subjectId: 'y', isPublic: 'perhaps' }), answer: '422 VALIDATION_ERROR', invalid: ['title', 'roomId', 'subjectId', 'isPublic'] },
    { name: 'for nobody there is none', who: 'member', body: () => form({ title: 'T', isPublic: false }), answer: '422 VALIDATION_ERROR', invalid: ['isPublic'] },
    { name: 'of subjects that there are', who: 'member', body: ({ nothing }) => form({ title: 'T', subjectId: nothing.id }), answer: '404 NOT_FOUND' },
    { name: 'a file of a type that is not taken', who: 'member', body: () => form({ title: 'T' }, { bytes: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(300)]) }), answer: '415 FILE_TYPE_REFUSED' },
    { name: 'without a file', who: 'member', body: () => form({ title: 'T' }).toString().replace('name="file"; filename="notes.txt"', 'name="description"'), answer: '422 VALIDATION_ERROR', invalid: ['file'] },
    { name: 'with one of somebody else', who: 'other', body: ({ open }) => form({ title: 'T', fileId: open.fileId }).toString().replace('name="file"; filename="notes.txt"', 'name="description"'), answer: '404 NOT_FOUND' },
  ]);
  scenarios(world, { request: 'GET /api/notes/{secret}' }, [
    { name: 'the room sees its notes', who: ['owner', 'member', 'muted'], answer: 200, has: { id: '{secret}', uploadedBy: '{member}', uploaderName: 'Max Member' }, hasNot: ['@'] },
    { name: 'nobody else does', who: ['stranger', 'other', 'banned'], answer: '404 NOT_FOUND' },
    { name: 'everybody sees public ones', request: 'GET /api/notes/{open}', who: ['stranger', 'other'], answer: 200, has: { title: 'For all', fileType: 'pdf' } },
    { name: 'what they were', request: 'GET /api/notes/{secret}/versions', who: ['other', 'stranger'], answer: '404 NOT_FOUND' },
    { name: 'what public ones were', request: 'GET /api/notes/{open}/versions', who: ['other', 'stranger'], answer: 200, has: { items: [{ version: 1 }] } },
  ]);
  scenarios(world, { request: 'GET /api/notes/{secret}/download' }, [
    { name: 'the room fetches its files', who: ['owner', 'member'], answer: 200 },
    { name: 'nobody else does, by whatever way', who: ['other', 'banned'], answer: '404 NOT_FOUND' },
    { name: 'strangers fetch none', request: 'GET /api/notes/{open}/download', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'a version that there is not', request: 'GET /api/notes/{open}/download?version=7', who: 'other', answer: '404 NOT_FOUND' },
  ]);
  for (const [request, body] of [['PUT /api/notes/{open}', { title: 'X' }], ['POST /api/notes/{open}/versions', () => form({})]]) {
    scenarios(world, { request, body, headers: typeof body === 'function' ? kForm : {} }, [
      { name: 'others change no note', who: ['other', 'owner'], answer: '403 FORBIDDEN' },
      { name: 'strangers neither', who: 'stranger', answer: '401 UNAUTHORIZED' },
      { name: 'whoever may not see one', request: request.replace('open', 'secret'), who: 'other', answer: '404 NOT_FOUND' },
    ]);
  }
  scenarios(world, { request: 'PUT /api/notes/{open}', who: 'member' }, [
    { name: 'its author changes it', body: { title: 'All of you', description: null, subjectId: '{subject}' }, answer: 200, has: { title: 'All of you', description: null, subjectId: '{subject}' } },
    { name: 'what is not said stays', body: { description: 'Prime numbers' }, answer: 200, has: { title: 'All of you', subjectId: '{subject}' } },
    { name: 'it is for somebody', body: { isPublic: false }, answer: '422 VALIDATION_ERROR', invalid: ['isPublic'] },
    { name: 'bad fields', body: { title: '', subjectId: 1 }, answer: '422 VALIDATION_ERROR', invalid: ['title', 'subjectId'] },
  ]);
  scenarios(world, { request: 'DELETE /api/notes/{secret}' }, [
    { name: 'members delete no notes of others', who: 'muted', answer: '403 FORBIDDEN' },
    { name: 'nor does who may not see it', who: ['other', 'banned'], answer: '404 NOT_FOUND' },
    { name: 'nor strangers', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'public ones are their author\'s', request: 'DELETE /api/notes/{open}', who: ['other', 'owner'], answer: '403 FORBIDDEN' },
  ]);

  test('whoever may see a note may have its file by the file\'s own id', async () => {
    const target = (note) => `/api/files/${note.fileId}/download`;
    assert.deepEqual((await fetchBytes(stoa, target(world.open), { token: world.other.token })).bytes, kPdf);
    assert.equal((await fetchBytes(stoa, target(world.secret), { token: world.owner.token })).status, 200);
    assert.equal((await fetchBytes(stoa, target(world.secret), { token: world.other.token })).status, 404);
  });

  test('a view counts once a person and day, a download as well, and strangers not at all', async () => {
    const note = await write(world.member, { title: 'Counted' });
    const look = async (person) => (await stoa.api('GET', `/api/notes/${note.id}`, { token: person?.token })).body;
    for (const person of [world.owner, world.owner, undefined, world.other]) await look(person);
    for (let i = 0; i < 3; ++i) {
      const { headers } = await fetchBytes(stoa, `/api/notes/${note.id}/download`, { token: world.other.token, headers: i > 0 ? { range: 'bytes=1-2' } : {} });
      assert.equal(headers.get('vary'), 'Authorization');
    }
    const { viewCount, downloadCount } = await look();
    assert.deepEqual({ viewCount, downloadCount }, { viewCount: 2, downloadCount: 1 });
    await stoa.sql(`update note_readers set on_day = on_day - 1 where note_id = '${note.id}'`);
    assert.equal((await look(world.owner)).viewCount, 3, 'the next day it counts anew');
    const together = await Promise.all(Array.from({ length: 8 }, () => look(world.moderator)));
    assert.equal(Math.max(...together.map((one) => one.viewCount)), 4);
  });

  test('a note has versions; the newest is given out, older ones are there for a while', async () => {
    const note = await write(world.member, { title: 'Changing' }, { name: 'one.txt', bytes: 'the first' });
    const second = await version(world.member, note, { name: 'two.png', bytes: kPng });
    assert.deepEqual([second.status, second.body.version, second.body.fileType, second.body.fileName], [201, 2, 'image', 'two.png']);
    const bytes = async (query = '') => (await fetchBytes(stoa, `/api/notes/${note.id}/download${query}`, { token: world.other.token })).bytes;
    assert.deepEqual(look(await bytes()), { type: 'image/png', width: 1, height: 1 });
    assert.equal(`${await bytes('?version=1')}`, 'the first');
    const before = (await stored(stoa)).length;
    await version(world.member, note, { name: 'three.txt', bytes: 'the third' });
    const { body } = await stoa.api('GET', `/api/notes/${note.id}/versions`);
    assert.deepEqual(body.items.map((one) => [one.version, one.fileName]), [[3, 'three.txt'], [2, 'two.png']]);
    assert.equal((await stoa.api('GET', `/api/notes/${note.id}/download?version=1`, { token: world.other.token })).status, 404);
    await until(async () => (await stored(stoa)).length === before, { what: 'the first one\'s bytes to go' });
  });

  test('a file that was brought before becomes a note\'s', async () => {
    const file = await bring(stoa, world.member, { kind: 'note', roomId: world.room.id });
    const [other] = [await stoa.createRoom(world.member.token)];
    const withId = (fields) => form({ ...fields, fileId: file.id }).toString().replace('name="file"; filename="notes.txt"', 'name="description"');
    const post = (fields) => stoa.api('POST', '/api/notes', { token: world.member.token, body: withId(fields), headers: kForm });
    assert.equal((await post({ title: 'T', roomId: other.id })).status, 404, 'it was brought into another room');
    const { status, body } = await post({ title: 'T', roomId: world.room.id });
    assert.equal(`${status} ${body.fileId}`, `201 ${file.id}`);
    assert.equal((await post({ title: 'T', roomId: world.room.id })).body.error.code, 'FILE_IN_USE');
    const again = await stoa.api('POST', `/api/notes/${body.id}/versions`, { token: world.member.token, body: bare({ fileId: file.id }), headers: kForm });
    assert.equal(`${again.status} ${again.body.error.code}`, '409 FILE_IN_USE', 'of one version, or its oldest would take it from all');
    const both = await stoa.api('POST', '/api/notes', { token: world.member.token, body: form({ title: 'T', fileId: file.id }), headers: kForm });
    assert.equal(both.status, 422);
  });

  test('who may not write in the room any more changes no note in it', async () => {
    const [loud, gone] = await people(stoa, 'Lou Loud', 'Gus Gone');
    const room = await makeRoom(stoa, world.owner, { members: [loud, gone] });
    const tries = {};
    for (const person of [loud, gone]) {
      const note = await write(person, { title: 'T', roomId: room.id, isPublic: true });
      const [file, spare] = [await bring(stoa, person, { kind: 'note', roomId: room.id }), form({}, {})];
      const { token } = person;
      const withId = bare({ fileId: file.id });
      tries[person.id] = async () => {
        const answers = [
          await stoa.api('PUT', `/api/notes/${note.id}`, { token, body: { title: 'A word' } }),
          await stoa.api('POST', `/api/notes/${note.id}/versions`, { token, body: withId, headers: kForm }),
          await stoa.api('POST', `/api/notes/${note.id}/versions`, { token, body: spare, headers: kForm }),
        ];
        return answers.map(({ status, body }) => `${status} ${body.error?.code ?? ''}`.trim());
      };
    }
    const mute = (body) => stoa.api('PUT', `/api/rooms/${room.id}/members/${loud.id}`, { token: world.owner.token, body });
    await mute({ mutedMinutes: 10 });
    await stoa.api('POST', `/api/rooms/${room.id}/bans`, { token: world.owner.token, body: { userId: gone.id } });
    assert.deepEqual(await tries[loud.id](), Array(3).fill('403 MUTED'));
    assert.deepEqual(await tries[gone.id](), Array(3).fill('403 NOT_A_MEMBER'));
    await mute({ mutedUntil: null });
    assert.deepEqual(await tries[loud.id](), ['200', '201', '201']);
  });

  test('with a note all its files go, and nothing stays of one that was refused', async () => {
    await until(async () => (await stoa.sql("select count(*) from files where state = 'dropped'")) === '0', { what: 'what was deleted before to go' });
    const before = (await stored(stoa)).length;
    const count = async () => Number(await stoa.sql('select count(*) from files'));
    const files = await count();
    const note = await write(world.member, { title: 'Short-lived' });
    await version(world.member, note);
    assert.equal((await stored(stoa)).length, before + 2);
    assert.equal((await stoa.api('DELETE', `/api/notes/${note.id}`, { token: world.member.token })).status, 204);
    const refused = await send(world.member, { title: 'T', subjectId: world.nothing.id });
    assert.equal(refused.status, 404);
    await until(async () => (await stored(stoa)).length === before && (await count()) === files, { what: 'the files to go' });
  });

  test('a moderator deletes a note of the room, and that is written down', async () => {
    const note = await write(world.member, { title: 'Unwanted', roomId: world.room.id });
    assert.equal((await stoa.api('DELETE', `/api/notes/${note.id}`, { token: world.moderator.token })).status, 204);
    const [row] = await stoa.rows(`select action, target_id, actor_id from audit_log where target_id = '${note.id}'`);
    assert.deepEqual(row, { action: 'notes.delete', target_id: note.id, actor_id: world.moderator.id });
  });

  test('an operator deletes any note, and that is written down', async () => {
    const before = (await stored(stoa)).length;
    const note = await write(world.member, { title: 'Unlawful' });
    const admin = (...args) => runStoa(['admin', ...args], { env: { STOA_DATABASE_URL: stoa.database } });
    assert.equal((await admin('delete-note', note.id)).code, 0);
    assert.equal((await stoa.api('GET', `/api/notes/${note.id}`)).status, 404);
    await until(async () => (await stored(stoa)).length === before, { what: 'its file to go' });
    const [row] = await stoa.rows(`select action, actor_kind, before from audit_log where target_id = '${note.id}'`);
    assert.deepEqual(row, { action: 'notes.delete', actor_kind: 'operator', before: { uploadedBy: world.member.id } });
    for (const nothing of [note.id, 'x']) {
      const { code, stderr } = await admin('delete-note', nothing);
      assert.match(`${code} ${stderr}`, /^1 .*no note has the id/s);
    }
  });

  test('what suspended people have written stands in no list', async () => {
    const gus = await stoa.register('Gus Gone');
    const room = await makeRoom(stoa, world.owner, { members: [gus] });
    const notes = [await write(gus, { title: 'For all' }), await write(gus, { title: 'Of the room', roomId: room.id })];
    const seen = async () => (await listed(world.owner, '?limit=100')).filter((id) => notes.some((note) => note.id === id)).length;
    assert.equal(await seen(), 2);
    await stoa.sql(`update users set suspended_at = now() where id = '${gus.id}'`);
    assert.equal(await seen(), 0);
    await stoa.sql(`update users set suspended_at = null where id = '${gus.id}'`);
    assert.equal(await seen(), 2);
  });

  describe('in lists', () => {
    let ann;
    let mine; // a room
    let notes;
    before(async () => {
      ann = await stoa.register('ann');
      mine = await makeRoom(stoa, ann, { roomType: 'private' });
      notes = [];
      for (const [fields, file] of [
        [{ title: 'Graph theory', description: 'of Euler', subjectId: world.subject.id }, { bytes: kPdf }],
        [{ title: 'Notes of the room', roomId: mine.id }, {}],
        [{ title: '数学入門' }, { bytes: kPng }],
        [{ title: 'Rooms of graphs', roomId: mine.id, subjectId: world.subject.id }, { bytes: kPdf }],
      ]) notes.unshift((await write(ann, fields, file)).id);
    });
    const [rooms2, cjk, rooms1, euler] = [0, 1, 2, 3];
    const of = (...places) => places.map((place) => notes[place]);

    test('one\'s rooms\' and public ones stand together, the newest first, page by page', async () => {
      const all = await listed(ann, `?uploadedBy=${ann.id}`);
      assert.deepEqual(all, notes);
      const pages = [];
      let cursor = '';
      do {
        const { body } = await stoa.api('GET', `/api/notes?uploadedBy=${ann.id}&limit=1${cursor && `&cursor=${cursor}`}`, { token: ann.token });
        pages.push(...body.items.map(({ id }) => id));
        cursor = body.nextCursor;
      } while (cursor);
      assert.deepEqual(pages, notes);
    });

    test('others, and strangers, see the public ones', async () => {
      for (const who of [undefined, world.other]) assert.deepEqual(await listed(who, `?uploadedBy=${ann.id}`), of(cjk, euler));
      assert.deepEqual(await listed(world.other, `?roomId=${mine.id}`), []);
    });

    test('filters', async () => {
      assert.deepEqual(await listed(ann, `?roomId=${mine.id}`), of(rooms2, rooms1));
      assert.deepEqual(await listed(ann, `?uploadedBy=${ann.id}&subjectId=${world.subject.id}`), of(rooms2, euler));
      assert.deepEqual(await listed(ann, `?uploadedBy=${ann.id}&fileType=pdf`), of(rooms2, euler));
      assert.deepEqual(await listed(ann, `?uploadedBy=${ann.id}&fileType=image&q=${encodeURIComponent('数学')}`), of(cjk));
    });

    test('words of title and description', async () => {
      const q = (text, who = ann) => listed(who, `?uploadedBy=${ann.id}&q=${encodeURIComponent(text)}`);
      assert.deepEqual(await q('euler'), of(euler));
      assert.deepEqual(await q('room'), of(rooms1));
      assert.deepEqual(await q('"of the room"'), of(rooms1));
      assert.deepEqual(await q('graph or graphs'), of(rooms2, euler));
      assert.deepEqual(await q('of -graphs'), of(rooms1, euler));
      assert.deepEqual(await q('数学'), of(cjk));
      assert.deepEqual(await q('room', world.other), []);
      assert.deepEqual(await q('!!!'), []);
    });

    test('bad filters are all told', async () => {
      const { status, body } = await stoa.api('GET', '/api/notes?subjectId=1&fileType=program&limit=0&cursor=x', { token: ann.token });
      assert.equal(status, 422);
      assert.deepEqual(body.error.details.validationErrors.map(({ path: [field] }) => field).sort().slice(0, 3), ['cursor', 'fileType', 'limit']);
    });
  });
});

test('a file that came by a link to the storage is a note\'s once it is known what it is', async () => {
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const s3 = await startS3rver();
  const clamd = await new ClamdStandIn({ answer: () => released.then(() => 'stream: OK') }).start();
  const stoa = await startStoa({ config: { ...s3.config(), files: { clamd: clamd.address }, jobs: { poll: '100ms' } } });
  try {
    const [ada] = await people(stoa, 'Ada');
    const { body: { file, upload } } = await stoa.api('POST', '/api/uploads', { token: ada.token, body: { kind: 'note', name: 'a.pdf', size: kPdf.length } });
    const headers = Object.fromEntries(upload.headers.map(({ name, value }) => [name, value]));
    assert.equal((await fetch(upload.url, { method: upload.method, body: kPdf, headers })).status, 200);
    const { body: complete } = await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: ada.token });
    assert.equal(complete.state, 'scanning');
    const make = () => stoa.api('POST', '/api/notes', { token: ada.token, body: form({ title: 'T', fileId: file.id }).toString().replace('name="file"; filename="notes.txt"', 'name="description"'), headers: kForm });
    const { status, body } = await make();
    assert.equal(`${status} ${body.error?.code}`, '409 FILE_NOT_READY');
    assert.equal(await stoa.sql('select count(*) from notes'), '0');
    release();
    await until(async () => (await stoa.sql(`select state from files where id = '${file.id}'`)) === 'ready', { what: 'the file to be ready' });
    const made = await make();
    assert.equal(`${made.status} ${made.body.fileType}`, '201 pdf', made.text);
  } finally {
    release();
    await stoa.stop();
    await clamd.stop();
    await s3.stop();
  }
});

test('who may not write any more when the form has come whole changes nothing', async () => {
  const stoa = await startStoa({ config: { files: { sweep_interval: '100ms' }, jobs: { poll: '100ms' } } });
  try {
    const [ada, ben] = await people(stoa, 'Ada', 'Ben');
    const room = await makeRoom(stoa, ada, { members: [ben] });
    const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
    const mute = async (body) => assert.equal((await as(ada, 'PUT', `/api/rooms/${room.id}/members/${ben.id}`, body)).status, 200);
    const made = await stoa.api('POST', '/api/notes', { token: ben.token, body: form({ title: 'Before', roomId: room.id }), headers: kForm });
    assert.equal(made.status, 201, made.text);
    const note = made.body;
    const files = (await stored(stoa)).length;
    // Sends a part of the form, does that, and sends the rest.
    const slowly = async (target, fields, meanwhile) => {
      const body = form(fields, { bytes: 'x'.repeat(60_000) });
      const call = request(`${stoa.url}${target}`, { method: 'POST', agent: false, headers: { ...kForm, authorization: `Bearer ${ben.token}`, 'content-length': body.length } });
      const answered = new Promise((resolve, reject) => {
        call.on('error', reject).on('response', async (answer) => {
          let text = '';
          for await (const piece of answer) text += piece;
          resolve(`${answer.statusCode} ${JSON.parse(text).error?.code ?? ''}`.trim());
        });
      });
      call.write(body.subarray(0, 20_000));
      await until(async () => (await stoa.sql('select count(*) from files where state = \'receiving\'')) === '1', { what: 'the file to come' });
      await meanwhile();
      call.end(body.subarray(20_000));
      return answered;
    };
    const forms = [['/api/notes', { title: 'Bad words', roomId: room.id }], [`/api/notes/${note.id}/versions`, {}]];
    for (const [target, fields] of forms) {
      assert.equal(await slowly(target, fields, () => mute({ mutedMinutes: 10 })), '403 MUTED', target);
      await mute({ mutedUntil: null });
    }
    const release = await hold(stoa.database, `select 1 from notes where id = '${note.id}' for update`);
    const changing = as(ben, 'PUT', `/api/notes/${note.id}`, { title: 'Bad words' });
    await until(async () => (await waitingForLocks(stoa.database)) >= 1, { what: 'the change to wait' });
    await mute({ mutedMinutes: 10 });
    await release();
    const { status, body } = await changing;
    assert.equal(`${status} ${body.error?.code}`, '403 MUTED');
    await mute({ mutedUntil: null });
    const kick = async () => assert.equal((await as(ada, 'POST', `/api/rooms/${room.id}/bans`, { userId: ben.id })).status, 201);
    const refused = await slowly(...forms[0], kick);
    assert.ok(refused.startsWith('403 ') || refused.startsWith('404 ') || refused.startsWith('408 '), refused);
    assert.deepEqual(await stoa.rows('select title, version from notes'), [{ title: 'Before', version: 1 }]);
    await until(async () => (await stored(stoa)).length === files, { what: 'the bytes to go' });
  } finally {
    await stoa.stop();
  }
});

// What is written on the server's loop, whatever people wrote.
describe('a list of notes with long texts', () => {
  const kPage = 64 << 10;
  let stoa;
  let ada;
  let ids;
  before(async () => {
    stoa = await startStoa({ config: { http: { page_bytes: '64KiB' }, disk: { keep_free_bytes: '1MiB' } } });
    [ada] = await people(stoa, 'Ada');
    const room = await makeRoom(stoa, ada);
    ids = [];
    for (let i = 0; i < 9; ++i) {
      const fields = { title: 'Long', description: i % 3 ? '\u{1F600}'.repeat(5000) : '"'.repeat(5000), ...(i % 2 ? { roomId: room.id } : {}) };
      const { status, body, text } = await stoa.api('POST', '/api/notes', { token: ada.token, body: form(fields), headers: kForm });
      assert.equal(status, 201, text);
      ids.unshift(body.id);
    }
  });
  after(() => stoa.stop());

  const pages = async (query) => {
    const all = [];
    let cursor = '';
    do {
      const { body, text } = await stoa.api('GET', `/api/notes?limit=100${query}${cursor && `&cursor=${cursor}`}`, { token: ada.token });
      assert.ok(text.length > 0 && Buffer.byteLength(text) < kPage + 100, `${Buffer.byteLength(text)} bytes`);
      all.push(body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    } while (cursor);
    return all;
  };

  test('comes in pages of so many bytes, of which none is left out', async () => {
    const all = await pages('');
    assert.deepEqual(all.flat(), ids);
    assert.ok(all.length >= 3, `${all.length} pages`);
    const found = await pages('&q=long');
    assert.deepEqual(found.flat(), ids);
  });
});

// The index of words keeps those of notes that were deleted.
test('a note of many words counts for more than its bytes', async () => {
  const stoa = await startStoa({ config: { rate_limits: { enabled: true, changes: { bytes: '100KiB', window: '15m' } }, disk: { keep_free_bytes: '1MiB' } } });
  try {
    const [ada, ben] = await people(stoa, 'Ada', 'Ben');
    const write = async (person, description) => (await stoa.api('POST', '/api/notes', { token: person.token, body: form({ title: 'T', description }), headers: kForm })).status;
    const short = 'x'.repeat(1000);
    for (let i = 0; i < 5; ++i) assert.equal(await write(ada, short), 201);
    const long = Array.from({ length: 5000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    assert.equal(await write(ada, long), 201, 'what is beyond is owed');
    assert.equal(await write(ada, short), 429);
    assert.equal(await write(ben, short), 201);
  } finally {
    await stoa.stop();
  }
});
