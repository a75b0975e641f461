// What is tried again at a slower pace, and what fails at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TooSlow, atAnyPace, inTime, until } from '../../support/until.mjs';

// The paces at which an attempt ran that fails with `errors` in turn, and how the last of them ended.
async function paces(unit, ...errors) {
  const seen = [];
  const end = await atAnyPace(unit, async (pace) => {
    seen.push(pace);
    const error = errors.shift();
    if (error) throw error;
    return 'done';
  }).catch((error) => error);
  return [seen, end];
}

const kAges = 60_000; // a unit that this process does not stand still for

test('what was too slow is tried twice again, with four times the time each', async () => {
  const slow = new TooSlow();
  assert.deepEqual(await paces(kAges, slow), [[kAges, 4 * kAges], 'done']);
  assert.deepEqual(await paces(kAges, slow, slow, slow), [[kAges, 4 * kAges, 16 * kAges], slow]);
});

test('what is wrong fails at once', async () => {
  const wrong = new Error('wrong');
  assert.deepEqual(await paces(kAges, wrong), [[kAges], wrong]);
  assert.deepEqual(await paces(kAges, new TooSlow(), wrong), [[kAges, 4 * kAges], wrong]);
});

test('a failure of an attempt that stood still is tried again', async () => {
  let attempts = 0;
  await atAnyPace(200, async () => {
    attempts += 1;
    if (attempts > 1) return;
    const begun = Date.now();
    await until(() => Date.now() > begun + 50);
    while (Date.now() < begun + 500) continue;
    await until(() => Date.now() > begun + 550);
    throw new Error('the machine was busy');
  });
  assert.equal(attempts, 2);
});

test('a part is in time, or too slow whether it went well or not', async () => {
  const wrong = new Error('wrong');
  const failing = () => Promise.reject(wrong);
  assert.equal(await inTime(Date.now() + kAges, () => 7), 7);
  await assert.rejects(inTime(Date.now() + kAges, failing), wrong);
  await assert.rejects(inTime(Date.now() - 1, () => 7), TooSlow);
  await assert.rejects(inTime(Date.now() - 1, failing), (error) => error instanceof TooSlow && error.cause === wrong);
});
