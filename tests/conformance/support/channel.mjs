// An Engine.IO session as a stream of packets, over either transport: text packets as strings, bytes as Buffers.
// Pings are answered unless a test says otherwise.
import WebSocket from 'ws';

import { Inbox } from '../../support/inbox.mjs';
import { within } from '../../support/until.mjs';
import { get, post } from './http.mjs';
import { kSeparator } from './polling.mjs';

class Packets {
  closed; // resolves to {code} for a WebSocket, to {status} for polling, when the session has ended

  #inbox = new Inbox();
  #close;
  #closedWith;

  constructor() {
    this.closed = new Promise((resolve) => { this.#close = resolve; });
  }

  // All of them, taken or not, pings as well.
  get received() { return this.#inbox.received; }
  take(packet) { this.#inbox.add(packet); }

  end(how) {
    if (this.#closedWith) return;
    this.#closedWith = how;
    this.#inbox.end(new Error(`the session ended: ${JSON.stringify(how)}`));
    this.#close(how);
  }

  // The next packet that no next() has taken.
  next() { return this.#inbox.next(`a packet; so far came ${JSON.stringify(this.received.slice(-20))}`); }

  async several(count) {
    const packets = [];
    while (packets.length < count) packets.push(await this.next());
    return packets;
  }

  untilClosed() { return within(this.closed, { what: 'the session to end' }); }
  get isClosed() { return Boolean(this.#closedWith); }
}

// `heartbeat: false`: pings are not answered, and are packets like others.
export class WebSocketChannel extends Packets {
  ws;

  constructor(url, { heartbeat = true, ...options } = {}) {
    super();
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.ws.on('message', (data, binary) => {
      const packet = binary ? data : data.toString('utf8');
      if (heartbeat && packet === '2') this.ws.send('3', () => {});
      else this.take(packet);
    });
    this.ws.on('close', (code) => this.end({ code }));
    this.ws.on('error', () => {}); // 'close' follows
  }

  static open(url, options) {
    const channel = new WebSocketChannel(url, options);
    const opened = new Promise((resolve, reject) => {
      channel.ws.once('open', () => resolve(channel));
      channel.ws.once('error', reject);
      channel.ws.once('unexpected-response', (request, response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          request.destroy();
          reject(Object.assign(new Error(`the upgrade was answered ${response.statusCode}`), { status: response.statusCode, text: Buffer.concat(chunks).toString() }));
        });
      });
    });
    return within(opened, { what: `a WebSocket to ${url}` });
  }

  send(...packets) { for (const packet of packets) this.ws.send(packet, { binary: typeof packet !== 'string' }, () => {}); }
  // Cuts the connection without a word.
  cut() {
    this.ws.terminate();
    return this.untilClosed();
  }
}

export class PollingChannel extends Packets {
  #address;
  #heartbeat;
  #posts = Promise.resolve();

  static async open(target, query, { heartbeat = true } = {}) {
    const channel = new PollingChannel();
    const answer = await get(target.address(query));
    if (answer.status !== 200) throw Object.assign(new Error(`the handshake was answered ${answer.status}`), answer);
    channel.#heartbeat = heartbeat;
    channel.#address = target.address({ ...query, sid: JSON.parse(answer.text.slice(1)).sid });
    channel.take(answer.text);
    channel.#poll();
    return channel;
  }

  async #poll() {
    for (;;) {
      const answer = await get(this.#address).catch(() => ({ status: 0 }));
      if (answer.status !== 200) return this.end({ status: answer.status });
      for (const packet of answer.text.split(kSeparator)) {
        if (packet === '1') return this.end({ status: 200 });
        if (packet === '2' && this.#heartbeat) this.send('3');
        else if (packet[0] === 'b') this.take(Buffer.from(packet.slice(1), 'base64'));
        else if (packet !== '6') this.take(packet);
      }
    }
  }

  // In order, one POST at a time, as the protocol demands.
  send(...packets) {
    const body = packets.map((packet) => (typeof packet === 'string' ? packet : `b${packet.toString('base64')}`)).join(kSeparator);
    this.#posts = this.#posts.then(() => post(this.#address, body).catch(() => {}));
  }
}

export const kTransports = ['polling', 'websocket'];

// A new session; the open packet has been taken, and is `channel.open`.
export async function openChannel(target, transport, { query, ...options } = {}) {
  const channel = transport === 'polling'
    ? await PollingChannel.open(target, query, options)
    : await WebSocketChannel.open(target.address(query, { ws: true }), options);
  channel.open = JSON.parse((await channel.next()).slice(1));
  return channel;
}
