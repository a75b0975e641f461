// Idempotency-Key: whatever is made is made once, however often it is asked for, and when nobody knows whether it was.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { createDatabase, dropDatabase } from '../../support/database.mjs';
import { DatabaseProxy } from '../../support/database_proxy.mjs';
import { fetchBytes, kForm } from '../../support/forms.mjs';
import { makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

// All that is made by a request that takes a key, of all features: the scenes of tests/integration/*/keys.mjs, by row. Each
// is a function of the server that answers somebody who asks (`who`), for what (`target`), the body, another body (`other`),
// a statement that counts what there is (`count`), and `says`, part of what the transaction says; where the commit is of a
// batch, `lose` is a function of the proxy that loses its answer instead. Bodies that are forms come with their `headers`.
const folders = new URL('../', import.meta.url);
const files = readdirSync(folders).map((folder) => new URL(`${folder}/keys.mjs`, folders)).filter((file) => existsSync(file));
const scenes = Object.assign({}, ...await Promise.all(files.map(async (file) => (await import(file)).default)));

describe('idempotency keys', () => {
  let database;
  let proxy;
  let stoa;

  before(async () => {
    database = await createDatabase();
    proxy = await DatabaseProxy.start(database);
    stoa = await startStoa({ database: proxy.url, config: { files: { uploads_per_user: 30 } } });
  });
  after(async () => {
    await stoa?.stop();
    await proxy.stop();
    await dropDatabase(database);
  });

  const ask = (person, target, key, body, headers = {}) =>
    stoa.api('POST', target, { token: person.token, body, headers: key === undefined ? headers : { ...headers, 'idempotency-key': key } });

  test('every row that takes one has a scene', async () => {
    const { body } = await stoa.api('GET', '/api/openapi.json');
    const taking = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { parameters = [] }]) => parameters.some((one) => one.$ref?.endsWith('/Idempotency-Key')))
        .map(([method]) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual(taking.sort(), Object.keys(scenes).sort());
  });

  for (const [row, scene] of Object.entries(scenes)) {
    test(`${row}: repeated, it answers what it answered, and with another body it refuses`, async () => {
      const { who, target, body, other, count, headers } = await scene(stoa);
      const key = randomUUID();
      const first = await ask(who, target, key, body, headers);
      const again = await ask(who, target, key, body, headers);
      assert.deepEqual([first.status, first.headers.get('idempotent-replayed')], [201, null], first.text);
      assert.deepEqual([again.status, again.headers.get('idempotent-replayed'), again.text], [201, 'true', first.text]);
      assert.equal(await stoa.sql(count), '1');
      refused(await ask(who, target, key, other, headers), 409, 'IDEMPOTENCY_KEY_REUSED');
      assert.equal(await stoa.sql(count), '1');
      assert.equal((await ask(who, target, randomUUID(), other, headers)).status, 201);
      assert.equal(await stoa.sql(count), '2');
    });

    test(`${row}: sent thirty times at once, it happens once`, async () => {
      const { who, target, body, count, headers } = await scene(stoa);
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 30 }, () => ask(who, target, key, body, headers)));
      const made = answers.filter(({ status }) => status === 201);
      assert.ok(made.length > 0);
      for (const { text } of made) assert.equal(text, made[0].text);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        refused(answer, 409, 'CONFLICT');
        assert.equal(answer.headers.get('retry-after'), '1');
      }
      assert.equal(await stoa.sql(count), '1');
    });

    test(`${row}: in doubt, asking again tells`, async () => {
      const { who, target, body, count, headers, says, lose = () => proxy.loseCommitOf(says) } = await scene(stoa);
      const key = randomUUID();
      lose(proxy);
      refused(await ask(who, target, key, body, headers), 503, 'DB_UNAVAILABLE');
      assert.ok(proxy.hasLost);
      const answer = await until(async () => {
        const asked = await ask(who, target, key, body, headers);
        return asked.status !== 503 && asked;
      }, { what: 'the database to be back' });
      assert.deepEqual([answer.status, answer.headers.get('idempotent-replayed')], [201, 'true'], answer.text);
      assert.equal(await stoa.sql(count), '1');
    });
  }

  test('what was refused has used no key', async () => {
    const [olga, max] = await people(stoa, 'Olga', 'Max');
    const room = await makeRoom(stoa, olga, { members: [max] });
    const invite = () => ask(max, `/api/rooms/${room.id}/invites`, 'k1', { maxUses: 3 });
    refused(await invite(), 403, 'FORBIDDEN');
    await stoa.api('PUT', `/api/rooms/${room.id}/members/${max.id}`, { token: olga.token, body: { role: 'moderator' } });
    assert.equal((await invite()).headers.get('idempotent-replayed'), null);
    assert.equal((await invite()).headers.get('idempotent-replayed'), 'true');
  });

  test("a key is its user's own, and good for a day", async () => {
    const [olga, max] = await people(stoa, 'Olga', 'Max');
    const open = (person) => ask(person, '/api/rooms', 'the-same', { name: 'A room' });
    const [first, second] = [await open(olga), await open(max)];
    assert.notEqual(first.body.id, second.body.id);
    await stoa.sql(`update idempotency_keys set created_at = created_at - interval '25 hours' where user_id = '${olga.id}'`);
    const later = await open(olga);
    assert.equal(later.status, 201);
    assert.notEqual(later.body.id, first.body.id);
    assert.equal((await open(olga)).text, later.text);
  });

  // Two bodies under one key at the same moment may both be stored; each is known again.
  test('a message is found by its key beside another one of that key', async () => {
    const [olga] = await people(stoa, 'Olga');
    const room = await makeRoom(stoa, olga);
    const say = (content) => ask(olga, `/api/messages/room/${room.id}`, 'k', { content });
    const first = await say('one');
    const own = await stoa.sql(`select client_message_id from messages where id = '${first.body.id}'`);
    for (const last of ['000000000000', 'ffffffffffff']) {
      await stoa.sql(`insert into messages (id, room_id, seq, sender_id, client_message_id, content, message_type)
        select gen_random_uuid(), room_id, (select max(seq) + 1 from messages where room_id = '${room.id}'), sender_id, '${own.slice(0, 24)}${last}', 'another', message_type
        from messages where id = '${first.body.id}'`);
    }
    const again = await say('one');
    assert.deepEqual([again.status, again.body?.id], [201, first.body.id], again.text);
  });

  test("a message's own clientMessageId goes before the key", async () => {
    const [olga] = await people(stoa, 'Olga');
    const room = await makeRoom(stoa, olga);
    const say = (key, clientMessageId) => ask(olga, `/api/messages/room/${room.id}`, key, { content: 'hello', clientMessageId });
    const id = randomUUID();
    assert.equal((await say('k', id)).body.seq, 1);
    assert.equal((await say('k', randomUUID())).body.seq, 2);
    assert.equal((await say('other', id)).body.seq, 1);
  });

  describe('of forms', () => {
    const brought = async () => {
      const { who, target, body, says } = await scenes['POST /api/files'](stoa);
      return { who, body, says, bring: (key, sent = body, headers = kForm) => ask(who, target, key, sent, headers) };
    };

    test('are known whatever stands between their parts', async () => {
      const { bring, body } = await brought();
      const first = await bring('k');
      const [head, other] = [kForm['content-type'], 'something-else'];
      const between = /boundary=(.*)/.exec(head)[1];
      const again = await bring('k', Buffer.from(body.toString('latin1').replaceAll(between, other), 'latin1'), { 'content-type': head.replace(between, other) });
      assert.deepEqual([again.status, again.headers.get('idempotent-replayed'), again.text], [201, 'true', first.text]);
    });

    test('whose file has another name are others', async () => {
      const { bring, body } = await brought();
      assert.equal((await bring('k')).status, 201);
      refused(await bring('k', Buffer.from(body.toString('latin1').replace('notes.txt', 'other.txt'), 'latin1')), 409, 'IDEMPOTENCY_KEY_REUSED');
    });

    // The commit says that the file is there; whoever does not hear it must not take its bytes away.
    test('whose commit is in doubt have their bytes', async () => {
      const { bring, says, who } = await brought();
      proxy.loseCommitOf(says);
      refused(await bring('k'), 503, 'DB_UNAVAILABLE');
      const again = await until(async () => {
        const asked = await bring('k');
        return asked.status === 201 && asked;
      }, { what: 'the database to be back' });
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      const { status, bytes } = await fetchBytes(stoa, `/api/files/${again.body.id}/download`, who);
      assert.deepEqual([status, createHash('sha256').update(bytes).digest('hex')], [200, says]);
    });
  });
});
