// A stand-in for what a real clamd (clamd.mjs) cannot be made to do: never to answer, to answer late, with an error, with
// nonsense, or to close the connection without a word. It speaks clamd's protocol (clamd(8), the command INSTREAM).
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

// `answer(bytes)`: what is said of a file, perhaps later, or undefined where the connection is closed.
export class ClamdStandIn {
  silent = false;
  #server;
  #sockets = new Set();

  constructor({ answer = () => 'stream: OK' } = {}) {
    this.answer = answer;
    this.path = path.join(mkdtempSync(path.join(tmpdir(), 'clamd-')), 'ctl');
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  get address() { return `unix:${this.path}`; }
  start() { return new Promise((resolve) => { this.#server.listen(this.path, () => resolve(this)); }); }
  stop() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => { this.#server.close(resolve); });
  }

  #serve(socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    let rest = Buffer.alloc(0);
    let begun = false;
    const pieces = [];
    const say = (text) => { if (text === undefined) socket.destroy(); else socket.end(`${text}\0`); };
    socket.on('data', (data) => {
      if (this.silent || socket.writableEnded) return;
      rest = Buffer.concat([rest, data]);
      if (!begun) {
        if (rest.length < 10) return;
        if (rest.subarray(0, 10).toString('latin1') !== 'zINSTREAM\0') { say('UNKNOWN COMMAND'); return; }
        rest = rest.subarray(10);
        begun = true;
      }
      while (rest.length >= 4) {
        const length = rest.readUInt32BE(0);
        if (length === 0) {
          const bytes = Buffer.concat(pieces);
          Promise.resolve(this.answer(bytes)).then(say);
          return;
        }
        if (rest.length < 4 + length) return;
        pieces.push(rest.subarray(4, 4 + length));
        rest = rest.subarray(4 + length);
      }
    });
  }
}
