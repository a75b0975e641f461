// A mail server (smtp-server) on a port of its own, the mails that it took as mailparser reads them, and jobs that send some.
//
//   const server = await MailServer.start();
//   const stoa = await startStoa({ config: { mail: server.config() } });
//   await sendMail(stoa, { template: 'password_changed', to: 'ada@example.org' });
//   const mail = await server.mail();
import { execFileSync } from 'node:child_process';
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

import { until } from './until.mjs';

function certificateIn(folder, address) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert,
    '-days', '2', '-subj', '/CN=a mail server', '-addext', `subjectAltName=IP:${address}`], { stdio: 'ignore' });
  return { key, cert };
}

export class MailServer {
  mails = []; // taken: { to, from, raw, session } and what mailparser makes of it
  attempts = 0; // messages that came to their end, taken or not
  signIns = 0; // attempts at it
  connections = 0;
  said = ''; // all that clients said in clear, in the order of its coming
  greetings = []; // the names that clients gave

  #folder = mkdtempSync(path.join(tmpdir(), 'mail-'));
  #held = []; // messages whose answer is kept back
  #options;
  #port;
  #server;
  #sockets = new Set();

  // tls: 'starttls', 'smtps' or 'none'; `address`: that the certificate is for; `user` and `password` are asked for where they are
  // given. What it says may be changed while it runs: `sender`, `recipient` and `message` are functions that answer undefined, or
  // [code, text]; while `holds`, messages are read and not answered.
  static async start({ tls = 'starttls', address = '127.0.0.1', user, password } = {}) {
    const server = new MailServer();
    server.#options = { tls, user, password };
    const { key, cert } = certificateIn(server.#folder, address);
    server.caFile = cert;
    server.#server = new SMTPServer({
      secure: tls === 'smtps',
      key: readFileSync(key),
      cert: readFileSync(cert),
      disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(user ? [] : ['AUTH'])],
      allowInsecureAuth: true,
      authOptional: !user,
      logger: false,
      closeTimeout: 100,
      disableReverseLookup: true,
      hideSMTPUTF8: false,
      onAuth: (auth, _, done) => {
        server.signIns += 1;
        const right = auth.username === user && auth.password === password;
        return right ? done(null, { user }) : done(new Error('no such user'));
      },
      onMailFrom: ({ address: from }, _, done) => done(refusal(server.sender?.(from))),
      onRcptTo: ({ address: to }, _, done) => done(refusal(server.recipient?.(to))),
      onData: (stream, session, done) => { server.#take(stream, session, done); },
    });
    server.#server.on('error', () => {}); // clients that do not trust the certificate
    server.#server.server.on('connection', (socket) => {
      server.connections += 1;
      server.#sockets.add(socket);
      socket.on('close', () => server.#sockets.delete(socket));
      socket.on('data', (data) => { server.said += data.toString('latin1'); });
    });
    await new Promise((resolve) => { server.#server.listen(0, '127.0.0.1', resolve); });
    server.#port = server.#server.server.address().port;
    return server;
  }

  sender = undefined;
  recipient = undefined;
  message = undefined;
  holds = false;

  // Messages, as they came.
  get held() { return this.#held.map(({ raw }) => raw); }
  get url() { return `${this.#options.tls === 'smtps' ? 'smtps' : 'smtp'}://127.0.0.1:${this.#port}`; }

  // The section [mail] of a server that sends here.
  config(more = {}) {
    const { tls, user, password } = this.#options;
    return { url: this.url, from: 'Stoa <stoa@example.org>', ...(tls === 'none' ? { tls: 'none' } : { ca_file: this.caFile }), ...(user ? { user, password } : {}), ...more };
  }

  async #take(stream, session, done) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    this.attempts += 1;
    if (this.holds) {
      this.#held.push({ raw: raw.toString('latin1'), answer: () => done() });
      return;
    }
    const error = refusal(this.message?.(raw));
    if (!error) {
      this.greetings.push(session.hostNameAppearsAs);
      const { envelope } = session;
      this.mails.push({ ...(await simpleParser(raw)), envelope: { from: envelope.mailFrom.address, to: envelope.rcptTo.map((r) => r.address) }, raw: raw.toString('latin1'), secure: session.secure, user: session.user });
    }
    done(error);
  }

  // The first mail to `to`, or of all, once it is there.
  mail(to) {
    return until(() => this.mails.find((m) => !to || m.envelope.to.includes(to)), { what: `a mail to ${to ?? 'anybody'}` });
  }

  // Ends all connections as they are.
  hangUp() {
    this.#held.length = 0;
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop() {
    this.hangUp();
    await new Promise((resolve) => { this.#server.close(resolve); });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function refusal(said) {
  if (!said) return undefined;
  const [responseCode, text] = said;
  return Object.assign(new Error(text), { responseCode });
}

// An id as jobs have it (RFC 9562, version 7).
function v7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 15);
  bytes[8] = 0x80 | (bytes[8] & 63);
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const pairs = (values) => Object.entries(values).map(([name, value]) => ({ name, value }));

// As <stoa/identity/sealer.hpp> says.
export function sealed({ kid, secret }, purpose, boundTo, plain) {
  const key = Buffer.from(hkdfSync('sha256', secret, 'stoa sealer', purpose, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo));
  return `${kid}.${Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url')}`;
}

// A mail that waits, as a feature's transaction leaves it behind. Returns the job's id.
export async function sendMail(stoa, { template, to, locale = 'en', values = {}, secret, uselessAfter, key = stoa.config.auth.keys[0] }) {
  const id = v7();
  const payload = {
    template, to, locale, values: pairs(values),
    ...(uselessAfter ? { uselessAfter } : {}),
    ...(secret ? { sealed: sealed(key, 'stoa mail', `${template}\n${to}`, JSON.stringify({ values: pairs(secret) })) } : {}),
  };
  await stoa.sql(`insert into jobs (id, kind, payload, due_at) values ('${id}', 'send_mail', $q$${JSON.stringify(payload)}$q$, now())`);
  return id;
}
