// What strangers may cost: bodies that are announced and come slowly are not kept, and requests sent ahead by the thousand do
// not hold up who sends one.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { WebSocketChannel } from '../../conformance/support/channel.mjs';
import { get } from '../../conformance/support/http.mjs';
import { growth } from '../../support/process.mjs';
import { isSanitized } from '../../support/sanitizers.mjs';
import { openSocket } from '../../support/socket.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, TooSlow, until, within } from '../../support/until.mjs';

const kMebibyte = 1 << 20;

describe('strangers', () => {
  let stoa;
  before(async () => {
    stoa = await startStoa();
    await stoa.register('ada');
  });
  after(() => stoa.stop());

  // Each announces a mebibyte (or says nothing of its length), and sends a part of it bit by bit: 128 MiB in all.
  test('2,000 that announce a mebibyte each and send it slowly do not make the server grow', async () => {
    const kStrangers = 2000;
    const kPiece = Buffer.from(`{"email":"${'x'.repeat(4086)}`);
    const kRounds = 16;
    const targets = ['/api/auth/login', '/api/auth/register', '/api/rooms', '/api/users/me', '/api/nothing', '/api/rooms/x/join', '/healthz',
      `${stoa.config.socketio?.path ?? '/socket.io'}/?EIO=4&transport=polling&sid=${'A'.repeat(24)}`];
    const statuses = new Map();
    const grown = await growth(stoa, async () => {
      const open = Array.from({ length: kStrangers }, (_, i) => {
        const chunked = (i >> 3) % 4 === 3;
        const stranger = { chunked, over: false, socket: net.connect(stoa.port, '127.0.0.1') };
        stranger.socket.on('error', () => {}).on('close', () => { stranger.over = true; });
        stranger.socket.once('data', (data) => {
          const status = Number(data.toString('latin1', 9, 12));
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        });
        stranger.socket.write(`POST ${targets[i % targets.length]} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n`
          + `${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${kMebibyte}`}\r\n\r\n`);
        return stranger;
      });
      for (let round = 0; round < kRounds; ++round) {
        for (const { chunked, over, socket } of open) {
          if (over || !socket.writable) continue;
          if (chunked) socket.write(`${kPiece.length.toString(16)}\r\n`);
          socket.write(kPiece);
          if (chunked) socket.write('\r\n');
        }
        // The server answers others all the while.
        assert.equal((await stoa.api('GET', '/healthz')).status, 200);
      }
      await until(() => open.every(({ over }) => over), { what: 'all of them to be ended' });
      for (const { socket } of open) socket.destroy();
    });
    const allowed = 32 * kMebibyte * (isSanitized ? 4 : 1);
    assert.ok(grown < allowed, `grew by ${Math.round(grown / kMebibyte)} MiB`);
    assert.deepEqual([...statuses.keys()].filter((status) => ![400, 401, 404, 405, 413].includes(status)), [], [...statuses].join(' '));
  });

  // What curl does with a large file: it waits for a sign, and does not send what is refused.
  test('a client that waits for an invitation is refused without having sent its body', async () => {
    const answer = await within(new Promise((resolve, reject) => {
      const request = http.request(`${stoa.url}/api/rooms`, { method: 'POST', headers: { expect: '100-continue', 'content-type': 'application/json', 'content-length': kMebibyte } }, resolve);
      request.on('error', reject).on('continue', () => reject(new Error('it was invited')));
      request.flushHeaders();
    }), { what: 'the refusal' });
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.headers.connection, 'close');
    answer.resume();
  });

  // 200 connections send requests ahead as fast as they are taken, from a thread of their own. A turn of the loop for each
  // request is what the others wait for, not a whole pipeline.
  test('beside 200 pipelines at full speed a bystander is served', () => atAnyPace(50, async (pace) => {
    const flood = new Worker(`
      const net = require('node:net');
      const { port, connections } = require('node:worker_threads').workerData;
      const ahead = Buffer.from('GET /healthz HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n'.repeat(1000));
      for (let i = 0; i < connections; ++i) {
        const socket = net.connect(port, '127.0.0.1');
        const push = () => { while (socket.write(ahead)); };
        socket.on('connect', push).on('drain', push).on('error', () => {}).resume();
      }`, { eval: true, workerData: { port: stoa.port, connections: 200 } });
    try {
      await until(async () => (await stoa.metric('stoa_http_connections')) >= 200, { what: 'the pipelines to be there' });
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const once = () => within(new Promise((resolve, reject) => {
        const began = performance.now();
        http.get(`${stoa.url}/healthz`, { agent }, (response) => {
          response.resume().on('end', () => resolve(performance.now() - began));
        }).on('error', reject);
      }));
      const times = [];
      for (let i = 0; i < 300; ++i) times.push(await once());
      agent.destroy();
      const p99 = times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
      if (p99 >= pace) throw new TooSlow(`p99 of ${p99.toFixed(1)} ms`);
    } finally {
      await flood.terminate();
    }
  }));
});

// A proxy that passes bodies on as they come, and two clients of it: all connections are the proxy's.
describe('a stranger behind a proxy', () => {
  const kMost = 40;
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: {
      server: { trusted_proxies: ['127.0.0.1'] }, realtime: { guests: true },
      http: { max_connections: 3 * kMost, max_connections_per_address: kMost, body_timeout: '10m' },
    } });
  });
  after(() => stoa.stop());

  // On a connection of its own, with no more of its body than a byte. Has a status once it is answered, 0 if it ends without.
  const begin = (from) => {
    const request = { status: undefined, socket: net.connect(stoa.port, '127.0.0.1') };
    request.socket.once('data', (data) => { request.status = Number(data.toString('latin1', 9, 12)); });
    request.socket.on('error', () => {}).on('close', () => { request.status ??= 0; });
    request.socket.write('POST /api/auth/login HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n'
      + `X-Forwarded-For: ${from}\r\nContent-Length: 100\r\n\r\n{`);
    return request;
  };
  const ask = (from) => fetch(`${stoa.url}/api/users/me`, { headers: { 'x-forwarded-for': from } });

  test('that begins requests and does not end them takes no more connections than his own', async () => {
    // More than there is room for in all: those that are refused are closed, and make room.
    const open = [];
    const answered = () => open.filter(({ status }) => status !== undefined);
    while (open.length < 4 * kMost) {
      for (let i = 0; i < kMost / 2; ++i) open.push(begin('6.6.6.6'));
      await until(() => answered().length >= open.length - kMost, { what: 'those beyond the bound to be refused' });
    }
    assert.deepEqual([...new Set(answered().map(({ status }) => status))], [429]);
    assert.equal(answered().length, open.length - kMost);

    const other = await ask('7.7.7.7');
    assert.equal(other.status, 401);
    const refused = await ask('6.6.6.6');
    assert.equal(refused.status, 429);
    const { error } = await refused.json();
    assert.equal(error.code, 'RATE_LIMITED');
    assert.match(error.message, /from this address/);
    assert.equal(refused.headers.get('retry-after'), '5');

    // As soon as they are over he is served again.
    for (const { socket } of open) socket.destroy();
    await until(async () => (await ask('6.6.6.6')).status === 401, { what: 'room for him' });
  });

  test('whose sockets are open has them counted as sockets alone', async () => {
    const sockets = [];
    for (let i = 0; i < kMost + 10; ++i) sockets.push(await openSocket(stoa.wsUrl, undefined, { headers: { 'x-forwarded-for': '8.8.8.8' } }));
    assert.equal((await ask('8.8.8.8')).status, 401);
    for (const socket of sockets) await socket.close();
  });
});

// More of them than an address may have are opened, again and again, and none of them ever asks for anything whole.
describe('a stranger at one\'s own address', () => {
  const kMost = 40;
  let stoa, known;
  before(async () => {
    stoa = await startStoa({ config: { http: { max_connections_per_address: kMost, idle_timeout: '10m', header_timeout: '10m', body_timeout: '10m' } } });
    known = await stoa.register('ada');
  });
  after(() => stoa.stop());

  // On a connection of its own, like the first one of a browser; those that are kept alive may go at any moment.
  const ask = (target) => within(new Promise((resolve, reject) => {
    http.get(`${stoa.url}${target}`, { agent: false }, (answer) => {
      let text = '';
      answer.on('data', (data) => { text += data; }).on('end', () => resolve({ status: answer.statusCode, text }));
    }).on('error', reject);
  }), { what: `the answer to ${target}` });
  const countDisplaced = async () => Number((await ask('/metrics')).text.match(/^stoa_connections_displaced_total (\d+)/m)[1]);

  const body = 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
  const kinds = {
    'say nothing': '',
    'end no line': 'G',
    'are kept alive and ask no more': 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n',
    'sign in and do not end it': `POST /api/auth/login HTTP/1.1\r\nHost: t\r\n${body}`,
    'ask for what is not there, with a body that does not come': `POST /api/nothing HTTP/1.1\r\nHost: t\r\n${body}`,
  };
  for (const [name, bytes] of Object.entries(kinds)) {
    test(`whose connections ${name} takes nobody's place`, async () => {
      const displaced = await countDisplaced();
      const socket = await openSocket(stoa.wsUrl, known.token);
      const open = [];
      for (let i = 0; i < 3 * kMost; ++i) {
        const one = net.connect(stoa.port, '127.0.0.1').on('error', () => {});
        one.write(bytes);
        open.push(one);
      }
      await until(async () => (await countDisplaced().catch(() => 0)) >= displaced + 2 * kMost, { what: 'them to take their own places' });
      for (let i = 0; i < 5; ++i) assert.equal((await ask('/healthz')).status, 200);
      const later = await openSocket(stoa.wsUrl, known.token);
      for (const one of [socket, later]) {
        await one.request('heartbeat');
        await one.close();
      }
      for (const one of open) one.destroy();
    });
  }
});

// One account with many sign-ins, whose tokens open sessions from several addresses and never say whose they are: together all that
// the server has.
describe('a stranger of many addresses', () => {
  const kMost = 4;
  const kAddresses = ['2001:db8:0:1::1', '2001:db8:0:2::1', '2001:db8:0:3::1'];
  let stoa, tokens, known;
  before(async () => {
    stoa = await startStoa({ config: {
      server: { trusted_proxies: ['127.0.0.1'] }, realtime: { guests: true, max_sessions: kMost * kAddresses.length, max_sessions_per_address: kMost },
    } });
    const { email, password } = await stoa.register('eve');
    known = await stoa.register('ada');
    tokens = [];
    for (let i = 0; i < kMost * kAddresses.length; ++i) tokens.push((await stoa.api('POST', '/api/auth/login', { body: { email, password } })).body.accessToken);
  });
  after(() => stoa.stop());

  const kPath = '/socket.io/?EIO=4&transport=';
  const open = (from, path) => WebSocketChannel.open(stoa.wsUrl.replace(/\/ws$/, path), { headers: { 'x-forwarded-for': from } });
  const kinds = {
    polling: async (from, token) => get(`${stoa.url}${kPath}polling&token=${token}`, { headers: { 'x-forwarded-for': from } }),
    websocket: (from, token) => open(from, `${kPath}websocket&token=${token}`),
  };
  for (const [transport, shakeHands] of Object.entries(kinds)) {
    test(`who opens sessions for nobody over ${transport} takes no place from other addresses`, async () => {
      const opened = [];
      const flood = async () => {
        for (const [i, token] of tokens.entries()) opened.push(await shakeHands(kAddresses[i % kAddresses.length], token));
      };
      await flood();
      const others = [await open('7.7.7.7', `${kPath}websocket`), await open('7.7.7.7', `/ws?token=${known.token}`), await open('7.7.7.7', '/ws')];
      await flood();
      others[0].send(`40${JSON.stringify({ token: known.token })}`);
      await until(() => others[0].received.some((text) => text.startsWith('40{"sid"')), { what: 'an answer to CONNECT' });
      for (const [at, other] of others.slice(1).entries()) {
        other.send('{"type":"heartbeat","payload":{},"id":"last"}');
        await until(() => other.received.some((text) => text.includes('"id":"last"')), { what: `an answer for ${at}` });
      }
      for (const one of [...others, ...(transport === 'websocket' ? opened : [])]) one.cut();
    });
  }
});
