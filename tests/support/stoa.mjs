// Starts the real server for a black-box test: on a database of its own, a port that the kernel chooses and
// a configuration file in a temporary folder. STOA_BINARY names the binary; scripts/test sets it.
//
//   const stoa = await startStoa({ config: { rooms: { max_rooms_per_user: 2 } } });
//   after(() => stoa.stop());
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

import { createDatabase, dropDatabase, psql, required, rows } from './database.mjs';
import { readDocument } from './openapi.mjs';
import { cpuTimeOf, memoryOf } from './process.mjs';
import { assertNoReport } from './sanitizers.mjs';
import { openSocket } from './socket.mjs';
import { merge, toToml } from './toml.mjs';
import { kPatience, until, within } from './until.mjs';


// What a test means by default: no waiting for jitter, cheap passwords, no limits of rate, hundreds of clients that all
// come from one address, and a database that may be slow.
const defaults = (databaseUrl) => ({
  listener: [{ address: '127.0.0.1', port: 0 }],
  server: { shards: 2, shutdown_jitter: '0ms' },
  http: { max_connections_per_address: 20000 },
  realtime: { max_sessions_per_address: 20000, max_guests_per_address: 20000, max_unknown_per_address: 20000, events_per_second: 100000, events_burst: 100000 },
  database: { url: databaseUrl, connections: 4, queue_timeout: '60s', statement_timeout: '30s' },
  chat: { queue_timeout: '60s' },
  whiteboard: { queue_timeout: '60s' },
  auth: { bcrypt_cost: 4, keys: [{ kid: 'test', secret: randomBytes(32).toString('hex') }] },
  rate_limits: { enabled: false },
});

// Servers that run now. A server dies with this process in any case (parent death signal). One that a
// test forgot would keep the file waiting: some time after the file's last test it ends, and fails the file.
// Not at once, since this hook runs before those of the file itself, which stop its servers.
const running = new Set();
after(() => {
  const check = setTimeout(() => {
    if (running.size === 0) return;
    console.error(`${running.size} servers were started and never stopped`);
    process.exit(1);
  }, kPatience);
  check.unref(); // a file that stopped all its servers does not wait for this
});
process.on('exit', () => { for (const stoa of running) stoa.abandon(); });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

export class Stoa {
  database; // libpq URI
  pid;
  port; // of the first listener
  ports = []; // of all listeners, in their order
  url;
  wsUrl;

  #binary;
  #child;
  #config;
  #crash; // {code, signal} of a process that nobody asked to end
  #document; // what the present process says of its API
  #env;
  #exited; // resolves to {code, signal} of the present process
  #folder;
  #lines = []; // stdout, of all the processes in turn: objects where a line is JSON
  #misfit; // the first answer that was not as the document says
  #stderr = '';
  #ownsDatabase;
  #signalled = false;

  constructor({ binary, config, database, env, ownsDatabase }) {
    accessSync(binary, constants.X_OK);
    this.database = database;
    this.#binary = binary;
    this.#config = config;
    this.#env = env;
    this.#ownsDatabase = ownsDatabase;
    this.#folder = mkdtempSync(path.join(tmpdir(), 'stoa-'));
  }

  get folder() { return this.#folder; }
  get configFile() { return path.join(this.#folder, 'stoa.toml'); }
  get config() { return this.#config; }
  get alive() { return Boolean(this.#child); }
  get stderr() { return this.#stderr; }
  logs() { return [...this.#lines]; }

  // --- the process ----------------------------------------------------------------------------------

  async start() {
    if (this.#child) throw new Error('stoa runs already');
    writeFileSync(this.configFile, toToml(this.#config), { mode: 0o600 });
    const seen = this.#lines.length;
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', this.#binary, 'serve', '--config', this.configFile], {
      cwd: this.#folder,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#signalled = false;
    this.pid = child.pid;
    running.add(this);
    this.#collect(child);
    this.#exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#child = undefined;
        if (!this.#signalled && code !== 0) this.#crash = { code, signal };
        running.delete(this);
        resolve({ code, signal });
      });
    });
    const listening = () => this.#lines.slice(seen).filter((l) => l.event === 'listening');
    await this.#upTo(() => listening().length >= this.#config.listener.length, 'stoa to listen');
    this.ports = this.#config.listener.map((_, i) => Number(listening()[i].port));
    const secure = this.#config.listener[0].tls_certificate ? 's' : '';
    [this.port] = this.ports;
    this.url = `http${secure}://127.0.0.1:${this.port}`;
    this.wsUrl = `ws${secure}://127.0.0.1:${this.port}/ws`;
    // A restart comes back where the clients know it.
    this.#config = { ...this.#config, listener: this.#config.listener.map((l, i) => ({ ...l, port: this.ports[i] })) };
    await this.#upTo(async () => (await fetch(`${this.url}/readyz`).catch(() => undefined))?.status === 200, 'stoa to be ready');
    this.#document = await readDocument(this.url);
    return this;
  }

  // The tests' own STOA_ variables are not the server's.
  environment() {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_'));
    return { ...Object.fromEntries(inherited), ...this.#env };
  }

  #collect(child) {
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#lines.push(parsed(line));
    });
    child.stderr.setEncoding('utf8').on('data', (data) => { this.#stderr = (this.#stderr + data).slice(-200_000); });
  }

  async #upTo(condition, what) {
    try {
      await until(async () => {
        if (!this.#child) throw new Error('it ended');
        return condition();
      }, { what });
    } catch (error) {
      throw new Error(`${what}: ${error.message}\n${this.tail()}`);
    }
  }

  // The end of what the server wrote, for a failed test's message.
  tail(count = 15) {
    const lines = this.#lines.slice(-count).map((l) => (typeof l === 'string' ? l : JSON.stringify(l)));
    return [...lines, this.#stderr.slice(-4000)].join('\n');
  }

  signal(name) {
    this.#signalled = true;
    return this.#child?.kill(name) ?? false;
  }

  // Resolves to {code, signal} once the process is gone.
  ended() {
    return within(this.#exited, { what: 'stoa to end' }).catch((error) => { throw new Error(`${error.message}\n${this.tail()}`); });
  }

  // Sends the signal first.
  end(name = 'SIGTERM') {
    this.signal(name);
    return this.ended();
  }

  kill9() { return this.end('SIGKILL'); }

  // Again on the same database and ports, with `config` laid over the present one.
  async restart(config = {}) {
    if (this.#child) this.#check(await this.end());
    this.#config = merge(this.#config, config);
    return this.start();
  }

  // Ends the server and takes its database and folder away. Throws when it ended badly.
  async stop() {
    const end = this.#crash ?? (this.#child ? await this.end() : { code: 0 });
    this.abandon();
    if (this.#ownsDatabase) await dropDatabase(this.database);
    this.#check(end);
    if (this.#misfit) throw this.#misfit; // whatever became of it where it was seen
  }

  #check({ code, signal }) {
    if (code !== 0) throw new Error(`stoa ended with ${signal ?? `code ${code}`}\n${this.tail()}`);
    assertNoReport(this.#stderr);
  }

  abandon() {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  // Resident memory of the process, in bytes.
  memory() { return memoryOf(this.pid); }

  // Processor time of the process so far, in ticks of the kernel (10 ms).
  cpuTime() { return cpuTimeOf(this.pid); }

  // Resolves to the first log line, past or to come, that `predicate` accepts.
  log(predicate) {
    return until(() => this.#lines.find((l) => typeof l === 'object' && predicate(l)), { what: 'a log line' });
  }

  // --- its people -----------------------------------------------------------------------------------

  sql(text, values) { return psql(this.database, text, values); }
  rows(statement, values) { return rows(this.database, statement, values); }

  // The description of its API that this server serves.
  get document() { return this.#document; }

  // One HTTP request. `body`: an object is sent as JSON, a string or bytes as they are. The answer's body
  // is parsed where it is JSON, and the answer must be one that the server's own description has.
  async api(method, target, asked = {}) {
    const { status, headers, text, body } = await this.#ask(method, target, asked);
    return { status, headers, text, body };
  }

  // The same for what is no text: {status, headers, bytes}.
  async bytes(method, target, asked = {}) {
    const { status, headers, bytes } = await this.#ask(method, target, asked);
    return { status, headers, bytes };
  }

  async #ask(method, target, { token, body, headers = {} }) {
    const given = { ...headers };
    if (token) given.authorization ??= `Bearer ${token}`;
    const raw = body === undefined || typeof body === 'string' || ArrayBuffer.isView(body);
    if (!raw) given['content-type'] ??= 'application/json';
    const response = await fetch(this.url + target, { method, headers: given, body: raw ? body : JSON.stringify(body), redirect: 'manual', signal: AbortSignal.timeout(kPatience) });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    const answer = { status: response.status, headers: response.headers, bytes, text, body: json ? JSON.parse(text) : text };
    try {
      this.#document.check(method, target, answer);
    } catch (misfit) {
      this.#misfit ??= misfit;
      throw misfit;
    }
    return answer;
  }

  // Makes an account; `name` may be used again, the address is unique. `token` is the access token.
  async register(name = 'ada', fields = {}, headers = {}) {
    const unique = `${name.toLowerCase().replace(/[^a-z0-9]/g, '')}${randomBytes(4).toString('hex')}`;
    const account = { email: `${unique}@example.org`, password: 'a long enough secret', fullName: name, username: unique, ...fields };
    const { status, body } = await this.api('POST', '/api/auth/register', { body: account, headers });
    if (status !== 201) throw new Error(`register answered ${status} ${JSON.stringify(body)}`);
    return { ...body, id: body.user.id, email: account.email, password: account.password, token: body.accessToken };
  }

  // Makes a room and returns it as the API shows it.
  async createRoom(token, fields = {}) {
    const { status, body } = await this.api('POST', '/api/rooms', { token, body: { name: 'A room', ...fields } });
    if (status !== 201) throw new Error(`creating a room answered ${status} ${JSON.stringify(body)}`);
    return body;
  }

  // A native socket, signed in (see openSocket for the ways).
  connect(token, options) { return openSocket(this.wsUrl, token, options); }

  // A figure of /metrics, summed over the label sets that `labels` is part of.
  async metric(name, labels = {}) {
    const { text } = await this.api('GET', '/metrics');
    const wanted = Object.entries(labels).map(([k, v]) => `${k}="${v}"`);
    const lines = text.split('\n').filter((l) => l.startsWith(`${name} `) || l.startsWith(`${name}{`));
    return lines.filter((l) => wanted.every((w) => l.includes(w))).reduce((sum, l) => sum + Number(l.split(' ').pop()), 0);
  }
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

// `config` is laid over the tests' defaults; `env` is added to the environment; `database`: the URI of one
// that exists (it then outlives the server).
export async function startStoa({ binary = required('STOA_BINARY'), config = {}, env = {}, database } = {}) {
  const url = database ?? await createDatabase();
  const stoa = new Stoa({ binary, config: merge(defaults(url), config), database: url, env, ownsDatabase: !database });
  try {
    return await stoa.start();
  } catch (error) {
    if (stoa.alive) await stoa.kill9();
    stoa.abandon();
    if (!database) await dropDatabase(url);
    throw error;
  }
}

// Runs one of the binary's other commands to its end: {code, stdout, stderr}.
export function runStoa(args, { env = {}, binary = required('STOA_BINARY') } = {}) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_')));
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (d) => { stdout += d; });
    child.stderr.setEncoding('utf8').on('data', (d) => { stderr += d; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
