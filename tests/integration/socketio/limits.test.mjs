// Bounds of a server that matter to Socket.IO's clients: how often one may come, how long a session can be recovered,
// and what late authentication allows.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebSocketChannel } from '../../conformance/support/channel.mjs';
import { begin, get, post } from '../../conformance/support/http.mjs';
import { SocketIo, openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, inTime, until } from '../../support/until.mjs';

// Runs with a server of its own and closes the clients that were added to the list.
async function withServer(config, run) {
  const stoa = await startStoa({ config });
  const clients = [];
  try {
    await run(stoa, clients);
  } finally {
    for (const client of clients) client.close();
    await stoa.stop();
  }
}

test('an upgrade that comes too often is told so', () => withServer({ rate_limits: { enabled: true, handshake: { requests: 6, window: '1m' } } }, async (stoa) => {
  const url = `${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const refused = [];
  for (let at = 0; at < 10; at += 1) {
    await WebSocketChannel.open(url).then((channel) => channel.cut(), ({ status, text }) => refused.push([status, JSON.parse(text).error.code]));
  }
  assert.ok(refused.length >= 4, `${refused.length}`);
  for (const answer of refused) assert.deepEqual(answer, [429, 'RATE_LIMITED']);
}));

test('an address that opens sessions too fast is refused, its own sessions and other addresses are not', () => withServer({
  server: { trusted_proxies: ['127.0.0.1'] }, rate_limits: { enabled: true, handshake: { requests: 6, window: '15m' } },
}, async (stoa) => {
  const address = `${stoa.url}/socket.io/?EIO=4&transport=polling`;
  const from = (client) => ({ headers: { 'x-forwarded-for': client } });
  const flood = from('2001:db8::1');
  const { sid } = JSON.parse((await get(address, flood)).text.slice(1));
  for (let at = 1; at < 6; at += 1) assert.equal((await get(`${address}&sid=`, from(`2001:db8::${at}`))).status, 200);
  for (const query of ['', '&sid=', '&sid=&sid=x']) {
    const over = await get(address + query, flood);
    assert.equal(over.status, 429, query);
    assert.equal(JSON.parse(over.text).error.code, 'RATE_LIMITED');
    assert.ok(Number(over.headers['retry-after']) > 60);
  }
  for (const path of ['/ws', '/socket.io/?EIO=4&transport=websocket', '/peerjs/peerjs?key=peerjs&id=a&token=b']) {
    await assert.rejects(WebSocketChannel.open(stoa.url.replace(/^http/, 'ws') + path, flood), ({ status }) => status === 429, path);
  }
  for (let at = 0; at < 10; at += 1) assert.equal((await post(`${address}&sid=${sid}`, '3', flood)).status, 200);
  assert.equal((await get(address, from('2001:db8:0:1::1'))).status, 200);
  assert.equal((await stoa.api('GET', '/api/rooms', flood)).status, 200);
}));

test('an address that connects its namespaces too fast is refused, another is not', () => withServer({
  server: { trusted_proxies: ['127.0.0.1'] }, rate_limits: { enabled: true, handshake: { requests: 6, window: '15m' } },
}, async (stoa) => {
  const { token } = await stoa.register('Ada');
  const open = (address) => WebSocketChannel.open(`${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`,
    { headers: { 'x-forwarded-for': address, authorization: `Bearer ${token}` } });
  const connect = async (channel) => {
    channel.send('40');
    return until(() => channel.received.splice(0).find((text) => /^4[04]\{/.test(text)), { what: 'an answer to CONNECT' });
  };
  const flood = await open('2001:db8::1'); // counts, and pays for the first
  for (let at = 0; at < 6; at += 1) {
    assert.match(await connect(flood), /^40\{"sid"/);
    flood.send('41');
  }
  const refused = await connect(flood);
  assert.match(refused, /^44\{"message":"Too many connections were made from this address","data":\{"code":"RATE_LIMITED"/);
  const other = await open('2001:db8:0:1::1');
  assert.match(await connect(other), /^40\{"sid"/);
  await Promise.all([flood.cut(), other.cut()]);
}));

test('a body for nobody is not waited for', () => withServer({}, async (stoa) => {
  const address = `${stoa.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await get(address)).text.slice(1));
  assert.equal((await post(`${address}&sid=${sid}`, '1')).text, 'ok'); // goodbye
  // Whatever shard they come to, and however little is announced.
  const announced = [{ 'content-length': 3 }, { 'content-length': 900_000 }, { 'transfer-encoding': 'chunked' }];
  for (const query of ['', '&sid=', '&sid=x', `&sid=${sid}`]) {
    for (const headers of [...announced, ...announced]) {
      const { request, answer } = begin(address + query, { method: 'POST', headers, agent: false });
      request.flushHeaders();
      const { status, text } = await answer;
      const unknown = query.length > '&sid='.length;
      assert.deepEqual([status, text], [400, unknown ? '{"code":1,"message":"Session ID unknown"}' : '{"code":2,"message":"Bad handshake method"}'], query);
      request.destroy();
    }
  }
}));

test('a body that comes beside another of its session is not waited for', () => withServer({}, async (stoa) => {
  const address = `${stoa.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await get(address)).text.slice(1));
  const posts = [1, 2].map(() => begin(`${address}&sid=${sid}`, { method: 'POST', headers: { 'content-length': 900_000 }, agent: false }));
  for (const { request } of posts) request.flushHeaders();
  const { status, text } = await Promise.race(posts.map(({ answer }) => answer)); // whichever came second
  assert.deepEqual([status, text], [400, '{"code":3,"message":"Bad request"}']);
  for (const { request, answer } of posts) {
    answer.catch(() => {});
    request.destroy();
  }
}));

test('an event beyond the limits is refused by its acknowledgement, and everything else stays', () => withServer({}, async (stoa, clients) => {
  const person = await stoa.register('Ada');
  const room = await stoa.createRoom(person.token);
  const client = await openSocketIo(stoa, person.token, { transports: ['websocket'] });
  clients.push(client);
  const { engine } = client;
  await client.request('join_room', { roomId: room.id });
  await client.request('call_join', { roomId: room.id, media: { audio: true, video: false, screen: false } });
  const deep = JSON.parse('['.repeat(33) + ']'.repeat(33));
  for (const [what, beyond] of [['NUL', '\u0000'], ['depth', deep], ['values', Array(20_001).fill(0)]]) {
    await assert.rejects(client.request('send_message', { roomId: room.id, content: 'x', extra: beyond }), (error) => {
      assert.deepEqual([error.code, error.payload.message], ['INVALID_MESSAGE', 'Invalid message format'], what);
      return true;
    });
    const before = client.all('error').length;
    client.send('message', beyond);
    await until(() => client.all('error').length > before, { what: `an error for ${what}` });
  }
  await assert.rejects(client.request('send_message', { content: Buffer.from('x'), extra: '\u0000' }), (error) => error.code === 'INVALID_MESSAGE');
  assert.equal((await client.request('send_message', { roomId: room.id, content: 'x' })).seq, 1);
  assert.equal(await stoa.metric('stoa_call_peers'), 1);
  assert.deepEqual([client.disconnects, client.engine === engine], [[], true]);
}));

test('a session is recovered within its window, not later', () => atAnyPace(1000, (window) => withServer({ socketio: { recovery_window: `${window}ms` } }, async (stoa, clients) => {
  const person = await stoa.register('Ada');
  const room = await stoa.createRoom(person.token);
  for (const late of [false, true]) {
    const others = clients.length;
    const client = await openSocketIo(stoa, person.token, { transports: ['websocket'] });
    clients.push(client);
    await client.request('join_room', { roomId: room.id });
    await client.request('send_message', { roomId: room.id, content: 'x' });
    await client.next('new_message');
    const { id } = client.socket;
    client.socket.io.reconnection(false);
    const lostAt = Date.now();
    client.engine.close();
    await until(() => !client.open, { what: 'the disconnect' });
    await until(async () => (await stoa.metric('stoa_realtime_sessions')) === others, { what: 'the server to have noticed' });
    if (late) await until(() => Date.now() - lostAt > 1.5 * window, { what: 'the window to pass' });
    client.socket.connect();
    await client.connected();
    const recovered = () => assert.equal(client.socket.id === id, !late);
    if (late) recovered();
    else await inTime(lostAt + window, recovered);
  }
})));

test('without a window nothing is recovered, and events have no offset', () => withServer({ socketio: { recovery_window: '0s' } }, async (stoa, clients) => {
  const person = await stoa.register('Ada');
  const room = await stoa.createRoom(person.token);
  const client = await openSocketIo(stoa, person.token);
  clients.push(client);
  await client.request('join_room', { roomId: room.id });
  await client.request('send_message', { roomId: room.id, content: 'x' });
  await client.next('new_message');
  assert.deepEqual(client.received.filter(({ rest }) => rest.length > 0), []);
  assert.equal(client.socket._pid, undefined);
}));

test('where late authentication is allowed, a client connects first and signs in by an event', () => atAnyPace(1000, (timeout) => withServer({
  socketio: { late_authentication: true }, realtime: { authenticate_timeout: `${timeout}ms` },
}, async (stoa, clients) => {
  const person = await stoa.register('Ada');
  const room = await stoa.createRoom(person.token);
  const began = Date.now();
  const client = new SocketIo(stoa.url, {});
  const silent = new SocketIo(stoa.url, {});
  clients.push(client, silent);
  await inTime(began + timeout, async () => {
    await Promise.all([client.connected(), silent.connected()]);
    await assert.rejects(client.request('join_room', { roomId: room.id }), (error) => error.code === 'UNAUTHORIZED');
    assert.deepEqual(await client.request('authenticate', { token: person.token }), { userId: person.id });
  });
  assert.equal((await client.request('join_room', { roomId: room.id })).room.id, room.id);
  await silent.disconnected();
  assert.ok(client.open);
})));
