// Waiting for a condition, never for a time.

export const kDeadline = 10_000; // milliseconds; generous, since sanitizers and small machines are slow

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Polls `condition` (it may be asynchronous) until it returns something truthy, and returns that.
// `what` completes the sentence "gave up waiting for ...".
export async function until(condition, { what = 'a condition', deadline = kDeadline, every = 20 } = {}) {
  const end = Date.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() >= end) throw new Error(`gave up waiting for ${what} after ${deadline} ms`);
    await pause(every);
  }
}

// Rejects when `promise` is not settled by the deadline.
export function within(promise, { what = 'an answer', deadline = kDeadline } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`gave up waiting for ${what} after ${deadline} ms`)), deadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
