// A process is killed between any two steps of a job: what was asked for is done at least once and in effect once, whether
// its handler ends the job in the transaction of its work, or works in a way that may be done twice. Against the errands
// of tests/conformance/job_rows.cpp.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { startTarget } from '../../conformance/support/target.mjs';
import { createDatabase, dropDatabase, hold, psql, waitingForLocks } from '../../support/database.mjs';
import { until } from '../../support/until.mjs';

// Where PostgreSQL holds a statement up, as a trigger. A deferred one does so in the commit, which then comes to its end
// though nobody is there to hear of it.
const steps = [
  { name: 'before the commit that enqueues it', on: 'insert on jobs' },
  { name: 'when that is committed, and no worker knows', on: 'insert on jobs', deferred: true },
  { name: 'when it is taken', on: 'update on jobs' },
  { name: 'when its handler runs', on: 'insert on runs', deferred: true },
  { name: 'before the commit of its work', on: 'insert on effects' },
  { name: 'when its work is committed', on: 'insert on effects', deferred: true },
  { name: 'when it is ended', on: 'delete on jobs', deferred: true },
];
const kLock = 4711;

describe('jobs of a process that is killed', () => {
  let database;
  before(async () => {
    database = await createDatabase();
    await psql(database, `
      create table asked (name text primary key);
      create table runs (name text);
      create table effects (name text, job uuid unique);
      create function held_up() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock_shared(${kLock}); return null; end $$;`);
  });
  after(() => dropDatabase(database));

  const start = () => startTarget('jobs', { database, lease: 300 });
  const ask = (server, errand) => fetch(`${server.url}errands`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(errand),
  }).then((response) => response.status, () => undefined);

  for (const endsItself of [false, true]) {
    for (const { name, on, deferred } of steps) {
      test(`${endsItself ? 'ending itself' : 'done twice'}: ${name}`, async () => {
        await psql(database, `truncate jobs, asked, runs, effects;
          drop trigger if exists step on jobs; drop trigger if exists step on runs; drop trigger if exists step on effects;
          create constraint trigger step after ${on} ${deferred ? 'deferrable initially deferred' : ''}
            for each row execute function held_up();`);
        const errand = { name: randomUUID(), endsItself };
        const figures = () => psql(database, `select (select count(*) from jobs), (select count(*) from effects)`);

        const release = await hold(database, `select pg_advisory_xact_lock(${kLock})`);
        const first = await start();
        const asked = ask(first, errand);
        await until(async () => (await waitingForLocks(database)) > 0, { what: 'a step to be held up' });
        await first.kill9();
        const status = await asked;
        await release();
        // What is committed in the name of the dead comes first.
        await until(async () => (await waitingForLocks(database)) === 0, { what: 'the last statement to end' });

        const second = await start();
        if (status !== 200) assert.equal(await ask(second, errand), 200);
        await until(async () => (await figures()) === '0|1', { what: 'the errand to be done' });
        await second.stop();
        assert.equal(await figures(), '0|1');
        assert.ok(Number(await psql(database, 'select count(*) from runs')) >= 1);
      });
    }
  }
});
