// What files take: of people, of rooms, at once; and that nothing is left where they do not come whole.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';

import { hold } from '../../support/database.mjs';
import { bring, form, formAround, kForm } from '../../support/forms.mjs';
import { isSanitized } from '../../support/sanitizers.mjs';
import { makeRoom, people } from '../../support/people.mjs';
import { growth } from '../../support/process.mjs';
import { startS3rver } from '../../support/s3.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

import { stored } from './stored.mjs';

const kKiB = 1024;

describe('what files take', () => {
  let stoa;
  let room;
  let ada;
  let ben;
  before(async () => {
    stoa = await startStoa({ config: {
      files: { max_bytes: '64KiB', user_quota: '150KiB', room_quota: '200KiB', uploads_per_user: 2, upload_time: '30m', sweep_interval: '100ms' },
      jobs: { poll: '100ms' },
    } });
    [ada, ben] = await people(stoa, 'Ada', 'Ben');
    room = await makeRoom(stoa, ada, { members: [ben] });
  });
  after(() => stoa.stop());

  const bytes = (size) => 'x'.repeat(size);
  const post = (person, size, where = room) => stoa.api('POST', '/api/files', { token: person.token, body: form({ kind: 'message', roomId: where.id }, { bytes: bytes(size) }), headers: kForm });
  const usage = async (holder) => {
    const [row] = await stoa.rows(`select bytes, files from file_usage where holder = '${holder.id}'`);
    return row ?? { bytes: 0, files: 0 };
  };
  const sums = async (column, holder) => (await stoa.rows(`select coalesce(sum(size), 0) as bytes, count(*) as files from files where ${column} = '${holder.id}'`))[0];
  const empty = async () => {
    await stoa.sql('update files set state = \'dropped\', due_at = now()');
    await until(async () => (await stoa.sql('select count(*) from files')) === '0', { what: 'all files to go' });
    assert.deepEqual(await stored(stoa), []);
    assert.equal(await stoa.sql('select coalesce(sum(bytes + files), 0) from file_usage'), '0');
  };

  // An upload that stops in its middle: {end()} sends the rest, {cut()} goes away.
  const slow = (person, size, sent = 20 * kKiB, where = room) => new Promise((resolve, reject) => {
    const body = form({ kind: 'message', roomId: where.id }, { bytes: bytes(size) });
    const call = request(`${stoa.url}/api/files`, { method: 'POST', agent: false, headers: { ...kForm, authorization: `Bearer ${person.token}`, 'content-length': body.length } });
    const answered = new Promise((done) => {
      call.on('response', (answer) => { answer.resume(); answer.on('end', () => done(answer.statusCode)); });
      call.on('error', () => done('cut'));
    });
    call.write(body.subarray(0, sent), () => resolve({ end: () => { call.end(body.subarray(sent)); return answered; }, cut: () => { call.destroy(); return answered; }, answered }));
    call.on('error', reject);
  });
  const coming = async (count) => until(async () => (await stoa.sql('select count(*) from files where state = \'receiving\'')) === `${count}`, { what: `${count} files to come` });

  test('a person has a quota, which is exact', async () => {
    assert.equal((await post(ada, 64 * kKiB)).status, 201);
    assert.equal((await post(ada, 64 * kKiB)).status, 201);
    const refused = await post(ada, 23 * kKiB);
    assert.equal(`${refused.status} ${refused.body.error.code} ${refused.body.error.details.of}`, '409 QUOTA_EXCEEDED user');
    assert.equal((await post(ada, 22 * kKiB - 16)).status, 201);
    const { body } = await stoa.api('GET', '/api/files/usage', { token: ada.token });
    assert.deepEqual(body, { bytes: 150 * kKiB - 16, files: 3, maxBytes: 150 * kKiB, maxFiles: 10000, maxFileBytes: 64 * kKiB });
    await empty();
  });

  test('who leaves the room while a file comes leaves nothing of it', async () => {
    const [eve] = await people(stoa, 'Eve');
    const hers = await makeRoom(stoa, ada, { members: [eve] });
    const upload = await slow(eve, 60 * kKiB, 20 * kKiB, hers);
    await coming(1);
    const left = await stoa.api('POST', `/api/rooms/${hers.id}/leave`, { token: eve.token });
    assert.equal(left.status, 204, left.text);
    assert.equal(await stoa.sql('select state from files'), 'dropped');
    // The sweep goes by, more than once.
    await stoa.sql('insert into files (id, kind, state, original_name, size, due_at) values (gen_random_uuid(), \'note\', \'dropped\', \'other\', 0, now())');
    await until(async () => (await stoa.sql('select count(*) from files where original_name = \'other\'')) === '0', { what: 'the sweep' });
    assert.equal(await upload.end(), 408);
    await until(async () => (await stoa.sql('select count(*) from files')) === '0', { what: 'its row to go' });
    assert.deepEqual(await stored(stoa), []);
    assert.equal(await stoa.sql('select coalesce(sum(bytes + files), 0) from file_usage'), '0');
  });

  test('what comes is removed also where its row is gone by then', async () => {
    const upload = await slow(ada, 60 * kKiB);
    await coming(1);
    await stoa.sql('update files set state = \'dropped\', due_at = now()');
    await until(async () => (await stoa.sql('select count(*) from files')) === '0', { what: 'the row to go' });
    assert.equal(await upload.end(), 408);
    await until(async () => (await stored(stoa)).length === 0, { what: 'the bytes to go' });
  });

  test('a quota that is full by a file does not keep its request from being repeated', async () => {
    const again = () => stoa.api('POST', '/api/files', { token: ada.token, body: form({ kind: 'message', roomId: room.id }, { bytes: bytes(60 * kKiB) }), headers: { ...kForm, 'idempotency-key': 'full' } });
    const first = await again();
    assert.equal(first.status, 201, first.text);
    assert.equal((await post(ada, 64 * kKiB)).status, 201);
    assert.equal((await post(ada, 60 * kKiB)).body.error.code, 'QUOTA_EXCEEDED');
    assert.equal((await again()).text, first.text);
    await empty();
  });

  test('a room has one, for all together, and others are not counted for it', async () => {
    for (const person of [ada, ada, ben]) assert.equal((await post(person, 64 * kKiB)).status, 201);
    const refused = await post(ben, 64 * kKiB);
    assert.equal(`${refused.status} ${refused.body.error.code} ${refused.body.error.details.of}`, '409 QUOTA_EXCEEDED room');
    assert.deepEqual(await usage(ben), await sums('owner_id', ben), 'what was set aside for the person is free again');
    assert.equal((await post(ben, 64 * kKiB, await stoa.createRoom(ben.token))).status, 201);
    await empty();
  });

  test('what nothing keeps of a person in a room has a bound, and goes with the person', async () => {
    await stoa.restart({ files: { loose_per_room: '100KiB', max_loose_files_per_room: 3 } });
    const eve = await stoa.register('eve');
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: eve.token, body: {} });
    const { body: kept } = await post(eve, 20 * kKiB);
    await stoa.api('POST', `/api/messages/room/${room.id}`, { token: eve.token, body: { content: 'x', fileIds: [kept.id] } });
    assert.equal((await post(eve, 60 * kKiB)).status, 201, 'what a message has does not count');
    const refused = await post(eve, 50 * kKiB);
    assert.equal(`${refused.status} ${refused.body.error.code} ${refused.body.error.details.of}`, '409 QUOTA_EXCEEDED loose');
    for (let i = 0; i < 2; ++i) assert.equal((await post(eve, 0)).status, 201);
    assert.equal((await post(eve, 0)).status, 409, 'a fourth');
    const begun = { kind: 'message', roomId: room.id, name: 'a', size: 60 * kKiB };
    assert.equal((await stoa.api('POST', '/api/uploads', { token: eve.token, body: begun })).status, 409);
    assert.equal((await post(ben, 60 * kKiB)).status, 201, 'others have theirs');
    await stoa.api('POST', `/api/rooms/${room.id}/bans`, { token: ada.token, body: { userId: eve.id } });
    await until(async () => (await usage(room)).files === 2, { what: 'hers to go' });
    assert.deepEqual(await usage(room), await sums('room_id', room));
    assert.equal((await stoa.api('GET', `/api/files/${kept.id}`, { token: ben.token })).status, 200, 'but not what a message has');
    await empty();
    await stoa.restart({ files: { loose_per_room: '256MiB', max_loose_files_per_room: 500 } });
  });

  test('of uploads at once no more come than there is room for', async () => {
    const crowd = await people(stoa, ...Array.from({ length: 6 }, (_, i) => `crowd${i}`));
    for (const { token } of crowd) await stoa.api('POST', `/api/rooms/${room.id}/join`, { token, body: {} });
    const answers = await Promise.all(crowd.map((person) => post(person, 60 * kKiB)));
    const came = answers.filter(({ status }) => status === 201).length;
    assert.ok(came >= 1 && came <= 3, `${came} came`);
    assert.deepEqual(await usage(room), await sums('room_id', room));
    await empty();
  });

  test('a person has so many under way, and others have theirs', async () => {
    const first = [await slow(ada, 60 * kKiB), await slow(ada, 60 * kKiB)];
    await coming(2);
    const refused = await post(ada, 1);
    assert.equal(`${refused.status} ${refused.body.error.code}`, '429 TOO_MANY_UPLOADS');
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await post(ben, 1)).status, 201);
    for (const upload of first) assert.equal(await upload.end(), 201);
    assert.equal((await post(ada, 1)).status, 201);
    await empty();
  });

  test('of an upload whose client goes away nothing is left', async () => {
    const upload = await slow(ada, 60 * kKiB);
    await coming(1);
    assert.deepEqual(await usage(ada), { bytes: 60 * kKiB + 2, files: 1 }, 'it is set aside as long as it comes');
    await upload.cut();
    await coming(0);
    assert.equal(await stoa.sql('select count(*) from files'), '0');
    assert.deepEqual(await usage(ada), { bytes: 0, files: 0 });
    await until(async () => (await stored(stoa, { all: true })).length === 0, { what: 'the half to go' });
  });

  test('of one that is refused at its end nothing is left', async () => {
    const program = Buffer.concat([Buffer.from('MZ\x90', 'latin1'), Buffer.alloc(500)]);
    const refused = await stoa.api('POST', '/api/files', { token: ada.token, body: form({ kind: 'message', roomId: room.id }, { bytes: program }), headers: kForm });
    assert.equal(refused.status, 415);
    assert.deepEqual(await stored(stoa, { all: true }), []);
    assert.deepEqual(await usage(ada), { bytes: 0, files: 0 });
  });

  test('a form without its end is no form, and leaves nothing', async () => {
    const whole = form({ kind: 'message', roomId: room.id }, { bytes: 'Some words' });
    const end = whole.lastIndexOf('\r\n--');
    for (const cut of [end - 3, end, end + 5, whole.length - 4]) {
      const refused = await stoa.api('POST', '/api/files', { token: ada.token, body: whole.subarray(0, cut), headers: kForm });
      assert.equal(`${refused.status} ${refused.body.error.code} ${refused.body.error.details.reason}`, '400 INVALID_FORM unfinished', `${cut} of ${whole.length}`);
    }
    assert.deepEqual(await usage(ada), { bytes: 0, files: 0 });
  });

  test('what nothing keeps goes when its time is over, and what a message has stays', async () => {
    const [kept, loose] = [await bring(stoa, ada, { kind: 'message', roomId: room.id }), await bring(stoa, ada, { kind: 'message', roomId: room.id })];
    await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'x', fileIds: [kept.id] } });
    await stoa.sql('update files set due_at = now() where due_at is not null');
    await until(async () => (await stored(stoa)).length === 1, { what: 'the loose one to go' });
    assert.equal((await stoa.api('GET', `/api/files/${kept.id}`, { token: ada.token })).status, 200);
    assert.equal((await stoa.api('GET', `/api/files/${loose.id}`, { token: ada.token })).status, 404);
    await until(async () => (await usage(ada)).files === 1, { what: 'its room to be free' });
    await empty();
  });

  test('files of a room that was closed go after a while, and count no more', async () => {
    await empty();
    const shut = await makeRoom(stoa, ada);
    const kept = [];
    for (const where of [shut, shut, room]) {
      const { body } = await post(ada, kKiB, where);
      kept.push(body);
      const { status, text } = await stoa.api('POST', `/api/messages/room/${where.id}`, { token: ada.token, body: { content: 'See this', fileIds: [body.id] } });
      assert.equal(status, 201, text);
    }
    assert.equal((await stoa.api('DELETE', `/api/rooms/${shut.id}`, { token: ada.token })).status, 204);
    const there = async () => (await stoa.rows("select id from files where state <> 'dropped' order by created_at, id")).map(({ id }) => id);
    await stoa.sql("update jobs set due_at = now() where kind = 'files_of_closed_rooms'");
    await until(async () => Number(await stoa.sql("select count(*) from jobs where kind = 'files_of_closed_rooms' and due_at > now() and worker is null")) === 1, { what: 'the chore to be done' });
    assert.deepEqual(await there(), kept.map(({ id }) => id), 'they stay for a while');
    await stoa.sql(`update study_rooms set closed_at = closed_at - interval '31 days' where id = '${shut.id}'`);
    await stoa.sql("update jobs set due_at = now() where kind = 'files_of_closed_rooms'");
    await until(async () => (await usage(ada)).files === 1, { what: 'the files to go' });
    assert.deepEqual(await there(), [kept[2].id]);
    assert.equal((await stored(stoa)).length, 1);
    await empty();
  });

  test('a full disk is told, and leaves nothing half written', async () => {
    await stoa.restart({ disk: { keep_free_bytes: '1024GiB' } });
    const refused = await post(ada, 60 * kKiB);
    assert.equal(`${refused.status} ${refused.body.error.code}`, '507 STORAGE_FULL');
    assert.equal(await stoa.sql('select count(*) from files'), '0');
    assert.deepEqual(await usage(ada), { bytes: 0, files: 0 });
    assert.deepEqual(await stored(stoa, { all: true }), []);
    await stoa.restart({ disk: { keep_free_bytes: '1MiB' } });
  });

  describe('killed', () => {
    const swept = async () => {
      await stoa.start();
      await stoa.sql('update files set due_at = now() where due_at is not null');
      await until(async () => (await stoa.sql('select count(*) from files')) === '0', { what: 'the sweep' });
      assert.deepEqual(await stored(stoa, { all: true }), []);
      assert.deepEqual(await usage(ada), { bytes: 0, files: 0 });
      assert.deepEqual(await usage(room), { bytes: 0, files: 0 });
    };

    test('while the bytes come', async () => {
      const upload = await slow(ada, 60 * kKiB, 50 * kKiB);
      await coming(1);
      await stoa.kill9();
      assert.equal(await upload.answered, 'cut');
      await swept();
    });

    test('when the bytes are there and the row does not say so yet', async () => {
      const upload = await slow(ada, 60 * kKiB);
      await coming(1);
      const release = await hold(stoa.database, 'select from files for update');
      const answered = upload.end();
      await until(async () => (await stored(stoa)).length === 1, { what: 'the bytes' });
      await stoa.kill9();
      await release();
      assert.equal(await answered, 'cut');
      assert.equal(await stoa.sql('select state from files'), 'receiving');
      await swept();
    });

    test('when it is there and nothing keeps it', async () => {
      await post(ada, 60 * kKiB);
      await stoa.kill9();
      await swept();
    });

    test('when it is to go', async () => {
      const { id } = await bring(stoa, ada, { kind: 'message', roomId: room.id });
      const release = await hold(stoa.database, 'lock table file_usage in exclusive mode');
      await stoa.api('DELETE', `/api/files/${id}`, { token: ada.token });
      await until(async () => (await stored(stoa)).length === 0, { what: 'the bytes to go' });
      await stoa.kill9();
      await release();
      await stoa.sql('update jobs set due_at = now()');
      await swept();
    });
  });
});

test('uploads that hold all places give way', async () => {
  const stoa = await startStoa({ config: { files: { uploads: 2, uploads_per_address: 1, uploads_per_user: 2, sweep_interval: '100ms' }, jobs: { poll: '100ms' }, disk: { keep_free_bytes: '1MiB' }, server: { trusted_proxies: ['127.0.0.1'] } } });
  try {
    const [ada, ben] = await people(stoa, 'Ada', 'Ben');
    const body = form({ kind: 'note' }, { bytes: 'x'.repeat(60 * kKiB) });
    const from = (address, person) => ({ ...kForm, 'authorization': `Bearer ${person.token}`, 'x-forwarded-for': address, 'content-length': body.length });
    const slow = () => {
      const call = request(`${stoa.url}/api/files`, { method: 'POST', agent: false, headers: from('10.0.0.1', ada) });
      const answered = new Promise((done) => { call.on('response', (answer) => { answer.resume(); done(answer.statusCode); }); call.on('error', () => done('cut')); });
      call.write(body.subarray(0, 20 * kKiB));
      return { answered, end: () => call.end(body.subarray(20 * kKiB)) };
    };
    const held = [slow(), slow()];
    await until(async () => (await stoa.metric('stoa_files_uploads')) === 2 && (await stoa.sql('select count(*) from files')) === '2', { what: 'all places to be taken' });
    const answer = await fetch(`${stoa.url}/api/files`, { method: 'POST', headers: from('10.0.0.2', ben), body });
    assert.equal(answer.status, 201);
    for (const upload of held) upload.end();
    const answers = await Promise.all(held.map(({ answered }) => answered));
    assert.deepEqual(answers.sort(), [201, 503]);
    await until(async () => (await stoa.sql('select count(*) from files')) === '2', { what: 'nothing to be left of it' });
  } finally {
    await stoa.stop();
  }
});

describe('a large file takes no memory to speak of', () => {
  const kMiB = kKiB * kKiB;
  const kLargest = 1024 * kMiB;
  const kSize = 200 * kMiB; // for s3rver, which is slower
  const kOnce = 12 * kMiB; // of what is needed once, also where it goes in parts
  const kMost = (isSanitized ? 100 : 16) * kMiB; // sanitizers hold back what is freed
  const kMostOfParts = 2 * kMost; // two parts of 5 MiB are held, and freed as the allocator sees fit
  const limits = { files: { max_bytes: '1GiB', user_quota: '4GiB', room_quota: '4GiB', loose_per_room: '4GiB' }, disk: { keep_free_bytes: '1MiB' }, jobs: { poll: '100ms' } };
  const ofSize = (size) => Buffer.alloc(size, 'a line of text\n');
  const started = async (config) => {
    const stoa = await startStoa({ config: { ...limits, ...config } });
    const ada = await stoa.register('ada');
    const place = { kind: 'message', roomId: (await stoa.createRoom(ada.token)).id };
    return { stoa, ada, place, bringIt: (size) => bring(stoa, ada, place, { bytes: ofSize(size) }) };
  };
  const lengthOf = async (url, headers) => {
    const answer = await fetch(url, { headers });
    let read = 0;
    for await (const piece of answer.body) read += piece.length;
    return read;
  };

  // One piece of bytes, over and over, so that the client holds no more of it either.
  async function stream(stoa, person, place, size) {
    const piece = ofSize(kMiB);
    const [head, tail] = formAround(place);
    const headers = { ...kForm, authorization: `Bearer ${person.token}`, 'content-length': head.length + size + tail.length };
    const call = request(`${stoa.url}/api/files`, { method: 'POST', agent: false, headers });
    const answered = new Promise((resolve, reject) => { call.on('response', resolve).on('error', reject); });
    await pipeline(Readable.from((function* () {
      yield head;
      for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, left);
      yield tail;
    })()), call);
    const answer = await answered;
    const file = JSON.parse((await answer.toArray()).join(''));
    assert.equal(answer.statusCode, 201, JSON.stringify(file));
    return file;
  }

  test('in or out of a folder, 1 GiB', async () => {
    const { stoa, ada, place } = await started({});
    try {
      const andBack = async (size) => {
        const { id } = await stream(stoa, ada, place, size);
        assert.equal(await lengthOf(`${stoa.url}/api/files/${id}/download`, { authorization: `Bearer ${ada.token}` }), size);
      };
      await andBack(kOnce);
      const grown = await growth(stoa, () => andBack(kLargest));
      assert.ok(grown < kMost, `it grew by ${grown} bytes`);
    } finally {
      await stoa.stop();
    }
  });

  // It gives none out from there, but reads all of what came past it.
  test('on its way to S3, or looked at there, 200 MiB', async () => {
    const s3 = await startS3rver();
    const { stoa, ada, place, bringIt } = await started(s3.config());
    const bringPast = async (size) => {
      const { body: { file, upload } } = await stoa.api('POST', '/api/uploads', { token: ada.token, body: { ...place, name: 'a.txt', size } });
      const put = await fetch(upload.url, { method: 'PUT', headers: upload.headers.map(({ name, value }) => [name, value]), body: ofSize(size) });
      assert.equal(put.status, 200);
      const now = async () => (await stoa.api('POST', `/api/uploads/${file.id}/complete`, { token: ada.token })).body;
      await until(async () => (await now()).state === 'ready', { what: 'it to be looked at' });
      return now();
    };
    try {
      await bringIt(kOnce);
      await bringPast(kOnce);
      const grown = await growth(stoa, async () => {
        assert.equal((await bringIt(kSize)).size, kSize);
        assert.equal((await bringPast(kSize)).size, kSize);
      });
      assert.ok(grown < kMostOfParts, `it grew by ${grown} bytes`);
    } finally {
      await stoa.stop();
      await s3.stop();
    }
  });
});
