// Bodies that flow: however large, in either direction, they cost the server a piece at a time; a slow client is served for
// as long as it takes, and one that trickles is not. Against rows that take and give bytes (tests/conformance/body_rows.cpp).
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { startTarget } from '../../conformance/support/target.mjs';
import { growth } from '../../support/process.mjs';
import { isSanitized } from '../../support/sanitizers.mjs';
import { atAnyPace, TooSlow, until, within } from '../../support/until.mjs';

const kMebibyte = 1 << 20;
const kMany = (isSanitized ? 128 : 1024) * kMebibyte;
const kAllowed = 16 * kMebibyte * (isSanitized ? 4 : 1);

// Byte n of what the server gives is n % 251.
function checker(first = 0) {
  let at = first;
  const table = Buffer.from(Array.from({ length: 251 * 1024 }, (_, n) => n % 251));
  return {
    get count() { return at - first; },
    take(bytes) {
      for (let from = 0; from < bytes.length;) {
        const start = at % 251;
        const length = Math.min(bytes.length - from, table.length - start);
        assert.equal(bytes.compare(table, start, start + length, from, from + length), 0, `other bytes at ${at}`);
        from += length;
        at += length;
      }
    },
  };
}

// Sends `bytes` as fast as they are taken, between what stands around them; resolves to the answer's status and JSON.
function upload(server, bytes, headers, { path = 'sink', before: first = '', after: last = '' } = {}) {
  const piece = Buffer.alloc(256 * 1024);
  return within(new Promise((resolve, reject) => {
    const request = http.request(`${server.url}${path}`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data) => { text += data; }).on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
    request.on('error', reject);
    if (first) request.write(first);
    let left = bytes;
    const push = () => {
      while (left > 0) {
        const count = Math.min(left, piece.length);
        left -= count;
        if (!request.write(piece.subarray(0, count)) && left > 0) return request.once('drain', push);
      }
      return request.end(last);
    };
    push();
  }), { what: 'the upload to be answered' });
}

function download(server, path, onData, headers = {}) {
  return within(new Promise((resolve, reject) => {
    http.get(server.url + path, { headers, agent: false }, (response) => {
      response.on('data', onData).on('error', reject).on('end', () => resolve(response));
    }).on('error', reject);
  }), { what: 'the download to end' });
}

describe('bodies that flow', () => {
  let server;
  before(async () => {
    server = await startTarget('bodies');
    await upload(server, 4 * kMebibyte, {});
    await download(server, `spring?bytes=${4 * kMebibyte}`, () => {});
  });
  after(() => server.stop());

  for (const [how, headers] of [['of known length', { 'content-length': kMany }], ['in chunks', {}]]) {
    test(`a gigabyte up ${how} costs no memory`, async () => {
      const grown = await growth(server, async () => {
        const { status, body } = await upload(server, kMany, headers);
        assert.equal(status, 200);
        assert.equal(body.bytes, kMany);
      });
      assert.ok(grown < kAllowed, `grew by ${grown} bytes`);
    });
  }

  test('a gigabyte in a form costs no memory', async () => {
    const grown = await growth(server, async () => {
      const { status, body } = await upload(server, kMany, { 'content-type': 'multipart/form-data; boundary=b' }, {
        path: 'form',
        before: '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nlarge\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="zeros"\r\n\r\n',
        after: '\r\n--b--\r\n',
      });
      assert.equal(status, 200);
      assert.deepEqual(body, { text: 'large', name: 'zeros', type: 'application/octet-stream', bytes: kMany, inOrder: false });
    });
    assert.ok(grown < kAllowed, `grew by ${grown} bytes`);
  });

  for (const path of ['spring', 'river']) {
    test(`a gigabyte down (${path}) costs no memory`, async () => {
      const bytes = checker();
      const grown = await growth(server, () => download(server, `${path}?bytes=${kMany}`, (data) => bytes.take(data)));
      assert.equal(bytes.count, kMany);
      assert.ok(grown < kAllowed, `grew by ${grown} bytes`);
    });
  }

  test('a client that stops reading stops the server, and goes on later', async () => {
    const bytes = checker();
    let response;
    const grown = await growth(server, async () => {
      response = await within(new Promise((resolve, reject) => {
        http.get(`${server.url}spring?bytes=${kMany / 4}`, { agent: false }, resolve).on('error', reject);
      }));
      // Nobody listens to it yet, so it is not read. What the kernel holds comes, and then nothing.
      let before = -1;
      await until(() => before === (before = server.cpuTime()), { what: 'the server to rest', every: 200 });
    });
    response.on('data', (data) => bytes.take(data));
    await within(new Promise((resolve, reject) => { response.on('end', resolve).on('error', reject); }));
    assert.equal(bytes.count, kMany / 4);
    assert.ok(grown < kAllowed, `grew by ${grown} bytes`);
  });

  test('the end of a large file is had by its range', async () => {
    const first = 3 * kMany + 5;
    const bytes = checker(first);
    const response = await download(server, `spring?bytes=${4 * kMany}`, (data) => bytes.take(data), { range: `bytes=${first}-${first + 99_999}`, 'if-range': '"numbers"' });
    assert.equal(response.statusCode, 206);
    assert.equal(response.headers['content-range'], `bytes ${first}-${first + 99_999}/${4 * kMany}`);
    assert.equal(bytes.count, 100_000);
  });
});

// A raw connection that the test sends to and reads from at its own pace.
class Raw {
  ended; // resolves once the connection is over
  socket;
  text = '';

  constructor(server) {
    this.socket = net.connect(server.port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.ended = new Promise((resolve) => { this.socket.on('close', resolve); });
  }

  send(bytes) { this.socket.write(bytes); }
  readText() { this.socket.setEncoding('latin1').on('data', (data) => { this.text += data; }); }
}

describe('deadlines of progress', () => {
  // So many bytes in `pace` ms are demanded.
  const start = (pace, bytes = 64 * 1024) => startTarget('bodies', { 'body-timeout': pace, 'write-timeout': pace, 'progress-bytes': bytes });
  const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  test('a slow client that gets on is served, for longer than any deadline', () => atAnyPace(500, async (pace) => {
    const server = await start(pace);
    try {
      const raw = new Raw(server);
      raw.readText();
      const steps = 16;
      const began = performance.now();
      raw.send(`POST /sink HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: ${steps * 32 * 1024}\r\n\r\n`);
      for (let step = 0; step < steps; ++step) {
        if (performance.now() - began > (step + 0.9) * pace / 4) throw new TooSlow('sent too late');
        raw.send(Buffer.alloc(32 * 1024));
        await pause((step + 1) * pace / 4 - (performance.now() - began));
      }
      await within(raw.ended, { what: 'the answer' });
      assert.match(raw.text, /^HTTP\/1\.1 200 /);
      assert.ok(performance.now() - began > 3 * pace);
    } finally {
      await server.stop();
    }
  }));

  test('a client that sends too little is told so and ended', async () => {
    const server = await start(300);
    const raw = new Raw(server);
    raw.readText();
    raw.send('POST /sink HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n');
    const drip = setInterval(() => raw.send('x'), 10);
    await within(raw.ended, { what: 'the server to end it' });
    clearInterval(drip);
    assert.match(raw.text, /^HTTP\/1\.1 408 [^]*"REQUEST_TIMEOUT"/);
    await server.stop();
  });

  // Faster than what is demanded, and far slower than the kernel's buffers would hide.
  test('a client that reads slowly is served, for longer than any deadline', () => atAnyPace(500, async (pace) => {
    const wanted = 16 * kMebibyte;
    const server = await start(pace, 512 * 1024);
    try {
      const raw = new Raw(server);
      raw.send(`GET /spring?bytes=${wanted} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n`);
      const bytes = checker();
      let head = Buffer.alloc(0);
      let budget = 0;
      raw.socket.pause().on('data', (data) => {
        budget -= data.length;
        if (budget <= 0) raw.socket.pause();
        if (!head) return bytes.take(data);
        head = Buffer.concat([head, data]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return undefined;
        bytes.take(head.subarray(end + 4));
        head = undefined;
        return undefined;
      });
      let ended = false;
      raw.ended.then(() => { ended = true; });
      const began = performance.now();
      // Eight times in a deadline, a quarter of what it demands: twice as fast as it must be.
      for (let step = 1; bytes.count < wanted && !ended; ++step) {
        budget += 128 * 1024;
        raw.socket.resume();
        const wait = began + step * pace / 8 - performance.now();
        if (wait < -pace / 2) throw new TooSlow('read too late');
        await pause(Math.max(wait, 0));
      }
      assert.equal(bytes.count, wanted);
      assert.ok(performance.now() - began > 10 * pace);
      await within(raw.ended, { what: 'the connection to end' });
    } finally {
      await server.stop();
    }
  }));

  test('a client that does not read is ended', async () => {
    const server = await start(300);
    const raw = new Raw(server);
    raw.socket.pause();
    raw.send(`GET /spring?bytes=${4 * kMany} HTTP/1.1\r\nHost: t\r\n\r\n`);
    const sources = async () => (await (await fetch(`${server.url}sources`)).json()).bytes;
    await until(async () => (await sources()) === 1, { what: 'the download to begin' });
    await until(async () => (await sources()) === 0, { what: 'the server to end it' });
    raw.socket.resume();
    await within(raw.ended, { what: 'the end of the connection' });
    assert.ok(raw.socket.bytesRead < 4 * kMany);
    await server.stop();
  });
});
