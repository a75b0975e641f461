// SIGTERM under load: a goodbye, everything acknowledged is committed, exit code 0 without using up the grace.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';
import { until, within } from '../../support/until.mjs';
import { Writer } from './checker.mjs';

test('SIGTERM during a flood says goodbye, keeps what it acknowledged and ends with 0', async () => {
  const stoa = await startStoa({
    config: { server: { shutdown_grace: '10m', shutdown_jitter: '500ms' } },
  });
  try {
    const owner = await stoa.register('owner');
    const room = await stoa.createRoom(owner.token, { roomType: 'public', maxParticipants: 50 });
    const writer = new Writer(stoa, await stoa.register('writer'), room.id, 'w');
    await writer.connect();
    const idle = await stoa.connect(owner.token);
    const flood = writer.flood(16);
    await until(() => writer.acknowledged.size > 100, { what: 'acknowledgements', every: 1 });

    stoa.signal('SIGTERM');
    const goodbye = await idle.next('server_closing');
    assert.equal(typeof goodbye.reconnectInMs, 'number');
    assert.equal((await idle.closed).code, 1012);
    await flood;
    assert.deepEqual(await stoa.ended(), { code: 0, signal: null });

    await stoa.start();
    const stored = new Set((await stoa.rows(`select client_message_id as id from messages where room_id = '${room.id}'`)).map((m) => m.id));
    for (const id of writer.acknowledged.keys()) assert.ok(stored.has(id), 'an acknowledged message was lost');
  } finally {
    await stoa.stop();
  }
});

test('readiness goes before the listener does', async () => {
  const stoa = await startStoa({ config: { server: { shutdown_grace: '10m' } } });
  try {
    // While a socket does not answer its goodbye (the server gives it two seconds), a load balancer that asks is told.
    const silent = await stoa.connect((await stoa.register('person')).token);
    silent.pause();
    stoa.signal('SIGTERM');
    const status = await until(async () => {
      const answer = await fetch(`${stoa.url}/readyz`).catch(() => undefined);
      return answer?.status !== 200 && (answer?.status ?? 'refused');
    }, { what: 'readiness to go', every: 2 });
    assert.equal(status, 503);
    silent.terminate();
    assert.equal((await stoa.ended()).code, 0);
  } finally {
    await stoa.stop();
  }
});

test('who does not end keeps the process for the grace alone', async () => {
  const stoa = await startStoa({ config: { server: { shutdown_grace: '300ms' }, http: { body_timeout: '10m' } } });
  const request = net.connect(stoa.port, '127.0.0.1');
  try {
    const socket = await stoa.connect((await stoa.register('person')).token);
    socket.pause();
    request.on('error', () => {}); // it is cut
    request.write('POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n');
    await within(once(request, 'data'), { what: 'the server to wait for the body' });
    assert.deepEqual(await stoa.end(), { code: 0, signal: null });
    const events = stoa.logs().map((line) => line.event);
    assert.deepEqual(events.filter((event) => /_cut$/.test(event)), ['sockets_cut', 'requests_cut']);
    socket.terminate();
  } finally {
    request.destroy();
    await stoa.stop();
  }
});
