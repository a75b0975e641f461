// Bounds of a server that matter to Socket.IO's clients: how often one may come, how long a session can be recovered,
// and what late authentication allows.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebSocketChannel } from '../../conformance/support/channel.mjs';
import { begin, get, post } from '../../conformance/support/http.mjs';
import { hold, waitingForLocks } from '../../support/database.mjs';
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

test('a sign-in that connects its namespaces too fast is refused; another of its account, and of its address, is not', () => withServer({
  server: { trusted_proxies: ['127.0.0.1'] }, rate_limits: { enabled: true, handshake: { requests: 6, window: '15m' } },
}, async (stoa) => {
  const [ada, ben] = [await stoa.register('Ada'), await stoa.register('Ben')];
  const open = ({ token }) => WebSocketChannel.open(`${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`,
    { headers: { 'x-forwarded-for': '2001:db8::1', authorization: `Bearer ${token}` } });
  const connect = async (channel) => {
    channel.send('40');
    return until(() => channel.received.splice(0).find((text) => /^4[04]\{/.test(text)), { what: 'an answer to CONNECT' });
  };
  const flood = await open(ada); // counts, and pays for the first
  for (let at = 0; at < 6; at += 1) {
    assert.match(await connect(flood), /^40\{"sid"/);
    flood.send('41');
  }
  const refused = await connect(flood);
  assert.match(refused, /^44\{"message":"Too many connections were made with this sign-in","data":\{"code":"RATE_LIMITED"/);
  const again = await stoa.api('POST', '/api/auth/login', { body: { email: ada.email, password: ada.password } });
  const others = [await open(ben), await open({ token: again.body.accessToken })];
  for (const other of others) assert.match(await connect(other), /^40\{"sid"/);
  await Promise.all([flood, ...others].map((channel) => channel.cut()));
}));

test('handshakes of strangers keep nobody out who shows his token, and refused ones count nowhere', () => withServer({
  rate_limits: { enabled: true, handshake: { requests: 6, window: '15m' } },
}, async (stoa) => {
  const [ada, ben] = [await stoa.register('Ada'), await stoa.register('Ben')];
  const path = '/socket.io/?EIO=4&transport=';
  const socket = (target, options) => WebSocketChannel.open(stoa.url.replace(/^http/, 'ws') + target, options)
    .then((channel) => channel.cut().then(() => 101), ({ status }) => status);
  const statuses = [];
  for (const target of ['/socket.io/?EIO=3&transport=polling', '/socket.io/?EIO=4&transport=none', '/socket.io/?EIO=4&transport=polling&b64=1&sid=']) {
    statuses.push((await stoa.api(target.includes('b64') ? 'POST' : 'GET', target)).status);
  }
  for (const target of ['/socket.io/?EIO=3&transport=websocket', '/ws?token=forged', `/ws?ticket=stk_${'A'.repeat(86)}`, '/ws?token=forged']) statuses.push(await socket(target));
  assert.deepEqual(statuses, [400, 400, 400, 400, 401, 401, 401]);
  for (let at = 0; at < 6; at += 1) assert.equal((await get(`${stoa.url}${path}polling`)).status, 200);
  for (const target of ['/ws', `${path}websocket`]) assert.equal(await socket(target), 429, target);

  const { ticket } = (await stoa.api('POST', '/api/auth/tickets', { token: ada.token })).body;
  for (const target of [`/ws?token=${ada.token}`, `/ws?ticket=${ticket}`, `${path}websocket&token=${ada.token}`]) assert.equal(await socket(target), 101, target);
  for (const target of ['/ws', `${path}websocket`]) assert.equal(await socket(target, { headers: { authorization: `Bearer ${ada.token}` } }), 101, target);
  assert.equal((await get(`${stoa.url}${path}polling&token=${ada.token}`)).status, 200);
  // Six are her sign-in's; the ticket counted for herself.
  for (const status of [101, 429]) assert.equal(await socket(`/ws?token=${ada.token}`), status);
  assert.equal(await socket(`/ws?token=${ben.token}`), 101);
}));

test('a WebSocket that takes its session over is no handshake', () => withServer({
  rate_limits: { enabled: true, handshake: { requests: 1, window: '15m' } },
}, async (stoa, clients) => {
  const person = await stoa.register('Ada');
  const client = await openSocketIo(stoa, person.token);
  clients.push(client);
  await until(() => client.transport === 'websocket', { what: 'the upgrade' });
}));

test('a WebSocket for a session that is not there counts for its address', () => withServer({
  rate_limits: { enabled: true, handshake: { requests: 3, window: '15m' } },
}, async (stoa) => {
  const url = `${stoa.url}/socket.io/?EIO=4&transport=`;
  const { sid } = JSON.parse((await get(`${url}polling`)).text.slice(1));
  const guess = `${url.replace(/^http/, 'ws')}websocket&sid=${sid.slice(0, -4)}AAAA`;
  for (const status of [400, 400, 429]) await assert.rejects(WebSocketChannel.open(guess), (refusal) => refusal.status === status);
  await (await WebSocketChannel.open(`${url.replace(/^http/, 'ws')}websocket&sid=${sid}`)).cut();
}));

test('a session takes so many WebSockets that would take it over as are configured', () => withServer({ socketio: { max_upgrades: 3 } }, async (stoa) => {
  const { sid } = JSON.parse((await get(`${stoa.url}/socket.io/?EIO=4&transport=polling`)).text.slice(1));
  const target = `${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket&sid=${sid}`;
  for (let at = 0; at < 3; at += 1) await (await WebSocketChannel.open(target)).cut();
  await assert.rejects(WebSocketChannel.open(target), ({ status }) => status === 400);
}));

test('handshakes with the tokens of many accounts displace those of their accounts alone', () => withServer({
  realtime: { max_unknown_per_address: 2, max_sessions_per_user: 2 },
}, async (stoa) => {
  const [ada, ...others] = await Promise.all(['Ada', 'Ben', 'Cid', 'Dot'].map((name) => stoa.register(name)));
  const url = `${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const honest = await WebSocketChannel.open(`${url}&token=${ada.token}`);
  const silent = await WebSocketChannel.open(url);
  const flood = [];
  for (let at = 0; at < 12; at += 1) flood.push(await WebSocketChannel.open(`${url}&token=${others[at % 3].token}`));
  assert.equal((await flood[5].untilClosed()).code, 1013);
  assert.equal(await stoa.metric('stoa_realtime_displaced_total'), 6);
  honest.send('40');
  silent.send(`40${JSON.stringify({ token: ada.token })}`);
  for (const client of [honest, silent]) {
    await until(() => client.received.some((text) => text.startsWith('40{"sid"')), { what: 'an answer to CONNECT' });
  }
  await Promise.all([honest, silent, ...flood.slice(6)].map((channel) => channel.cut()));
}));

for (const [who, config, people] of [
  ['guests', { realtime: { guests: true, max_unknown_per_address: 3 } }, false],
  ['an account', { realtime: { max_sessions_per_user: 3 } }, true],
]) {
  test(`connections of ${who} that have left their last namespace give way, and may connect again`, () => withServer(config, async (stoa) => {
    const auth = people ? JSON.stringify({ token: (await stoa.register('Ada')).token }) : '';
    const answers = (channel) => channel.received.filter((text) => text.startsWith('40{"sid"')).length;
    const connect = async (channel) => {
      const before = answers(channel);
      channel.send(`40${auth}`);
      await until(() => answers(channel) > before, { what: 'an answer to CONNECT' });
    };
    const joinAndLeave = async () => {
      const channel = await WebSocketChannel.open(`${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
      await connect(channel);
      channel.send('41');
      return channel;
    };
    const left = [];
    for (let at = 0; at < 4; at += 1) left.push(await joinAndLeave());
    assert.equal((await left[0].untilClosed()).code, 1013);
    await until(async () => await stoa.metric('stoa_realtime_sessions') === 3, { what: 'those that have left to be counted alone' });
    await connect(left[1]);
    await Promise.all(left.slice(1).map((channel) => channel.cut()));
  }));
}

test('nobody gives way while the token of his CONNECT is judged', () => withServer({
  realtime: { max_unknown_per_address: 2 },
}, async (stoa) => {
  const person = await stoa.register('Ada');
  const open = () => WebSocketChannel.open(`${stoa.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const judged = await open();
  const release = await hold(stoa.database, 'lock table auth_sessions in access exclusive mode');
  judged.send(`40${JSON.stringify({ token: person.token })}`);
  await until(async () => await waitingForLocks(stoa.database) > 0, { what: 'the token to be looked up' });
  const silent = [await open(), await open()];
  assert.equal((await silent[0].untilClosed()).code, 1013, 'the second, not the first');
  await release();
  await until(() => judged.received.some((text) => text.startsWith('40{"sid"')), { what: 'an answer to CONNECT' });
  await Promise.all([judged, silent[1]].map((channel) => channel.cut()));
}));

// Sessions that say no more come over either transport; the server's default is 200 of an address.
for (const transport of ['polling', 'websocket']) {
  test(`who signs in comes in beside sessions of his address that stay silent: over ${transport}`, () => withServer({
    realtime: { max_unknown_per_address: 50, max_guests_per_address: 50 },
  }, async (stoa, clients) => {
    const person = await stoa.register('Ada');
    const url = `${stoa.url}/socket.io/?EIO=4&transport=${transport}`;
    const silent = [];
    for (let at = 0; at < 50; at += 1) {
      silent.push(transport === 'polling' ? JSON.parse((await get(url)).text.slice(1)) : await WebSocketChannel.open(url.replace(/^http/, 'ws')));
    }
    const [first] = silent;
    const told = transport === 'polling' ? get(`${url}&sid=${first.sid}`) : first.untilClosed();
    for (let at = 0; at < 3; at += 1) {
      const client = await openSocketIo(stoa, person.token, transport === 'polling' ? {} : { transports: ['websocket'] });
      clients.push(client);
      await client.request('heartbeat');
    }
    if (transport === 'polling') assert.equal((await told).text, '1');
    else assert.equal((await told).code, 1013);
    assert.equal(await stoa.metric('stoa_realtime_displaced_total'), 1); // the places of the three were free again at once
    if (transport === 'websocket') await Promise.all(silent.map((channel) => channel.cut()));
  }));
}

test('who has signed in late does not give way, who has not does', () => withServer({
  socketio: { late_authentication: true }, realtime: { max_unknown_per_address: 2 },
}, async (stoa, clients) => {
  const person = await stoa.register('Ada');
  const open = async () => {
    const client = new SocketIo(stoa.url, { transports: ['websocket'], reconnection: false });
    clients.push(client);
    return client.connected();
  };
  const [signedIn, silent] = [await open(), await open()];
  await signedIn.request('authenticate', { token: person.token });
  const others = [await open(), await open()];
  await silent.disconnected();
  assert.deepEqual([signedIn, ...others].map(({ open: isOpen }) => isOpen), [true, true, true]);
  await signedIn.request('heartbeat');
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
    assert.deepEqual(await client.request('authenticate', { token: `Bearer ${person.token}` }), { userId: person.id });
  });
  assert.equal((await client.request('join_room', { roomId: room.id })).room.id, room.id);
  await silent.disconnected();
  assert.ok(client.open);
})));
