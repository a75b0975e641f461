// `stoa mail`: what an operator sees of the mails, and whether the mail server takes one; and what stops the start.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { simpleParser } from 'mailparser';

import { MailServer, sendMail } from '../../support/smtp.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';

describe('stoa mail', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mail-'));
  let server;
  before(async () => {
    server = await MailServer.start();
    mkdirSync(path.join(folder, 'de'));
    writeFileSync(path.join(folder, 'de', 'test.subject'), 'Grüße');
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const env = (more = {}) => ({
    STOA_SERVER_PUBLIC_URL: 'https://stoa.example', STOA_SERVER_NAME: 'Study', STOA_MAIL_URL: server.url, STOA_MAIL_CA_FILE: server.caFile,
    STOA_MAIL_FROM: 'Study <study@stoa.example>', STOA_MAIL_TEMPLATES: folder, STOA_MAIL_LOCALE: 'de', ...more,
  });
  const mail = (...args) => runStoa(['mail', ...args], { env: env() });
  async function printed(...args) {
    const { code, stdout, stderr } = await mail(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  test('lists the mails with their languages and values', async () => {
    const lines = (await printed('preview')).split('\n');
    assert.ok(lines.includes('reset_password  de en  {{link}}  {{minutes}}'), lines.join('\n'));
    assert.ok(lines.includes('password_changed  de en'));
  });

  test('prints each part with samples', async () => {
    const english = ['reset_password', '--locale', 'en'];
    assert.equal(await printed('preview', ...english, '--part', 'subject'), 'Set a new password for Study\n');
    assert.match(await printed('preview', ...english), /\nhttps:\/\/stoa\.example\/#\/example\n\nThe link works once, within 60 minutes/);
    assert.match(await printed('preview', ...english, '--part', 'html'), /^<!doctype html>[^]*<a class="button" href="https:\/\/stoa\.example\/#\/example">/);
    assert.match(await printed('preview', 'reset_password'), /gilt einmal und 60 Minuten lang/);
    assert.equal(await printed('preview', 'test', '--part', 'subject'), 'Grüße\n');
  });

  test('shows what is sent, byte for byte', async () => {
    assert.equal(await printed('test', 'ada@example.org'), 'the mail server took it: 250 OK: message queued\n');
    const sent = await server.mail('ada@example.org');
    assert.equal(sent.subject, 'Grüße');
    // But for who gets it, when, and the id.
    const plain = (raw, id) => raw.replaceAll(id, 'ID').replace(/^Date: .*$/m, 'DATE').replace(/^To: .*$/m, 'TO');
    const raw = await printed('preview', 'test', '--part', 'raw');
    const { messageId } = await simpleParser(raw);
    assert.equal(plain(raw, messageId.slice(1, 37)), plain(sent.raw, sent.messageId.slice(1, 37)));
  });

  test('says why a mail was not sent', async () => {
    server.recipient = () => [550, 'nobody\u001b[31m here'];
    assert.deepEqual(await mail('test', 'ada@example.org'), { code: 1, stdout: '', stderr: 'stoa: not sent: 550 nobody [31m here\n' });
    const { code, stderr } = await runStoa(['mail', 'test', 'ada@example.org'], { env: env({ STOA_MAIL_CA_FILE: '' }) });
    assert.equal(code, 1);
    assert.match(stderr, /^stoa: not sent: .*certificate.*\n.* as mail\.ca_file\n$/i);
  });

  test('every value has a sample', async () => {
    const lines = (await printed('preview')).trimEnd().split('\n');
    assert.ok(lines.length > 5);
    for (const line of lines) assert.doesNotMatch(await printed('preview', line.split(' ')[0]), /\[[a-z]+\]/, line);
  });

  test('says what helps where nothing was sent', async () => {
    const plain = await MailServer.start({ tls: 'none' });
    const [other, closed] = [await MailServer.start({ tls: 'smtps' }), await MailServer.start({ user: 'ada', password: 'right' })];
    const help = async (more) => {
      const { code, stderr } = await runStoa(['mail', 'test', 'ada@example.org'], { env: env(more) });
      const [first, second] = stderr.split('\n');
      assert.equal(code, 1);
      assert.match(first, /^stoa: not sent: ./);
      return second;
    };
    try {
      const ports = /^smtps:\/\/ is for TLS from the first byte \(port 465\), smtp:\/\/ for STARTTLS \(port 587\)/;
      assert.match(await help({ STOA_MAIL_URL: server.url.replace('smtp:', 'smtps:') }), ports);
      assert.match(await help({ STOA_MAIL_URL: other.url.replace('smtps:', 'smtp:'), STOA_MAIL_CA_FILE: other.caFile, STOA_MAIL_CONNECT_TIMEOUT: '1s', STOA_MAIL_TIME_LIMIT: '2s' }), ports);
      assert.match(await help({ STOA_MAIL_URL: plain.url }), /^The mail server has no STARTTLS: mail\.tls = "none" is for one on this machine/);
      const inside = { STOA_MAIL_URL: 'smtp://192.0.2.1:25', STOA_MAIL_TLS: 'none' };
      assert.match(await help(inside), /has to stand in fetch\.private_networks$/);
      const wrong = { STOA_MAIL_URL: closed.url, STOA_MAIL_CA_FILE: closed.caFile, STOA_MAIL_USER: 'ada', STOA_MAIL_PASSWORD: 'wrong' };
      assert.match(await help(wrong), /another mail\.user or STOA_MAIL_PASSWORD$/);
    } finally {
      for (const one of [plain, other, closed]) await one.stop();
    }
  });

  test('refuses what is no mail and no address', async () => {
    assert.deepEqual(await mail('preview', 'nothing'), { code: 2, stdout: '', stderr: 'stoa: there is no mail "nothing"; `stoa mail preview` lists them\n' });
    assert.deepEqual(await mail('test', 'ada'), { code: 2, stdout: '', stderr: "stoa: 'ada' is no address that mail can be sent to\n" });
    assert.equal((await mail('preview', 'test', '--part', 'pdf')).code, 2);
    const off = await runStoa(['mail', 'test', 'ada@example.org'], { env: env({ STOA_MAIL_URL: '' }) });
    assert.deepEqual(off, { code: 2, stdout: '', stderr: 'stoa: mail.url: no mail server is set\n' });
  });

  test('a template that cannot be filled in stops the start', async () => {
    writeFileSync(path.join(folder, 'de', 'verify_email.txt'), '{{link}} {{password}}');
    const { code, stderr } = await runStoa(['serve'], { env: env() });
    assert.deepEqual([code, stderr], [2, 'stoa: mail.templates: de/verify_email.txt: there is no {{password}} here\n']);
    rmSync(path.join(folder, 'de', 'verify_email.txt'));
  });
});

test('a server for others that sends no mails says at its start what does not work', async () => {
  const off = await startStoa({ config: { listener: [{ address: '0.0.0.0', port: 0 }] } });
  try {
    assert.match(off.logs().find(({ event }) => event === 'no_mail')?.reason, /nobody can confirm an address .*: set mail\.url$/);
  } finally {
    await off.stop();
  }
});

test('without a mail server a server for this machine alone says in its log what it would send', async () => {
  const stoa = await startStoa({ config: { jobs: { poll: '50ms' } } });
  try {
    await sendMail(stoa, { template: 'reset_password', to: 'ada@example.org', values: { minutes: '10' }, secret: { link: 'https://stoa.example/#/x' } });
    const line = await stoa.log((l) => l.event === 'mail');
    assert.equal(line.to, 'ada@example.org');
    assert.ok(line.text.includes('https://stoa.example/#/x'));
  } finally {
    await stoa.stop();
  }
});
