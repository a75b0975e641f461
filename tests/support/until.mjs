// How tests wait: for a condition, never for a time. A test goes on as soon as its condition holds, however long the
// machine takes, so no wait has a limit of its own: kPatience only ends one whose condition never comes.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export const kPatience = 120_000; // milliseconds

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// What was waited for never came.
class GaveUp extends Error {
  constructor(what) { super(`gave up waiting for ${what} after ${kPatience} ms`); }
}

// Polls `condition` (it may be asynchronous) until it returns something truthy, and returns that.
// `what` completes the sentence "gave up waiting for ...".
export async function until(condition, { what = 'a condition', every = 20 } = {}) {
  const end = performance.now() + kPatience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() >= end) throw new GaveUp(what);
    await pause(every);
  }
}

// Rejects when `promise` is never settled.
export function within(promise, { what = 'an answer' } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new GaveUp(what)), kPatience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// For what a test must do before some time is over (a token's life, a heartbeat): runs `attempt` with a unit of time
// in milliseconds and, when the machine was too slow for it, again with one four times as long, and again. Too slow is
// what inTime() says, and any failure of an attempt in which this process stood still for half of the unit. All other
// failures are thrown at once: a race that is lost now and then is no matter of pace. An attempt starts what it
// needs anew and ends it.
export async function atAnyPace(unit, attempt) {
  for (let pace = unit; ; pace *= 4) {
    const standstill = monitorEventLoopDelay({ resolution: 10 });
    standstill.enable();
    try {
      return await attempt(pace);
    } catch (error) {
      const wasSlow = error instanceof TooSlow || (!(error instanceof GaveUp) && standstill.max / 1e6 > pace / 2);
      if (!wasSlow || pace >= 16 * unit) throw error;
      console.error(`too slow for a pace of ${pace} ms, to be tried at ${4 * pace} ms:`, error);
    } finally {
      standstill.disable();
    }
  }
}

export class TooSlow extends Error {}

// The part of an attempt that is to be over at `end` (as Date.now() counts). TooSlow when it is not, whether it went
// well or, for that reason, did not; what fails sooner, or never comes, fails.
export async function inTime(end, part) {
  const late = (cause) => new TooSlow(`${Date.now() - end} ms too late`, { cause });
  let value;
  try {
    value = await part();
  } catch (error) {
    throw Date.now() < end || error instanceof GaveUp || error instanceof TooSlow ? error : late(error);
  }
  if (Date.now() >= end) throw late();
  return value;
}
