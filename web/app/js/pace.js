// Sends in order, but never faster than the server allows one connection (50 events a second, bursts of
// 100): whoever comes into a large call has a hundred candidates to send at once.
const PER_SECOND = 40;
const BURST = 60; // leaves room for chat beside it

export class Pace {
  #queue = [];
  #tokens = BURST;
  #filled = Date.now();
  #timer = null;

  push(send) {
    this.#queue.push(send);
    this.#flush();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }

  #flush() {
    if (this.#timer) return;
    const now = Date.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filled) / 1000) * PER_SECOND);
    this.#filled = now;
    while (this.#queue.length && this.#tokens >= 1) {
      this.#tokens -= 1;
      this.#queue.shift()();
    }
    if (!this.#queue.length) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, 1000 / PER_SECOND);
  }
}
