// All that waits in the process has one budget, and whoever has most of it is ended when it is used up: nobody else is.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { get, post } from '../../conformance/support/http.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kMiB = 1024 * 1024;
const kBudget = 8 * kMiB;
const kFlood = '203.0.113.7';
const kOther = '198.51.100.1';
const kTooMuchWaits = Buffer.from([0x03, 0xf5]); // 1013

// A client's frame of so many bytes, masked with zeros, or its beginning.
function frame(opcode, length, sent = length, fin = true) {
  const head = Buffer.alloc(14);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(sent, 'x')]);
}
// In the shortest form of the length, which is the only one that is taken.
function text(content) {
  const body = Buffer.from(content);
  assert.ok(body.length < 0x10000);
  const length = body.length < 126 ? [0x80 | body.length] : [0xfe, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), body]);
}

describe('what waits', () => {
  let stoa;
  let person;
  let room;
  const sockets = [];
  before(async () => {
    stoa = await startStoa({ config: { server: { shards: 1, max_waiting_bytes: '8MiB', trusted_proxies: ['127.0.0.1'] } } });
    person = await stoa.register('person');
    room = await stoa.createRoom(person.token);
  });
  after(() => stoa.stop());

  // A connection from that address that sends these pieces, each once the server has said what is behind the one before.
  function connect(address, path, pieces, headers = '') {
    const socket = net.connect(stoa.port, '127.0.0.1');
    const one = { socket, got: Buffer.alloc(0), closed: false };
    const [first, ...rest] = pieces;
    socket.on('error', () => {});
    socket.on('close', () => { one.closed = true; });
    socket.on('data', (data) => {
      one.got = Buffer.concat([one.got, data]);
      while (rest.length > 0 && one.got.includes(rest[0][0])) socket.write(rest.shift()[1]);
    });
    socket.write(`${path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\n${headers}\r\n`);
    if (first) socket.write(first);
    sockets.push(one);
    return one;
  }
  const body = (address, length, sent) => connect(address, `POST /api/messages/room/${room.id}`, [Buffer.alloc(sent, ' ')],
    `Authorization: Bearer ${person.token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`);
  const engineIo = (address, ...pieces) => connect(address, 'GET /socket.io/?EIO=4&transport=websocket', [undefined, ...pieces],
    `Authorization: Bearer ${person.token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`);

  const waiting = () => stoa.metric('stoa_waiting_bytes');
  const ended = () => stoa.metric('stoa_waiting_ended_total');
  async function calm() {
    for (const { socket } of sockets.splice(0)) socket.destroy();
    await until(async () => (await waiting()) === 0, { what: 'nothing to wait' });
  }

  test('half of a body, from one address', async () => {
    const before = await ended();
    const other = body(kOther, 100_000, 60_000);
    await until(async () => (await waiting()) >= 60_000, { what: 'the body of the calm client' });
    const flood = Array.from({ length: 40 }, () => body(kFlood, 1_000_000, 600_000));
    const refused = await until(() => flood.find((one) => one.got.includes('HTTP/1.1 503')), { what: 'one to be refused' });
    assert.match(refused.got.toString(), /Retry-After: \d+/i);
    assert.match(refused.got.toString(), /"OVERLOADED"/);
    await until(async () => (await ended()) - before >= 10 && (await waiting()) <= kBudget, { what: 'the budget to hold' });
    // The other's goes on as if nothing were.
    assert.equal(other.got.length, 0);
    assert.equal((await stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content: 'calm' } })).status, 201);
    other.socket.write(Buffer.alloc(40_000, ' '));
    await until(() => other.got.includes('HTTP/1.1 400'), { what: 'an answer to what is no JSON' });
    await calm();
  });

  test('half of a message of a socket that has not signed in', async () => {
    const before = await ended();
    const other = engineIo(kOther, ['"sid"', frame(1, 900_000, 100_000)]);
    await until(async () => (await waiting()) >= 100_000, { what: 'the message of the calm client' });
    const flood = Array.from({ length: 40 }, () => engineIo(kFlood, ['"sid"', frame(1, 900_000, 600_000)]));
    await until(() => flood.find((one) => one.got.includes(kTooMuchWaits)), { what: 'one to be closed' });
    await until(async () => (await ended()) - before >= 10 && (await waiting()) <= kBudget, { what: 'the budget to hold' });
    assert.ok(!other.closed && !other.got.includes(kTooMuchWaits));
    await calm();
  });

  test('attachments without the last one', async () => {
    const before = await ended();
    const event = text('452-["send_message",{"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}}]');
    const halves = [['"sid"', text('40')], ['40{"sid"', Buffer.concat([event, frame(2, 900_000)])]];
    const other = engineIo(kOther, ...halves);
    await until(async () => (await waiting()) >= 900_000, { what: 'the attachment of the calm client' });
    const flood = Array.from({ length: 12 }, () => engineIo(kFlood, ...halves));
    await until(() => flood.find((one) => one.got.includes(kTooMuchWaits)), { what: 'one to be closed' });
    await until(async () => (await ended()) - before >= 4 && (await waiting()) <= kBudget, { what: 'the budget to hold' });
    assert.ok(!other.closed && !other.got.includes(kTooMuchWaits));
    await calm();
  });

  test('events for clients that do not fetch them', async () => {
    const before = await ended();
    const url = `${stoa.url}/socket.io/?EIO=4&transport=polling`;
    // In the room, and never polls again.
    async function hear(address) {
      const from = { headers: { 'x-forwarded-for': address, authorization: `Bearer ${person.token}` } };
      const { sid } = JSON.parse((await get(url, from)).text.slice(1));
      const session = `${url}&sid=${sid}`;
      const say = async (what, answer) => {
        assert.equal((await post(session, what, from)).text, 'ok');
        await until(async () => (await get(session, from)).text.includes(answer), { what: answer });
      };
      await say('40', '40{"sid"');
      await say(`421["join_room",{"roomId":"${room.id}"}]`, '431[');
      return { poll: () => get(session, from) };
    }
    const other = await hear(kOther);
    const flood = [];
    for (let i = 0; i < 16; i += 1) flood.push(await hear(kFlood));
    const content = 'x '.repeat(7500);
    let said = 0;
    const say = async () => {
      said += 1;
      assert.equal((await stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content: `${said} ${content}` } })).status, 201);
    };
    // Each has half a megabyte, which is half of what one may have.
    while (said < 34 || (await ended()) === before) await say();
    await until(async () => (await waiting()) <= kBudget, { what: 'the budget to hold' });
    const heard = (await other.poll()).text;
    for (let i = 1; i <= said; i += 1) assert.ok(heard.includes(`"content":"${i} x`), `message ${i}`);
    for (const one of flood) await one.poll();
    await calm();
  });
});

test('what clients do not read is cut', async () => {
  const stoa = await startStoa({ config: {
    server: { shards: 1, max_waiting_bytes: '1MiB', trusted_proxies: ['127.0.0.1'] }, realtime: { max_queue_bytes: '64MiB' },
  } });
  const open = [];
  try {
    const person = await stoa.register('person');
    const room = await stoa.createRoom(person.token);
    for (let i = 0; i < 20; i += 1) {
      const said = await stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content: 'x '.repeat(7500) } });
      assert.equal(said.status, 201);
    }
    // Reads nothing behind the first bytes.
    function deaf(request, more) {
      const socket = net.connect(stoa.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.pause();
        socket.write(more);
      });
      socket.write(request);
      open.push(socket);
    }
    const from = (address, more = '') => `HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\nAuthorization: Bearer ${person.token}\r\n${more}\r\n`;
    const other = await stoa.connect(person.token);
    const ended = () => stoa.metric('stoa_waiting_ended_total');

    const join = text(JSON.stringify({ type: 'join_room', payload: { roomId: room.id, sinceSeq: 0 }, id: 1 }));
    deaf(`GET /ws ${from(kFlood, 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')}`,
      Buffer.concat(Array(100).fill(join)));
    await until(async () => (await ended()) === 1, { what: 'the socket to be ended' });
    assert.equal(await stoa.metric('stoa_realtime_slow_readers_total'), 1);
    await until(async () => (await stoa.metric('stoa_realtime_sessions')) === 1, { what: 'its session to be over' });

    const history = `GET /api/messages/room/${room.id}?limit=100 ${from(kFlood)}`;
    for (let i = 0; i < 6; i += 1) deaf(history, history.repeat(60));
    await until(async () => (await ended()) >= 2, { what: 'an answer to be cut' });
    await until(async () => (await stoa.metric('stoa_waiting_bytes')) <= kMiB, { what: 'the budget to hold' });

    assert.deepEqual(await other.request('heartbeat'), {});
    for (const socket of open) socket.destroy();
    await until(async () => (await stoa.metric('stoa_waiting_bytes')) === 0, { what: 'nothing to wait' });
  } finally {
    for (const socket of open) socket.destroy();
    await stoa.stop();
  }
});
