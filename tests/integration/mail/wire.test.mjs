// What people get: each mail as a mail server takes it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { MailServer, sendMail } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kGrin = '\u{1F600}';
const kLink = 'https://stoa.example/#/reset?token=a%20b&x=1';

describe('a mail', () => {
  const templates = mkdtempSync(path.join(tmpdir(), 'templates-'));
  let server;
  let stoa;
  before(async () => {
    mkdirSync(path.join(templates, 'en'));
    writeFileSync(path.join(templates, 'en', 'password_changed.subject'), `${kGrin.repeat(200)} Schüler =?x?=`);
    writeFileSync(path.join(templates, 'en', 'password_changed.txt'), '.\n..\n.dots\n\nlone\rreturn\nFrom {{server}}\n');
    server = await MailServer.start({ tls: 'none' });
    stoa = await startStoa({
      config: {
        server: { name: 'Schüler\r\nBcc: eve@example.org =?x & <b>', public_url: 'https://stoa.example' },
        jobs: { poll: '100ms' },
        mail: server.config({ templates, from: 'Die Schüler <stoa@bücher.example>' }),
      },
    });
  });
  after(async () => {
    await stoa.stop();
    await server.stop();
    rmSync(templates, { recursive: true });
  });

  const sent = async (fields) => {
    const to = fields.to ?? `${Math.random().toString(36).slice(2)}@example.org`;
    const id = await sendMail(stoa, { ...fields, to });
    return { id, to, ...(await server.mail(to)) };
  };

  test('says the same as text and as HTML, in the language of who gets it', async () => {
    const values = { minutes: '10' };
    const english = await sent({ template: 'reset_password', locale: 'en-GB', values, secret: { link: kLink } });
    assert.match(english.subject, /^Set a new password for Schüler {2}Bcc/);
    assert.ok(english.text.includes(`\n${kLink}\n`), english.text);
    assert.match(english.text, /within 10 minutes/);
    assert.match(english.html, /^<!doctype html>\n<html lang="en">/);
    assert.ok(english.html.includes(`<a class="button" href="${kLink.replaceAll('&', '&amp;')}">`), english.html);
    const german = await sent({ template: 'reset_password', locale: 'de-AT', values, secret: { link: kLink } });
    assert.match(german.html, /^<!doctype html>\n<html lang="de">/);
    assert.match(german.subject, /^Neues Passwort für /);
    assert.match(german.text, /gilt einmal und 10 Minuten lang/);
    assert.match((await sent({ template: 'reset_password', locale: 'fr', values, secret: { link: kLink } })).text, /10 minutes/);
  });

  test('carries who it is from and to, and that a machine wrote it', async () => {
    const mail = await sent({ template: 'address_taken', to: 'ada@bücher.example' });
    assert.deepEqual(mail.envelope, { from: 'stoa@bücher.example', to: ['ada@bücher.example'] });
    assert.match(server.said, /MAIL FROM:<stoa@xn--bcher-kva\.example>[^\r]*\r\nRCPT TO:<ada@xn--bcher-kva\.example>\r\n/);
    assert.deepEqual(mail.from.value, [{ address: 'stoa@bücher.example', name: 'Die Schüler' }]);
    assert.equal(mail.messageId, `<${mail.id}@stoa.example>`);
    assert.equal(mail.date.getTime(), Math.floor(parseInt(mail.id.replaceAll('-', '').slice(0, 12), 16) / 1000) * 1000);
    assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
    assert.equal(server.greetings.at(-1), 'stoa.example');
  });

  // A server that knows it may hand the mail to one that does not, which then refuses it (RFC 6531 section 3.4).
  test('asks for SMTPUTF8 for nobody, since no address that is written to needs it', async () => {
    for (const to of ['ada@example.org', 'ada@bücher.example']) await sent({ template: 'address_taken', to });
    const froms = server.said.match(/^MAIL FROM:[^\r]*/gm);
    assert.ok(froms.length >= 2);
    for (const from of froms) assert.doesNotMatch(from, /SMTPUTF8/);
    const id = await sendMail(stoa, { template: 'address_taken', to: 'jürgen@example.org' });
    const parked = () => stoa.rows("select last_error from jobs where id = :'id' and parked_at is not null", { id });
    await until(async () => (await parked()).length === 1, { what: 'it to be given up' });
    assert.equal(server.mails.some(({ envelope }) => envelope.to.some((to) => to.includes('rgen'))), false);
  });

  test('keeps what its values hold from being headers or HTML', async () => {
    const mail = await sent({ template: 'address_changed' });
    assert.equal(mail.headers.get('bcc'), undefined);
    assert.match(mail.subject, /Schüler {2}Bcc: eve@example\.org =\?x & <b> has changed$/);
    assert.ok(mail.html.includes('=?x &amp; &lt;b&gt;'));
    assert.ok(!mail.html.includes('<b>'));
  });

  test('has a subject of whole characters, in words that are not too long', async () => {
    const { subject, raw } = await sent({ template: 'password_changed' });
    assert.equal(subject, `${kGrin.repeat(200)} Schüler =?x?=`);
    const words = raw.match(/=\?UTF-8\?B\?[^?]*\?=/g);
    assert.ok(words.length > 20);
    for (const word of words) {
      assert.ok(word.length <= 75);
      assert.ok(!Buffer.from(word.slice(10, -2), 'base64').toString().includes('\ufffd'));
    }
  });

  test('keeps its lines, whatever they begin with', async () => {
    const { text } = await sent({ template: 'password_changed' });
    assert.ok(text.startsWith('.\n..\n.dots\n\nlone\nreturn\nFrom Schüler'), text);
  });

  test('goes out as ASCII in lines that end with CRLF', async () => {
    await sent({ template: 'password_changed' });
    assert.match(server.said, /^EHLO stoa\.example\r\n/);
    for (const line of server.said.split('\r\n')) {
      assert.doesNotMatch(line, /[^\t -~]/);
      assert.ok(line.length <= 78, line);
    }
  });

  test('uses the connection of one before', async () => {
    for (let i = 0; i < 5; i += 1) await sent({ template: 'address_taken' });
    assert.ok(server.connections <= server.mails.length / 2, `${server.connections} for ${server.mails.length}`);
  });
});
