// The figures that everybody may see.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

test('are counted by one of those who ask at once, and the others are told what they were', async () => {
  const stoa = await startStoa();
  try {
    const ask = () => stoa.api('GET', '/api/stats');
    const freed = await hold(stoa.database, 'lock table users in access exclusive mode');
    const first = ask();
    await until(async () => await waitingForLocks(stoa.database) === 1, { what: 'the first one to count' });
    refused(await ask(), 503, 'OVERLOADED');
    await freed();
    assert.equal((await first).status, 200);
    const before = (await ask()).body;
    const release = await hold(stoa.database, 'lock table users in access exclusive mode');
    const asked = [];
    await until(async () => {
      asked.push(ask());
      return await waitingForLocks(stoa.database) === 1;
    }, { what: 'one to count anew' });
    const others = await Promise.all(Array.from({ length: 20 }, ask));
    assert.deepEqual(others.map(({ body }) => body.users), Array(20).fill(before.users));
    assert.equal(await waitingForLocks(stoa.database), 1);
    await release();
    await Promise.all(asked);
  } finally {
    await stoa.stop();
  }
});
