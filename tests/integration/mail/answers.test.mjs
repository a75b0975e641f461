// What becomes of a mail when its server says no, something else than was expected, or nothing.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { MailServer, sendMail } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kJobs = { poll: '50ms', first_wait: '10ms', longest_wait: '20ms', lease: '1s' };
const kLink = 'https://stoa.example/#/reset?token=SECRET';
const reset = { template: 'reset_password', to: 'ada@example.org', values: { minutes: '10' }, secret: { link: kLink } };

const starting = (server, more = {}) => startStoa({ config: { server: { shutdown_grace: '1s' }, jobs: kJobs, mail: server.config(more) } });
const job = async (stoa, id) => (await stoa.rows("select attempts, parked_at is not null as parked, last_error from jobs where id = :'id'", { id }))[0];
const failed = (stoa, id) => until(async () => { const row = await job(stoa, id); return row?.last_error && row; }, { what: 'a failure' });
const done = (stoa, id) => until(async () => !(await job(stoa, id)), { what: 'the job to be done' });

describe('a mail server', () => {
  let server;
  let stoa;
  before(async () => {
    server = await MailServer.start({ user: 'stoa', password: 'a "secret"' });
    stoa = await starting(server);
  });
  after(async () => {
    await stoa.stop();
    await server.stop();
  });
  afterEach(() => {
    server.sender = undefined;
    server.recipient = undefined;
    server.message = undefined;
  });
  beforeEach(() => { server.mails.length = 0; });

  test('is signed in to, and spoken to by TLS alone', async () => {
    const id = await sendMail(stoa, reset);
    const mail = await server.mail();
    assert.equal(mail.user, 'stoa');
    assert.equal(mail.secure, true);
    assert.doesNotMatch(server.said, /AUTH|MAIL FROM/);
    await done(stoa, id);
    assert.equal(await stoa.metric('stoa_mail_sent_total', { template: 'reset_password', result: 'sent' }), 1);
    assert.equal(await stoa.metric('stoa_mail_seconds_count'), 1);
  });

  for (const [code, says] of [[421, 'too busy'], [451, 'grey']]) {
    test(`that answers ${code} is asked again`, async () => {
      let refusals = 2;
      server.message = () => { if (refusals > 0) { refusals -= 1; return [code, says]; } return undefined; };
      const id = await sendMail(stoa, reset);
      const mail = await server.mail();
      assert.equal(refusals, 0);
      assert.equal(mail.messageId.slice(1, 37), id);
      await done(stoa, id);
    });
  }

  for (const where of ['recipient', 'message']) {
    test(`that refuses the ${where} for good is not asked again`, async () => {
      server[where] = () => [550, 'no such user'];
      const id = await sendMail(stoa, reset);
      assert.deepEqual(await failed(stoa, id), { attempts: 1, parked: true, last_error: 'the mail server says: 550 no such user' });
      assert.ok(await stoa.metric('stoa_mail_sent_total', { result: 'refused' }) >= 1);
    });
  }

  test('that refuses a receiver of what is good for a while leaves nothing behind', async () => {
    server.recipient = (to) => [550, `<${to.toUpperCase()}> is unknown here`];
    const id = await sendMail(stoa, { ...reset, to: 'eve@example.org', uselessAfter: new Date(Date.now() + 3_600_000).toISOString() });
    await done(stoa, id);
    const [line] = stoa.logs().filter(({ event }) => event === 'mail_refused');
    assert.deepEqual([line.level, line.kind, line.reason], ['info', 'reset_password', 'the mail server says: 550 <...> is unknown here']);
    assert.equal(server.mails.length, 0);
  });

  test('that refuses the words of what is good for a while is looked at by the operator', async () => {
    server.message = () => [554, 'this is spam'];
    const id = await sendMail(stoa, { ...reset, uselessAfter: new Date(Date.now() + 3_600_000).toISOString() });
    assert.equal((await failed(stoa, id)).parked, true);
  });

  test('that refuses the sender of what is good for a while is looked at by the operator', async () => {
    server.sender = () => [553, 'not from here'];
    const id = await sendMail(stoa, { ...reset, uselessAfter: new Date(Date.now() + 3_600_000).toISOString() });
    assert.deepEqual(await failed(stoa, id), { attempts: 1, parked: true, last_error: 'the mail server says: 553 not from here' });
  });

  test('that quotes a receiver does not bring them into the log', async () => {
    server.recipient = (to) => [550, `<${to}> unknown: ${to}`];
    const id = await sendMail(stoa, { ...reset, to: 'Grace@example.org' });
    assert.equal((await failed(stoa, id)).last_error, 'the mail server says: 550 <...> unknown: ...');
    assert.ok(!/grace@/i.test(JSON.stringify(stoa.logs())));
  });

  test('that quotes a link does not bring it into the log', async () => {
    server.message = () => [554, `forbidden: ${kLink}`];
    const id = await sendMail(stoa, reset);
    assert.equal((await failed(stoa, id)).last_error, 'the mail server says: 554 forbidden: ...');
    assert.ok(!JSON.stringify(stoa.logs()).includes('SECRET'));
  });

  test('is not asked about what is no address', async () => {
    for (const to of ['ada@example.org>\r\nRCPT TO:<eve@example.org', 'a b@example.org', 'ada', 'ä@example.org', '']) {
      const id = await sendMail(stoa, { ...reset, to });
      assert.deepEqual(await failed(stoa, id), { attempts: 1, parked: true, last_error: 'its address is none that mail can be sent to' });
    }
    assert.equal(server.mails.length, 0);
  });

  test('gets nothing that is no longer good', async () => {
    const late = await sendMail(stoa, { ...reset, uselessAfter: new Date(Date.now() - 1000).toISOString() });
    await done(stoa, late);
    await done(stoa, await sendMail(stoa, { ...reset, to: 'bob@example.org', uselessAfter: new Date(Date.now() + 3_600_000).toISOString() }));
    assert.deepEqual(server.mails.map((m) => m.envelope.to), [['bob@example.org']]);
    assert.equal(await stoa.metric('stoa_mail_sent_total', { result: 'late' }), 1);
  });

  test('gets nothing that was sealed with a key that is gone', async () => {
    const other = await sendMail(stoa, { ...reset, key: { kid: 'test', secret: randomBytes(32).toString('hex') } });
    assert.deepEqual(await failed(stoa, other), { attempts: 1, parked: true, last_error: 'none of auth.sealing_keys opens what is sealed in it' });
    assert.equal(server.mails.length, 0);
  });
});

test('without TLS a mail server gets neither a mail nor a password', async () => {
  const server = await MailServer.start({ tls: 'none', user: 'stoa', password: 'secret' });
  const stoa = await starting(server, { tls: 'required' });
  try {
    const row = await failed(stoa, await sendMail(stoa, reset));
    assert.match(row.last_error, /^no mail server: .*(STARTTLS|SSL|TLS)/i);
    assert.equal(row.parked, false);
    assert.doesNotMatch(server.said, /AUTH|MAIL|c2Vj/);
  } finally {
    await stoa.stop();
    await server.stop();
  }
});

test('without TLS nobody is connected to who is neither here nor in a private network', async () => {
  const server = await MailServer.start({ tls: 'none' });
  const stoa = await starting(server, { url: 'smtp://192.0.2.1:25' });
  try {
    const row = await failed(stoa, await sendMail(stoa, reset));
    assert.equal(row.last_error, 'no mail server: its address may not be connected to without TLS');
    assert.equal(row.parked, false);
  } finally {
    await stoa.stop();
    await server.stop();
  }
});

for (const tls of ['starttls', 'smtps']) {
  test(`a certificate that is another host's is not trusted (${tls})`, async () => {
    const server = await MailServer.start({ tls, address: '127.0.0.2', user: 'stoa', password: 'secret' });
    const stoa = await starting(server);
    try {
      const row = await failed(stoa, await sendMail(stoa, reset));
      assert.match(row.last_error, /certificate subject name/i);
      assert.deepEqual([server.signIns, server.attempts], [0, 0]);
    } finally {
      await stoa.stop();
      await server.stop();
    }
  });
}

test('TLS from the first byte is spoken where the address says so', async () => {
  const server = await MailServer.start({ tls: 'smtps' });
  const stoa = await starting(server);
  try {
    await sendMail(stoa, reset);
    assert.equal((await server.mail()).secure, true);
  } finally {
    await stoa.stop();
    await server.stop();
  }
});

test('a wrong password lets mails wait until it is mended', async () => {
  const server = await MailServer.start({ user: 'stoa', password: 'right' });
  const stoa = await starting(server, { password: 'wrong' });
  try {
    const id = await sendMail(stoa, reset);
    const row = await failed(stoa, id);
    assert.match(row.last_error, /535/);
    assert.equal(row.parked, false);
    await stoa.restart({ mail: { password: 'right' } });
    await server.mail();
  } finally {
    await stoa.stop();
    await server.stop();
  }
});

test('a mail server that wants to know who sends lets mails wait until it is told', async () => {
  const server = await MailServer.start({ user: 'stoa', password: 'right' });
  const stoa = await starting(server, { user: '', password: '' });
  try {
    const row = await failed(stoa, await sendMail(stoa, reset));
    assert.match(row.last_error, /^the mail server says: 530 /);
    assert.equal(row.parked, false);
    await stoa.restart({ mail: { user: 'stoa', password: 'right' } });
    await server.mail();
  } finally {
    await stoa.stop();
    await server.stop();
  }
});

describe('a mail server that falls silent', () => {
  let server;
  let stoa;
  before(async () => { server = await MailServer.start(); });
  afterEach(async () => {
    await stoa.stop();
    server.holds = false;
    server.hangUp();
    server.mails.length = 0;
  });
  after(() => server.stop());

  test('holds up no other mail', async () => {
    stoa = await starting(server, { time_limit: '5m' });
    server.holds = true;
    const id = await sendMail(stoa, reset);
    await until(() => server.held.length === 1, { what: 'a mail without an answer' });
    server.holds = false;
    await sendMail(stoa, { ...reset, to: 'bob@example.org' });
    await server.mail('bob@example.org');
    assert.equal((await job(stoa, id)).last_error, null);
  });

  test('is left after mail.time_limit, and gets the mail later', async () => {
    stoa = await starting(server, { time_limit: '1s' });
    server.holds = true;
    const id = await sendMail(stoa, { ...reset, to: 'eve@example.org' });
    assert.match((await failed(stoa, id)).last_error, /^no mail server: .*timed? ?out/i);
    server.holds = false;
    assert.equal((await server.mail('eve@example.org')).messageId.slice(1, 37), id);
  });

  test('is left when the server stops, and gets the mail later', async () => {
    stoa = await starting(server, { time_limit: '5m' });
    server.holds = true;
    const id = await sendMail(stoa, { ...reset, to: 'carol@example.org' });
    await until(() => server.held.length === 1, { what: 'a mail without an answer' });
    assert.deepEqual(await stoa.end(), { code: 0, signal: null });
    server.holds = false;
    await stoa.start();
    assert.equal((await server.mail('carol@example.org')).messageId.slice(1, 37), id);
  });

  test('is sent the very same mail once more by the next process', async () => {
    stoa = await starting(server);
    server.holds = true;
    await sendMail(stoa, { ...reset, to: 'dan@example.org' });
    await until(() => server.held.length === 1, { what: 'a mail without an answer' });
    const [first] = server.held;
    await stoa.kill9();
    server.holds = false;
    await stoa.start();
    assert.equal((await server.mail('dan@example.org')).raw, first);
  });
});
