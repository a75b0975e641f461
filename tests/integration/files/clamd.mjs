// A private clamd on a Unix socket, as Debian packages it, whose database knows one thing: EICAR's text, which is made to be found
// and does no harm.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

import { until } from '../../support/until.mjs';

// In two halves, so that no scanner finds it here.
export const kEicar = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-${'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`;

export class Clamd {
  #folder = mkdtempSync(path.join(tmpdir(), 'clamd-'));
  #child;
  #exited;
  #log = '';

  // `most`: StreamMaxLength, in bytes.
  constructor({ most = 1 << 20 } = {}) {
    mkdirSync(path.join(this.#folder, 'db'));
    // clamav's signatures by content: name, any type of file, any offset, bytes.
    writeFileSync(path.join(this.#folder, 'db', 'eicar.ndb'), `Eicar-Test:0:*:${Buffer.from(kEicar).toString('hex')}\n`);
    this.allow(most);
  }

  get #socket() { return path.join(this.#folder, 'ctl'); }
  get address() { return `unix:${this.#socket}`; }

  // From its next start on.
  allow(most) {
    writeFileSync(path.join(this.#folder, 'clamd.conf'), [
      `LocalSocket ${this.#socket}`, 'FixStaleSocket yes', `DatabaseDirectory ${path.join(this.#folder, 'db')}`,
      `TemporaryDirectory ${this.#folder}`, `User ${userInfo().username}`, 'Foreground yes', `StreamMaxLength ${most}`, 'AlertExceedsMax yes', '',
    ].join('\n'));
  }

  async start() {
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'clamd', '-c', path.join(this.#folder, 'clamd.conf')], {
      cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.setEncoding('utf8').on('data', (text) => { this.#log += text; });
    this.#exited = new Promise((resolve) => { this.#child.once('close', resolve).once('error', (error) => { this.#log += error; resolve(); }); });
    const answers = () => new Promise((resolve) => {
      const socket = createConnection(this.#socket, () => socket.write('zPING\0'));
      socket.on('data', (data) => { socket.destroy(); resolve(data.includes('PONG')); }).on('error', () => resolve(false));
    });
    try {
      await until(answers, { what: 'clamd to answer', every: 20 });
    } catch (error) {
      await this.stop();
      throw new Error(`${error.message}\n${this.#log}`);
    }
    return this;
  }

  // Stops it where it stands, with nothing under way, so that what comes next stays half done; kill() ends it all the same.
  async freeze() {
    await until(() => this.isAsked() === false, { what: 'clamd to be idle' });
    this.#child.kill('SIGSTOP');
  }

  // Whether anybody is connected to it (proc(5), /proc/net/unix): beside the socket it listens at.
  isAsked() { return readFileSync('/proc/net/unix', 'utf8').split('\n').filter((line) => line.endsWith(` ${this.#socket}`)).length > 1; }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async stop() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
