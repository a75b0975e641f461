// SIGTERM under load: a goodbye, everything acknowledged is committed, exit code 0 without using up the grace.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, until } from '../../support/until.mjs';
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

test('readiness goes before the listener does', () => atAnyPace(1500, async (jitter) => {
  const stoa = await startStoa({ config: { server: { shutdown_grace: '10m', shutdown_jitter: `${jitter}ms` } } });
  try {
    const person = await stoa.register('person');
    for (let i = 0; i < 10; i++) await stoa.connect(person.token);
    stoa.signal('SIGTERM');
    // While the sockets say goodbye, a load balancer that asks is told.
    const status = await until(async () => {
      const answer = await fetch(`${stoa.url}/readyz`).catch(() => undefined);
      return answer?.status !== 200 && (answer?.status ?? 'refused');
    }, { what: 'readiness to go', every: 2 });
    assert.equal(status, 503);
    assert.equal((await stoa.ended()).code, 0);
  } finally {
    await stoa.stop();
  }
}));
