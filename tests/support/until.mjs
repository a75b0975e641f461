// How tests wait: for a condition, never for a time. A test goes on as soon as its condition holds, however long the
// machine takes, so no wait has a limit of its own: kPatience only ends one whose condition never comes.

export const kPatience = 120_000; // milliseconds

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Polls `condition` (it may be asynchronous) until it returns something truthy, and returns that.
// `what` completes the sentence "gave up waiting for ...".
export async function until(condition, { what = 'a condition', every = 20 } = {}) {
  const end = performance.now() + kPatience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() >= end) throw new Error(`gave up waiting for ${what} after ${kPatience} ms`);
    await pause(every);
  }
}

// Rejects when `promise` is never settled.
export function within(promise, { what = 'an answer' } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`gave up waiting for ${what} after ${kPatience} ms`)), kPatience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// For what a test must do before some time is over (a token's life, a heartbeat): runs `attempt` with a unit of time
// in milliseconds and, when the machine was too slow for it, again with one four times as long, and again. What is
// wrong rather than slow fails at every pace. An attempt starts what it needs anew and ends it.
export async function atAnyPace(unit, attempt) {
  for (const pace of [unit, 4 * unit]) {
    try {
      return await attempt(pace);
    } catch (error) {
      console.error(`failed at a pace of ${pace} ms, to be tried at ${4 * pace} ms: ${error.stack}`);
    }
  }
  return attempt(16 * unit);
}
