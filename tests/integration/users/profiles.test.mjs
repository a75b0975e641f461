// Profiles: one's own, others', and finding people.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { psql } from '../../support/database.mjs';
import { badFields, refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

let stoa;
let ada;
const world = { nothing: { id: randomUUID() } };
before(async () => {
  world.stoa = stoa = await startStoa();
  world.ada = ada = await stoa.register('ada');
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

// The database reads some six hundred files for them.
test('the names of time zones that ICU does not know are read from the database once, not at each change', async () => {
  assert.deepEqual(badFields(await change({ timezone: 'Mars/Sea' })), ['timezone']);
  const superuser = stoa.database.replace(/^postgresql:\/\/[^@/]*@/, 'postgresql://postgres@');
  await psql(superuser, `REVOKE SELECT ON pg_timezone_names FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION pg_timezone_names() FROM PUBLIC;`);
  await assert.rejects(stoa.sql('SELECT count(*) FROM pg_timezone_names'), /permission denied/);
  assert.equal((await change({ timezone: 'Asia/Tokyo' })).body.timezone, 'Asia/Tokyo');
  assert.deepEqual(badFields(await change({ timezone: 'Mars/Base' })), ['timezone']);
  assert.equal((await change({ bio: 'Moved' })).status, 200);
});

const kChange = { who: 'ada', request: 'PUT /api/users/me' };
const refusing = (field, ...values) => values.map((value) => ({
  name: `${field} = ${JSON.stringify(value).slice(0, 40)}`, body: { [field]: value }, invalid: [field],
}));
scenarios(world, { ...kChange, answer: '422 VALIDATION_ERROR' }, [
  ...refusing('fullName', '', 'n'.repeat(101), 7, ['a'], '\u200b', ' \u202e'),
  ...refusing('username', 'a', 'a b', '-ada', 'u'.repeat(31), 'ad\u202Ea'),
  ...refusing('bio', 'b'.repeat(1001), {}),
  ...refusing('educationLevel', 'e'.repeat(101)),
  ...refusing('institution', 'i'.repeat(201)),
  ...refusing('profilePictureUrl', 'javascript:alert(1)', '/relative', `https://example.org/${'x'.repeat(2048)}`),
  ...refusing('timezone', 'Mars/Base', 'posix/Europe/Berlin', 'localtime', 'Factory', '../../etc/passwd', '+03:00', "UTC'; drop table users --"),
  ...refusing('locale', 'english', 'en_GB', ''),
]);
const accepting = (field, ...pairs) => pairs.map(([value, kept = value]) => ({
  name: `${field} = ${JSON.stringify(value)}`, body: { [field]: value }, has: { [field]: kept },
}));
scenarios(world, { ...kChange, answer: 200 }, [
  ...accepting('timezone', ['CET'], ['GMT'], ['EST5EDT'], ['UTC'], ['Asia/Kolkata']),
  ...accepting('locale', ['en-us', 'en-US'], ['en-GB-oxendict'], ['zh-hant-tw', 'zh-Hant-TW']),
  ...accepting('profilePictureUrl', ['https://example.org/a[1].png?b[]=c', 'https://example.org/a%5B1%5D.png?b%5B%5D=c']),
]);
scenarios(world, kChange, [
  { name: 'NUL is refused at the edge', body: { fullName: 'a\u0000b' }, answer: 400 },
]);

test('nobody becomes another by changing what is not his to change', async () => {
  const before_ = (await get('/me')).body;
  const answer = await change({ id: randomUUID(), email: 'new@example.org', role: 'admin', isVerified: true, createdAt: '2000-01-01T00:00:00Z', passwordHash: 'x' });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, before_);
});

test('a username is one person\'s, whatever its case', async () => {
  const bob = await stoa.register('bob', { username: 'bob.the.first' });
  const cid = await stoa.register('cid');
  refused(await change({ username: 'BOB.the.first' }, cid.token), 409, 'USERNAME_TAKEN');
  assert.equal((await change({ username: 'Bob.The.First' }, bob.token)).body.username, 'Bob.The.First');
  assert.equal((await change({ username: null }, bob.token)).body.username, null);
  assert.equal((await change({ username: 'bob.the.first' }, cid.token)).status, 200);
});

test('who is not there or was deleted is not found alike', async () => {
  const eve = await stoa.register('eve');
  await stoa.sql(`update users set deleted_at = now() where id = '${eve.id}'`);
  const told = ({ body: { error: { requestId, ...error } } }) => error;
  const deleted = await get(`/${eve.id}`);
  refused(deleted, 404, 'NOT_FOUND');
  assert.deepEqual(told(deleted), told(await get(`/${randomUUID()}`)));
});

// Who may be found.
async function seeker(fields) {
  const person = await stoa.register('seeker', fields);
  await change({ isFindable: true }, person.token);
  return person;
}

test('people are found by a part of their name or username, page by page', async () => {
  const made = [];
  for (let i = 0; i < 5; i++) made.push(await seeker({ fullName: `Findme_${i} Ünïque`, username: `hidden${i}.${randomUUID().slice(0, 8)}` }));
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
  assert.deepEqual(await ids('ün'), made.map((p) => p.id).reverse(), 'two letters begin a word');
  for (const wild of ['Findme%', "' or 1=1 --"]) assert.deepEqual(await ids(wild), [], wild);
});

test('people are found by any part of a name that is written without spaces', async () => {
  const tanaka = await seeker({ fullName: '田中さくら' });
  const somchai = await seeker({ fullName: 'สมชาย ใจดี' });
  const ids = async (q) => (await get(`?q=${encodeURIComponent(q)}`)).body.items.map((p) => p.id);
  for (const part of ['田中', '中さ', 'くら', '中', '田中さくら']) assert.deepEqual(await ids(part), [tanaka.id], part);
  for (const part of ['ชาย', 'ย ใ', 'ดี']) assert.deepEqual(await ids(part), [somchai.id], part);
  assert.deepEqual(await ids('田さ'), []);
});

scenarios(world, { name: 'a search that makes no sense', who: 'ada', answer: '422 VALIDATION_ERROR' }, [
  { request: 'GET /api/users?q=', invalid: ['q'] },
  { request: 'GET /api/users?q=--', invalid: ['q'] },
  { request: 'GET /api/users?q=%25', invalid: ['q'] },
  { request: `GET /api/users?q=${'q'.repeat(101)}`, invalid: ['q'] },
  { request: 'GET /api/users?limit=0', invalid: ['limit'] },
  { request: 'GET /api/users?limit=101', invalid: ['limit'] },
  { request: 'GET /api/users?limit=x', invalid: ['limit'] },
  { request: 'GET /api/users?cursor=*', invalid: ['cursor'] },
  { request: 'GET /api/users?cursor=eHg', invalid: ['cursor'] },
  { name: 'a person by what is no id', request: 'GET /api/users/not-an-id', invalid: ['id'] },
]);

scenarios(world, [
  { name: 'a person by an id that is nobody\'s', who: 'ada', request: 'GET /api/users/{nothing}', answer: '404 NOT_FOUND' },
]);
scenarios(world, { name: 'strangers see nobody', who: 'stranger', answer: '401 UNAUTHORIZED' }, [
  { request: 'GET /api/users/me' },
  { request: 'GET /api/users/{ada}' },
  { request: 'GET /api/users?q=ada' },
  { request: 'GET /api/users' },
  { name: 'strangers change nobody', request: 'PUT /api/users/me', body: { bio: 'x' } },
]);

scenarios(world, { who: 'ada', answer: 200, hasNot: ['@', '15550100'] }, [
  {
    name: 'others see the profile and never the address', request: 'GET /api/users/{dan}', has: { id: '{dan}', fullName: 'dan' },
    keys: ['bio', 'createdAt', 'educationLevel', 'fullName', 'id', 'institution', 'isVerified', 'profilePictureUrl', 'role', 'username'],
    prepare: async (at) => {
      at.dan = await stoa.register('dan');
      await stoa.sql(`update users set phone = '+15550100', phone_confirmed_at = now() where id = '${at.dan.id}'`);
    },
  },
]);
