// Codes that Twilio Verify makes, sends and checks: what its API answers, and what becomes of that.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import twilioClient from 'twilio';

import { confirmed } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { Twilio } from '../../support/twilio.mjs';
import { until } from '../../support/until.mjs';
import { age, ask, enter, newNumber, setOwn, settled, wrongOf } from './phones.mjs';

let twilio, stoa;
before(async () => {
  twilio = await Twilio.start();
  stoa = await startStoa({ config: { ...twilio.config(), jobs: { poll: '50ms' }, codes: { min_wait: '0ms' } } });
});
after(async () => {
  await stoa?.stop();
  await twilio?.stop();
});

async function sent(phone, nth = 1) {
  assert.equal((await ask(stoa, phone)).status, 202);
  return twilio.codeOf(phone, nth);
}
// What is answered to the next request of that path.
function next(path, ...answer) {
  twilio.answer = (at) => {
    if (at !== path) return undefined;
    twilio.answer = undefined;
    return answer.length === 1 ? answer[0] : answer;
  };
}

test('a code that Twilio approves signs in, and makes the account at the first time', async () => {
  const phone = newNumber();
  const code = await sent(phone);
  refused(await enter(stoa, phone, wrongOf(code)), 401, 'INVALID_CODE'); // 200 and "pending", there
  const { status, body } = await enter(stoa, phone, code, { fullName: 'Ida Berg' });
  assert.equal(status, 200);
  assert.equal(body.user.fullName, 'Ida Berg');
  refused(await enter(stoa, phone, code), 410, 'CODE_EXPIRED');
  assert.equal(twilio.checked(phone), 2, 'a code that was approved is not asked for again');
  assert.equal((await enter(stoa, phone, await sent(phone, 2))).body.user.id, body.user.id);
  assert.deepEqual(Object.keys(twilio.requests[0].form).sort(), ['Channel', 'To']);
});

test('a number that nothing was sent to is asked for nowhere', async () => {
  const phone = newNumber();
  refused(await enter(stoa, phone, '123456'), 410, 'CODE_EXPIRED');
  assert.equal(twilio.checked(phone), 0);
});

test('what Twilio knows no more is expired', async () => {
  const phone = newNumber();
  const code = await sent(phone);
  twilio.expire(phone);
  refused(await enter(stoa, phone, code), 410, 'CODE_EXPIRED'); // 404 and 20404, there
});

for (const status of ['canceled', 'expired', 'max_attempts_reached', 'something new']) {
  test(`a check that is "${status}" lets nobody in`, async () => {
    const phone = newNumber();
    const code = await sent(phone);
    next('VerificationCheck', 200, { status, valid: true });
    refused(await enter(stoa, phone, code), 410, 'CODE_EXPIRED');
  });
}

for (const [name, body] of [['without a status', { valid: true }], ['that is no JSON', '<html>'], ['with another status', { status: ['approved'] }]]) {
  test(`an answer ${name} lets nobody in`, async () => {
    const phone = newNumber();
    const code = await sent(phone);
    next('VerificationCheck', 200, body);
    refused(await enter(stoa, phone, code), 410, 'CODE_EXPIRED');
  });
}

test('too many checks there are too many here', async () => {
  const phone = newNumber();
  const code = await sent(phone);
  next('VerificationCheck', 429, { code: 60202, message: 'Max check attempts reached', status: 429 });
  const answer = await enter(stoa, phone, code);
  refused(answer, 429, 'RATE_LIMITED');
  assert.equal(answer.headers.get('retry-after'), '600');
});

test('five attempts are the last, whatever Twilio would take', async () => {
  const phone = newNumber();
  const { body: { challenge } } = await ask(stoa, phone);
  const code = await twilio.codeOf(phone);
  for (let i = 0; i < 3; i++) refused(await enter(stoa, phone, wrongOf(code)), 401, 'INVALID_CODE');
  refused(await enter(stoa, phone, wrongOf(code)), 410, 'CODE_EXPIRED');
  for (let i = 0; i < 2; i++) refused(await enter(stoa, phone, wrongOf(code), { challenge }), 401, 'INVALID_CODE');
  refused(await enter(stoa, phone, code, { challenge }), 410, 'CODE_EXPIRED');
  assert.equal(twilio.checked(phone), 5);
});

for (const [name, ...answer] of [['is broken', 500, { message: 'oops' }], ['hangs up', 'hang up'], ['does not know us', 401, { code: 20003, status: 401 }]]) {
  test(`a check says so where Twilio ${name}, and the code stays good`, async () => {
    const phone = newNumber();
    const code = await sent(phone);
    next('VerificationCheck', ...answer);
    refused(await enter(stoa, phone, code), 503, 'PHONE_UNAVAILABLE');
    assert.equal((await enter(stoa, phone, code)).status, 200);
  });
}

test('a message that could not be sent is tried again, and spends no share for that', async () => {
  const phone = newNumber();
  next('Verifications', 503, { message: 'oops' });
  const code = await sent(phone, 2);
  assert.equal((await enter(stoa, phone, code)).status, 200);
  assert.equal(await stoa.sql(`select count(*) from code_sends where target = '${phone}'`), '1');
});

test('a message that a killed server had under way is sent by the next process', async () => {
  const killed = await startStoa({ config: { ...twilio.config(), jobs: { poll: '50ms', lease: '1s' }, codes: { min_wait: '0ms' } } });
  let hangUp;
  try {
    const phone = newNumber();
    twilio.answer = (path, { To }) => (To === phone ? new Promise((resolve) => { hangUp = () => resolve('hang up'); }) : undefined);
    assert.equal((await ask(killed, phone)).status, 202);
    await until(() => twilio.sent(phone) === 1, { what: 'a message without an answer' });
    await killed.kill9();
    assert.equal(await killed.sql("select count(*) from jobs where kind = 'send_phone_code'"), '1');
    twilio.answer = undefined;
    await killed.start();
    const code = await twilio.codeOf(phone, 2);
    assert.equal((await enter(killed, phone, code)).status, 200);
    await settled(killed, until);
    assert.equal(await killed.sql(`select count(*) from code_sends where target = '${phone}'`), '1', 'of one share');
  } finally {
    twilio.answer = undefined;
    hangUp?.();
    await killed.stop();
  }
});

test('what Twilio refuses is said in the log, without the number, and leaves no job', async () => {
  const phone = newNumber();
  for (const [status, code] of [[400, 60200], [403, 60410], [401, 20003]]) {
    next('Verifications', status, { code, message: `Invalid parameter To: ${phone}`, status });
    assert.equal((await ask(stoa, phone)).status, 202);
    const line = await stoa.log((l) => l.event === 'phone_provider_refused' && l.code === code && l.what === 'send');
    assert.ok(!JSON.stringify(line).includes(phone));
    await settled(stoa, until);
  }
  next('Verifications', 429, { code: 60203, message: 'Max send attempts reached', status: 429 });
  assert.equal((await ask(stoa, phone)).status, 202);
  await settled(stoa, until);
});

test('an address stays nobody\'s who gets no message: one call for each that is let through', async () => {
  const phone = newNumber();
  for (let i = 1; i <= 5; i++) await sent(phone, i);
  assert.equal((await ask(stoa, phone)).status, 202);
  await settled(stoa, until);
  assert.equal(twilio.sent(phone), 5, 'codes.per_target');
  await age(stoa, '1 hour');
});

test('a number of one\'s own is confirmed by Twilio too', async () => {
  const ada = await confirmed(stoa, 'ada');
  const phone = newNumber();
  const code = await sent(phone);
  refused(await setOwn(stoa, ada, phone, wrongOf(code)), 422, 'WRONG_PHONE_CODE');
  assert.equal((await setOwn(stoa, ada, phone, code)).body.phone, phone);
});

// What this server's calls are held against is held against Twilio's own client.
describe('the stand-in, to the client that Twilio gives out', () => {
  let service;
  before(() => {
    const client = twilioClient(twilio.accountSid, twilio.authToken);
    client.verify.baseUrl = twilio.url;
    service = client.verify.v2.services(twilio.serviceSid);
  });

  test('sends, checks and approves', async () => {
    const to = newNumber();
    const verification = await service.verifications.create({ to, channel: 'sms' });
    assert.deepEqual([verification.status, verification.valid, verification.to, verification.channel], ['pending', false, to, 'sms']);
    const code = await twilio.codeOf(to);
    const wrong = await service.verificationChecks.create({ to, code: wrongOf(code) });
    assert.deepEqual([wrong.status, wrong.valid], ['pending', false]);
    const right = await service.verificationChecks.create({ to, code });
    assert.deepEqual([right.status, right.valid], ['approved', true]);
    await assert.rejects(service.verificationChecks.create({ to, code }), { status: 404, code: 20404 });
  });

  test('refuses what is too often, and what is none', async () => {
    const to = newNumber();
    for (let i = 0; i < 5; i++) await service.verifications.create({ to, channel: 'sms' });
    await assert.rejects(service.verifications.create({ to, channel: 'sms' }), { status: 429, code: 60203 });
    const code = wrongOf(await twilio.codeOf(to));
    for (let i = 0; i < 5; i++) await service.verificationChecks.create({ to, code });
    await assert.rejects(service.verificationChecks.create({ to, code }), { status: 429, code: 60202 });
    await assert.rejects(service.verifications.create({ to: '12', channel: 'sms' }), { status: 400, code: 60200 });
  });

  test('is asked for the same by both', async () => {
    const [ours, theirs] = [newNumber(), newNumber()];
    await sent(ours);
    await service.verifications.create({ to: theirs, channel: 'sms' });
    const [one, other] = twilio.requests.slice(-2);
    assert.deepEqual({ ...one.form, To: '' }, { ...other.form, To: '' });
    assert.equal(one.path, other.path);
  });
});
