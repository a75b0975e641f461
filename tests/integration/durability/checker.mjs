// The checker's parts: a writer that knows what was acknowledged to it, and a reader that knows what it saw.
import { randomUUID } from 'node:crypto';

import { until } from '../../support/until.mjs';

// Keeps `inFlight` sends under way. A send without an answer is sent again, with the same clientMessageId,
// on the next connection, as a careful client does.
export class Writer {
  acknowledged = new Map(); // clientMessageId -> the stored message
  refused = [];
  #unanswered = new Map(); // clientMessageId -> content
  #count = 0;

  constructor(stoa, account, roomId, name) {
    Object.assign(this, { stoa, account, roomId, name });
  }

  async connect() {
    this.socket = await this.stoa.connect(this.account.token);
    await this.socket.request('join_room', { roomId: this.roomId });
  }

  #send(id, content) {
    this.#unanswered.set(id, content);
    return this.socket.request('send_message', { roomId: this.roomId, content, clientMessageId: id }).then(
      (message) => {
        this.#unanswered.delete(id);
        this.acknowledged.set(id, message);
      },
      (error) => {
        // A refusal is an answer; a connection that broke is none.
        if (error.code) {
          this.#unanswered.delete(id);
          this.refused.push(error);
        }
        throw error;
      },
    );
  }

  // Floods until the connection breaks.
  flood(inFlight) {
    const lane = async () => {
      try {
        while (this.socket.open) await this.#send(randomUUID(), `${this.name} ${++this.#count}`);
      } catch {
        // The server is gone, or it refused: the test looks at `refused`.
      }
    };
    return Promise.all(Array.from({ length: inFlight }, lane));
  }

  resendUnanswered() {
    return Promise.all([...this.#unanswered].map(([id, content]) => this.#send(id, content)));
  }
}

// Joins with what it has, and drops nothing: every number must come once, in order.
export class Reader {
  seen = []; // sequence numbers in the order in which they came
  contents = new Map();
  #read = 0; // frames of the present connection that were taken

  constructor(stoa, account, roomId) {
    Object.assign(this, { stoa, account, roomId });
  }

  get last() { return this.seen.at(-1) ?? 0; }

  #take(message) {
    this.seen.push(message.seq);
    this.contents.set(message.seq, message.content);
  }

  async connect() {
    this.socket = await this.stoa.connect(this.account.token);
    const entry = await this.socket.request('join_room', { roomId: this.roomId, sinceSeq: this.last });
    // An answer that is not whole has the newest; what lies before them is fetched, oldest first.
    const first = entry.messages[0]?.seq ?? entry.lastSeq + 1;
    while (!entry.complete && this.last < first - 1) {
      const { body } = await this.stoa.api('GET', `/api/messages/room/${this.roomId}?after=${this.last}&limit=100`, { token: this.account.token });
      const page = body.items.filter((m) => m.seq < first).sort((a, b) => a.seq - b.seq);
      if (page.length === 0) throw new Error(`nothing follows ${this.last}`);
      for (const message of page) this.#take(message);
    }
    for (const message of entry.messages) this.#take(message);
    this.#read = 0;
    this.catchUp();
  }

  // Takes what has come over the present connection.
  catchUp() {
    const { received } = this.socket;
    for (; this.#read < received.length; this.#read++) {
      const frame = received[this.#read];
      if (frame.type === 'new_message') this.#take(frame.payload);
    }
  }

  async reach(seq) {
    await until(() => {
      this.catchUp();
      return this.last >= seq;
    }, { what: `sequence number ${seq} (at ${this.last})` });
  }
}
