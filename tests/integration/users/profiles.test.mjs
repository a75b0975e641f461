// Profiles: one's own, others', and finding people.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';
import { assertError, badFields } from '../auth/assert_error.mjs';

let stoa;
let ada;
before(async () => {
  stoa = await startStoa();
  ada = await stoa.register('ada');
});
after(() => stoa.stop());

const change = (body, token = ada.token) => stoa.api('PUT', '/api/users/me', { token, body });
const get = (path, token = ada.token) => stoa.api('GET', `/api/users${path}`, { token });

test('one changes what one names and keeps the rest', async () => {
  const fields = {
    fullName: 'Ada Lovelace', username: 'ada.lovelace', bio: 'First\nprogrammer', educationLevel: 'private', institution: 'London',
    profilePictureUrl: 'https://example.org/ada.png', timezone: 'Europe/London', locale: 'en-GB',
  };
  const answer = await change(fields);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, { ...ada.user, ...fields });
  assert.deepEqual((await get('/me')).body, answer.body);
  assert.deepEqual((await change({ bio: 'Short' })).body, { ...answer.body, bio: 'Short' });
  assert.deepEqual((await change({})).body, { ...answer.body, bio: 'Short' });
  assert.equal((await change({ bio: null, institution: null })).body.bio, null);
});

test('name, time zone and language can be changed, not cleared', async () => {
  const answer = await change({ fullName: null, timezone: null, locale: null, bio: 'not kept' });
  assert.deepEqual(badFields(answer).sort(), ['fullName', 'locale', 'timezone']);
  assert.notEqual((await get('/me')).body.bio, 'not kept');
});

const kBad = [
  ['fullName', ''], ['fullName', 'n'.repeat(101)], ['fullName', 7], ['fullName', ['a']], ['fullName', 'a\u0000b'],
  ['username', 'a'], ['username', 'a b'], ['username', '-ada'], ['username', 'u'.repeat(31)], ['username', 'ad\u202Ea'],
  ['bio', 'b'.repeat(1001)], ['bio', {}],
  ['educationLevel', 'e'.repeat(101)], ['institution', 'i'.repeat(201)],
  ['profilePictureUrl', 'javascript:alert(1)'], ['profilePictureUrl', '/relative'], ['profilePictureUrl', `https://example.org/${'x'.repeat(2048)}`],
  ['timezone', 'Mars/Base'], ['timezone', '../../etc/passwd'], ['timezone', 'EST'], ['timezone', "UTC'; drop table users --"],
  ['locale', 'english'], ['locale', 'en_GB'], ['locale', ''],
];
for (const [field, value] of kBad) {
  test(`refused: ${field} = ${JSON.stringify(value).slice(0, 40)}`, async () => {
    const answer = await change({ [field]: value });
    if (answer.status === 400) assert.match(JSON.stringify(value), /u0000/); // NUL is refused at the edge
    else assert.deepEqual(badFields(answer), [field]);
  });
}

test('nobody becomes another by changing what is not his to change', async () => {
  const before_ = (await get('/me')).body;
  const answer = await change({ id: randomUUID(), email: 'new@example.org', role: 'admin', isVerified: true, createdAt: '2000-01-01T00:00:00Z', passwordHash: 'x' });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, before_);
});

test('a username is one person\'s, whatever its case', async () => {
  const bob = await stoa.register('bob', { username: 'bob.the.first' });
  const cid = await stoa.register('cid');
  assertError(await change({ username: 'BOB.the.first' }, cid.token), 409, 'USERNAME_TAKEN');
  assert.equal((await change({ username: 'Bob.The.First' }, bob.token)).body.username, 'Bob.The.First');
  assert.equal((await change({ username: null }, bob.token)).body.username, null);
  assert.equal((await change({ username: 'bob.the.first' }, cid.token)).status, 200);
});

test('others see the profile and never the address', async () => {
  const dan = await stoa.register('dan');
  await stoa.sql(`update users set phone = '+15550100' where id = '${dan.id}'`);
  const { status, body, text } = await get(`/${dan.id}`);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), ['bio', 'createdAt', 'educationLevel', 'fullName', 'id', 'institution', 'isVerified', 'profilePictureUrl', 'role', 'username']);
  assert.ok(!text.includes('@') && !text.includes('15550100'));
  assert.equal(body.fullName, 'dan');
});

test('who is not there or was deleted is not found alike', async () => {
  const eve = await stoa.register('eve');
  await stoa.sql(`update users set deleted_at = now() where id = '${eve.id}'`);
  const told = ({ body: { error: { requestId, ...error } } }) => error;
  const deleted = await get(`/${eve.id}`);
  assertError(deleted, 404, 'NOT_FOUND');
  assert.deepEqual(told(deleted), told(await get(`/${randomUUID()}`)));
  assert.deepEqual(badFields(await get('/not-an-id')), ['id']);
});

test('people are found by a part of their name or username, page by page', async () => {
  const made = [];
  for (let i = 0; i < 5; i++) made.push(await stoa.register('seeker', { fullName: `Findme_${i} Ünïque`, username: `hidden${i}.${randomUUID().slice(0, 8)}` }));
  const found = [];
  let cursor = '';
  do {
    const { status, body, text } = await get(`?q=indme_&limit=2${cursor && `&cursor=${cursor}`}`);
    assert.equal(status, 200);
    assert.ok(body.items.length <= 2 && !text.includes('@'));
    found.push(...body.items.map((p) => p.id));
    cursor = body.nextCursor;
  } while (cursor);
  assert.deepEqual(found, made.map((p) => p.id).reverse());
  const ids = async (q) => (await get(`?q=${encodeURIComponent(q)}`)).body.items.map((p) => p.id);
  assert.deepEqual(await ids('FINDME_3'), [made[3].id]);
  assert.deepEqual(await ids(made[2].user.username.toUpperCase()), [made[2].id]);
  assert.deepEqual(await ids('findme_3 üNÏ'), [made[3].id]);
  assert.deepEqual(await ids('findmeX'), []);
  for (const wild of ['%', 'Findme%', '\\', "' or 1=1 --"]) assert.deepEqual(await ids(wild), [], wild);
});

test('a search that makes no sense is refused', async () => {
  assert.deepEqual(badFields(await get('?q=')), ['q']);
  assert.deepEqual(badFields(await get(`?q=${'q'.repeat(101)}`)), ['q']);
  assert.deepEqual(badFields(await get('?limit=0')), ['limit']);
  assert.deepEqual(badFields(await get('?limit=101')), ['limit']);
  assert.deepEqual(badFields(await get('?limit=x')), ['limit']);
  assert.deepEqual(badFields(await get('?cursor=*')), ['cursor']);
  assert.deepEqual(badFields(await get('?cursor=eHg')), ['cursor']);
});

test('strangers see nobody', async () => {
  for (const path of ['/me', `/${ada.id}`, '?q=ada', '']) {
    assertError(await stoa.api('GET', `/api/users${path}`), 401, 'UNAUTHORIZED', path);
  }
  assertError(await stoa.api('PUT', '/api/users/me', { body: { bio: 'x' } }), 401, 'UNAUTHORIZED');
});
