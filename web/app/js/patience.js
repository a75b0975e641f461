// What a busy server has refused is tried again: after waits that grow, and that are left to chance for the greater part, so that
// those who were refused together do not come back together.
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

// The server did nothing of what was asked, whatever that was.
export const isBusy = ({ code }) => code === 'OVERLOADED';

// For what may be done twice, such as coming into a room: also where nobody knows whether it was done.
export const isUnable = ({ code }) => code === 'OVERLOADED' || code === 'DB_UNAVAILABLE';

// Before the next try, after so many that were `refused`, and not before the server's own `retryAfter` (seconds).
export function waitMs(refused, retryAfter) {
  const base = WAITS_MS[Math.min(refused, WAITS_MS.length) - 1];
  return (retryAfter ?? 0) * 1000 + base / 2 + Math.random() * base;
}

// Does `work` until it is done, fails in another way, or is no longer `wanted()`. Before each wait `waiting(error)` is told.
export async function patiently(work, { waiting, wanted, again = isBusy }) {
  for (let refused = 1; ; refused += 1) {
    try {
      return await work();
    } catch (error) {
      if (!again(error) || !wanted()) throw error;
      waiting(error);
      await new Promise((resolve) => setTimeout(resolve, waitMs(refused, error.retryAfter)));
      if (!wanted()) throw error;
    }
  }
}
