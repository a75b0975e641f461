// What real clients send along that is none of the server's business, and what they leave raw: they are served all the same,
// and what is refused is written down as what it was.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import WebSocket from 'ws';

import { UpgradeRefused, openSocket } from '../../support/socket.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { within } from '../../support/until.mjs';

const kRaw = 'x[0]=a|b&x[0]={c}&y=%zz';

describe('what real clients send', () => {
  let stoa;
  let person;
  before(async () => {
    stoa = await startStoa({ config: { realtime: { max_sessions_per_user: 1 } } });
    person = await stoa.register('Ada');
  });
  after(() => stoa.stop());

  test('a header that signs nobody in here keeps nobody from what anyone may do', async () => {
    const { email, password } = person;
    for (const authorization of ['Basic YTpi', 'Bearer of.an.old', 'Negotiate']) {
      const headers = { authorization };
      for (const path of ['/healthz', '/api/health', '/api/stats', '/api/openapi.json', '/']) {
        assert.equal((await stoa.api('GET', path, { headers })).status, 200, `${path} ${authorization}`);
      }
      assert.equal((await stoa.api('POST', '/api/auth/login', { headers, body: { email, password } })).status, 200, authorization);
      const { refreshToken } = (await stoa.api('POST', '/api/auth/login', { body: { email, password } })).body;
      assert.equal((await stoa.api('POST', '/api/auth/refresh', { headers, body: { refreshToken } })).status, 200, authorization);
    }
    const rooms = (authorization) => stoa.api('GET', '/api/rooms', { headers: { authorization } });
    assert.equal((await rooms('Basic YTpi')).status, 200);
    assert.equal((await rooms('Bearer of.an.old')).body.error.code, 'INVALID_TOKEN', 'what rooms one sees depends on who one is');
  });

  test('queries are served as browsers leave them', async () => {
    await (await openSocket(`${stoa.wsUrl}?${kRaw}&token=${person.token}`)).close();
    const polled = await fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling&${kRaw}`);
    assert.equal(polled.status, 200);
    assert.match(await polled.text(), /^0\{"sid":/);
    for (const [path, opening] of [[`/socket.io/?EIO=4&transport=websocket&${kRaw}`, /^0\{"sid":/], [`/peerjs?key=peerjs&id=ada&token=t&${kRaw}`, /^\{"type":"OPEN"/]]) {
      const ws = new WebSocket(`${stoa.url.replace('http', 'ws')}${path}`);
      const first = new Promise((resolve, reject) => { ws.once('message', (data) => resolve(data.toString())).once('error', reject); });
      assert.match(await within(first, { what: `the first message at ${path}` }), opening);
      ws.terminate();
    }
    assert.equal((await stoa.api('GET', `/?${kRaw}`)).status, 200);
  });

  test('an offer of HTTP/2 is answered over HTTP/1.1', async () => {
    for (const path of ['/', '/socket.io/?EIO=4&transport=polling', '/peerjs']) {
      const url = new URL(path, stoa.url);
      const answer = await within(new Promise((resolve, reject) => {
        http.get(url, { headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' } }, resolve).on('error', reject);
      }), { what: `the answer at ${path}` });
      answer.resume();
      assert.equal(answer.statusCode, 200, path);
    }
  });

  test('a preflight is logged with the origin that asked', async () => {
    await fetch(`${stoa.url}/api/rooms`, { method: 'OPTIONS', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' } });
    assert.equal((await stoa.log((l) => l.method === 'OPTIONS' && l.path === '/api/rooms')).origin, 'https://elsewhere.example');
  });

  test('a page of an origin that is not let in is told where origins are named', async () => {
    await assert.rejects(stoa.connect(person.token, { origin: 'https://elsewhere.example' }), (e) => {
      assert.match(e.body, /"ORIGIN_REFUSED","message":"This origin is not allowed: realtime\.origins /);
      return true;
    });
  });

  test('an upgrade is logged as it was answered', async () => {
    const upgrade = (status) => stoa.log((l) => l.event === 'request' && l.route === '/ws' && l.status === status);
    const refused = (status, token, options) => assert.rejects(stoa.connect(token, options), (e) => e instanceof UpgradeRefused && e.status === status);
    await refused(401, 'nonsense');
    assert.equal((await upgrade(401)).method, 'GET');
    await refused(403, person.token, { origin: 'https://elsewhere.example' });
    assert.equal((await upgrade(403)).origin, 'https://elsewhere.example');
    const socket = await stoa.connect(person.token);
    await upgrade(101);
    await refused(429, person.token);
    await upgrade(429);
    await socket.close();
    const engine = await fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: 'https://elsewhere.example' } });
    assert.equal(engine.status, 403);
    await stoa.log((l) => l.route === '/socket.io' && l.status === 403 && l.origin === 'https://elsewhere.example');
    await assert.rejects(openSocket(`${stoa.url.replace('http', 'ws')}/socket.io/?EIO=3&transport=websocket`), (e) => e instanceof UpgradeRefused && e.status === 400);
    await stoa.log((l) => l.event === 'request' && l.route === '/socket.io/' && l.status === 400);
    assert.equal(await stoa.metric('stoa_http_requests_total', { route: 'upgraded', status: '401' }), 1);
  });
});

describe('an address that has as many sockets as it may', () => {
  let stoa;
  before(async () => { stoa = await startStoa({ config: { realtime: { max_sessions_per_address: 1 } } }); });
  after(() => stoa.stop());

  test('is told so by every protocol, and when to come back', async () => {
    const polling = () => stoa.api('GET', '/socket.io/?EIO=4&transport=polling');
    const { token } = await stoa.register('ada');
    await openSocket(`${stoa.url.replace('http', 'ws')}/ws?token=${token}`);
    const refused = await polling();
    assert.deepEqual([refused.status, refused.body.code, refused.headers.get('retry-after')], [429, 'RATE_LIMITED', '10']);
    assert.match(refused.body.message, /from this address/);
    for (const path of ['/ws', '/socket.io/?EIO=4&transport=websocket', '/peerjs?key=peerjs&id=ada&token=t']) {
      await assert.rejects(openSocket(stoa.url.replace('http', 'ws') + path), (e) => {
        assert.ok(e instanceof UpgradeRefused, e.message);
        assert.deepEqual([e.status, JSON.parse(e.body).error.code, e.headers['retry-after']], [429, 'RATE_LIMITED', '10'], path);
        return true;
      });
    }
  });
});
