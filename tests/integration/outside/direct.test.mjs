// ID tokens as access tokens, over REST and on every kind of socket: shaped as Firebase's, whose frontends have nothing else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';

import { Issuer, kClient, kInside, makeKey, seconds } from '../../support/issuers.mjs';
import { refused, refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { forgetSteps, codeOf, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';

let issuer, stoa, owner, room;
before(async () => {
  issuer = await Issuer.start();
  stoa = await startStoa({
    config: { oidc: { provider: [issuer.firebase({ direct: true }), issuer.config({ name: 'indirect' })] }, fetch: kInside },
  });
  owner = await stoa.register('owner');
  room = await stoa.createRoom(owner.token);
});
after(async () => {
  await stoa?.stop();
  await issuer?.stop();
});

const me = (token) => stoa.api('GET', '/api/users/me', { token });
const sessions = async (id) => stoa.rows(`select id, how from auth_sessions where user_id = '${id}'`);
const post = (idToken) => stoa.api('POST', '/api/auth/oidc', { body: { provider: 'firebase', idToken } });

test('a Firebase token joins a room over REST, and is one account and one sign-in however often it comes', async () => {
  const token = issuer.firebaseToken({ name: 'Ada', email: 'ada@example.org' });
  const joined = await stoa.api('POST', `/api/rooms/${room.id}/join`, { token, body: {} });
  assert.equal(joined.status, 200, joined.text);
  assert.ok(joined.body.participants.some(({ fullName }) => fullName === 'Ada'));
  const answers = await Promise.all(Array.from({ length: 10 }, () => me(token)));
  const ids = new Set(answers.map(({ body }) => body.id));
  assert.equal(ids.size, 1);
  const [id] = ids;
  assert.deepEqual((await sessions(id)).map(({ how }) => how), ['outside']);
  const { body: { items } } = await stoa.api('GET', '/api/auth/sessions', { token });
  assert.deepEqual(items.map(({ current }) => current), [true]);
});

test('the tokens that the SDK renews are of the same sign-in, another device\'s are of another', async () => {
  const [uid, auth_time] = ['renewer', seconds(-100)];
  const { body: { id } } = await me(issuer.firebaseToken({ uid, auth_time }));
  await me(issuer.firebaseToken({ uid, auth_time, iat: seconds(1), exp: seconds(3700) }));
  assert.equal((await sessions(id)).length, 1);
  await me(issuer.firebaseToken({ uid, auth_time: seconds(-50) }));
  assert.equal((await sessions(id)).length, 2);
  const own = await post(issuer.firebaseToken({ uid }));
  assert.equal(own.body.user.id, id);
});

for (const way of ['query', 'header', 'subprotocol']) {
  test(`a native socket takes it by ${way}`, async () => {
    const socket = await stoa.connect(issuer.firebaseToken({ uid: `native-${way}` }), { way });
    await socket.request('join_room', { roomId: room.id });
    await socket.close();
  });
}

test('Socket.IO takes it, and join-room with the id of its account', async () => {
  const token = issuer.firebaseToken();
  const { body: { id } } = await me(token);
  const client = io(stoa.url, { auth: { token }, forceNew: true, reconnection: false });
  await once(client, 'connect');
  assert.equal((await client.emitWithAck('join-room', room.id, id)).peerId, id);
  client.disconnect();
});

test('a socket ends with its token, and goes on with the next one of the same person', async () => {
  const uid = 'staying';
  const token = issuer.firebaseToken({ uid, iat: seconds(-3600), exp: seconds(-57) }); // good for three seconds more
  const [ending, staying] = [await stoa.connect(token), await stoa.connect(token)];
  await staying.request('authenticate', { token: issuer.firebaseToken({ uid }) });
  await refusedEvent(staying.request('authenticate', { token: issuer.firebaseToken({ uid: 'another' }) }), 'FORBIDDEN');
  assert.equal((await ending.closed).code, 4401);
  await staying.request('join_room', { roomId: room.id });
  await staying.close();
});

describe('a sign-in that has ended here', () => {
  test('takes its token along, and its sockets, whatever the issuer says', async () => {
    const [uid, auth_time] = ['leaver', seconds(-10)];
    const token = issuer.firebaseToken({ uid, auth_time });
    const socket = await stoa.connect(token);
    assert.equal((await stoa.api('POST', '/api/auth/logout', { token })).status, 204);
    assert.equal((await socket.closed).code, 4401);
    refused(await me(token), 401, 'INVALID_TOKEN');
    refused(await me(issuer.firebaseToken({ uid, auth_time, iat: seconds(2) })), 401, 'INVALID_TOKEN');
    await stoa.restart();
    refused(await me(token), 401, 'INVALID_TOKEN');
    assert.equal((await me(issuer.firebaseToken({ uid }))).status, 200, 'who signs in anew at the issuer is in');
  });

  test('stays ended when its row goes, a month later', async () => {
    const [uid, auth_time] = ['patient', seconds(-1800)];
    const token = issuer.firebaseToken({ uid, auth_time });
    const { body: { id } } = await me(token);
    assert.equal((await stoa.api('POST', '/api/auth/logout', { token })).status, 204);
    await stoa.sql(`update auth_sessions set revoked_at = now() - interval '31 days' where user_id = '${id}'; update jobs set due_at = now() where kind = 'ended_sign_ins'`);
    await until(async () => (await sessions(id)).length === 0, { what: 'the row to go' });
    refused(await me(issuer.firebaseToken({ uid, auth_time, iat: seconds(2) })), 401, 'INVALID_TOKEN');
    assert.equal((await sessions(id)).length, 0);
    assert.equal((await me(issuer.firebaseToken({ uid }))).body.id, id, 'who signs in anew at the issuer is in');
  });

  test('costs no signature and no transaction each time its token comes', async () => {
    const token = issuer.firebaseToken({ uid: 'stubborn', auth_time: seconds(-10) });
    await stoa.api('POST', '/api/auth/logout', { token });
    refused(await me(token), 401, 'INVALID_TOKEN');
    const before = await stoa.metric('stoa_oidc_tokens_total');
    for (let i = 0; i < 5; ++i) refused(await me(token), 401, 'INVALID_TOKEN');
    assert.equal(await stoa.metric('stoa_oidc_tokens_total'), before);
  });

  test('everywhere: older tokens that were never seen here begin none', async () => {
    const uid = 'restless';
    const [seen, unseen] = [issuer.firebaseToken({ uid, auth_time: seconds(-20) }), issuer.firebaseToken({ uid, auth_time: seconds(-10) })];
    assert.equal((await stoa.api('POST', '/api/auth/logout-all', { token: seen })).status, 204);
    for (const token of [seen, unseen]) refused(await me(token), 401, 'INVALID_TOKEN');
    refused(await post(unseen), 401, 'INVALID_TOKEN');
    assert.equal((await me(issuer.firebaseToken({ uid, auth_time: seconds(1) }))).status, 200);
  });
});

describe('an account that was deleted', () => {
  const [uid, email, auth_time] = ['deleted', 'deleted@example.org', seconds(-10)];
  const renewed = () => issuer.firebaseToken({ uid, email, auth_time, iat: seconds(1) });
  let first;
  before(async () => {
    const token = issuer.firebaseToken({ uid, email, auth_time });
    first = (await me(token)).body;
    assert.equal((await stoa.api('DELETE', '/api/users/me', { token })).status, 204);
  });

  test('is not made anew by the tokens of a page that stayed open, whichever way they come', async () => {
    refused(await me(renewed()), 401, 'INVALID_TOKEN');
    refused(await post(renewed()), 401, 'INVALID_TOKEN');
    assert.equal(await stoa.sql(`select count(*) from users where email = '${email}'`), '0');
    assert.equal(await stoa.sql(`select count(*) from left_identities where encode(hash, 'escape') like '%${uid}%'`), '0', 'no subject is kept');
  });

  test('has a successor by a new sign-in there', async () => {
    const { status, body } = await me(issuer.firebaseToken({ uid, email, auth_time: seconds(1) }));
    assert.equal(status, 200);
    assert.notEqual(body.id, first.id);
  });

  test('is remembered for a while', async () => {
    await stoa.sql("update left_identities set left_at = now() - interval '181 days'; update jobs set due_at = now() where kind = 'left_identities'");
    await until(async () => await stoa.sql('select count(*) from left_identities') === '0', { what: 'the chore' });
  });
});

test('on two servers of one database it is the same sign-in, and ends on both', async () => {
  const config = { oidc: { provider: [issuer.firebase({ direct: true })] }, fetch: kInside, auth: { session_cache_ttl: '1s' } };
  const other = await startStoa({ config, database: stoa.database });
  try {
    const token = issuer.firebaseToken({ uid: 'both' });
    const [here, there] = await Promise.all([me(token), other.api('GET', '/api/users/me', { token })]);
    assert.equal(here.body.id, there.body.id);
    assert.equal((await sessions(here.body.id)).length, 1);
    assert.equal((await stoa.api('POST', '/api/auth/logout', { token })).status, 204);
    await until(async () => (await other.api('GET', '/api/users/me', { token })).status === 401);
  } finally {
    await other.stop();
  }
});

test('a suspended account is kept out with a token that was taken before, and with new ones', async () => {
  const uid = 'suspended';
  const email = 'suspended@example.org';
  const token = issuer.firebaseToken({ uid, email });
  const socket = await stoa.connect(token);
  await stoa.sql(`update users set suspended_at = now() where email = '${email}'`);
  refused(await me(issuer.firebaseToken({ uid, auth_time: seconds(-5) })), 403, 'ACCOUNT_SUSPENDED');
  await stoa.restart({ auth: { session_cache_ttl: '1s' } });
  refused(await me(token), 403, 'ACCOUNT_SUSPENDED');
  await socket.terminate();
});

test('an account with a second factor wants it: such a token alone begins nothing', async () => {
  const uid = 'careful';
  const { body: { user, accessToken } } = await post(issuer.firebaseToken({ uid }));
  const { secret } = await turnOn(stoa, { token: accessToken });
  const token = issuer.firebaseToken({ uid, auth_time: seconds(1) });
  refused(await me(token), 403, 'SECOND_FACTOR_NEEDED');
  const { body: { challenge } } = await post(token);
  await forgetSteps(stoa, user);
  const whole = await stoa.api('POST', '/api/auth/login/totp', { body: { challenge, code: codeOf(secret) } });
  assert.equal(whole.body.user?.id, user.id, whole.text);
});

test('only providers that are direct: another one\'s token is none here', async () => {
  const token = issuer.token({ aud: kClient });
  refused(await me(token), 401, 'INVALID_TOKEN');
  await assert.rejects(stoa.connect(token));
});

test('forged tokens of one address make others there wait for nothing', async () => {
  const good = issuer.firebaseToken({ uid: 'calm' });
  assert.equal((await me(good)).status, 200);
  const stranger = makeKey();
  const forged = Array.from({ length: 200 }, (_, i) => issuer.firebaseToken({ uid: `f${i}` }, { key: { ...stranger, kid: issuer.key.kid } }));
  const flood = Promise.all(forged.map((token) => me(token)));
  assert.equal((await me(good)).status, 200);
  assert.equal((await me(issuer.firebaseToken({ uid: 'newcomer' }))).status, 200);
  for (const answer of await flood) assert.ok(['INVALID_TOKEN', 'OVERLOADED'].includes(answer.body.error.code), answer.text);
});

test('made-up key ids fetch the keys once', async () => {
  const asked = issuer.asked.keys;
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => me(issuer.firebaseToken({}, { header: { kid: `made-up-${i}` } }))));
  for (const answer of answers) refused(answer, 401, 'INVALID_TOKEN');
  assert.ok(issuer.asked.keys <= asked + 1, `${issuer.asked.keys - asked} fetches`);
  await until(async () => (await me(issuer.firebaseToken())).status === 200);
});
