// WebSocket frames byte by byte (RFC 6455, section 5.2), for those that no library sends.
import net from 'node:net';

import { within } from '../../support/until.mjs';

const kMask = Buffer.from([1, 2, 3, 4]);

// `first`: the byte of FIN, RSV and opcode. `length`: what is claimed, if not the truth.
export function frame(first, payload = '', { masked = true, length } = {}) {
  const data = Buffer.from(payload);
  const claimed = BigInt(length ?? data.length);
  const head = claimed < 126n ? Buffer.alloc(2) : Buffer.alloc(claimed < 65536n ? 4 : 10);
  head[0] = first;
  if (claimed < 126n) head[1] = Number(claimed);
  else if (claimed < 65536n) {
    head[1] = 126;
    head.writeUInt16BE(Number(claimed), 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(claimed, 2);
  }
  if (!masked) return Buffer.concat([head, data]);
  head[1] |= 0x80;
  return Buffer.concat([head, kMask, data.map((byte, at) => byte ^ kMask[at % 4])]);
}

// A WebSocket as a stream of bytes. `frames()`: those that came so far, as [first byte, payload].
export class RawWebSocket {
  #socket;
  #received = Buffer.alloc(0);
  closed;

  static async open(url) {
    const raw = new RawWebSocket();
    const { hostname, port, pathname, search } = new URL(url);
    raw.#socket = net.connect(Number(port), hostname);
    raw.#socket.on('error', () => {}); // 'close' follows
    raw.#socket.on('data', (data) => { raw.#received = Buffer.concat([raw.#received, data]); });
    raw.closed = new Promise((resolve) => { raw.#socket.on('close', resolve); });
    raw.#socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
      + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    return raw;
  }

  write(...chunks) { this.#socket.write(Buffer.concat(chunks)); }
  pause() { this.#socket.pause(); }
  cut() { this.#socket.destroy(); }

  frames() {
    const end = this.#received.indexOf('\r\n\r\n');
    const frames = [];
    for (let at = end + 4; end >= 0 && at + 2 <= this.#received.length;) {
      const short = this.#received[at + 1] & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + head > this.#received.length) break;
      const length = short < 126 ? short : short === 126 ? this.#received.readUInt16BE(at + 2) : Number(this.#received.readBigUInt64BE(at + 2));
      if (at + head + length > this.#received.length) break;
      frames.push([this.#received[at], this.#received.subarray(at + head, at + head + length)]);
      at += head + length;
    }
    return frames;
  }

  messages() { return this.frames().filter(([first]) => first === 0x81).map(([, payload]) => payload.toString()); }
  closeCode() {
    const close = this.frames().find(([first]) => first === 0x88)?.[1];
    return close?.length >= 2 ? close.readUInt16BE(0) : close && 1005;
  }

  untilClosed() { return within(this.closed, { what: 'the connection to close' }); }
}
