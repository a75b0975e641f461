// Devices: listing and ending sign-ins, and what an end means for tokens and sockets; change of password.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { forgedTokens, hs256 } from '../hostile/tokens.mjs';

let stoa;
const world = { nothing: { id: randomUUID() } };
before(async () => {
  world.stoa = stoa = await startStoa({ config: { auth: { login_attempts: 1000 } } });
  world.ada = await stoa.register('Ada');
});
after(() => stoa.stop());

const api = (method, path, token, body) => stoa.api(method, `/api/auth/${path}`, { token, body });
const me = (token) => stoa.api('GET', '/api/users/me', { token });
async function signIn({ email, password }, agent = 'device') {
  const { status, body } = await stoa.api('POST', '/api/auth/login', { body: { email, password }, headers: { 'user-agent': agent } });
  assert.equal(status, 200);
  return { ...body, token: body.accessToken };
}

test('the list shows one\'s own devices, the newest first', async () => {
  const ada = await stoa.register('ada');
  await stoa.register('stranger');
  const phone = await signIn(ada, 'phone/1');
  const { status, body } = await api('GET', 'sessions', phone.token);
  assert.equal(status, 200);
  assert.equal(body.items.length, 2);
  assert.equal(body.nextCursor, null);
  assert.deepEqual(body.items.map((s) => s.current), [true, false]);
  assert.equal(body.items[0].device, 'phone/1');
  assert.equal(body.items[0].ip, '127.0.0.1');
  assert.ok(body.items[0].expiresAt > body.items[0].createdAt);
  const pages = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await api('GET', `sessions?limit=1${cursor && `&cursor=${cursor}`}`, phone.token);
    pages.push(...page.body.items);
    cursor = page.body.nextCursor;
  }
  assert.deepEqual(pages, body.items);
});

test('ending a device ends its tokens and sockets, and no others', async () => {
  const bob = await stoa.register('bob');
  const phone = await signIn(bob, 'phone/1');
  const phoneSocket = await stoa.connect(phone.token);
  const ownSocket = await stoa.connect(bob.token);
  const { body: { items } } = await api('GET', 'sessions', bob.token);
  const { id } = items.find((s) => s.device === 'phone/1');
  assert.equal((await api('DELETE', `sessions/${id}`, bob.token)).status, 204);
  assert.equal((await phoneSocket.closed).code, 4401);
  refused(await me(phone.token), 401, 'INVALID_TOKEN');
  refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: phone.refreshToken } }), 401, 'INVALID_TOKEN');
  assert.equal((await me(bob.token)).status, 200);
  assert.ok(ownSocket.open);
  refused(await api('DELETE', `sessions/${id}`, bob.token), 404, 'NOT_FOUND', 'a second time');
  await ownSocket.close();
});

test('another\'s device is not there', async () => {
  const cat = await stoa.register('cat');
  const dog = await stoa.register('dog');
  const { body: { items: [{ id }] } } = await api('GET', 'sessions', dog.token);
  const others = await api('DELETE', `sessions/${id}`, cat.token);
  const nothing = await api('DELETE', `sessions/${randomUUID()}`, cat.token);
  refused(others, 404, 'NOT_FOUND');
  assert.deepEqual({ ...others.body.error, requestId: '' }, { ...nothing.body.error, requestId: '' });
  assert.equal((await me(dog.token)).status, 200);
});

test('logging out ends this device alone', async () => {
  const eve = await stoa.register('eve');
  const other = await signIn(eve);
  const socket = await stoa.connect(eve.token);
  const otherSocket = await stoa.connect(other.token);
  assert.equal((await api('POST', 'logout', eve.token)).status, 204);
  assert.equal((await socket.closed).code, 4401);
  refused(await me(eve.token), 401, 'INVALID_TOKEN');
  refused(await api('POST', 'logout', eve.token), 401, 'INVALID_TOKEN');
  await assert.rejects(stoa.connect(eve.token));
  assert.equal((await me(other.token)).status, 200);
  assert.ok(otherSocket.open);
  await otherSocket.close();
});

test('logging out everywhere ends every device, for good', async () => {
  const fay = await stoa.register('fay');
  const other = await signIn(fay);
  const sockets = await Promise.all([fay, fay, other].map((s) => stoa.connect(s.token)));
  assert.equal((await api('POST', 'logout-all', fay.token)).status, 204);
  for (const socket of sockets) assert.equal((await socket.closed).code, 4401);
  for (const { token } of [fay, other]) refused(await me(token), 401, 'INVALID_TOKEN');
  for (const { refreshToken } of [fay, other]) {
    refused(await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken } }), 401, 'INVALID_TOKEN');
  }
  await signIn(fay);
});

test('a changed password signs the other devices out and is the only one that works', async () => {
  const gil = await stoa.register('gil');
  const other = await signIn(gil);
  const socket = await stoa.connect(gil.token);
  const otherSocket = await stoa.connect(other.token);
  const change = (body) => api('PUT', 'password', gil.token, body);
  const newPassword = 'an even longer secret';
  refused(await change({ currentPassword: 'wrong one', newPassword }), 401, 'INVALID_CREDENTIALS');
  assert.equal((await me(other.token)).status, 200);

  assert.equal((await change({ currentPassword: gil.password, newPassword })).status, 204);
  assert.equal((await otherSocket.closed).code, 4401);
  refused(await me(other.token), 401, 'INVALID_TOKEN');
  assert.equal((await me(gil.token)).status, 200);
  assert.ok(socket.open);
  refused(await stoa.api('POST', '/api/auth/login', { body: gil }), 401, 'INVALID_CREDENTIALS');
  await signIn({ email: gil.email, password: newPassword });
  await socket.close();
});

test('of two changes of the password at once, one holds', async () => {
  const hal = await stoa.register('hal');
  const wanted = ['the first new secret', 'the second new secret'];
  const answers = await Promise.all(wanted.map((newPassword) => api('PUT', 'password', hal.token, { currentPassword: hal.password, newPassword })));
  const changed = wanted.filter((_, i) => answers[i].status === 204);
  assert.equal(changed.length, 1, `${answers.map((a) => a.status)}`);
  await signIn({ email: hal.email, password: changed[0] });
});

scenarios(world, { name: 'wants a token', who: 'stranger', answer: '401 UNAUTHORIZED', sends: { 'www-authenticate': /^Bearer/ } }, [
  { request: 'POST /api/auth/logout' },
  { request: 'POST /api/auth/logout-all' },
  { request: 'GET /api/auth/sessions' },
  { request: 'DELETE /api/auth/sessions/{nothing}' },
  { request: 'PUT /api/auth/password', body: {} },
  { request: 'POST /api/auth/tickets' },
]);
scenarios(world, [
  {
    name: 'nobody ends another\'s sign-in, nor learns of it', who: 'ada', request: 'DELETE /api/auth/sessions/{device}', answer: '404 NOT_FOUND',
    prepare: async (at) => {
      const { token } = await stoa.register('Ben');
      [at.device] = (await api('GET', 'sessions', token)).body.items;
    },
  },
]);
scenarios(world, { who: 'ada', answer: '422 VALIDATION_ERROR' }, [
  { name: 'a cursor that is none', request: 'GET /api/auth/sessions?cursor=eHg', invalid: ['cursor'] },
  { name: 'a device that is no id', request: 'DELETE /api/auth/sessions/x', invalid: ['id'] },
  { name: 'a common new password', request: 'PUT /api/auth/password', body: ({ ada }) => ({ currentPassword: ada.password, newPassword: 'password1' }), invalid: ['newPassword'] },
  { name: 'a short new password', request: 'PUT /api/auth/password', body: ({ ada }) => ({ currentPassword: ada.password, newPassword: 'short' }), invalid: ['newPassword'] },
  { name: 'no passwords', request: 'PUT /api/auth/password', body: {}, invalid: ['currentPassword', 'newPassword'] },
]);

test('forged tokens open nothing', async () => {
  const ivy = await stoa.register('ivy');
  const [{ secret }] = stoa.config.auth.keys;
  const [headerText, payloadText] = ivy.token.split('.');
  const header = JSON.parse(Buffer.from(headerText, 'base64url'));
  const payload = JSON.parse(Buffer.from(payloadText, 'base64url'));
  assert.deepEqual(header, { alg: 'HS256', kid: 'test', typ: 'at+jwt' });
  assert.equal((await me(hs256(header, payload, secret))).status, 200, 'the test can sign');
  const dan = await stoa.register('dan');
  const more = [
    ['another\'s sign-in', hs256(header, { ...payload, sub: dan.id }, secret)],
    ['a sign-in that never was', hs256(header, { ...payload, sid: randomUUID() }, secret)],
    ['jku', hs256({ ...header, jku: `${stoa.url}/keys` }, payload, secret)],
    ['x5u', hs256({ ...header, x5u: `${stoa.url}/keys` }, payload, secret)],
    ['crit', hs256({ ...header, crit: ['exp'] }, payload, secret)],
    ['typ JWT', hs256({ ...header, typ: 'JWT' }, payload, secret)],
    ['no sid', hs256(header, { ...payload, sid: undefined }, secret)],
    ['no role', hs256(header, { ...payload, role: undefined }, secret)],
    ['no iat', hs256(header, { ...payload, iat: undefined }, secret)],
    ['no nbf', hs256(header, { ...payload, nbf: undefined }, secret)],
  ];
  for (const [what, token] of [...forgedTokens(ivy.token, secret), ...more]) {
    if (token.length > 10_000) continue; // beyond the headers' limit
    refused(await me(token), 401, 'INVALID_TOKEN', what);
  }
  // A role in the token is not believed: the account's own counts.
  assert.equal((await me(hs256(header, { ...payload, role: 'admin' }, secret))).body.role, 'learner');
});

test('a sign-in survives a restart, and so does its end', async () => {
  const jan = await stoa.register('jan');
  const other = await signIn(jan);
  await api('POST', 'logout', other.token);
  await stoa.restart();
  assert.equal((await me(jan.token)).status, 200);
  refused(await me(other.token), 401, 'INVALID_TOKEN');
});

test('keys change without signing anybody out', async () => {
  const kim = await stoa.register('kim');
  const [old] = stoa.config.auth.keys;
  const fresh = { kid: 'fresh', secret: 'f'.repeat(64) };
  await stoa.restart({ auth: { keys: [fresh, old] } });
  assert.equal((await me(kim.token)).status, 200);
  const renewed = await signIn(kim);
  assert.equal(JSON.parse(Buffer.from(renewed.token.split('.')[0], 'base64url')).kid, 'fresh');
  await stoa.restart({ auth: { keys: [fresh] } });
  refused(await me(kim.token), 401, 'INVALID_TOKEN');
  assert.equal((await me(renewed.token)).status, 200);
});
