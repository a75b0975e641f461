// A stand-in for Twilio Verify, version 2 of its API, as its reference has it; tests/integration/phone/twilio.test.mjs holds it
// against the client that Twilio gives out.
//
//   const twilio = await Twilio.start();
//   const stoa = await startStoa({ config: twilio.config() });
//   twilio.codeOf('+4915112345678');     // that was sent last
import { randomBytes, randomInt } from 'node:crypto';
import { createServer } from 'node:http';

import { until } from './until.mjs';

const sid = (kind) => kind + randomBytes(16).toString('hex');
const kAttempts = 5;

export class Twilio {
  accountSid = sid('AC');
  authToken = randomBytes(16).toString('hex');
  serviceSid = sid('VA');
  requests = []; // {path, form} of those that were let in
  answer; // (path, form) => [status, body] | undefined: what is answered instead

  #live = new Map(); // by number: {sid, code, checks}
  #server;

  static async start() {
    const twilio = new Twilio();
    twilio.#server = createServer((request, response) => twilio.#serve(request, response));
    await new Promise((resolve) => { twilio.#server.listen(0, '127.0.0.1', resolve); });
    return twilio;
  }

  get url() { return `http://127.0.0.1:${this.#server.address().port}`; }

  config(more = {}) {
    return {
      fetch: { private_networks: ['127.0.0.0/8'] },
      phone: { provider: 'twilio', url: this.url, account_sid: this.accountSid, auth_token: this.authToken, service_sid: this.serviceSid, countries: ['+49', '+1'], per_address: 10_000, ...more },
    };
  }

  sent(to) { return this.requests.filter(({ path, form }) => path === 'Verifications' && form.To === to).length; }
  checked(to) { return this.requests.filter(({ path, form }) => path === 'VerificationCheck' && form.To === to).length; }
  // Once the nth message to it is there.
  async codeOf(to, nth = 1) {
    await until(() => this.sent(to) >= nth, { what: `message ${nth} to ${to}` });
    return this.#live.get(to)?.code;
  }
  expire(to) { this.#live.delete(to); }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const say = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const fail = (status, code, message) => say(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
    const authorization = `Basic ${Buffer.from(`${this.accountSid}:${this.authToken}`).toString('base64')}`;
    if (request.headers.authorization !== authorization) return fail(401, 20003, 'Authenticate');
    const [, service, path] = /^\/v2\/Services\/(\w+)\/(\w+)$/.exec(request.url) ?? [];
    const missing = () => fail(404, 20404, `The requested resource ${request.url} was not found`);
    if (request.method !== 'POST' || service !== this.serviceSid) return missing();
    if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'])) return fail(400, 20001, 'no form');
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    this.requests.push({ path, form });
    const instead = await this.answer?.(path, form);
    if (instead === 'hang up') return request.socket.destroy();
    if (instead) return say(...instead);
    if (!/^\+[1-9]\d{6,14}$/.test(form.To ?? '')) return fail(400, 60200, 'Invalid parameter `To`');
    if (path === 'Verifications') return this.#create(form, say, fail);
    if (path === 'VerificationCheck') return this.#check(form, say, fail, missing);
    return missing();
  }

  #common(to, { sid: id }, status) {
    return {
      sid: id, service_sid: this.serviceSid, account_sid: this.accountSid, to, channel: 'sms', status, valid: status === 'approved',
      date_created: new Date().toISOString(), date_updated: new Date().toISOString(), amount: null, payee: null,
    };
  }

  // A second one while the first is live sends the same code.
  #create({ To: to, Channel: channel }, say, fail) {
    if (channel !== 'sms') return fail(400, 60200, 'Invalid parameter `Channel`');
    const live = this.#live.get(to) ?? { sid: sid('VE'), code: String(randomInt(1_000_000)).padStart(6, '0'), checks: 0, sends: 0 };
    this.#live.set(to, live);
    live.sends += 1;
    if (live.sends > 5) return fail(429, 60203, 'Max send attempts reached');
    const send_code_attempts = Array.from({ length: live.sends }, () => ({ time: new Date().toISOString(), channel: 'SMS', attempt_sid: sid('VL') }));
    say(201, { ...this.#common(to, live, 'pending'), lookup: {}, send_code_attempts, sna: null, url: `https://verify.twilio.com/v2/Services/${this.serviceSid}/Verifications/${live.sid}` });
  }

  #check({ To: to, Code: code }, say, fail, missing) {
    const live = this.#live.get(to);
    if (!live) return missing();
    live.checks += 1;
    if (live.checks > kAttempts) return fail(429, 60202, 'Max check attempts reached');
    const isRight = code === live.code;
    if (isRight) this.#live.delete(to);
    say(200, { ...this.#common(to, live, isRight ? 'approved' : 'pending'), sna_attempts_error_codes: [] });
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
