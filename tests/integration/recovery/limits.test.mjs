// How many mails somebody gets, and how many somebody may have sent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { crowd } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { changeEmail, forgot, kJobs, kPublicUrl, Mailbox, reset } from './mailbox.mjs';

const from = (address) => ({ 'x-forwarded-for': address });
const behindProxy = { public_url: kPublicUrl, trusted_proxies: ['127.0.0.1'] };

describe('a mailbox', () => {
  let server, stoa, box;
  before(async () => {
    server = await MailServer.start();
    stoa = await startStoa({ config: { server: behindProxy, mail: server.config(), jobs: kJobs } });
    box = new Mailbox(server, stoa);
  });
  after(async () => {
    await stoa?.stop();
    await server?.stop();
  });

  const toMailbox = (email) => server.mails.filter(({ envelope }) => envelope.to.includes(email)).length;

  test('gets five links to set a password an hour and five other mails, whoever asks and from wherever', async () => {
    const [{ email }, other] = [await stoa.register('flooded'), await stoa.register('other')];
    for (let i = 1; i < 8; i++) {
      await box.settled();
      await box.age('2 minutes');
      assert.equal((await forgot(stoa, email, from(`198.51.100.${i}`))).status, 202);
      await box.settled();
      await box.age('2 minutes');
      assert.equal((await changeEmail(stoa, other, email)).status, i <= 5 ? 202 : 429);
    }
    await box.settled();
    assert.equal(toMailbox(email), 10);
    await box.age('1 hour');
    await forgot(stoa, email);
    await box.settled();
    assert.equal(toMailbox(email), 11);
    assert.equal((await reset(stoa, await box.token('reset_password', email, box.mails('reset_password', email).length))).status, 200);
    assert.ok(await stoa.metric('stoa_codes_total', { purpose: 'reset_password', result: 'limited' }) > 0);
  });

  test('gets one mail a minute, and its link stays good', async () => {
    const { email } = await stoa.register('hurried');
    await box.settled();
    await box.age('2 minutes');
    for (let i = 0; i < 3; i++) {
      await forgot(stoa, email);
      await box.settled();
    }
    assert.equal(box.mails('reset_password', email).length, 1);
    assert.equal((await reset(stoa, await box.token('reset_password', email))).status, 200);
  });

  test('gets no more where accounts with its address are made and deleted again and again', async () => {
    const fields = { email: 'target@example.org', username: undefined };
    for (let i = 0; i < 4; i++) {
      const { token, password } = await stoa.register('target', fields);
      assert.equal((await stoa.api('DELETE', '/api/users/me', { token, body: { password } })).status, 204);
    }
    await box.settled();
    assert.equal(box.mails('verify_email', fields.email).length, 1);
  });

  test('that has had its share is said to its owner, who asks once more', async () => {
    const ada = await stoa.register('again');
    await box.settled();
    const resend = async () => (await stoa.api('POST', '/api/auth/email/resend', { token: ada.token })).body;
    assert.deepEqual(await resend(), { sent: false });
    await box.age('2 minutes');
    assert.deepEqual(await resend(), { sent: true });
  });

  test('of strangers is nobody\'s to fill by changes of address', async () => {
    const ada = await stoa.register('spammer');
    for (let i = 0; i < 5; i++) assert.equal((await changeEmail(stoa, ada, `victim${i}.${ada.email}`)).status, 202);
    const answer = await changeEmail(stoa, ada, `victim5.${ada.email}`);
    refused(answer, 429, 'RATE_LIMITED');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 3600, `${wait}`);
    await box.settled();
    assert.equal(toMailbox(`victim5.${ada.email}`), 0);
  });
});

test('an address of the network may have so many sent, and another is not held up', async () => {
  const stoa = await startStoa({ config: { server: { trusted_proxies: ['127.0.0.1'] }, jobs: kJobs, rate_limits: { enabled: true, codes: { requests: 10, window: '15m' } } } });
  try {
    const ask = (i, address) => forgot(stoa, `nobody${i}@example.org`, from(address));
    for (let i = 0; i < 10; i++) assert.equal((await ask(i, '198.51.100.1')).status, 202);
    const answer = await ask(10, '198.51.100.1');
    refused(answer, 429, 'RATE_LIMITED');
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await ask(11, '198.51.100.2')).status, 202);
  } finally {
    await stoa.stop();
  }
});

test('links that are none, by a neighbour, keep nobody from confirming an address', async () => {
  const server = await MailServer.start();
  const stoa = await startStoa({ config: { server: behindProxy, mail: server.config(), jobs: kJobs, rate_limits: { enabled: true, sensitive: { requests: 6, window: '15m' } } } });
  try {
    const confirm = (token) => stoa.api('POST', '/api/auth/email/verify', { body: { token }, headers: from('198.51.100.1') });
    const ada = await stoa.register('confirming');
    const token = await new Mailbox(server, stoa).token('verify_email', ada.email);
    for (let i = 0; i < 6; i++) refused(await confirm(`none ${i}`), 410, 'CODE_EXPIRED');
    refused(await confirm('none'), 429, 'RATE_LIMITED');
    assert.equal((await confirm(token)).status, 200);
  } finally {
    await stoa.stop();
    await server.stop();
  }
});

test('600 people of one address all get their link', async () => {
  const server = await MailServer.start();
  const stoa = await startStoa({
    config: {
      server: { public_url: kPublicUrl }, mail: server.config(), jobs: kJobs, codes: { min_wait: '0ms' },
      rate_limits: { enabled: true, registration: { requests: 1000, window: '15m' } },
    },
  });
  try {
    const school = await crowd(stoa, 600);
    for (const { email } of school) assert.equal((await forgot(stoa, email)).status, 202);
    const box = new Mailbox(server, stoa);
    await box.settled();
    assert.deepEqual(school.filter(({ email }) => box.mails('reset_password', email).length !== 1), []);
  } finally {
    await stoa.stop();
    await server.stop();
  }
});
