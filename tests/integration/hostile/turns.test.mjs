// Whoever sends much at once has a part of each turn of the loop, and what is large is paid before it is read. Counted by what
// had to wait for a later turn, not by the clock.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kSteps = 256; // of one turn
const kPutOff = 'stoa_event_loop_put_off_total';
const maskedFrame = (opcode, text) => {
  const body = Buffer.from(text);
  assert.ok(body.length < 126);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | body.length, 0, 0, 0, 0]), body]); // masked with zeros
};
const times = (count, bytes) => Buffer.concat(Array(count).fill(bytes));

describe('much at once', () => {
  let stoa;
  let person;
  before(async () => {
    stoa = await startStoa({ config: { server: { shards: 1 } } });
    person = await stoa.register('person');
  });
  after(() => stoa.stop());

  // What was put off while `run` was under way. Asking for the metrics may be itself, since they are compressed.
  async function putOff(run) {
    const earliest = await stoa.metric(kPutOff);
    const before = await stoa.metric(kPutOff);
    await run();
    return (await stoa.metric(kPutOff)) - before - (before - earliest);
  }

  // Sends `head`, waits for the blank line, then sends `bytes`; resolves when so many `parts` were answered to them.
  const flood = (head, bytes, parts, count) => new Promise((resolve, reject) => {
    const socket = net.connect(stoa.port, '127.0.0.1');
    let opening = head ? '' : undefined;
    let got = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${got.length} bytes`)));
    socket.on('data', (data) => {
      if (opening !== undefined) {
        opening += data.toString('latin1');
        if (!opening.includes('\r\n\r\n')) return;
        opening = undefined;
        socket.write(bytes);
        return;
      }
      got += data.toString('latin1');
      if (got.split(parts).length <= count) return;
      socket.removeAllListeners('close');
      socket.destroy();
      resolve();
    });
    socket.write(head || bytes);
  });
  const upgrade = (path, token) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\n`
    + 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  test('frames that came together are dealt with in several turns', async () => {
    const pings = 8000;
    const waited = await putOff(() => flood(upgrade('/ws', person.token), times(pings, maskedFrame(9, '')), '\x8a\0', pings));
    // What came in one piece has 64 KiB at most; each piece may begin a slice.
    assert.ok(waited >= pings / kSteps / 2, `${waited}`);
  });

  test('so are the packets of one polling request', async () => {
    const polling = async (path, options) => (await fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling${path}`, options)).text();
    const { sid } = JSON.parse((await polling('')).slice(1));
    const packets = 10_000;
    const waited = await putOff(async () => {
      const answer = await polling(`&sid=${sid}`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: Array(packets).fill('6').join('\x1e') });
      assert.equal(answer, 'ok');
    });
    assert.ok(waited >= Math.floor(packets / kSteps) - 1, `${waited}`);
  });

  test('and requests that were sent ahead', async () => {
    const requests = 100;
    const request = Buffer.from('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const waited = await putOff(() => flood('', times(requests, request), 'HTTP/1.1 200', requests));
    assert.ok(waited >= requests / 2, `${waited}`);
  });

  test('a large body waits for its turn, a small one does not', async () => {
    const { id } = await stoa.createRoom(person.token);
    const say = (length) => putOff(async () => {
      const { status } = await stoa.api('POST', `/api/messages/room/${id}`, { token: person.token, body: { content: 'x', padding: 'y'.repeat(length) } });
      assert.ok(status === 201 || status === 422, `${status}`);
    });
    assert.equal(await say(100), 0);
    assert.ok(await say(100_000) >= 1);
  });
});

describe('a large message', () => {
  const config = { realtime: { events_per_second: 1, events_burst: 100 } };
  const large = 'x'.repeat(900_000);

  test('counts as many, on Socket.IO, and the connection stays', async () => {
    const stoa = await startStoa({ config });
    const person = await stoa.register('person');
    const room = await stoa.createRoom(person.token);
    const client = await openSocketIo(stoa, person.token, { transports: ['websocket'] });
    try {
      const refusal = () => client.request('send_message', { roomId: room.id, content: large }).catch((error) => error.code);
      assert.equal(await refusal(), 'INVALID_MESSAGE'); // it was read: its content is too long
      assert.equal(await refusal(), 'RATE_LIMITED');
      assert.equal((await client.request('send_message', { roomId: room.id, content: 'small' })).seq, 1);
      assert.deepEqual(client.disconnects, []);
    } finally {
      client.close();
      await stoa.stop();
    }
  });

  test('on /ws as well, and its refusal names it', async () => {
    const stoa = await startStoa({ config });
    const person = await stoa.register('person');
    const socket = await stoa.connect(person.token);
    try {
      const content = 'x'.repeat(60_000);
      for (let id = 1; id <= 40; id += 1) socket.sendRaw(JSON.stringify({ type: 'send_message', payload: { content }, id }));
      await until(() => socket.received.length >= 40, { what: 'an answer to each' });
      const refused = socket.received.filter((frame) => frame.payload.code === 'RATE_LIMITED').map((frame) => frame.id);
      assert.deepEqual(refused, Array.from({ length: 15 }, (_, i) => 26 + i)); // each counts as four
      await socket.request('heartbeat').catch((error) => assert.equal(error.code, 'RATE_LIMITED'));
      assert.ok(socket.open);
    } finally {
      socket.close?.();
      await stoa.stop();
    }
  });
});
