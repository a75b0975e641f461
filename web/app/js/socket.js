// The native protocol: one WebSocket for the whole app. Requests are answered by id; rooms that were joined
// are joined again after a reconnect from the last sequence number seen, and doubles are dropped here, so
// that a room's subscriber hears every message once and in order.
import { isUnable, patiently } from './patience.js';

const REQUEST_TIMEOUT_MS = 10_000;
// Silence after which the server is asked whether it is there: a line that was cut without a word is known for dead
// after both times.
const QUIET_MS = 20_000;
const BACKOFF_MS = [300, 800, 2_000, 5_000, 10_000, 20_000];
const BAD_TOKEN = 4401;
const RENEWAL_MS = { min: 1_000, max: 12 * 3600_000 };

export class SocketError extends Error {
  constructor({ code, message, details } = {}) {
    super(message || 'The server refused that.');
    this.code = code || 'UNKNOWN';
    this.details = details || {};
    this.retryAfter = this.details.retryAfter ?? null;
  }
}

export class StoaSocket {
  #api;
  #socket = null;
  #state = 'idle';
  #attempt = 0;
  #timer = null;
  #renewal = null;
  #quiet = null;
  #wanted = false;
  #nextId = 1;
  #pending = new Map();
  #listeners = new Map();
  #rooms = new Map();
  #hold = 0;
  // Counts openings, so that one which waited for a token while another began gives up.
  #opening = 0;

  constructor(api) {
    this.#api = api;
    addEventListener('online', () => this.#retryNow());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#retryNow();
    });
  }

  // 'idle' (not wanted), 'connecting' (first try), 'open', 'waiting' (lost, will try again).
  get state() {
    return this.#state;
  }

  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type)?.delete(listener);
  }

  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#open();
  }

  disconnect() {
    this.#wanted = false;
    this.#opening += 1;
    clearTimeout(this.#timer);
    this.#rooms.clear();
    this.#drop();
    this.#setState('idle');
  }

  // Resolves with the ack's payload, rejects with a SocketError.
  request(type, payload, timeout = REQUEST_TIMEOUT_MS) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new SocketError({ code: 'DISCONNECTED', message: 'Not connected.' }));
    }
    const id = String(this.#nextId++);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new SocketError({ code: 'TIMEOUT', message: 'No answer.' }));
        // An open connection that does not answer is a dead one that nobody has told us about.
        this.#socket?.close(4000, 'no answer');
        this.#lost();
      }, timeout);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ type, payload, id, timestamp: Date.now() }));
    });
  }

  // For what needs no answer (typing, candidates): lost while disconnected.
  notify(type, payload) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type, payload, timestamp: Date.now() }));
    }
  }

  // Of a room that one is a member of. `room` gets: joined(ack, resumed), message(message), gap(afterSeq), waiting(error) before
  // each wait for a server that cannot let it in now, refused(error).
  async joinRoom(roomId, room) {
    const entry = { room, lastSeq: 0, joined: false };
    this.#rooms.set(roomId, entry);
    try {
      await this.#join(roomId, entry);
    } catch (error) {
      if (this.#rooms.get(roomId) === entry) this.#rooms.delete(roomId);
      throw error;
    }
  }

  // Also while it is being joined.
  async leaveRoom(roomId) {
    if (!this.#rooms.delete(roomId)) return;
    await this.request('leave_room', { roomId }).catch(() => {});
  }

  // For the message in the ack of one's own send: it goes the same way as those of others.
  accept(message) {
    this.#message(message);
  }

  async #join(roomId, entry) {
    const resumed = entry.joined;
    const payload = { roomId, asMember: true, ...(resumed && { sinceSeq: entry.lastSeq }) };
    const socket = this.#socket;
    const wanted = () => this.#socket === socket && this.#rooms.get(roomId) === entry;
    const waiting = (error) => entry.room.waiting(error);
    let ack = null;
    try {
      ack = await patiently(() => this.request('join_room', payload), { waiting, wanted, again: isUnable });
    } catch (error) {
      if (isUnable(error)) throw new SocketError({ code: 'DISCONNECTED', message: 'Nobody waits for it any more.' });
      throw error;
    }
    if (this.#rooms.get(roomId) !== entry) return;
    entry.joined = true;
    const fresh = ack.messages.filter((message) => !resumed || message.seq > entry.lastSeq);
    const missedFrom = resumed && ack.complete === false ? entry.lastSeq : null;
    entry.lastSeq = Math.max(entry.lastSeq, ack.lastSeq);
    entry.room.joined({ ...ack, messages: fresh }, resumed);
    if (missedFrom !== null) entry.room.gap(missedFrom);
  }

  async #open() {
    clearTimeout(this.#timer);
    this.#drop();
    const opening = ++this.#opening;
    if (this.#state !== 'waiting') this.#setState('connecting');
    let token = null;
    try {
      token = await this.#api.accessToken();
    } catch {
      if (opening === this.#opening) this.#lost();
      return;
    }
    if (opening !== this.#opening || !this.#wanted || !token) return;
    const url = new URL('/ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, ['stoa.v1', `bearer.${token}`]);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener('open', () => {
      if (this.#socket !== socket) return;
      opened = true;
      this.#opened();
    });
    socket.addEventListener('message', (event) => {
      if (this.#socket === socket) this.#receive(event.data);
    });
    socket.addEventListener('close', (event) => {
      if (this.#socket !== socket) return;
      // A refused upgrade says nothing to a page. Asking REST tells: a bad token or a suspended account signs out there.
      if (event.code === BAD_TOKEN || !opened) this.#api.get('/api/users/me').catch(() => {});
      this.#lost();
    });
  }

  async #opened() {
    this.#attempt = 0;
    this.#setState('open');
    const socket = this.#socket;
    this.#renewInTime(socket);
    this.#listen();
    for (const [roomId, entry] of this.#rooms) {
      if (!entry.joined) continue;
      try {
        await this.#join(roomId, entry);
      } catch (error) {
        if (this.#socket !== socket) return;
        if (this.#rooms.get(roomId) !== entry) continue; // left meanwhile
        this.#rooms.delete(roomId);
        entry.room.refused(error);
      }
    }
    if (this.#socket === socket) this.#emit('ready', {});
  }

  // A socket ends with the token that it was opened with, so a newer one is sent over it in time.
  #renewInTime(socket) {
    const wait = Math.min(Math.max(this.#api.renewsIn(), RENEWAL_MS.min), RENEWAL_MS.max);
    this.#renewal = setTimeout(async () => {
      try {
        const token = await this.#api.accessToken();
        if (this.#socket !== socket) return;
        await this.request('authenticate', { token });
      } catch {
        return; // the server closes the socket when its token ends, and the next one is opened as ever
      }
      if (this.#socket === socket) this.#renewInTime(socket);
    }, wait);
  }

  // Anew with whatever comes. No answer closes the connection, as with any request.
  #listen() {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.request('heartbeat', {}).catch(() => {}), QUIET_MS);
  }

  #receive(text) {
    this.#listen();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    const { type, payload } = frame;
    const pending = frame.id === undefined ? null : this.#pending.get(String(frame.id));
    if (pending && (type === 'ack' || type === 'error')) {
      this.#pending.delete(String(frame.id));
      clearTimeout(pending.timer);
      if (type === 'ack') pending.resolve(payload ?? {});
      else pending.reject(new SocketError(payload));
      return;
    }
    if (type === 'server_closing') this.#hold = Number(payload?.reconnectInMs) || 0;
    if (type === 'new_message') this.#message(payload);
    else this.#emit(type, payload);
  }

  #message(message) {
    const entry = this.#rooms.get(message.roomId);
    if (!entry || (entry.joined && message.seq <= entry.lastSeq)) return;
    const missed = entry.joined && message.seq > entry.lastSeq + 1 ? entry.lastSeq : null;
    if (entry.joined) entry.lastSeq = message.seq;
    entry.room.message(message);
    if (missed !== null) entry.room.gap(missed);
  }

  #lost() {
    this.#drop();
    if (!this.#wanted) return;
    const base = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)];
    this.#attempt += 1;
    // Half fixed, half random: a restarted server is not met by everyone at once.
    const delay = this.#hold + base / 2 + Math.random() * base;
    this.#hold = 0;
    this.#setState('waiting');
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  #retryNow() {
    if (this.#wanted && this.#state === 'waiting') this.#open();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#renewal);
    clearTimeout(this.#quiet);
    if (socket && socket.readyState < WebSocket.CLOSING) socket.close(1000);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new SocketError({ code: 'DISCONNECTED', message: 'The connection was lost.' }));
    }
    this.#pending.clear();
  }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit('state', state);
  }

  #emit(type, payload) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(payload);
  }
}
