// What people find in their mailboxes, and do with it.
import assert from 'node:assert/strict';

import { until } from '../../support/until.mjs';

const kSubjects = {
  verify_email: /^Confirm your address for /,
  change_email: /^Confirm your new address for /,
  reset_password: /^Set a new password for /,
  password_changed: /^Your password for .* has changed$/,
  address_changed: /^The address of your account on .* has changed$/,
  address_change_wanted: /^Another address for your account on .* is wanted$/,
  address_taken: /^Your address on /,
};

export const kPublicUrl = 'https://stoa.example';
export const kJobs = { poll: '50ms' };

export class Mailbox {
  #server;
  #stoa;

  constructor(server, stoa) {
    this.#server = server;
    this.#stoa = stoa;
  }

  // All mails of that name to the address, the first one first.
  mails(name, to) {
    return this.#server.mails.filter((mail) => kSubjects[name].test(mail.subject) && mail.envelope.to.includes(to));
  }

  // The nth of them, once it is there.
  mail(name, to, nth = 1) {
    return until(() => this.mails(name, to)[nth - 1], { what: `mail ${nth} ${name} to ${to}` });
  }

  // The token of its link.
  async token(name, to, nth = 1) {
    const { text, html } = await this.mail(name, to, nth);
    const page = name === 'reset_password' ? 'reset' : 'verify';
    const link = new RegExp(`${kPublicUrl}/#/${page}\\?token=([\\w-]{43}\\.[\\w-]{22})`);
    const [, token] = link.exec(text) ?? assert.fail(`no link in ${text}`);
    assert.equal(link.exec(html)?.[1], token);
    return token;
  }

  // Once nothing waits that would send a mail.
  settled() {
    const left = () => this.#stoa.rows("select kind from jobs where kind in ('forgot_password', 'send_mail')");
    return until(async () => (await left()).length === 0, { what: 'all mails to be sent' });
  }

  // As if all codes and mails so far were older.
  async age(interval) {
    await this.#stoa.sql(`update one_time_codes set expires_at = expires_at - interval '${interval}'; update code_sends set at = at - interval '${interval}'`);
  }
}

export const login = (stoa, email, password, more = {}) => stoa.api('POST', '/api/auth/login', { body: { email, password, ...more } });
export const forgot = (stoa, email, headers) => stoa.api('POST', '/api/auth/password/forgot', { body: { email }, headers });
export const reset = (stoa, token, password = 'another long secret') => stoa.api('POST', '/api/auth/password/reset', { body: { token, password } });
export const verify = (stoa, token) => stoa.api('POST', '/api/auth/email/verify', { body: { token } });
export const changeEmail = (stoa, { token }, email) => stoa.api('PUT', '/api/auth/email', { token, body: { email } });
export const me = (stoa, { token }) => stoa.api('GET', '/api/users/me', { token });
