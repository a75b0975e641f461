// A copy of everything that is held about somebody.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { bring } from '../../support/forms.mjs';
import { ageSignIn, makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { linesOf, unzip } from '../../support/zip.mjs';
import { stored } from '../files/stored.mjs';

describe('a copy of everything', () => {
  const world = {};
  let stoa;
  const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
  const get = (who) => stoa.bytes('GET', '/api/users/me/export', { token: who.token });
  const files = async (who) => {
    const answer = await get(who);
    assert.equal(answer.status, 200);
    return unzip(answer.bytes);
  };

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { auth: { session_cache_ttl: '0ms' }, account: { max_exports: 1 } } });
    [world.ada, world.ben, world.old] = await people(stoa, 'Ada', 'Ben', 'Old');
    await ageSignIn(stoa, world.old);
  });
  after(() => stoa.stop());

  scenarios(world, { request: 'GET /api/users/me/export' }, [
    { name: 'is somebody\'s', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'is made for a fresh sign-in alone', who: 'old', answer: '403 SIGN_IN_AGAIN' },
  ]);

  test('has a file of each kind of thing, and nothing of others', async () => {
    const { ada, ben } = world;
    await as(ada, 'PUT', '/api/users/me', { bio: 'Süß, "quoted"\nand long' });
    const room = await makeRoom(stoa, ada, { members: [ben], name: 'Hers' });
    const long = 'ä'.repeat(5000);
    // More than a page of each: with a key, and without.
    for (let i = 0; i < 60; i++) {
      await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: `unkeyed ${i} ${long}` } });
      await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: `keyed ${i}` }, headers: { 'idempotency-key': `k${i}` } });
    }
    const theirs = (await as(ben, 'POST', `/api/messages/room/${room.id}`, { content: 'not hers' })).body;
    await stoa.sql(`insert into message_reactions (message_id, user_id, emoji) values ('${theirs.id}', '${ada.id}', '👍'), ('${theirs.id}', '${ben.id}', '🎉')`);
    await as(ada, 'PUT', '/api/users/me/skills', { skills: [{ name: 'Chess', level: 'expert', offered: true }] });
    await as(ada, 'POST', `/api/users/${ben.id}/block`);
    await as(ada, 'PUT', `/api/rooms/${room.id}`, { roomType: 'private' });

    const answer = await get(ada);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/zip');
    assert.match(answer.headers.get('content-disposition'), /attachment; filename="?stoa\.zip/);
    assert.match(answer.headers.get('cache-control'), /no-store/);
    const copy = unzip(answer.bytes);
    const lines = Object.fromEntries(Object.entries(copy).map(([name, text]) => [name, linesOf(text)]));
    assert.deepEqual(Object.keys(copy).sort(), ['acts.jsonl', 'acts_upon_you.jsonl', 'bans.jsonl', 'blocks.jsonl', 'files.jsonl', 'identities.jsonl', 'messages.jsonl', 'messages_without_key.jsonl', 'notes.jsonl',
      'profile.jsonl', 'reactions.jsonl', 'rooms.jsonl', 'second_factor.jsonl', 'sign_ins.jsonl', 'skills.jsonl', 'subjects.jsonl']);
    assert.equal(lines['profile.jsonl'][0].email, ada.email);
    assert.equal(lines['profile.jsonl'][0].bio, 'Süß, "quoted"\nand long');
    assert.deepEqual(lines['messages_without_key.jsonl'].map((one) => one.content), Array.from({ length: 60 }, (_, i) => `unkeyed ${i} ${long}`));
    assert.deepEqual(lines['messages.jsonl'].map((one) => one.content).sort(), Array.from({ length: 60 }, (_, i) => `keyed ${i}`).sort());
    assert.deepEqual(lines['reactions.jsonl'].map((one) => [one.messageId, one.emoji]), [[theirs.id, ['👍']]]);
    assert.deepEqual(lines['rooms.jsonl'].map((one) => [one.roomId, one.roomName, one.role]), [[room.id, 'Hers', 'owner']]);
    assert.deepEqual(lines['skills.jsonl'].map((one) => one.name), ['Chess']);
    assert.deepEqual(lines['blocks.jsonl'].map((one) => one.userId), [ben.id]);
    assert.equal(lines['sign_ins.jsonl'].length, 1);
    assert.deepEqual(lines['acts.jsonl'].map((one) => [one.action, one.targetId]), [['rooms.update', room.id]]);
    const all = Object.values(copy).join();
    for (const secret of ['not hers', '🎉', ben.email, ada.password, ada.refreshToken, '$2']) assert.ok(!all.includes(secret), secret);
  });

  test('has the files that were brought, whole, and those of nobody else', async () => {
    const [eve, fay] = await people(stoa, 'Eve', 'Fay');
    const room = await makeRoom(stoa, eve, { members: [fay] });
    const into = { kind: 'message', roomId: room.id };
    const long = 'a line of a long file\n'.repeat(150_000);
    const one = await bring(stoa, eve, into, { name: 'plan.txt', bytes: 'The plan' });
    const two = await bring(stoa, eve, into, { name: 'long.txt', bytes: long });
    const other = await bring(stoa, fay, into, { name: 'hers.txt', bytes: 'Not of Eve' });
    const copy = await files(eve);
    assert.equal(copy[`files/${one.id}-plan.txt`], 'The plan');
    assert.ok(copy[`files/${two.id}-long.txt`] === long);
    assert.deepEqual(Object.keys(copy).filter((name) => name.includes(other.id)), []);
    assert.deepEqual(linesOf(copy['files.jsonl']).map(({ id }) => id), [two.id, one.id]);
  });

  test('is made for one person once in a while, and for so many at once', async () => {
    const [cid, dan] = await people(stoa, 'Cid', 'Dan');
    await files(cid);
    const again = await as(cid, 'GET', '/api/users/me/export');
    refused(again, 429, 'RATE_LIMITED');
    const wait = Number(again.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 600, `${wait}`);
    await stoa.sql(`update users set exported_at = now() - interval '1 hour' where id = '${cid.id}'`);
    await files(cid);

    // One that nobody reads any more: its place is given back, however it ends.
    const room = await makeRoom(stoa, dan);
    await stoa.sql(`insert into messages (id, room_id, seq, sender_id, client_message_id, content)
      select gen_random_uuid(), '${room.id}', n, '${dan.id}', gen_random_uuid(), (select string_agg(md5(n || '-' || i), '') from generate_series(1, 1000) i) from generate_series(1, 1000) n`);
    const slow = new AbortController();
    const begun = await fetch(`${stoa.url}/api/users/me/export`, { headers: { authorization: `Bearer ${dan.token}` }, signal: slow.signal });
    assert.equal(begun.status, 200);
    refused(await as(dan, 'GET', '/api/users/me/export'), 429, 'RATE_LIMITED');
    refused(await as(world.ben, 'GET', '/api/users/me/export'), 503, 'OVERLOADED');
    slow.abort();
    await until(async () => (await get(world.ben)).status === 200, { what: 'the place to be free' });
  });
});

test('a copy that is read slowly ends when its time is over, and its place is free', async () => {
  const stoa = await startStoa({ config: { account: { max_exports: 1, export_time: '1s' } } });
  try {
    const [slow, other] = await people(stoa, 'Slow', 'Other');
    const room = await makeRoom(stoa, slow);
    // More than stands between the two.
    for (let i = 0; i < 4; i++) await bring(stoa, slow, { kind: 'message', roomId: room.id }, { name: `${i}.txt`, bytes: randomBytes(6_000_000).toString('base64') });
    const get = ({ token }) => fetch(`${stoa.url}/api/users/me/export`, { headers: { authorization: `Bearer ${token}` } });
    const reader = (await get(slow)).body.getReader();
    const read = async () => (await reader.read()).done;
    // A piece each time that somebody else asks: it goes on all the time.
    await until(async () => {
      await read().catch(() => true);
      const answer = await get(other);
      await answer.body.cancel();
      return answer.status === 200;
    }, { what: 'the place to be free' });
    await assert.rejects(async () => { while (!await read()); }, 'it is not whole');
  } finally {
    await stoa.stop();
  }
});

test('a copy goes on where a file goes while it is read, and where one has lost its bytes', async () => {
  const stoa = await startStoa({ config: { files: { max_bytes: '30MiB', sweep_interval: '100ms' }, jobs: { poll: '100ms' } } });
  try {
    const [ada] = await people(stoa, 'Ada');
    const room = await makeRoom(stoa, ada);
    // More than stands between the two.
    const long = randomBytes(15_000_000).toString('base64');
    const mine = [];
    for (let i = 0; i < 3; i++) mine.push(await bring(stoa, ada, { kind: 'message', roomId: room.id }, { name: `${i}.txt`, bytes: i + long }));
    const copy = (midway) => new Promise((done, fail) => {
      const call = request(`${stoa.url}/api/users/me/export`, { agent: false, headers: { authorization: `Bearer ${ada.token}` } }, async (answer) => {
        const pieces = [];
        let size = 0;
        try {
          assert.equal(answer.statusCode, 200);
          for await (const piece of answer) {
            pieces.push(piece);
            size += piece.length;
            if (size < 1_000_000 || !midway) continue;
            await midway();
            midway = undefined;
          }
          done(Buffer.concat(pieces));
        } catch (error) {
          fail(error);
        }
      });
      call.on('error', fail).end();
    });
    const lengths = (bytes) => mine.map(({ id, name }) => unzip(bytes)[`files/${id}-${name}`]?.length);
    const again = () => stoa.sql('update users set exported_at = null');
    const whole = long.length + 1;

    // The newest comes first.
    const cut = await copy(async () => {
      assert.equal((await stoa.api('DELETE', `/api/files/${mine[2].id}`, { token: ada.token })).status, 204);
      await until(async () => (await stoa.sql(`select count(*) from files where id = '${mine[2].id}'`)) === '0', { what: 'the file to go' });
    });
    const [first, second, third] = lengths(cut);
    assert.deepEqual([first, second], [whole, whole]);
    assert.ok(third > 0 && third < whole, `${third}`);
    assert.equal(linesOf(unzip(cut)['files.jsonl'])[0].size, whole, 'the list says how long it was');

    await again();
    const at = (await stored(stoa)).find((name) => name.endsWith(mine[1].id));
    await rm(path.join(stoa.folder, 'var/files', at));
    assert.deepEqual(lengths(await copy()), [whole, undefined, undefined]);
  } finally {
    await stoa.stop();
  }
});
