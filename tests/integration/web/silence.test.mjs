// How the page's socket notices that its line was cut without a word: it asks, since it cannot see WebSocket's pings.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';

// What the page has of a browser.
class FakeWebSocket extends EventEmitter {
  static OPEN = 1;
  static CLOSING = 2;
  static all = [];
  readyState = 0;
  sent = [];

  constructor() {
    super();
    FakeWebSocket.all.push(this);
  }
  addEventListener(type, listener) { this.on(type, listener); }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = FakeWebSocket.CLOSING; }
  open() {
    this.readyState = FakeWebSocket.OPEN;
    this.emit('open');
  }
  say(frame) { this.emit('message', { data: JSON.stringify(frame) }); }
}

// Time that passes when it is told to.
class Clock {
  #now = 0;
  #next = 1;
  #timers = new Map(); // {at, run} by their id

  set(run, ms) {
    this.#timers.set(this.#next, { at: this.#now + ms, run });
    return this.#next++;
  }
  clear(id) { this.#timers.delete(id); }
  tick(ms) {
    this.#now += ms;
    for (const [id, { at, run }] of this.#timers) {
      if (at > this.#now) continue;
      this.#timers.delete(id);
      run();
    }
  }
}

Object.assign(globalThis, { WebSocket: FakeWebSocket, addEventListener() {}, document: { addEventListener() {} }, location: new URL('http://127.0.0.1/') });
const { StoaSocket } = await import('../../../web/app/js/socket.js');

const { setTimeout, clearTimeout } = globalThis;
let clock;
beforeEach(() => {
  clock = new Clock();
  Object.assign(globalThis, { setTimeout: (run, ms) => clock.set(run, ms), clearTimeout: (id) => clock.clear(id) });
});
afterEach(() => Object.assign(globalThis, { setTimeout, clearTimeout }));

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

async function openSocket() {
  const socket = new StoaSocket({ accessToken: async () => 'token', renewsIn: () => 3600_000, get: async () => {} });
  socket.connect();
  await settled();
  const line = FakeWebSocket.all.at(-1);
  line.open();
  await settled();
  return { socket, line };
}

test('a line that falls silent is lost within 45 seconds', async () => {
  const { socket, line } = await openSocket();
  let passed = 0;
  for (; socket.state === 'open' && passed < 60; passed += 1) clock.tick(1000);
  assert.deepEqual(line.sent.map(({ type }) => type), ['heartbeat']);
  assert.ok(passed <= 45, `${passed} s`);
  assert.equal(socket.state, 'waiting');
  socket.disconnect();
});

test('one whose heartbeats are answered stays, and one that is busy asks nothing', async () => {
  const { socket, line } = await openSocket();
  let answered = 0;
  for (let passed = 0; passed < 300; passed += 1) {
    clock.tick(1000);
    for (; answered < line.sent.length; answered += 1) line.say({ type: 'ack', id: line.sent[answered].id, payload: {} });
    await settled();
  }
  assert.equal(socket.state, 'open');
  assert.ok(answered >= 10 && answered <= 15, `${answered} heartbeats`);
  for (let passed = 0; passed < 300; passed += 1) {
    clock.tick(1000);
    line.say({ type: 'user_typing', payload: {} });
  }
  assert.equal(line.sent.length, answered);
  socket.disconnect();
});
