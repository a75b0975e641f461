// What somebody has begun before his sign-in ended: it ends with that.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { bring, form, kForm, kPng } from '../../support/forms.mjs';
import { makeRoom } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('what was begun before a sign-in ended', () => {
  let stoa;
  before(async () => { stoa = await startStoa({ config: { auth: { session_cache_ttl: '0ms' } } }); });
  after(() => stoa.stop());

  // A form of which half has come, once the server is at work on it: finish() sends the rest and gives the answer.
  async function begin(person, target, bytes) {
    const headers = { ...kForm, authorization: `Bearer ${person.token}`, 'content-length': bytes.length };
    const request = http.request(`${stoa.url}${target}`, { method: 'POST', headers });
    const answer = new Promise((resolve, reject) => {
      request.on('error', reject).on('response', async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        resolve({ status: response.statusCode, text, body: JSON.parse(text) });
      });
    });
    const half = Math.floor(bytes.length / 2);
    request.write(bytes.subarray(0, half));
    // What asks is one of them.
    await until(async () => await stoa.metric('stoa_http_in_flight') >= 2, { what: 'the request to be under way' });
    return () => {
      request.end(bytes.subarray(half));
      return answer;
    };
  }
  const note = (title) => form({ title }, { bytes: 'Some words. '.repeat(1000) });
  const notes = async (title) => (await stoa.api('GET', '/api/notes')).body.items.filter((one) => one.title === title).length;

  const ends = {
    'is signed out everywhere': [(person) => stoa.api('POST', '/api/auth/logout-all', { token: person.token }), 401, 'INVALID_TOKEN'],
    'is suspended': [(person) => runStoa(['admin', 'suspend', person.email], { env: { STOA_DATABASE_URL: stoa.database } }), 403, 'ACCOUNT_SUSPENDED'],
    'deletes the account': [(person) => stoa.api('DELETE', '/api/users/me', { token: person.token, body: { password: person.password } }), 401, 'INVALID_TOKEN'],
  };
  for (const [name, [end, status, code]] of Object.entries(ends)) {
    test(`is no note of who ${name}`, async () => {
      const person = await stoa.register('writes');
      const finish = await begin(person, '/api/notes', note(name));
      await end(person);
      refused(await finish(), status, code);
      assert.equal(await notes(name), 0);
      assert.equal(await stoa.sql(`select count(*) from files where owner_id = '${person.id}' and state not in ('dropped', 'receiving')`), '0');
    });
  }

  test('is no picture of who is signed out everywhere', async () => {
    const person = await stoa.register('shown');
    const finish = await begin(person, '/api/users/me/avatar', form({}, { name: 'me.png', type: 'image/png', bytes: kPng }));
    await stoa.api('POST', '/api/auth/logout-all', { token: person.token });
    refused(await finish(), 401, 'INVALID_TOKEN');
    assert.equal(await stoa.sql(`select profile_picture_url from users where id = '${person.id}'`), '');
  });

  // What has come whole, and waits for its turn: for the studio, the storage, or a row of the database.
  const picture = () => form({}, { name: 'me.png', type: 'image/png', bytes: kPng });
  const post = ({ token }, target, body) => stoa.api('POST', target, { token, headers: kForm, body });
  const lasting = ({ id }) => stoa.sql(`select count(*) from files where owner_id = '${id}' and state <> 'dropped'`);
  const waiting = (count) => until(async () => await waitingForLocks(stoa.database) >= count, { what: `${count} to wait` });
  const pictures = {
    'an avatar': async () => '/api/users/me/avatar',
    'a logo': async (person) => `/api/rooms/${(await makeRoom(stoa, person)).id}/logo`,
  };
  for (const [name, prepare] of Object.entries(pictures)) {
    test(`is ${name} no more whose turn comes after its bringer is signed out everywhere`, async () => {
      const person = await stoa.register('waits');
      const target = await prepare(person);
      assert.equal((await post(person, target, picture())).status, 200);
      assert.equal(await lasting(person), '2');
      const release = await hold(stoa.database, `select 1 from file_usage where holder = '${person.id}' for update`);
      const answer = post(person, target, picture());
      await waiting(1);
      assert.equal((await stoa.api('POST', '/api/auth/logout-all', { token: person.token })).status, 204);
      await release();
      refused(await answer, 401, 'INVALID_TOKEN');
      assert.equal(await lasting(person), '2', 'the one before');
    });
  }

  const bodies = {
    picture: ['/api/users/me/avatar', picture],
    note: ['/api/notes', () => note('waits')],
  };
  for (const [name, [target, body]] of Object.entries(bodies)) {
    test(`is no ${name} that waits while its bringer is suspended`, async () => {
      const person = await stoa.register('waits');
      const release = await hold(stoa.database, `select 1 from users where id = '${person.id}' for no key update`);
      const suspending = ends['is suspended'][0](person);
      await waiting(1);
      const answer = post(person, target, body());
      await waiting(2);
      await release();
      assert.equal((await suspending).code, 0);
      refused(await answer, 403, 'ACCOUNT_SUSPENDED');
      assert.equal(await lasting(person), '0');
    });
  }

  test('is no whole copy of everything', async () => {
    const person = await stoa.register('copied');
    const room = await makeRoom(stoa, person);
    // More than stands between the two.
    for (let i = 0; i < 4; i++) await bring(stoa, person, { kind: 'message', roomId: room.id }, { name: `${i}.txt`, bytes: randomBytes(6_000_000).toString('base64') });
    const answer = await fetch(`${stoa.url}/api/users/me/export`, { headers: { authorization: `Bearer ${person.token}` } });
    const reader = answer.body.getReader();
    await reader.read();
    await stoa.api('POST', '/api/auth/logout-all', { token: person.token });
    await assert.rejects(async () => { while (!(await reader.read()).done); });
  });

  test('is no link to a file of who is suspended', async () => {
    const person = await stoa.register('linked');
    const room = await makeRoom(stoa, person);
    const file = await bring(stoa, person, { kind: 'message', roomId: room.id });
    const { body: link } = await stoa.api('GET', `/api/files/${file.id}/link`, { token: person.token });
    const { body: upload } = await stoa.api('POST', '/api/uploads', { token: person.token, body: { kind: 'message', roomId: room.id, name: 'a.txt', size: 1 } });
    assert.equal((await fetch(`${stoa.url}${link.url}`)).status, 200);
    await ends['is suspended'][0](person);
    assert.equal((await fetch(`${stoa.url}${link.url}`)).status, 404);
    assert.equal((await fetch(`${stoa.url}${upload.upload.url}`, { method: 'PUT', body: 'x', headers: { 'content-type': 'application/octet-stream' } })).status, 409);
  });

  test('stays what it is for who is still signed in', async () => {
    const person = await stoa.register('stays');
    const finish = await begin(person, '/api/notes', note('stays'));
    assert.equal((await finish()).status, 201);
    assert.equal(await notes('stays'), 1);
  });
});
