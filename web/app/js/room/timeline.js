// The messages of one room that this page knows, in their order, plus those that are still on their way.
export class Timeline {
  messages = []; // by seq, growing; the server's numbers have no gaps, what is here may
  pending = []; // {clientMessageId, content, replyTo, at, failed, error}
  #ids = new Map();

  get first() {
    return this.messages[0]?.seq ?? null;
  }

  get last() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  byId(id) {
    return this.#ids.get(id) ?? null;
  }

  // Adds or renews; true when it was not known before.
  put(message) {
    const at = this.#place(message.seq);
    const fresh = this.messages[at]?.seq !== message.seq;
    this.messages.splice(at, fresh ? 0 : 1, message);
    this.#ids.set(message.id, message);
    return fresh;
  }

  // For changes of a message, which do not matter to a page that has not loaded it.
  renew(message) {
    if (this.#ids.has(message.id)) this.put(message);
  }

  keepNewest(count) {
    for (const { id } of this.messages.splice(0, this.messages.length - count)) this.#ids.delete(id);
  }

  addPending(entry) {
    this.pending.push(entry);
  }

  settle({ clientMessageId }) {
    const at = this.pending.findIndex((entry) => entry.clientMessageId === clientMessageId);
    if (at >= 0) this.pending.splice(at, 1);
  }

  // The seq up to which nothing is missing, counted from `seq`.
  wholeFrom(seq) {
    let whole = seq;
    for (let at = this.#place(seq + 1); this.messages[at]?.seq === whole + 1; at += 1) whole += 1;
    return whole;
  }

  // Where a message of that seq stands or would stand; looked for from the end, where new ones belong.
  #place(seq) {
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1].seq >= seq) at -= 1;
    return at;
  }
}
