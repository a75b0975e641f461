// Codes that are shown again, and codes that are guessed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { challengeOf, codeOf, forgetSteps, presentStep, show, turnOn, withinAStep, wrongCode } from '../../support/totp.mjs';

let stoa;
// The throttle of passwords is another one.
before(async () => { stoa = await startStoa({ config: { auth: { login_attempts: 1000 } } }); });
after(() => stoa.stop());

async function withFactor(name) {
  const person = await stoa.register(name);
  return { ...person, ...await turnOn(stoa, person) };
}

const challenges = (person, count) => Promise.all(Array.from({ length: count }, () => challengeOf(stoa, person)));

test('the code that turned it on is spent', () => withinAStep(async () => {
  const ada = await withFactor('ada');
  const spent = codeOf(ada.secret);
  refused(await show(stoa, { challenge: await challengeOf(stoa, ada), code: spent }), 401, 'INVALID_CODE');
}));

test('a code signs in once, however many challenges there are', async () => {
  const ben = await withFactor('ben');
  await withinAStep(async (step) => {
    await forgetSteps(stoa, ben);
    const [first, second] = await challenges(ben, 2);
    const code = codeOf(ben.secret, step);
    assert.equal((await show(stoa, { challenge: first, code })).status, 200);
    refused(await show(stoa, { challenge: second, code }), 401, 'INVALID_CODE');
    // What is older than it neither, though it was never shown.
    refused(await show(stoa, { challenge: second, code: codeOf(ben.secret, step - 1) }), 401, 'INVALID_CODE');
  });
});

test('a code that is shown twenty times at once signs in once', async () => {
  const cas = await withFactor('cas');
  for (const count of [20, 1]) { // challenges
    const given = await challenges(cas, count);
    await forgetSteps(stoa, cas);
    const code = codeOf(cas.secret);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => show(stoa, { challenge: given[i % count], code })));
    assert.equal(answers.filter((a) => a.status === 200).length, 1, `with ${count} challenges`);
    for (const { status } of answers) assert.ok([200, 401, 410, 429].includes(status), `${status}`);
  }
});

test('a code is good once on all nodes, and failures of all of them count', async () => {
  const jo = await withFactor('jo');
  const other = await startStoa({ database: stoa.database, config: { auth: stoa.config.auth } });
  try {
    await forgetSteps(stoa, jo);
    const [first, second, third] = await challenges(jo, 3);
    const code = codeOf(jo.secret);
    const answers = await Promise.all([show(stoa, { challenge: first, code }), show(other, { challenge: second, code })]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, 401]);
    await forgetSteps(stoa, jo);
    for (const node of [stoa, other]) refused(await show(node, { challenge: third, code: wrongCode(jo.secret) }), 401, 'INVALID_CODE');
    assert.equal(await stoa.sql(`select failures from user_totp where user_id = '${jo.id}'`), '2');
  } finally {
    await other.stop();
  }
});

test('the codes of the step before and of the step behind are taken, and none further away', async () => {
  const dan = await withFactor('dan');
  await withinAStep(async (step) => {
    for (const off of [-1, 0, 1]) {
      await forgetSteps(stoa, dan);
      assert.equal((await show(stoa, { challenge: await challengeOf(stoa, dan), code: codeOf(dan.secret, step + off) })).status, 200, `${off}`);
    }
    await forgetSteps(stoa, dan);
    const [one, other] = await challenges(dan, 2);
    for (const off of [-2, 2, -120, 120]) {
      refused(await show(stoa, { challenge: off > 0 ? one : other, code: codeOf(dan.secret, step + off) }), 401, 'INVALID_CODE', `${off}`);
    }
  });
});

test('a challenge is its person\'s, whoever else shows a code', async () => {
  const [eva, fay] = await Promise.all([withFactor('eva'), withFactor('fay')]);
  await Promise.all([forgetSteps(stoa, eva), forgetSteps(stoa, fay)]);
  const challenge = await challengeOf(stoa, eva);
  refused(await show(stoa, { challenge, code: codeOf(fay.secret) }), 401, 'INVALID_CODE');
  refused(await show(stoa, { challenge, recoveryCode: fay.recoveryCodes[0] }), 401, 'INVALID_CODE');
  const { body } = await show(stoa, { challenge, code: codeOf(eva.secret) });
  assert.equal(body.user.id, eva.id);
});

test('a challenge has five attempts, of either kind', async () => {
  const gus = await withFactor('gus');
  await forgetSteps(stoa, gus);
  const challenge = await challengeOf(stoa, gus);
  const wrong = [{ code: wrongCode(gus.secret) }, { recoveryCode: 'AAAA-BBBB-CCCC-DDDD' }];
  for (let i = 0; i < 5; i++) refused(await show(stoa, { challenge, ...wrong[i % 2] }), 401, 'INVALID_CODE');
  refused(await show(stoa, { challenge, code: codeOf(gus.secret) }), 410, 'CODE_EXPIRED');
  assert.equal((await show(stoa, { challenge: await challengeOf(stoa, gus), code: codeOf(gus.secret) })).status, 200);
});

test('fifty challenges give no more guesses than a person has', async () => {
  const [hal, ida] = await Promise.all([withFactor('hal'), withFactor('ida')]);
  await Promise.all([forgetSteps(stoa, hal), forgetSteps(stoa, ida)]);
  const given = await challenges(hal, 50);
  const answers = await Promise.all(given.map((challenge, i) => show(stoa, i % 2 ? { challenge, code: wrongCode(hal.secret) } : { challenge, recoveryCode: 'AAAA-BBBB-CCCC-DDDD' })));
  const tried = answers.filter((a) => a.status === 401).length;
  // After the tenth each waits twice as long as the one before: no machine is slow enough for half of them.
  assert.ok(tried >= 10 && tried <= 25, `${tried} guesses went through`);
  for (const answer of answers.filter((a) => a.status !== 401)) {
    refused(answer, 429, 'RATE_LIMITED');
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  }
  // Every door counts on the same person; as if the wait had come to its longest.
  await stoa.sql(`update user_totp set not_before = now() + interval '1 hour' where user_id = '${hal.id}'`);
  const [challenge] = await challenges(hal, 1);
  const { headers } = await show(stoa, { challenge, code: codeOf(hal.secret) });
  assert.ok(Number(headers.get('retry-after')) > 3000);
  refused(await show(stoa, { challenge, recoveryCode: hal.recoveryCodes[0] }), 429, 'RATE_LIMITED');
  assert.equal((await show(stoa, { challenge: await challengeOf(stoa, ida), code: codeOf(ida.secret) })).status, 200);
  // When it is over the right code signs in, and the count begins anew.
  await stoa.sql(`update user_totp set not_before = now() where user_id = '${hal.id}'`);
  assert.equal((await show(stoa, { challenge, code: codeOf(hal.secret) })).status, 200);
  assert.equal((await stoa.sql(`select failures from user_totp where user_id = '${hal.id}'`)), '0');
});

test('the wait grows twofold up to its bound, and is forgotten after a long pause', async () => {
  const { id, secret, ...kim } = await withFactor('kim');
  const attempt = async (failures, since = '1 second') => {
    await stoa.sql(`update user_totp set failures = ${failures}, tried_at = now() - interval '${since}', not_before = '-infinity' where user_id = '${id}'`);
    refused(await show(stoa, { challenge: await challengeOf(stoa, kim), code: wrongCode(secret) }), 401, 'INVALID_CODE');
    return Number(await stoa.sql(`select coalesce(extract(epoch from nullif(not_before, '-infinity') - tried_at), 0)::int from user_totp where user_id = '${id}'`));
  };
  assert.equal(await attempt(8), 0);
  assert.equal(await attempt(9), 1);
  assert.equal(await attempt(10), 2);
  assert.equal(await attempt(20), 2048);
  assert.equal(await attempt(21), 3600);
  assert.equal(await attempt(100000), 3600);
  assert.equal(await attempt(100000, '23 hours'), 3600, 'a pause of less than a day gives none of the free ones');
  assert.equal(await attempt(100000, '25 hours'), 0);
});

test('an app whose clock is an hour wrong is refused', async () => {
  const leo = await withFactor('leo');
  await forgetSteps(stoa, leo);
  const challenge = await challengeOf(stoa, leo);
  for (const off of [-120, 120]) {
    refused(await show(stoa, { challenge, code: codeOf(leo.secret, presentStep() + off) }), 401, 'INVALID_CODE');
  }
});
