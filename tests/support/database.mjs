// A fresh database for a test, cloned from the migrated template of the test run (scripts/test makes it).
// STOA_TEST_DATABASE_URL: an empty database of the private PostgreSQL, as a role that owns it and may create
// others.
// STOA_TEST_TEMPLATE: the template's name.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { until } from './until.mjs';

export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with scripts/test`);
  return value;
}

// The same server, another database (and role).
export function databaseUrl(name, role) {
  const url = required('STOA_TEST_DATABASE_URL');
  const named = url.replace(/^(postgresql:\/\/[^/]*\/)[^?]*/, `$1${name}`);
  return role ? named.replace(/^postgresql:\/\/[^@/]*@/, `postgresql://${role}@`) : named;
}

// Runs SQL and returns what psql prints, unaligned. `values` are put in as quoted literals where the text
// says :'name'.
export function psql(url, text, values = {}) {
  const set = Object.entries(values).flatMap(([k, v]) => ['-v', `${k}=${v}`]);
  return new Promise((resolve, reject) => {
    const child = spawn('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...set, url]);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (d) => { out += d; });
    child.stderr.setEncoding('utf8').on('data', (d) => { err += d; });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out.replace(/\n$/, '')) : reject(new Error(err.trim()))));
    child.stdin.end(text);
  });
}

// Runs SQL in a transaction that stays open until the function that this answers is called, and commits then.
export async function hold(url, text) {
  const child = spawn('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`psql ended with ${code}`))));
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (d) => { out += d; });
  child.stdin.write(`BEGIN;\n${text.replace(/;?$/, ';')}\n\\echo held\n`);
  await Promise.race([until(() => /^held$/m.test(out), { what: 'a transaction to hold' }), ended]);
  return () => {
    child.stdin.end('COMMIT;\n');
    return ended;
  };
}

// How many sessions of that database wait for a lock.
export async function waitingForLocks(url) {
  return Number(await psql(url, `SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock';`));
}

// Runs one statement (a SELECT, or one with RETURNING) and returns its rows as objects.
export async function rows(url, statement, values) {
  const text = statement.trim().replace(/;$/, '');
  return JSON.parse(await psql(url, `WITH t AS (${text}) SELECT coalesce(json_agg(t), '[]') FROM t;`, values));
}

export async function createDatabase() {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const admin = databaseUrl('postgres');
  await until(async () => {
    try {
      await psql(admin, `CREATE DATABASE ${name} TEMPLATE ${required('STOA_TEST_TEMPLATE')};`);
      return true;
    } catch (error) {
      if (/being accessed by other users/.test(error.message)) return false;
      throw error;
    }
  }, { what: 'the template database to be free' });
  return databaseUrl(name);
}

export function dropDatabase(url) {
  const name = /^postgresql:\/\/[^/]*\/([^?]*)/.exec(url)[1];
  return psql(databaseUrl('postgres'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE);`);
}
