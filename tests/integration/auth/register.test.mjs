// Making an account: what it answers, what it refuses, and that nobody gets an address twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

let stoa;
const world = {};
before(async () => { world.stoa = stoa = await startStoa(); });
after(() => stoa.stop());

const kPassword = 'a long enough secret';
const register = (body, options) => stoa.api('POST', '/api/auth/register', { body, ...options });

test('an account is made, signed in and shown without a secret', async () => {
  const answer = await register({ email: 'Ada@Example.org', password: kPassword, fullName: '  Ada Lovelace ', username: 'ada', role: 'mentor' });
  assert.equal(answer.status, 201);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.match(answer.headers.get('cache-control'), /no-store/);
  const { user, accessToken, refreshToken, expiresIn } = answer.body;
  assert.deepEqual(Object.keys(user).sort(), ['bio', 'createdAt', 'educationLevel', 'email', 'fullName', 'id', 'institution', 'isFindable', 'isMatched', 'isVerified', 'locale', 'profilePictureUrl', 'role', 'timezone', 'username']);
  assert.equal(user.fullName, 'Ada Lovelace');
  assert.equal(user.role, 'mentor');
  assert.equal(user.isVerified, false);
  assert.match(user.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(expiresIn, 7 * 24 * 3600);
  assert.ok(refreshToken.length >= 43);
  const me = await stoa.api('GET', '/api/users/me', { token: accessToken });
  assert.equal(me.status, 200);
  assert.deepEqual(me.body, user);
  const [stored] = await stoa.rows(`select password_hash, email from users where id = '${user.id}'`);
  assert.match(stored.password_hash, /^h1:\$2b\$04\$/);
  const kept = await stoa.sql('select * from auth_sessions');
  assert.ok(!kept.includes(refreshToken) && !kept.includes(refreshToken.split('.')[1]), 'refresh tokens are kept as hashes');
});

test('without a role one is a learner; without a username one has none', async () => {
  const { body } = await register({ email: 'plain@example.org', password: kPassword, fullName: 'Plain' });
  assert.equal(body.user.role, 'learner');
  assert.equal(body.user.username, null);
});

test('an account speaks the language that it says, or that of the server\'s mails', async () => {
  const german = await startStoa({ config: { mail: { locale: 'de' } } });
  try {
    const of = async (fields) => (await german.register('locale', fields)).user.locale;
    assert.equal(await of({}), 'de');
    assert.equal(await of({ locale: null }), 'de');
    assert.equal(await of({ locale: 'PT-br' }), 'pt-BR');
  } finally {
    await german.stop();
  }
});

test('a taken address or username is a conflict, whatever its case', async () => {
  await register({ email: 'taken@example.org', password: kPassword, fullName: 'First', username: 'taken' });
  refused(await register({ email: 'TAKEN@example.ORG', password: kPassword, fullName: 'Second' }), 409, 'EMAIL_TAKEN');
  refused(await register({ email: 'other@example.org', password: kPassword, fullName: 'Second', username: 'Taken' }), 409, 'USERNAME_TAKEN');
  // The refused one left nothing behind.
  assert.equal(await stoa.sql("select count(*) from users where email = 'other@example.org'"), '0');
});

test('an international domain is one address in both its spellings', async () => {
  const { status, body } = await register({ email: 'ada@bücher.example', password: kPassword, fullName: 'Ada' });
  assert.equal(status, 201);
  assert.equal(body.user.email, 'ada@xn--bcher-kva.example');
  refused(await register({ email: 'Ada@XN--BCHER-KVA.example', password: kPassword, fullName: 'Second' }), 409, 'EMAIL_TAKEN');
  const login = (email) => stoa.api('POST', '/api/auth/login', { body: { email, password: kPassword } });
  for (const email of ['ada@bücher.example', 'ada@BÜCHER.example', 'ada@xn--bcher-kva.example']) assert.equal((await login(email)).status, 200, email);
});

test('null is what is taken where nothing is said', async () => {
  const { status, body } = await register({ email: 'null@example.org', password: kPassword, fullName: 'Null', username: null, role: null });
  assert.equal(status, 201);
  assert.equal(body.user.role, 'learner');
});

// Read by their names, accounts of others must not be mistaken for these.
test('a name directs no text beside it: controls of direction are left out, joiners stay', async () => {
  const names = [['Ada\u202e', 'Ada'], ['\u2068\u200fعلی\u2069 \u202a', 'علی'], ['می\u200cخواهم 👩\u200d💻', 'می\u200cخواهم 👩\u200d💻']];
  for (const [i, [given, kept]] of names.entries()) {
    const { status, body } = await register({ email: `directed${i}@example.org`, password: kPassword, fullName: given });
    assert.equal(status, 201);
    assert.equal(body.user.fullName, kept);
    assert.equal((await stoa.rows(`select full_name from users where id = '${body.user.id}'`))[0].full_name, kept);
  }
});

const kGood = { email: 'good@example.org', password: kPassword, fullName: 'Good' };
scenarios(world, { who: 'stranger', request: 'POST /api/auth/register', answer: '422 VALIDATION_ERROR' }, [
  { name: 'every bad field is named at once', body: { email: 'nobody', password: 'short', fullName: ' ', username: 'a b', role: 'admin' }, invalid: ['email', 'fullName', 'password', 'role', 'username'] },
  { name: 'what is missing is named too', body: {}, invalid: ['email', 'fullName', 'password'] },
  { name: 'a role of one\'s own making', body: { ...kGood, role: 'admin' }, invalid: ['role'] },
  { name: 'a password of 7', body: { ...kGood, password: 'abc!xyz' }, invalid: ['password'] },
  { name: 'a password of 129', body: { ...kGood, password: 'p'.repeat(129) }, invalid: ['password'] },
  { name: 'a common password', body: { ...kGood, password: 'password1' }, invalid: ['password'] },
  { name: 'a common password in capitals', body: { ...kGood, password: 'PASSWORD1' }, invalid: ['password'] },
  { name: 'the address as password', body: { ...kGood, password: 'good@example.org' }, invalid: ['password'] },
  { name: 'the name as password', body: { ...kGood, fullName: 'Good Person', password: 'good person' }, invalid: ['password'] },
  { name: 'an address with a line', body: { ...kGood, email: 'good@example.org\nbcc: all@example.org' }, invalid: ['email'] },
  { name: 'an address that is an object', body: { ...kGood, email: { $regex: '.*' } }, invalid: ['email'] },
  { name: 'a name of 101', body: { ...kGood, fullName: 'n'.repeat(101) }, invalid: ['fullName'] },
  { name: 'a language that is none', body: { ...kGood, locale: 'english please' }, invalid: ['locale'] },
  { name: 'a username of 2', body: { ...kGood, username: 'ab' }, invalid: ['username'] },
  { name: 'a name that nobody sees', body: { ...kGood, fullName: '\u200b\u202e' }, invalid: ['fullName'] },
  { name: 'a name with a control', body: { ...kGood, fullName: 'a\u0007b' }, invalid: ['fullName'] },
]);

test('what does not belong there changes nothing', async () => {
  const { status, body } = await register({ ...kGood, email: 'mass@example.org', isVerified: true, id: '00000000-0000-7000-8000-000000000000', suspendedAt: 'now' });
  assert.equal(status, 201);
  assert.equal(body.user.isVerified, false);
  assert.notEqual(body.user.id, '00000000-0000-7000-8000-000000000000');
});

test('long passwords count to their last character', async () => {
  const long = 'x'.repeat(127);
  await register({ email: 'long@example.org', password: `${long}1`, fullName: 'Long' });
  const login = (password) => stoa.api('POST', '/api/auth/login', { body: { email: 'long@example.org', password } });
  assert.equal((await login(`${long}1`)).status, 200);
  assert.equal((await login(`${long}2`)).status, 401);
  assert.equal((await login(long)).status, 401);
});

test('of 200 who register the same address at once, one gets it', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => register({ email: i % 2 ? 'race@example.org' : 'RACE@example.org', password: kPassword, fullName: `Racer ${i}`, username: `racer${i}` })));
  const statuses = answers.map((a) => a.status);
  assert.equal(statuses.filter((s) => s === 201).length, 1, `${statuses}`);
  // The others lost, or found the bounded queue full.
  for (const answer of answers.filter((a) => a.status !== 201)) {
    if (answer.status === 409) refused(answer, 409, 'EMAIL_TAKEN');
    else refused(answer, 503, 'OVERLOADED');
  }
  assert.equal(await stoa.sql("select count(*) from users where email = 'race@example.org'"), '1');
  assert.equal(await stoa.sql("select count(*) from auth_sessions s join users u on u.id = s.user_id where u.email = 'race@example.org'"), '1');
});
