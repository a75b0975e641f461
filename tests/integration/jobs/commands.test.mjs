// `stoa jobs`: what an operator sees, retries and drops; and what a running server shows of the jobs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startTarget } from '../../conformance/support/target.mjs';
import { createDatabase, dropDatabase, psql } from '../../support/database.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('stoa jobs', () => {
  let database;
  before(async () => { database = await createDatabase(); });
  after(() => dropDatabase(database));
  beforeEach(() => psql(database, 'truncate jobs'));

  const jobs = (...args) => runStoa(['jobs', ...args], { env: { STOA_DATABASE_URL: database } });
  async function printed(...args) {
    const { code, stdout, stderr } = await jobs(...args);
    assert.equal(code, 0, stderr);
    return stdout.trimEnd().split('\n');
  }
  async function refusal(...args) {
    const { code, stdout, stderr } = await jobs(...args);
    assert.equal(stdout, '');
    return `${code} ${stderr.trimEnd()}`;
  }
  // A row of the table; `state` beside it as the listing has it.
  async function add(kind, columns = {}) {
    const row = { id: randomUUID(), kind, payload: '{}', due_at: '2026-01-15 10:30:00Z', ...columns };
    await psql(database, `insert into jobs (${Object.keys(row)}) values (${Object.values(row).map((v) => `$q$${v}$q$`)})`);
    return row.id;
  }
  const parked = { parked_at: '2026-01-15 11:00:00Z', attempts: 15 };
  const running = { worker: randomUUID(), due_at: '2126-01-15 10:30:00Z', attempts: 1 };
  const left = () => psql(database, `select id, attempts, parked_at is null, due_at <= now() from jobs`);

  test('lists the parked ones first, and those that are asked for', async () => {
    assert.deepEqual(await printed('list'), ['there are no such jobs']);
    const waits = await add('mail', { key: 'a\nb' });
    const runs = await add('mail', running);
    const failed = await add('push', { ...parked, last_error: 'no\u001b[31m luck' });
    const lines = {
      [waits]: `${waits}  waiting  mail  attempts 0  due 2026-01-15T10:30:00.000Z  key a b`,
      [runs]: `${runs}  running  mail  attempts 1  due 2126-01-15T10:30:00.000Z`,
      [failed]: `${failed}  parked  push  attempts 15  due 2026-01-15T10:30:00.000Z  no [31m luck`,
    };
    assert.deepEqual(await printed('list'), [lines[failed], lines[waits], lines[runs]]);
    assert.deepEqual(await printed('list', '--parked'), [lines[failed]]);
    assert.deepEqual(await printed('list', '--kind', 'mail'), [lines[waits], lines[runs]]);
    assert.deepEqual(await printed('list', '--limit', '1'), [lines[failed], 'and more: --limit shows them']);
    assert.deepEqual(await printed('list', '--parked', '--kind', 'mail'), ['there are no such jobs']);
  });

  test('retries a parked job, and one that waits', async () => {
    for (const columns of [parked, { due_at: '2126-01-15 10:30:00Z', attempts: 3 }]) {
      const id = await add('mail', columns);
      assert.deepEqual(await printed('retry', id), ['due now; a running server takes it within jobs.poll']);
      assert.equal(await left(), `${id}|0|t|t`);
      assert.deepEqual(await printed('drop', id), ['dropped']);
      assert.equal(await left(), '');
    }
  });

  test('retries all parked ones of a kind', async () => {
    await psql(database, 'truncate audit_log');
    await add('push', parked);
    const [waits] = [await add('mail', { attempts: 2, due_at: '2126-01-15 10:30:00Z' }), await add('mail', parked), await add('mail', parked)];
    assert.deepEqual(await printed('retry', '--parked', '--kind', 'mail'), ['due now: 2']);
    assert.equal(await psql(database, `select count(*) from jobs where kind = 'mail' and parked_at is null and attempts = 0 and due_at <= now()`), '2');
    assert.equal(await psql(database, `select attempts from jobs where id = '${waits}'`), '2');
    assert.equal(await psql(database, `select kind from jobs where parked_at is not null`), 'push');
    assert.equal(await psql(database, `select count(*) from audit_log where action = 'jobs.retry' and before->>'state' = 'parked' and before->>'kind' = 'mail'`), '2');
    // Of two with one key one can wait.
    await psql(database, `truncate jobs`);
    await add('mail', { key: 'k' });
    const second = await add('mail', { ...parked, key: 'k' });
    const { code, stderr } = await jobs('retry', '--parked', '--kind', 'mail');
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^${second}: another job of its kind and key waits already`));
    for (const args of [[], ['--parked'], ['--kind', 'mail'], [second, '--parked', '--kind', 'mail']]) assert.match(await refusal('retry', ...args), /^2 /);
  });

  test('retries what its process has left behind', async () => {
    const id = await add('mail', { ...running, due_at: '2026-01-15 10:30:00Z' });
    await printed('retry', id);
    assert.equal(await left(), `${id}|0|t|t`);
  });

  test('leaves a job alone that runs', async () => {
    const id = await add('mail', running);
    for (const command of ['retry', 'drop']) {
      assert.equal(await refusal(command, id), '1 stoa: the job is being worked on; try again later');
    }
    assert.equal(await left(), `${id}|1|t|f`);
  });

  test('refuses what is no job', async () => {
    const id = randomUUID();
    for (const command of ['retry', 'drop']) {
      assert.equal(await refusal(command, id), `1 stoa: there is no job ${id}`);
      assert.equal(await refusal(command, 'x'), "2 stoa: 'x' is not a job's id");
      assert.match(await refusal(command), /^2 id is required/);
    }
    assert.match(await refusal('list', '--limit', '0'), /^2 --limit/);
    const twin = await add('mail', { ...parked, key: 'k' });
    await add('mail', { key: 'k' });
    assert.equal(await refusal('retry', twin), '1 stoa: another job of its kind and key waits already; drop this one');
  });

  test('a running server does what is retried', async () => {
    await psql(database, `
      create table asked (name text primary key);
      create table runs (name text);
      create table effects (name text, job uuid unique);`);
    const server = await startTarget('jobs', { database });
    try {
      const id = await add('errand', { ...parked, payload: '{"name": "x", "endsItself": true}' });
      await printed('retry', id);
      await until(async () => (await left()) === '', { what: 'the job to be done' });
      assert.equal(await psql(database, 'select name from effects'), 'x');
    } finally {
      await server.stop();
    }
  });
});

test('the server shows its chores, and what has failed', async () => {
  const stoa = await startStoa({ config: { jobs: { lease: '500ms' } } });
  try {
    for (const kind of ['ended_sign_ins', 'idempotency_keys']) {
      await until(async () => (await stoa.metric('stoa_jobs_done_total', { kind })) >= 1, { what: 'a chore' });
    }
    const listed = await runStoa(['jobs', 'list'], { env: { STOA_DATABASE_URL: stoa.database } });
    assert.match(listed.stdout, /^\S+ {2}waiting {2}ended_sign_ins {2}attempts 0 {2}due \S+ {2}key ended_sign_ins$/m);
    await stoa.sql(`insert into jobs (id, kind, payload, due_at, parked_at) values
      (gen_random_uuid(), 'idempotency_keys', '{}', now(), now()), (gen_random_uuid(), 'of another version', '{}', now() - interval '1 hour', null)`);
    await until(async () => (await stoa.metric('stoa_jobs_parked', { kind: 'idempotency_keys' })) === 1, { what: 'the parked one' });
    await until(async () => (await stoa.metric('stoa_jobs_oldest_seconds', { kind: 'unknown' })) >= 3600, { what: 'the old one' });
    assert.equal(await stoa.metric('stoa_jobs_waiting', { kind: 'unknown' }), 1);
    assert.equal(await stoa.metric('stoa_jobs_failed_total'), 0);
  } finally {
    await stoa.stop();
  }
});
