// The sign of life that pages ask for, on every protocol that has the study-room's events.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openSocket } from '../../support/socket.mjs';
import { openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';

test('a heartbeat is acknowledged, to guests too', async () => {
  const stoa = await startStoa({ config: { realtime: { guests: true } } });
  const person = await stoa.register('Ada');
  const clients = [await stoa.connect(person.token), await openSocket(stoa.wsUrl), await openSocketIo(stoa, person.token)];
  try {
    for (const client of clients) assert.deepEqual(await client.request('heartbeat', {}), {});
  } finally {
    for (const client of clients) client.terminate();
    await stoa.stop();
  }
});
