// How connections over Socket.IO end, and which of them a client takes up again by itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Connections, endOf, laterToken } from '../../support/people.mjs';
import { kTransportOptions, openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, inTime, until, within } from '../../support/until.mjs';

describe('sign-ins that end', () => {
  let stoa;
  let connections;
  const open = (person, options) => connections.open(person, options);

  before(async () => {
    stoa = await startStoa();
    connections = new Connections(stoa, (person, options) => openSocketIo(stoa, person.token, options));
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  for (const [what, options] of Object.entries(kTransportOptions)) {
    test(`a revoked sign-in disconnects for good, with ${what}`, async () => {
      const person = await stoa.register('Ada');
      const other = await stoa.register('Ben');
      const [client, untouched] = await Promise.all([person, other].map((one) => open(one, options)));
      // In the middle of an upgrade the client hears of its transport's end alone.
      await until(() => client.transport === (options.transports?.[0] ?? 'websocket'), { what: 'the upgrade' });
      assert.equal((await stoa.api('POST', '/api/auth/logout', { token: person.token })).status, 204);
      assert.equal(await client.disconnected(), 'io server disconnect');
      assert.equal(client.socket.active, false, 'it does not come back by itself');
      assert.ok(untouched.open);
      client.socket.connect();
      await assert.rejects(client.connected(), (error) => error.data?.code === 'INVALID_TOKEN' || assert.fail(`${error.message} ${JSON.stringify(error.data)}`));
    });
  }

  test('a client that closes is forgotten', async () => {
    const person = await stoa.register('Ada');
    const room = await stoa.createRoom(person.token);
    for (const options of Object.values(kTransportOptions)) {
      const client = await open(person, options);
      await client.request('join_room', { roomId: room.id });
      client.close();
      const active = async () => (await stoa.api('GET', `/api/rooms/${room.id}`, { token: person.token })).body.activeCount;
      await until(async () => (await active()) === 0, { what: 'the room to be empty' });
    }
  });
});

// The post waits for its events' turn, and the end of the session for its events: both at once.
test('a client whose poll breaks while a long post is worked off is answered and forgotten', async () => {
  const stoa = await startStoa();
  try {
    const person = await stoa.register('Ada');
    const room = await stoa.createRoom(person.token);
    const polling = `${stoa.url}/socket.io/?EIO=4&transport=polling`;
    const packets = Array.from({ length: 60 }, (_, n) => `42${n}${JSON.stringify(['send_message', { roomId: room.id, content: 'x'.repeat(2500) }])}`);
    packets.push(`4260${JSON.stringify(['join_room', { roomId: room.id }])}`);
    for (let round = 0; round < 5; round += 1) {
      const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1));
      const at = `${polling}&sid=${sid}`;
      await (await fetch(at, { method: 'POST', body: `40${JSON.stringify({ token: person.token })}` })).text();
      await (await fetch(at)).text();
      const breaking = new AbortController();
      const poll = fetch(at, { signal: breaking.signal }).catch(() => {});
      await until(async () => (await stoa.metric('stoa_http_in_flight')) >= 2, { what: 'the poll to wait' });
      const post = fetch(at, { method: 'POST', body: packets.join('\x1e') });
      await new Promise((resolve) => { setImmediate(resolve); });
      breaking.abort();
      await within(post.then((answer) => answer.text()), { what: 'the answer to the post' });
      await poll;
    }
    await until(async () => (await stoa.metric('stoa_http_in_flight')) === 1, { what: 'all but this request to be over' });
  } finally {
    await stoa.stop();
  }
});

test('a token\'s end disconnects for good, unless a newer one came in time', () => atAnyPace(3000, async (life) => {
  const stoa = await startStoa({ config: { auth: { access_token_ttl: `${life}ms` } } });
  const clients = [];
  try {
    const ada = await stoa.register('Ada');
    const end = endOf(ada.token);
    await inTime(end - life / 4, async () => {
      for (let at = 0; at < 2; at += 1) clients.push(await openSocketIo(stoa, ada.token));
    });
    const [left, kept] = clients;
    const token = await laterToken(stoa, ada);
    await inTime(end, async () => assert.deepEqual(await kept.request('authenticate', { token }), { userId: ada.id }));
    const { expiresAt } = await left.next('token_expiring');
    assert.equal(Date.parse(expiresAt), end);
    assert.equal(await left.disconnected(), 'io server disconnect');
    await inTime(endOf(token), () => assert.ok(kept.open));
    assert.equal(await kept.disconnected(), 'io server disconnect');
  } finally {
    for (const client of clients) client.close();
    await stoa.stop();
  }
}));

test('a restart of the server is announced, and clients come back by themselves', async () => {
  const stoa = await startStoa();
  const clients = [];
  try {
    const person = await stoa.register('Ada');
    for (const options of Object.values(kTransportOptions)) clients.push(await openSocketIo(stoa, person.token, options));
    const ids = clients.map(({ socket }) => socket.id);
    await stoa.restart();
    for (const [at, client] of clients.entries()) {
      assert.equal(typeof (await client.next('server_closing')).reconnectInMs, 'number');
      assert.match(client.disconnects[0], /^transport/, 'nothing that clients take for a farewell');
      await until(() => client.open, { what: 'the client to come back' });
      assert.notEqual(client.socket.id, ids[at]);
      assert.ok(!client.socket.recovered);
    }
  } finally {
    for (const client of clients) client.close();
    await stoa.stop();
  }
});

test('SIGTERM ends waiting polls and open sockets with exit code 0', async () => {
  // Nobody may have to be waited for: the time that they would be given is longer than anybody's patience.
  const stoa = await startStoa({ config: { server: { shutdown_grace: '10m' } } });
  const clients = [];
  try {
    const person = await stoa.register('Ada');
    for (const options of Object.values(kTransportOptions)) clients.push(await openSocketIo(stoa, person.token, { ...options, reconnection: false }));
    assert.equal((await stoa.end()).code, 0);
  } finally {
    for (const client of clients) client.close();
    await stoa.stop();
  }
});
