// A client of the native protocol over `ws`: requests with their acknowledgement, and events kept in
// order until a test takes them.
import WebSocket from 'ws';

import { Inbox } from './inbox.mjs';
import { within } from './until.mjs';

// An `error` answer to a request.
export class SocketError extends Error {
  constructor(type, payload) {
    super(`${type}: ${payload?.code}: ${payload?.message}`);
    this.code = payload?.code;
    this.details = payload?.details;
    this.payload = payload;
  }
}

export class Socket {
  #ws;
  #closed;
  #inbox = new Inbox(); // of frames
  #nextId = 1;
  #over; // why no request is answered any more
  #pending = new Map(); // request id -> {resolve, reject, type}

  constructor(ws) {
    this.#ws = ws;
    ws.on('message', (data, binary) => this.#take(binary ? data : data.toString('utf8')));
    ws.on('error', () => {}); // 'close' follows and tells
    this.#closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        const end = { code, reason: reason.toString('utf8') };
        const error = this.#over = new Error(`the socket closed with ${code} ${end.reason}`);
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
        this.#inbox.end(error);
        resolve(end);
      });
    });
  }

  get ws() { return this.#ws; }
  // Resolves to {code, reason} once the connection is over.
  get closed() { return within(this.#closed, { what: `the end of a socket; so far came ${this.types()}` }); }
  // Every frame, in order.
  get received() { return this.#inbox.received; }
  get open() { return this.#ws.readyState === WebSocket.OPEN; }

  #take(text) {
    const frame = JSON.parse(text);
    const request = frame.type === 'ack' || frame.type === 'error' ? this.#pending.get(frame.id) : undefined;
    this.#inbox.add(frame, { toTake: !request });
    if (!request) return;
    this.#pending.delete(frame.id);
    if (frame.type === 'ack') request.resolve(frame.payload);
    else request.reject(new SocketError(request.type, frame.payload));
  }

  // Sends an event and resolves to the payload of its acknowledgement; rejects with SocketError.
  request(type, payload = {}) {
    if (this.#over) return Promise.reject(this.#over);
    const id = this.#nextId++;
    const answer = new Promise((resolve, reject) => { this.#pending.set(id, { resolve, reject, type }); });
    answer.catch(() => {}); // a test may look only later
    this.sendRaw(JSON.stringify({ type, payload, id }));
    return within(answer, { what: `the answer to ${type}` });
  }

  // Sends an event that asks for no answer.
  send(type, payload = {}) { this.sendRaw(JSON.stringify({ type, payload })); }
  sendRaw(data, options) { this.#ws.send(data, options, () => {}); }

  // The payload of the first event of that type that no next() has taken and that `predicate` accepts,
  // whether it came already or comes yet.
  async next(type, predicate = () => true) {
    const frame = await this.#inbox.next(`${type}; so far came ${this.types()}`, (one) => one.type === type && predicate(one.payload));
    return frame.payload;
  }

  // What came of a type so far, taken or not.
  all(type) { return this.received.filter((f) => f.type === type).map((f) => f.payload); }
  types() { return this.received.map((f) => f.type).join(', ') || 'nothing'; }

  // Stops and goes on reading from the kernel, as a slow reader does.
  pause() { this.#ws.pause(); }
  resume() { this.#ws.resume(); }

  close(code = 1000) {
    this.#ws.close(code);
    return this.closed;
  }
  // Cuts the connection without a closing handshake.
  terminate() {
    this.#ws.terminate();
    return this.closed;
  }
}

// What a refused upgrade was answered.
export class UpgradeRefused extends Error {
  constructor(status, headers, body) {
    super(`the upgrade was answered ${status} ${body}`);
    Object.assign(this, { status, headers, body });
  }
}

// `via`: how the token is given: header, query, subprotocol, event, or none of these without a token. `query`: more
// parameters of the address.
export function openSocket(url, token, { via = 'header', origin, headers = {}, protocols = [], query = {}, ...options } = {}) {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  const given = { ...headers };
  const offered = [...protocols];
  if (token && via === 'header') given.authorization = `Bearer ${token}`;
  if (token && via === 'query') target.searchParams.set('token', token);
  if (token && via === 'subprotocol') offered.push('stoa.v1', `bearer.${token}`);
  const ws = new WebSocket(target, offered, { headers: given, origin, perMessageDeflate: false, ...options });
  const socket = new Socket(ws); // listens before the first frame can come
  const opened = new Promise((resolve, reject) => {
    ws.once('open', () => resolve(socket));
    ws.once('error', reject);
    ws.once('unexpected-response', (_, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (d) => { body += d; });
      response.on('end', () => {
        ws.terminate();
        reject(new UpgradeRefused(response.statusCode, response.headers, body));
      });
    });
  });
  const ready = token && via === 'event'
    ? opened.then(() => socket.request('authenticate', { token })).then(() => socket)
    : opened;
  return within(ready, { what: `a socket to ${target.origin}` });
}
