// A PeerServer to speak to: Stoa's, or with STOA_CONFORMANCE_TARGET=reference that of npm's peer; and a peer that
// speaks its wire without PeerJS.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';

import { Inbox } from '../../support/inbox.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until, within } from '../../support/until.mjs';

export const isReference = process.env.STOA_CONFORMANCE_TARGET === 'reference';

// Times in milliseconds. `path` is where the HTTP side and the WebSocket below it are.
const kOptions = { path: '/peerjs', key: 'peerjs', allow_discovery: false, concurrent_limit: 5000, expire_timeout: 5000, alive_timeout: 90_000 };

export async function startPeerServer(options = {}) {
  const all = { ...kOptions, ...options };
  if (isReference) return startReference(all);
  const stoa = await startStoa({
    config: { peerserver: { ...all, expire_timeout: `${all.expire_timeout}ms`, alive_timeout: `${all.alive_timeout}ms` } },
  });
  return { origin: stoa.url, base: stoa.url + all.path, stoa, stop: () => stoa.stop() };
}

async function startReference(options) {
  const program = fileURLToPath(new URL('../reference/peerserver.mjs', import.meta.url));
  const given = JSON.stringify({ ...options, cleanup_out_msgs: Math.min(1000, options.expire_timeout / 4) });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, program, given], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { output += text; });
  const port = await until(() => /listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1], { what: 'the reference to listen' });
  const exited = new Promise((resolve) => { child.on('close', resolve); });
  const origin = `http://127.0.0.1:${port}`;
  return { origin, base: origin + options.path, stop: () => { child.kill(); return exited; } };
}

// Where a client whose `path` is the server's opens its socket. An undefined member of `query` is left out.
export function socketUrl(server, query, path = '/peerjs') {
  const given = Object.entries({ key: 'peerjs', ...query }).filter(([, value]) => value !== undefined);
  return `${server.base.replace('http', 'ws')}${path}?${new URLSearchParams(given)}`;
}

export class Peer {
  closed; // resolves to the code; never rejects

  #inbox = new Inbox(); // of frames, as text
  #marks = new Map(); // what settled() waits for
  #opened;
  #ws;

  constructor(url, options) {
    this.#ws = new WebSocket(url, options);
    this.#ws.on('message', (data, binary) => this.#take(binary ? data : data.toString('utf8')));
    this.#ws.on('error', (error) => { this.error = error; });
    this.#opened = new Promise((resolve) => { this.#ws.once('open', resolve).once('error', resolve); });
    this.closed = new Promise((resolve) => {
      this.#ws.on('close', (code) => {
        this.#inbox.end(new Error(`the socket closed with ${code}`));
        resolve(code);
      });
    });
  }

  // Every frame, in order.
  get received() { return this.#inbox.received; }
  get open() { return this.#ws.readyState === WebSocket.OPEN; }

  #take(frame) {
    const mark = this.#marks.size > 0 && [...this.#marks.keys()].find((one) => frame.includes(one));
    if (mark) this.#marks.get(mark)();
    else this.#inbox.add(frame);
  }

  async connected() {
    await within(this.#opened, { what: 'the socket to open' });
    if (this.error) throw this.error;
    return this;
  }

  // The next frame that no next() has taken.
  next() { return this.#inbox.next('a frame'); }

  send(message) { this.raw(JSON.stringify(message)); }
  raw(data, options = {}) { this.#ws.send(data, options, () => {}); }
  end() { return within(this.closed, { what: 'the socket to close' }); }
  pause() { this.#ws.pause(); }
  resume() { this.#ws.resume(); }
  async close() {
    this.#ws.close();
    await this.end();
  }
  terminate() { this.#ws.terminate(); }

  // What was sent before has been worked off once a message to oneself is back. Only for a peer with an id.
  async settled() {
    const mark = `mark-${randomUUID()}`;
    const back = new Promise((resolve) => { this.#marks.set(mark, resolve); });
    this.send({ type: 'ANSWER', dst: this.id, payload: mark });
    await within(back, { what: 'one\'s own message' });
    this.#marks.delete(mark);
  }
}

// A peer that has its id.
export async function openPeer(server, id, { token = `token of ${id}`, path, ...query } = {}, options) {
  const peer = new Peer(socketUrl(server, { id, token, ...query }, path), options);
  peer.id = id;
  const first = await peer.connected().then(() => peer.next());
  if (first !== '{"type":"OPEN"}') throw new Error(`the first frame was ${first}`);
  return peer;
}

// The peers of one test: end() lets go of them, and waits until the server has let go of their ids.
export class Peers {
  #server;
  #peers = [];

  // `server`: as startPeerServer() makes it; may still be empty.
  constructor(server) { this.#server = server; }

  async open(id, query, options) { return this.#kept(await openPeer(this.#server, id, query, options)); }
  connect(query, path) { return this.#kept(new Peer(socketUrl(this.#server, query, path))); }

  async end() {
    const peers = this.#peers.splice(0);
    for (const peer of peers) peer.terminate();
    await Promise.all(peers.map((peer) => peer.closed));
    // The server notices a little later; until then the ids are taken, and count.
    const { stoa } = this.#server;
    if (stoa) await until(async () => (await stoa.metric('stoa_peerserver_ids')) === 0, { what: 'the ids to be free' });
  }

  #kept(peer) {
    this.#peers.push(peer);
    return peer;
  }
}
