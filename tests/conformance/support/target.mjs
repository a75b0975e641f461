// The server that the tests of this folder speak to: wire_echo, Stoa's codecs with handlers of their own, or,
// with STOA_CONFORMANCE_TARGET=reference, the same handlers on the npm packages. The tests hold for both, so that
// what they demand is what clients know. STOA_WIRE_ECHO: the binary; scripts/test sets it.
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { required } from '../../support/database.mjs';
import { cpuTimeOf, memoryOf } from '../../support/process.mjs';
import { assertNoReport } from '../../support/sanitizers.mjs';
import { until } from '../../support/until.mjs';

export const isReference = process.env.STOA_CONFORMANCE_TARGET === 'reference';

// For tests that do not look at the server's times: a slow machine must not end their sessions.
export const kPatient = { 'ping-interval': 60_000, 'ping-timeout': 60_000, 'connect-timeout': 60_000, 'upgrade-timeout': 60_000 };

const kPaths = { engineio: '/engine.io/', socketio: '/socket.io/', bodies: '/', jobs: '/' };

// A test of what Stoa means to do otherwise than the reference, or better; `because` says what the reference does.
export function testOurs(because, name, ...rest) {
  if (!because) throw new Error('a deviation needs its reason');
  if (!isReference) test(name, ...rest);
}

// A test of what Stoa does not do, and why.
export function testReference(because, name, ...rest) {
  if (!because) throw new Error('a deviation needs its reason');
  if (isReference) test(name, ...rest);
}

class Target {
  url; // of the endpoint, without a query
  port;

  #child;
  #output = '';
  #end; // {code, signal} once the process is gone
  #exited;

  constructor(protocol, flags) {
    const program = isReference
      ? [process.execPath, fileURLToPath(new URL(`../reference/${protocol}.mjs`, import.meta.url))]
      : [required('STOA_WIRE_ECHO'), protocol];
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...program, '--port', '0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { this.#output = (this.#output + text).slice(-200_000); });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#end = { code, signal };
        resolve();
      });
    });
  }

  async listening(protocol) {
    const port = () => {
      this.assertAlive();
      return /listening on 127\.0\.0\.1:(\d+)/.exec(this.#output)?.[1];
    };
    this.port = Number(await until(port, { what: 'the server to listen' }));
    this.url = `http://127.0.0.1:${this.port}${kPaths[protocol]}`;
    return this;
  }

  // `query` is laid over what every request has. `ws`: for a WebSocket.
  address(query = {}, { ws = false } = {}) {
    const url = new URL(this.url);
    if (ws) url.protocol = 'ws:';
    const given = { EIO: '4', transport: ws ? 'websocket' : 'polling', ...query };
    for (const [name, value] of Object.entries(given)) if (value !== undefined) url.searchParams.set(name, value);
    return url.href;
  }

  assertAlive() {
    if (this.#end) throw new Error(`the server ended with ${this.#end.signal ?? this.#end.code}\n${this.#output.slice(-4000)}`);
  }

  // Resident memory, in bytes.
  memory() {
    this.assertAlive();
    return memoryOf(this.#child.pid);
  }

  // Processor time so far, in ticks of the kernel (10 ms).
  cpuTime() {
    this.assertAlive();
    return cpuTimeOf(this.#child.pid);
  }

  async kill9() {
    this.assertAlive();
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async stop() {
    this.assertAlive();
    this.#child.kill('SIGTERM');
    await until(() => this.#end, { what: 'the server to end' }).catch((error) => {
      this.#child.kill('SIGKILL');
      throw error;
    });
    await this.#exited;
    const { code } = this.#end;
    if (!isReference && code !== 0) throw new Error(`the server ended with ${this.#end.signal ?? code}\n${this.#output.slice(-4000)}`);
    assertNoReport(this.#output);
  }
}

// `settings`: times of the server, in milliseconds, and what else it can be told, by the names of its flags.
export function startTarget(protocol, settings = {}) {
  return new Target(protocol, Object.entries(settings).map(([name, value]) => `--${name}=${value}`)).listening(protocol);
}
