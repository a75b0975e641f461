// The messages of one room that this page knows, in their order, plus those that are still on their way.
export class Timeline {
  #bySeq = new Map();
  #ids = new Map();
  pending = []; // {clientMessageId, content, replyTo, failed, error, createdAt}

  get messages() {
    return [...this.#bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  get first() {
    return this.#bySeq.size ? Math.min(...this.#bySeq.keys()) : null;
  }

  get last() {
    return this.#bySeq.size ? Math.max(...this.#bySeq.keys()) : 0;
  }

  byId(id) {
    return this.#ids.get(id) ?? null;
  }

  // Adds or renews; true when it was not known before.
  put(message) {
    const fresh = !this.#bySeq.has(message.seq);
    this.#bySeq.set(message.seq, message);
    this.#ids.set(message.id, message);
    return fresh;
  }

  addPending(entry) {
    this.pending.push(entry);
  }

  // By the id of the send, or, when its echo comes before the ack, by what was said.
  settle({ clientMessageId, content }) {
    const at = this.pending.findIndex((entry) =>
      clientMessageId ? entry.clientMessageId === clientMessageId : !entry.failed && entry.content === content,
    );
    if (at >= 0) this.pending.splice(at, 1);
    return at >= 0;
  }

  // The seq up to which nothing is missing, counted from `seq`.
  wholeFrom(seq) {
    let whole = seq;
    while (this.#bySeq.has(whole + 1)) whole += 1;
    return whole;
  }
}
