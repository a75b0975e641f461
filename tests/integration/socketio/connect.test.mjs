// The official Socket.IO client connects: over each transport, in each way that frontends sign in, and is told why
// when it may not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { SocketIo, kTransportOptions, openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kOrigin = 'https://frontend.example';

describe('connecting with socket.io-client', () => {
  let stoa;
  let person;
  let room;
  const clients = [];

  function client(options) {
    const made = new SocketIo(stoa.url, options);
    clients.push(made);
    return made;
  }

  before(async () => {
    stoa = await startStoa({ config: { realtime: { origins: [kOrigin] } } });
    person = await stoa.register('Ada');
    room = await stoa.createRoom(person.token);
  });
  after(async () => {
    for (const made of clients) made.close();
    await stoa.stop();
  });

  async function assertWorks(made) {
    await made.connected();
    const answer = await made.request('join_room', { roomId: room.id });
    assert.equal(answer.room.id, room.id);
    made.close();
  }

  for (const [what, options] of Object.entries(kTransportOptions)) {
    test(`with ${what}`, async () => {
      const made = client({ auth: { token: person.token }, ...options });
      const first = new Promise((resolve) => { made.socket.io.once('open', () => resolve(made.transport)); });
      await made.connected();
      assert.equal(await first, options.transports?.[0] ?? 'polling');
      const wanted = options.transports?.[0] ?? 'websocket';
      await until(() => made.transport === wanted, { what: `the transport ${wanted}` });
      assert.equal(made.engine.hostname, '127.0.0.1');
      assert.match(made.socket.id, /^[A-Za-z0-9_-]{20,}$/);
      assert.notEqual(made.socket.id, made.engine.id);
      await assertWorks(made);
    });
  }

  const ways = {
    'auth.token': (token) => ({ auth: { token } }),
    'auth.token with Bearer': (token) => ({ auth: { token: `Bearer ${token}` } }),
    'auth.accessToken': (token) => ({ auth: { accessToken: token } }),
    'auth as a function': (token) => ({ auth: (give) => give({ token }) }),
    'the Authorization header': (token) => ({ extraHeaders: { authorization: `Bearer ${token}` } }),
    'query.token': (token) => ({ query: { token } }),
    // As a browser adds it where a proxy has asked for a password.
    'query.token beside Basic': (token) => ({ query: { token }, extraHeaders: { authorization: 'Basic YTpi' } }),
  };
  for (const [what, way] of Object.entries(ways)) {
    for (const [over, options] of Object.entries(kTransportOptions)) {
      test(`signing in by ${what}, ${over}`, () => assertWorks(client({ ...way(person.token), ...options })));
    }
  }

  test('signing in by a one-time ticket, once', async () => {
    const { status, body } = await stoa.api('POST', '/api/auth/tickets', { token: person.token, body: {} });
    assert.equal(status, 201);
    const made = client({ auth: { token: body.ticket } });
    await assertWorks(made);
    await assertRefused({ auth: { token: body.ticket }, reconnection: false }, 'INVALID_TOKEN');
  });

  async function assertRefused(options, code) {
    const made = client(options);
    await assert.rejects(made.connected(), (error) => {
      assert.equal(error.data?.code, code, `${error.message} ${JSON.stringify(error.data)}`);
      assert.ok(error.message.length > 0);
      assert.deepEqual(Object.keys(error.data).sort(), ['code', 'details', 'message']);
      return true;
    });
    return made;
  }

  test('a refusal is a connect_error with the code as data', async () => {
    for (const options of Object.values(kTransportOptions)) {
      await assertRefused({ ...options }, 'UNAUTHORIZED');
      await assertRefused({ auth: { token: 'nonsense' }, ...options }, 'INVALID_TOKEN');
      await assertRefused({ auth: { token: `${person.token.slice(0, -4)}AAAA` }, ...options }, 'INVALID_TOKEN');
      await assertRefused({ query: { token: 'nonsense' }, ...options }, 'INVALID_TOKEN');
    }
  });

  test('tokens that are no strings are refused', async () => {
    for (const token of [5, {}, [], [person.token], true]) {
      const made = client({ auth: { token } });
      await assert.rejects(made.connected(), (error) => ['UNAUTHORIZED', 'INVALID_TOKEN', 'INVALID_MESSAGE'].includes(error.data?.code));
    }
  });

  test('a refused client may try again on the same connection', async () => {
    const made = await assertRefused({ auth: { token: 'nonsense' } }, 'INVALID_TOKEN');
    made.socket.auth = { token: person.token };
    made.socket.connect();
    await assertWorks(made);
  });

  test('an unknown namespace is refused by its name, and the other stays', async () => {
    const made = client({ auth: { token: person.token } });
    await made.connected();
    const other = made.socket.io.socket('/nowhere', { auth: { token: person.token } });
    const error = await new Promise((resolve) => { other.once('connect_error', resolve); });
    assert.equal(error.message, 'Invalid namespace');
    other.disconnect();
    await assertWorks(made);
  });

  test('only known origins may connect', async () => {
    for (const options of [{ transports: ['polling'] }, { transports: ['websocket'] }]) {
      await assertWorks(client({ auth: { token: person.token }, extraHeaders: { origin: kOrigin }, ...options }));
      const made = client({ auth: { token: person.token }, extraHeaders: { origin: 'https://elsewhere.example' }, reconnection: false, ...options });
      await assert.rejects(made.connected());
    }
    const answer = await fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: 'https://elsewhere.example' } });
    assert.deepEqual([answer.status, await answer.json()], [403, { code: 4, message: 'Forbidden' }]);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  });

  test('polling answers name the origin', async () => {
    const answer = await fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: kOrigin } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), kOrigin);
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
    const preflight = await fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling`, {
      method: 'OPTIONS', headers: { origin: kOrigin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
    assert.ok(preflight.ok);
    assert.equal(preflight.headers.get('access-control-allow-origin'), kOrigin);
  });

  test('a person has a bounded number of connections', async () => {
    const greedy = await stoa.register('Greedy');
    const limit = 20;
    for (let at = 0; at < limit; at += 1) await client({ auth: { token: greedy.token } }).connected();
    const made = client({ auth: { token: greedy.token } });
    await assert.rejects(made.connected(), (error) => error.data?.code === 'RATE_LIMITED' || assert.fail(JSON.stringify(error.data)));
  });

  test('nothing of a token is in the log', async () => {
    const made = client({ query: { token: person.token } });
    await assertWorks(made);
    const text = stoa.logs().map((line) => JSON.stringify(line)).join('\n');
    assert.ok(!text.includes(person.token.slice(-20)));
  });

  test('a client that leaves is gone for the others', async () => {
    const [ada, ben] = await Promise.all([person.token, (await stoa.register('Ben')).token].map((token) => openSocketIo(stoa, token)));
    await ada.request('join_room', { roomId: room.id });
    await ben.request('join_room', { roomId: room.id });
    await ada.next('user_joined');
    ben.close();
    assert.equal((await ada.next('user_left')).reason, 'away');
    ada.close();
  });
});
