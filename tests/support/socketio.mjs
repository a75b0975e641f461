// The official Socket.IO client with the members of the native Socket (socket.mjs), so that a test can be written
// for either. Each has a connection of its own.
import { io } from 'socket.io-client';

import { Inbox } from './inbox.mjs';
import { SocketError } from './socket.mjs';
import { until, within } from './until.mjs';

export class SocketIo {
  disconnects = []; // reasons
  socket; // of socket.io-client

  #inbox = new Inbox(); // of events, {type, payload, rest}

  constructor(url, options) {
    // Reconnects come at once: what is tested is that they come.
    this.socket = io(url, { forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 50, ...options });
    this.socket.onAny((type, payload, ...rest) => this.#inbox.add({ type, payload, rest }));
    this.socket.on('disconnect', (reason) => this.disconnects.push(reason));
  }

  // Every event, in order.
  get received() { return this.#inbox.received; }
  get engine() { return this.socket.io.engine; }
  get transport() { return this.engine?.transport?.name; }
  get open() { return this.socket.connected; }

  // Resolves when connected, rejects with the client's connect_error.
  connected() {
    if (this.socket.connected) return Promise.resolve(this);
    const { socket } = this;
    const settled = new Promise((resolve, reject) => {
      const done = (settle) => (value) => {
        socket.off('connect', onConnect).off('connect_error', onError);
        settle(value);
      };
      const onConnect = done(() => resolve(this));
      const onError = done(reject);
      socket.on('connect', onConnect).on('connect_error', onError);
    });
    return within(settled, { what: 'a Socket.IO connection' });
  }

  // Emits with an acknowledgement and resolves to its payload; rejects with SocketError, and when the client is
  // disconnected for good.
  async request(type, ...args) {
    const { socket } = this;
    const answer = new Promise((resolve, reject) => {
      const onEnd = (reason) => { if (!socket.active) reject(new Error(`no answer to ${type}: ${reason}`)); };
      socket.on('disconnect', onEnd);
      onEnd(this.disconnects.at(-1));
      socket.emit(type, ...args, (...values) => {
        socket.off('disconnect', onEnd);
        resolve(values);
      });
    });
    const values = await within(answer, { what: `the answer to ${type}` });
    if (values.length !== 1) throw new Error(`${type} was acknowledged with ${values.length} values`);
    if (values[0]?.error) throw new SocketError(type, values[0].error);
    return values[0];
  }

  send(type, ...args) { this.socket.emit(type, ...args); }

  async next(type, predicate = () => true) {
    const event = await this.#inbox.next(`${type}; so far came ${this.types()}`, (one) => one.type === type && predicate(one.payload));
    return event.payload;
  }

  all(type) { return this.received.filter((e) => e.type === type).map((e) => e.payload); }
  types() { return this.received.map((e) => e.type).join(', ') || 'nothing'; }

  disconnected() { return until(() => this.disconnects.at(-1), { what: 'the disconnect' }); }

  close() {
    this.socket.disconnect();
    this.socket.io.engine?.close();
  }
  terminate() { this.close(); }
}

export const kTransportOptions = {
  'default options': {},
  'WebSocket alone': { transports: ['websocket'] },
  'polling alone': { transports: ['polling'] },
};

// A connected client; `token` goes into `auth` as frontends do it.
export function openSocketIo(stoa, token, options = {}) {
  return new SocketIo(stoa.url, { ...(token ? { auth: { token } } : {}), ...options }).connected();
}
