// The figures that everybody may see.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { hold } from '../../support/database.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kGoodFor = 5000; // milliseconds, and a little: for so long one count is everybody's

let stoa;
before(async () => {
  stoa = await startStoa({ config: { database: { statement_timeout: '2m' } } });
});
after(() => stoa?.stop());

const ask = () => stoa.api('GET', '/api/stats');
const holdUp = () => hold(stoa.database, 'lock table users in access exclusive mode');
const counting = async () => Number(await stoa.sql("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%from study_rooms where is_active%'"));

test('a count that fails is made anew by the next who asks', async () => {
  await stoa.sql('alter table study_rooms rename last_seq to away');
  const { status } = await ask();
  await stoa.sql('alter table study_rooms rename away to last_seq');
  assert.ok(status >= 500, `${status}`);
  assert.equal((await ask()).status, 200);
});

test('are counted by one of those who ask at once, however long that takes, and the others are told what they were', async () => {
  const { body: before_ } = await ask();
  const release = await holdUp();
  const asked = [];
  await until(async () => {
    asked.push(ask());
    return await counting() === 1;
  }, { what: 'one to count anew' });
  const end = performance.now() + kGoodFor + 500;
  await until(async () => {
    const others = await Promise.all(Array.from({ length: 5 }, ask));
    assert.deepEqual(others.map(({ body }) => body.users), Array(5).fill(before_.users));
    return performance.now() > end;
  }, { what: 'an answer to be old' });
  assert.equal(await counting(), 1);
  await release();
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
});

test('who asks while the first are counted is told to ask again', async () => {
  await stoa.restart();
  const release = await holdUp();
  const first = ask();
  await until(async () => await counting() === 1, { what: 'the first one to count' });
  for (let i = 0; i < 5; ++i) refused(await ask(), 503, 'OVERLOADED');
  assert.equal(await counting(), 1);
  await release();
  assert.equal((await first).status, 200);
});
