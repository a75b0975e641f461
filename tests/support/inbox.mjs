// What came over a connection, in order, kept until a test takes it.
import { within } from './until.mjs';

export class Inbox {
  received = []; // everything, taken or not

  #unread = [];
  #waiting = []; // next()s: {matches, resolve, reject}
  #over; // why nothing comes any more

  // `toTake: false`: no next() is to have it.
  add(item, { toTake = true } = {}) {
    this.received.push(item);
    if (!toTake) return;
    const at = this.#waiting.findIndex(({ matches }) => matches(item));
    if (at >= 0) this.#waiting.splice(at, 1)[0].resolve(item);
    else this.#unread.push(item);
  }

  // The first that no next() has taken and that `matches` accepts, whether it came already or comes yet.
  next(what, matches = () => true) {
    const at = this.#unread.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.#unread.splice(at, 1)[0]);
    if (this.#over) return Promise.reject(this.#over);
    const item = new Promise((resolve, reject) => { this.#waiting.push({ matches, resolve, reject }); });
    item.catch(() => {}); // a test may look only later
    return within(item, { what });
  }

  // Nothing comes any more: who waits is told.
  end(error) {
    this.#over = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
