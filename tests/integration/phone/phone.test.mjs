// Signing in by a code that comes to a telephone, where the server makes the codes itself, and the number of an account.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { Issuer, kInside } from '../../support/issuers.mjs';
import { confirmed } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { challengeOf, codeOf, forgetSteps, show, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';
import { age, ask, codeFrom, enter, newNumber, ownOf, removeOwn, setOwn, settled, wrongOf } from './phones.mjs';

const world = {};
let issuer, stoa;
const register = (name) => confirmed(stoa, name);
before(async () => {
  issuer = await Issuer.start();
  world.stoa = stoa = await startStoa({ config: { oidc: { provider: [issuer.config()] }, fetch: kInside, phone: { provider: 'log', countries: ['+49'], refused: ['+49900'], per_address: 10_000 }, codes: { min_wait: '0ms' }, mail: { locale: 'de' }, jobs: { poll: '50ms' } } });
  world.ada = await register('ada');
});
after(async () => {
  await stoa?.stop();
  await issuer?.stop();
});

async function sent(phone, nth = 1) {
  const answer = await ask(stoa, phone);
  accepted(answer);
  return codeFrom(stoa, phone, nth);
}
// Whatever is known of the number.
function accepted({ status, body }) {
  assert.equal(status, 202);
  assert.deepEqual(Object.keys(body), ['challenge']);
  assert.match(body.challenge, /^[\w-]{43}$/);
}
const count = (phone) => stoa.sql(`select count(*) from users where phone = '${phone}'`);
const addIdentity = (user) => stoa.sql(`insert into identities (id, user_id, issuer, subject) values (gen_random_uuid(), '${user.id}', '${issuer.issuer}', '${user.id}')`);
const old = (person) => stoa.sql(`update auth_sessions set created_at = created_at - interval '1 hour' where user_id = '${person.id}'`);

test('the first code of a number makes an account, the next one signs in to it', async () => {
  const phone = newNumber();
  const code = await sent(phone);
  assert.match(code, /^\d{6}$/);
  const first = await enter(stoa, phone, ` ${code.slice(0, 3)} ${code.slice(3)}`, { fullName: 'Ida Berg' });
  assert.equal(first.status, 200, first.text);
  assert.equal(first.body.user.fullName, 'Ida Berg');
  assert.equal(first.body.user.email, null);
  assert.equal(first.body.user.locale, 'de', 'as the server\'s mails');
  assert.equal((await stoa.api('GET', '/api/users/me', { token: first.body.accessToken })).status, 200);
  const second = await enter(stoa, phone, await sent(phone, 2), { fullName: 'Somebody Else', locale: 'pt-br' });
  assert.equal(second.body.user.id, first.body.user.id);
  assert.equal(second.body.user.fullName, 'Ida Berg');
  assert.equal(await stoa.sql(`select string_agg(how, ',') from auth_sessions where user_id = '${first.body.user.id}'`), 'phone,phone');
});

test('who says no name is a newcomer, in the language that he says', async () => {
  const phone = newNumber();
  const { body: { user } } = await enter(stoa, phone, await sent(phone), { locale: 'pt-br' });
  assert.deepEqual([user.fullName, user.locale], ['Newcomer', 'pt-BR']);
});

test('a number is one however it is written, and the database has no code of it', async () => {
  const phone = newNumber();
  const written = `${phone.slice(0, 3)} (${phone.slice(3, 6)}) ${phone.slice(6, 9)}-${phone.slice(9)}`;
  assert.equal((await ask(stoa, written)).status, 202);
  const code = await codeFrom(stoa, phone);
  const [row] = await stoa.rows(`select * from one_time_codes where target = '${phone}'`);
  assert.ok(!JSON.stringify(row).includes(code), JSON.stringify(row));
  assert.equal((await enter(stoa, written, code)).status, 200);
  assert.equal(await count(phone), '1');
});

test('a code is good once, also for ten who come at once', async () => {
  const phone = newNumber();
  const code = await sent(phone);
  const answers = await Promise.all(Array.from({ length: 5 }, () => enter(stoa, phone, code)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1, answers.map(({ status }) => status).join());
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 410, 'CODE_EXPIRED');
  refused(await enter(stoa, phone, code), 410, 'CODE_EXPIRED');
  assert.equal(await count(phone), '1');
});

test('three wrong codes are the last, also for the right one', async () => {
  const phone = newNumber();
  const code = await sent(phone);
  for (let i = 0; i < 3; i++) refused(await enter(stoa, phone, wrongOf(code)), 401, 'INVALID_CODE');
  refused(await enter(stoa, phone, code), 410, 'CODE_EXPIRED');
  assert.equal((await enter(stoa, phone, await sent(phone, 2))).status, 200);
});

describe('who shows the challenge of the code that he has asked for', () => {
  async function asked(phone) {
    const answer = await ask(stoa, phone);
    accepted(answer);
    return { challenge: answer.body.challenge, code: await codeFrom(stoa, phone) };
  }

  test('is not kept out by the guesses of others, with a challenge of theirs or without', async () => {
    const phone = newNumber();
    const { challenge, code } = await asked(phone);
    const theirs = await asked(newNumber());
    for (const more of [{}, { challenge: theirs.challenge }, { challenge: 'x' }]) refused(await enter(stoa, phone, wrongOf(code), more), 401, 'INVALID_CODE');
    for (const more of [{}, { challenge: theirs.challenge }]) refused(await enter(stoa, phone, code, more), 410, 'CODE_EXPIRED');
    refused(await enter(stoa, phone, wrongOf(code), { challenge }), 401, 'INVALID_CODE');
    assert.equal((await enter(stoa, phone, code, { challenge })).status, 200);
  });

  test('has five attempts, with those of all others', async () => {
    const phone = newNumber();
    const { challenge, code } = await asked(phone);
    for (let i = 0; i < 5; i++) refused(await enter(stoa, phone, wrongOf(code), { challenge }), 401, 'INVALID_CODE');
    for (const more of [{}, { challenge }]) refused(await enter(stoa, phone, code, more), 410, 'CODE_EXPIRED');
    const [{ attempts, unproven }] = await stoa.rows(`select attempts, unproven from one_time_codes where target = '${phone}'`);
    assert.deepEqual([attempts, unproven], [5, 0]);
  });

  test('sets a number of his own beside such guesses too', async () => {
    const [kai, phone] = [await register('kai'), newNumber()];
    const { challenge, code } = await asked(phone);
    for (let i = 0; i < 3; i++) await enter(stoa, phone, wrongOf(code));
    refused(await setOwn(stoa, kai, phone, code), 410, 'CODE_EXPIRED');
    assert.equal((await setOwn(stoa, kai, phone, code, { challenge })).body.phone, phone);
  });

  test('is known by its hash alone', async () => {
    const phone = newNumber();
    const { challenge } = await asked(phone);
    const [row] = await stoa.rows(`select * from one_time_codes where target = '${phone}'`);
    assert.ok(!JSON.stringify(row).includes(challenge));
  });
});

test('a code is good for ten minutes, and until the next', async () => {
  const phone = newNumber();
  const first = await sent(phone);
  await age(stoa, '9 minutes');
  const second = await sent(phone, 2);
  if (first !== second) refused(await enter(stoa, phone, first), 401, 'INVALID_CODE');
  await age(stoa, '11 minutes');
  refused(await enter(stoa, phone, second), 410, 'CODE_EXPIRED');
});

test('a code of one number is none of another', async () => {
  const [one, other] = [newNumber(), newNumber()];
  const [code, otherCode] = [await sent(one), await sent(other)];
  if (code !== otherCode) refused(await enter(stoa, other, code), 401, 'INVALID_CODE');
  assert.equal((await enter(stoa, other, otherCode)).status, 200);
});

test('a suspended account is not let in, and one with a second factor is asked for it', async () => {
  const [bob, eve] = await Promise.all(['bob', 'eve'].map(register));
  for (const one of [bob, eve]) {
    one.phone = newNumber();
    assert.equal((await setOwn(stoa, one, one.phone, await sent(one.phone))).status, 200);
  }
  const { secret } = await turnOn(stoa, bob);
  const { body } = await enter(stoa, bob.phone, await sent(bob.phone, 2));
  assert.deepEqual(Object.keys(body).sort(), ['challenge', 'challengeExpiresIn']);
  await forgetSteps(stoa, bob);
  assert.equal((await show(stoa, { challenge: body.challenge, code: codeOf(secret) })).body.user.id, bob.id);
  assert.equal(await stoa.sql(`select how || factors from auth_sessions where user_id = '${bob.id}' order by id desc limit 1`), 'phone2');
  assert.ok(await challengeOf(stoa, bob), 'and by the other door');

  await stoa.sql(`update users set suspended_at = now() where id = '${eve.id}'`);
  refused(await enter(stoa, eve.phone, await sent(eve.phone, 2)), 403, 'ACCOUNT_SUSPENDED');
});

describe('the number of an account', () => {
  test('is its owner\'s by a code, and by nothing else', async () => {
    const lea = await register('lea');
    const phone = newNumber();
    assert.deepEqual(await ownOf(stoa, lea), { phone: null, confirmedAt: null });
    const code = await sent(phone);
    refused(await setOwn(stoa, lea, phone, wrongOf(code)), 422, 'WRONG_PHONE_CODE');
    const answer = await setOwn(stoa, lea, phone, code);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.phone, phone);
    assert.deepEqual(await ownOf(stoa, lea), answer.body);
    const mail = await stoa.log(({ event, to }) => event === 'mail' && to === lea.email);
    assert.ok(!mail.text.includes(phone), 'which number is nobody\'s but his');
    assert.equal((await enter(stoa, phone, await sent(phone, 2))).body.user.id, lea.id);
    assert.equal((await removeOwn(stoa, lea)).status, 204);
    refused(await removeOwn(stoa, lea), 404, 'NOT_FOUND');
    const entries = await stoa.rows(`select action, before, after from audit_log where target_id = '${lea.id}' order by id`);
    assert.deepEqual(entries, [
      { action: 'phone.set', before: { present: false }, after: { present: true } },
      { action: 'phone.remove', before: { present: true }, after: { present: false } },
    ]);
    const stranger = await enter(stoa, phone, await sent(phone, 3));
    assert.notEqual(stranger.body.user.id, lea.id);
  });

  test('belongs to one account', async () => {
    const [mia, noa] = await Promise.all(['mia', 'noa'].map(register));
    const phone = newNumber();
    assert.equal((await setOwn(stoa, mia, phone, await sent(phone))).status, 200);
    refused(await setOwn(stoa, noa, phone, await sent(phone, 2)), 409, 'PHONE_TAKEN');
    assert.equal((await setOwn(stoa, mia, phone, await sent(phone, 3))).status, 200, 'confirmed once more');
  });

  test('stays where nothing else signs in, and asks for a fresh sign-in', async () => {
    const phone = newNumber();
    const { body: { accessToken: token, user } } = await enter(stoa, phone, await sent(phone));
    refused(await removeOwn(stoa, { token }), 409, 'LAST_WAY_IN');
    await old(user);
    refused(await removeOwn(stoa, { token }), 403, 'SIGN_IN_AGAIN');
    refused(await setOwn(stoa, { token }, newNumber(), '123456'), 403, 'SIGN_IN_AGAIN');
  });

  test('goes where an identity signs in, or a link to a confirmed address does', async () => {
    const [one, other] = [newNumber(), newNumber()];
    const { body: byIdentity } = await enter(stoa, one, await sent(one));
    await addIdentity(byIdentity.user);
    assert.equal((await removeOwn(stoa, { token: byIdentity.accessToken })).status, 204);
    const { body: byLink } = await enter(stoa, other, await sent(other));
    const address = (verified) => stoa.sql(`update users set email = 'link.${byLink.user.id}@example.org', is_verified = ${verified} where id = '${byLink.user.id}'`);
    await address(false);
    refused(await removeOwn(stoa, { token: byLink.accessToken }), 409, 'LAST_WAY_IN');
    await address(true);
    assert.equal((await removeOwn(stoa, { token: byLink.accessToken })).status, 204);
  });

  // Carriers give numbers to others.
  test('signs in no more after half a year without a code, where there is another way in', async () => {
    const [pia, phone, only] = [await register('pia'), newNumber(), newNumber()];
    assert.equal((await setOwn(stoa, pia, phone, await sent(phone))).status, 200);
    const { body: { user } } = await enter(stoa, only, await sent(only));
    const outside = newNumber();
    await addIdentity((await enter(stoa, outside, await sent(outside))).body.user);
    await age(stoa, '179 days');
    assert.equal((await enter(stoa, phone, await sent(phone, 2))).status, 200, 'and counts from there on');
    await age(stoa, '181 days');
    refused(await enter(stoa, phone, await sent(phone, 3)), 403, 'PHONE_STALE');
    refused(await enter(stoa, outside, await sent(outside, 2)), 403, 'PHONE_STALE');
    assert.equal((await setOwn(stoa, pia, phone, await sent(phone, 4))).status, 200);
    assert.equal((await enter(stoa, phone, await sent(phone, 5))).body.user.id, pia.id);
    assert.equal((await enter(stoa, only, await sent(only, 2))).body.user.id, user.id, 'nothing else signs in there');
  });

  test('goes then to whom the carrier has given it, from an account that has another way in alone', async () => {
    const [was, is, phone, only] = [await register('was'), await register('is'), newNumber(), newNumber()];
    assert.equal((await setOwn(stoa, was, phone, await sent(phone))).status, 200);
    await enter(stoa, only, await sent(only));
    refused(await setOwn(stoa, is, phone, await sent(phone, 2)), 409, 'PHONE_TAKEN');
    await age(stoa, '181 days');
    refused(await setOwn(stoa, is, only, await sent(only, 2)), 409, 'PHONE_TAKEN');
    const answer = await setOwn(stoa, is, phone, await sent(phone, 3));
    assert.equal(answer.body.phone, phone, answer.text);
    assert.equal((await ownOf(stoa, was)).phone, null);
    const told = () => stoa.logs().filter(({ event, to, text }) => event === 'mail' && to === was.email && text.includes('eine andere Telefonnummer')).length;
    await until(() => told() === 2, { what: 'the mails to who had it' });
    const entries = await stoa.rows(`select actor_id, action from audit_log where target_id = '${was.id}' order by id`);
    assert.deepEqual(entries, [{ actor_id: was.id, action: 'phone.set' }, { actor_id: is.id, action: 'phone.remove' }]);
    assert.equal((await enter(stoa, phone, await sent(phone, 4))).body.user.id, is.id);
  });

  test('goes to one of two who are given each other\'s at once, without anybody waiting in a circle', async () => {
    const [one, other, phone, second] = [await register('one'), await register('other'), newNumber(), newNumber()];
    assert.equal((await setOwn(stoa, one, phone, await sent(phone))).status, 200);
    assert.equal((await setOwn(stoa, other, second, await sent(second))).status, 200);
    await age(stoa, '181 days');
    const codes = [await sent(second, 2), await sent(phone, 2)];
    const answers = await Promise.all([setOwn(stoa, one, second, codes[0]), setOwn(stoa, other, phone, codes[1])]);
    assert.ok(answers.every(({ status }) => status === 200 || status === 409), answers.map(({ text }) => text).join('\n'));
    assert.equal(await stoa.sql(`select count(*) from users where phone in ('${phone}', '${second}')`), String(answers.filter(({ status }) => status === 200).length));
  });
});

scenarios(world, { who: 'stranger', request: 'POST /api/auth/phone/send-otp', answer: '422 VALIDATION_ERROR', invalid: ['phone'] }, [
  { name: 'a number without its country', body: { phone: '0151 23456789' } },
  { name: 'one with the zero that is for within it', body: { phone: '+49 (0)151 23456789' } },
  { name: 'one that is too short', body: { phone: '+491234' } },
  { name: 'one of 16 digits', body: { phone: '+491234567890123456' } },
  { name: 'one with letters', body: { phone: '+49 151 CALLME' } },
  { name: 'digits of another script', body: { phone: '+٤٩١٥١٢٣٤٥٦٧٨٩' } },
  { name: 'one with a line', body: { phone: '+4915123456789\n+4915123456780' } },
  { name: 'a country that gets no messages', body: { phone: '+18765551234' } },
  { name: 'a part of one that gets none', body: { phone: '+49900123456' } },
  { name: 'none', body: {} },
]);
scenarios(world, { who: 'stranger', request: 'POST /api/auth/phone/verify', body: { phone: '+4915123456789', code: '123456' } }, [
  { name: 'a code that was never sent', answer: '410 CODE_EXPIRED' },
  { name: 'every bad field is named at once', body: { phone: '1', code: '1', challenge: 'x'.repeat(65), fullName: ' ', locale: '?' }, answer: '422 VALIDATION_ERROR', invalid: ['challenge', 'code', 'fullName', 'locale', 'phone'] },
]);
scenarios(world, { who: 'stranger', answer: '401 UNAUTHORIZED' }, [
  { name: 'a stranger has no number', request: 'GET /api/auth/phone' },
  { name: 'nor sets one', request: 'PUT /api/auth/phone', body: { phone: '+4915123456789', code: '123456' } },
  { name: 'nor removes one', request: 'DELETE /api/auth/phone' },
]);

test('where it is off, nothing is sent and nothing is let in', async () => {
  const off = await startStoa();
  try {
    refused(await ask(off, newNumber()), 503, 'PHONE_OFF');
    refused(await enter(off, newNumber(), '123456'), 503, 'PHONE_OFF');
    const { token } = await off.register('off');
    refused(await setOwn(off, { token }, newNumber(), '123456'), 503, 'PHONE_OFF');
    assert.equal((await ownOf(off, { token })).phone, null);
  } finally {
    await off.stop();
  }
});

test('an account whose address nobody confirmed gets no number, which would outlast its owner\'s coming', async () => {
  const squatted = await stoa.register('waits');
  const phone = newNumber();
  refused(await setOwn(stoa, squatted, phone, await sent(phone)), 403, 'CONFIRM_ADDRESS_FIRST');
});

// As where mails were not sent yet.
test('a number and an identity of who had the account before its address was confirmed let him in no more', async () => {
  const squatted = await stoa.register('squatted');
  const phone = newNumber();
  await stoa.sql(`update users set phone = '${phone}', phone_confirmed_at = now() where id = '${squatted.id}'`);
  await addIdentity(squatted);
  assert.equal((await stoa.api('POST', '/api/auth/password/forgot', { body: { email: squatted.email } })).status, 202);
  const mail = await stoa.log(({ event, to, text }) => event === 'mail' && to === squatted.email && /#\/reset/.test(text));
  const [, token] = /#\/reset\?token=([\w.-]+)/.exec(mail.text);
  assert.equal((await stoa.api('POST', '/api/auth/password/reset', { body: { token, password: 'another long secret' } })).status, 200);
  assert.notEqual((await enter(stoa, phone, await sent(phone))).body.user.id, squatted.id);
  assert.equal(await stoa.sql(`select count(*) from identities where user_id = '${squatted.id}'`), '0');
  assert.equal(await stoa.sql(`select string_agg(action, ' ' order by action) from audit_log where target_id = '${squatted.id}' and (action like '%.remove' or action like '%unlink%')`), 'outside.unlink phone.remove');
});

describe('messages', () => {
  let limited;
  before(async () => {
    limited = await startStoa({ config: { phone: { provider: 'log', countries: ['+49', '+491'], per_block: 3, per_country: 5, in_all: 7 }, jobs: { poll: '50ms' }, codes: { min_wait: '1m', per_target: 2 } } });
  });
  after(() => limited?.stop());
  beforeEach(() => limited.sql('truncate code_sends, one_time_codes'));

  const messages = () => limited.logs().filter(({ event }) => event === 'phone_code').length;
  async function came(numbers) {
    const before_ = messages();
    for (const phone of numbers) {
      const answer = await ask(limited, phone);
      accepted(answer); // whatever follows
      await settled(limited, until);
    }
    return messages() - before_;
  }
  const numbers = (prefix, count) => Array.from({ length: count }, (_, i) => `${prefix}${String(1000 * i).padStart(13 - prefix.length, '0')}`);

  test('to one number are one a minute and so many in an hour', async () => {
    const phone = '+4970000000001';
    assert.equal(await came([phone, phone]), 1);
    await age(limited, '2 minutes');
    assert.equal(await came([phone]), 1);
    await age(limited, '2 minutes');
    assert.equal(await came([phone]), 0);
    await age(limited, '1 hour');
    assert.equal(await came([phone]), 1);
  });

  test('to numbers that differ in their last digits are few', async () => {
    assert.equal(await came(Array.from({ length: 5 }, (_, i) => `+497000000010${i}`)), 3);
  });

  test('to a country, and in all, are so many', async () => {
    assert.equal(await came(numbers('+497', 7)), 5);
    assert.equal(await came(numbers('+491', 4)), 2, 'the rest of all');
    assert.ok(await limited.metric('stoa_codes_total', { purpose: 'phone', result: 'limited' }) > 0);
  });

  test('to one number, asked for again and again, take nothing from others', async () => {
    const phone = '+4970000000002';
    assert.equal(await came([phone, ...Array(8).fill(phone), ...numbers('+497', 4)]), 5);
  });
});

test('an address of the network has so many sent, and another goes on', async () => {
  const one = await startStoa({ config: { server: { trusted_proxies: ['127.0.0.1'] }, phone: { provider: 'log', per_address: 2 }, jobs: { poll: '50ms' } } });
  try {
    const from = (address) => ({ 'x-forwarded-for': address });
    const asked = async (...requests) => {
      for (const [phone, address] of requests) assert.equal((await ask(one, phone, from(address))).status, 202);
      await settled(one, until);
    };
    // A job has ended a moment before its line is in the log.
    const sentTo = () => one.logs().filter(({ event }) => event === 'phone_code').map(({ to }) => to);
    const inAll = (count) => until(() => sentTo().length >= count, { what: `${count} messages` });
    const first = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((address) => [newNumber(), address]);
    await asked(...first);
    const last = newNumber();
    await asked([last, '198.51.100.9']);
    await inAll(3);
    assert.deepEqual(sentTo(), [first[0][0], first[1][0], last], 'an IPv6 /64 is one');
    await asked([first[2][0], '198.51.100.9']);
    await inAll(4); // what was not sent takes nothing from the number
  } finally {
    await one.stop();
  }
});

test('an address of the network that guesses is held up, and another is not', async () => {
  const guarded = await startStoa({ config: { server: { trusted_proxies: ['127.0.0.1'] }, phone: { provider: 'log' }, jobs: { poll: '50ms' }, codes: { min_wait: '0ms' }, rate_limits: { enabled: true, sensitive: { requests: 6, window: '15m' }, codes: { requests: 3, window: '15m' } } } });
  try {
    const from = (address) => ({ 'x-forwarded-for': address });
    const phone = newNumber();
    for (let i = 0; i < 3; i++) assert.equal((await ask(guarded, phone, from('198.51.100.1'))).status, 202);
    refused(await ask(guarded, phone, from('198.51.100.1')), 429, 'RATE_LIMITED');
    const code = await codeFrom(guarded, phone);
    for (let i = 0; i < 6; i++) refused(await enter(guarded, newNumber(), '123456', { headers: from('198.51.100.2') }), 410, 'CODE_EXPIRED');
    refused(await enter(guarded, phone, code, { headers: from('198.51.100.2') }), 429, 'RATE_LIMITED');
    await settled(guarded, until);
    const last = guarded.logs().filter(({ event, to }) => event === 'phone_code' && to === phone).at(-1).code;
    assert.equal((await enter(guarded, phone, last, { headers: from('198.51.100.3') })).status, 200);
  } finally {
    await guarded.stop();
  }
});

test('where no more accounts may be made, a wrong code says the same of numbers with an account and without', async () => {
  const full = await startStoa({ config: { phone: { provider: 'log' }, jobs: { poll: '50ms' }, codes: { min_wait: '0ms' }, rate_limits: { enabled: true, sensitive: { requests: 4, window: '15m' }, registration: { requests: 2, window: '15m' } } } });
  try {
    const code = async (phone, nth = 1) => {
      assert.equal((await ask(full, phone)).status, 202);
      return codeFrom(full, phone, nth);
    };
    const [known, other, unknown] = [newNumber(), newNumber(), newNumber()];
    for (const phone of [known, other]) assert.equal((await enter(full, phone, await code(phone))).status, 200);

    for (const phone of [known, unknown]) refused(await enter(full, phone, '123456'), 410, 'CODE_EXPIRED');
    const codes = new Map([[known, await code(known, 2)], [unknown, await code(unknown)]]);
    for (const [phone, right] of codes) refused(await enter(full, phone, wrongOf(right)), 401, 'INVALID_CODE');
    for (const [phone, right] of codes) refused(await enter(full, phone, right), 429, 'RATE_LIMITED');
  } finally {
    await full.stop();
  }
});

test('where no more accounts may be made, the right code lets in who has one, and makes no other', async () => {
  const full = await startStoa({ config: { phone: { provider: 'log' }, jobs: { poll: '50ms' }, codes: { min_wait: '0ms' }, rate_limits: { enabled: true, registration: { requests: 1, window: '15m' } } } });
  try {
    const [known, unknown] = [newNumber(), newNumber()];
    for (const phone of [known, unknown, known]) assert.equal((await ask(full, phone)).status, 202);
    await settled(full, until);
    assert.equal((await enter(full, known, await codeFrom(full, known, 2))).status, 200);
    refused(await enter(full, unknown, await codeFrom(full, unknown)), 429, 'RATE_LIMITED');
    assert.equal((await ask(full, known)).status, 202);
    assert.equal((await enter(full, known, await codeFrom(full, known, 3))).status, 200);
    assert.equal(await full.sql(`select count(*) from users where phone = '${unknown}'`), '0');
  } finally {
    await full.stop();
  }
});
