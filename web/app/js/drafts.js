// What one person has written in each room and not sent yet: the text in the composer, and messages on their way. Kept in
// localStorage under the person's id, so that it outlives going elsewhere, a reload and a sign-out, and nobody else who signs in
// here is shown it. Read anew before each change, since other tabs write as well.
const PREFIX = 'stoa.unsent.';
const ROOMS = 100; // of one person; what was touched longest ago goes first

export class Drafts {
  #key;
  #prefix;

  constructor(userId, roomId) {
    this.#prefix = `${PREFIX}${userId}.`;
    this.#key = this.#prefix + roomId;
  }

  // {text, replyTo: {id, senderName, content} | null, pending: [{clientMessageId, content, replyTo, at, failed, error}]}
  read() {
    return { text: '', replyTo: null, pending: [], ...parse(localStorage.getItem(this.#key)) };
  }

  // False when the browser has no space for it.
  keepText(text, replyTo) {
    const reply = replyTo && { id: replyTo.id, senderName: replyTo.senderName, content: replyTo.content };
    return this.#write({ ...this.read(), text, replyTo: reply });
  }

  keepPending(entry) {
    const kept = this.read();
    const others = kept.pending.filter((other) => other.clientMessageId !== entry.clientMessageId);
    return this.#write({ ...kept, pending: [...others, entry] });
  }

  dropPending(clientMessageId) {
    const kept = this.read();
    const pending = kept.pending.filter((entry) => entry.clientMessageId !== clientMessageId);
    if (pending.length < kept.pending.length) this.#write({ ...kept, pending });
  }

  #write(value) {
    try {
      if (!value.text && !value.replyTo && value.pending.length === 0) localStorage.removeItem(this.#key);
      else localStorage.setItem(this.#key, JSON.stringify({ ...value, touched: Date.now() }));
      this.#forgetOld();
      return true;
    } catch {
      return false;
    }
  }

  #forgetOld() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
    if (keys.length <= ROOMS) return;
    const touched = (key) => parse(localStorage.getItem(key)).touched ?? 0;
    keys.sort((a, b) => touched(a) - touched(b));
    for (const key of keys.slice(0, keys.length - ROOMS)) localStorage.removeItem(key);
  }
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
