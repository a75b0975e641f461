// A school behind one address: people are not taken for attackers, and attackers do not shut people out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { crowd, Connections } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { codeOf, forgetSteps, turnOn } from '../../support/totp.mjs';
import { atAnyPace, inTime, until } from '../../support/until.mjs';

const window = '15m';
// Clients come from where a proxy says.
const from = (address) => ({ 'x-forwarded-for': address });
const behindProxy = { server: { trusted_proxies: ['127.0.0.1'] } };
const login = (stoa, { email, password }, { address = '198.51.100.1', ...more } = {}) =>
  stoa.api('POST', '/api/auth/login', { body: { email, password, ...more }, headers: from(address) });
const guess = (stoa, email, options) => login(stoa, { email, password: 'not the password' }, options);

describe('600 people of one address', () => {
  let stoa, connections;
  // The defaults, but for the day on which all of them register.
  before(async () => {
    stoa = await startStoa({
      config: {
        http: { max_connections_per_address: 4000 },
        realtime: { max_sessions_per_address: 4000, max_guests_per_address: 200 },
        rate_limits: { enabled: true, registration: { requests: 1000, window } },
      },
    });
    connections = new Connections(stoa);
  });
  after(() => { connections?.end(); return stoa?.stop(); });

  test('sign in, renew their tokens and keep a socket each', async () => {
    const school = await crowd(stoa, 600);
    const entries = [];
    while (school.length > 0) entries.push(...await Promise.all(school.splice(0, 30).map((one) => login(stoa, one))));
    assert.deepEqual(entries.filter(({ status }) => status !== 200).map(({ text }) => text), []);
    while (entries.length > 0) {
      await Promise.all(entries.splice(0, 30).map(async ({ body: { refreshToken } }) => {
        const renewed = await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken } });
        assert.equal(renewed.status, 200, renewed.text);
        const socket = await connections.open({ token: renewed.body.accessToken });
        assert.equal((await stoa.api('GET', '/api/users/me', { token: renewed.body.accessToken })).status, 200);
        return socket;
      }));
    }
    assert.equal(await stoa.metric('stoa_realtime_sessions'), 600);
  });
});

describe('renewals', () => {
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { ...behindProxy, rate_limits: { enabled: true, renewal: { requests: 6, window } } } });
  });
  after(() => stoa?.stop());

  const renew = (refreshToken, address) => stoa.api('POST', '/api/auth/refresh', { body: { refreshToken }, headers: from(address) });
  const enter = async (name, address) => (await login(stoa, await stoa.register(name, {}, from(address)), { address })).body.refreshToken;

  test('of tokens that are none count against their address alone, and keep nobody there from renewing', async () => {
    const address = '198.51.100.20';
    const [ada, ben] = [await enter('ada', address), await enter('ben', address)];
    const none = 'A'.repeat(43);
    for (const garbage of ['x', none, `${none}.${none}`, `${none}.${none}.${'A'.repeat(22)}`, `${ada.slice(0, 50)}`, `${ada}x`]) {
      refused(await renew(garbage, address), 401, 'INVALID_TOKEN');
    }
    refused(await renew(`${none}.${none}.${'A'.repeat(22)}`, address), 429, 'RATE_LIMITED');
    assert.equal((await renew(ada, address)).status, 200);
    // One that was given before tokens had a mark cannot be told from those.
    const unmarked = ben.slice(0, 87);
    refused(await renew(unmarked, address), 429, 'RATE_LIMITED');
    const renewed = await renew(unmarked, '198.51.100.21');
    assert.equal(renewed.status, 200);
    assert.equal((await renew(renewed.body.refreshToken, address)).status, 200);
  });

  test('of one sign-in count for it alone', async () => {
    const address = '198.51.100.22';
    const [eve, dan] = [await enter('eve', address), await enter('dan', address)];
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await renew(eve, address)).status);
    assert.equal(statuses[6], 429);
    assert.equal((await renew(eve, '198.51.100.23')).status, 429);
    assert.equal((await renew(dan, address)).status, 200);
  });
});

describe('guessing', () => {
  let stoa;
  before(async () => {
    stoa = await startStoa({
      config: { ...behindProxy, auth: { bcrypt_cost: 8, bcrypt_threads: 1, bcrypt_queue: 20, login_attempts: 3, login_wait: '1h' },
        rate_limits: { enabled: true, sensitive: { requests: 6, window }, registration: { requests: 3, window } } },
    });
  });
  after(() => stoa?.stop());

  test('only what was refused counts against an address', async () => {
    const address = '198.51.100.10';
    const ada = await stoa.register('ada', {}, from('203.0.113.1'));
    for (let i = 0; i < 12; i++) assert.equal((await login(stoa, ada, { address })).status, 200);
    for (let i = 0; i < 6; i++) refused(await guess(stoa, `nobody${i}@example.org`, { address }), 401, 'INVALID_CREDENTIALS');
    const over = await login(stoa, ada, { address });
    refused(over, 429, 'RATE_LIMITED');
    assert.ok(Number(over.headers.get('retry-after')) > 60);
    assert.equal((await login(stoa, ada, { address: '198.51.100.11' })).status, 200);
  });

  test('at an address keep nobody out who shows the device on which he signed in before', async () => {
    const [address, home] = ['198.51.100.30', '198.51.100.31'];
    const [ada, eve] = await Promise.all(['at-school', 'neighbour'].map((name) => stoa.register(name, {}, from(home))));
    for (let i = 0; i < 6; i++) refused(await guess(stoa, `stranger${i}@example.org`, { address }), 401, 'INVALID_CREDENTIALS');
    refused(await login(stoa, ada, { address }), 429, 'RATE_LIMITED');
    assert.equal((await login(stoa, ada, { address, deviceToken: ada.deviceToken })).status, 200);
    refused(await guess(stoa, ada.email, { address, deviceToken: ada.deviceToken }), 401, 'INVALID_CREDENTIALS');

    // A device of one account is none of another, and one that is shown again and again is believed no more.
    const forged = `Z${ada.deviceToken.slice(1)}`;
    for (const deviceToken of [forged, 'no token']) refused(await login(stoa, ada, { address, deviceToken }), 429, 'RATE_LIMITED');
    assert.equal((await login(stoa, eve, { address, deviceToken: eve.deviceToken })).status, 200);
    for (let i = 0; i < 5; i++) refused(await guess(stoa, ada.email, { address, deviceToken: eve.deviceToken }), 429, 'RATE_LIMITED');
    refused(await login(stoa, eve, { address, deviceToken: eve.deviceToken }), 429, 'RATE_LIMITED');
  });

  test('at an address keep nobody out of the second step, nor from setting a new password by a link', async () => {
    const [address, home] = ['198.51.100.34', '198.51.100.35'];
    const [ada, ben, eve] = await Promise.all(['with-app', 'forgetting', 'passing-by'].map((name) => stoa.register(name, {}, from(home))));
    const { secret } = await turnOn(stoa, ada);
    await forgetSteps(stoa, ada);
    for (let i = 0; i < 6; i++) refused(await guess(stoa, `stranger${i}@example.org`, { address }), 401, 'INVALID_CREDENTIALS');
    refused(await login(stoa, eve, { address }), 429, 'RATE_LIMITED');

    const complete = (body) => stoa.api('POST', '/api/auth/login/totp', { body, headers: from(address) });
    const { challenge } = (await login(stoa, ada, { address, deviceToken: ada.deviceToken })).body;
    for (let i = 0; i < 8; i++) refused(await complete({ challenge: `none ${i}`, code: '123456' }), 410, 'CODE_EXPIRED');
    assert.equal((await complete({ challenge, code: codeOf(secret) })).status, 200);
    // One that is shown again and again is looked up no more.
    for (let i = 0; i < 5; i++) refused(await complete({ challenge, code: codeOf(secret) }), 410, 'CODE_EXPIRED');
    refused(await complete({ challenge, code: codeOf(secret) }), 429, 'RATE_LIMITED');

    const reset = (token) => stoa.api('POST', '/api/auth/password/reset', { body: { token, password: 'another long secret' }, headers: from(address) });
    const printed = async () => /token=(\S+)/.exec((await runStoa(['admin', 'reset-password', ben.email, '--config', stoa.configFile])).stdout)[1];
    const token = await printed();
    for (const forged of [token.slice(0, 43), `${token.slice(0, 43)}.${'A'.repeat(22)}`, `Z${token}`]) refused(await reset(forged), 429, 'RATE_LIMITED');
    assert.equal((await reset(token)).status, 200);
    for (let i = 0; i < 5; i++) refused(await reset(token), 410, 'CODE_EXPIRED');
    refused(await reset(token), 429, 'RATE_LIMITED');
    assert.equal((await reset(await printed())).status, 200);
    // What has no mark may be from before there were any.
    const unmarked = (await printed()).slice(0, 43);
    assert.equal((await stoa.api('POST', '/api/auth/password/reset', { body: { token: unmarked, password: 'one more long secret' }, headers: from(home) })).status, 200);
  });

  test('on a device that signed in before counts for it, and not for the address', async () => {
    const [address, home] = ['198.51.100.32', '198.51.100.33'];
    const ada = await stoa.register('forgetful', {}, from(home));
    for (let device = 0; device < 4; device++) {
      const { deviceToken } = (await login(stoa, ada, { address: home })).body;
      for (let i = 0; i < 2; i++) refused(await guess(stoa, ada.email, { address, deviceToken }), 401, 'INVALID_CREDENTIALS');
    }
    assert.equal((await login(stoa, ada, { address })).status, 200);
  });

  test('registrations that are refused stop nobody from making an account', async () => {
    const address = '203.0.113.20';
    const register = (body) => stoa.api('POST', '/api/auth/register', { body, headers: from(address) });
    const ada = await stoa.register('taken', {}, from('203.0.113.21'));
    const good = (name) => ({ email: `${name}@example.org`, password: 'long enough to be one', fullName: name });
    for (let i = 0; i < 8; i++) refused(await register({}), 422, 'VALIDATION_ERROR');
    refused(await register({ ...good('weak'), password: 'password' }), 422, 'VALIDATION_ERROR');
    for (let i = 0; i < 6; i++) refused(await register({ ...good('other'), email: ada.email }), 409, 'EMAIL_TAKEN');
    // What is taken is told to nobody who asks for it often; it counts with the wrong passwords.
    for (const body of [{ ...good('other'), email: ada.email }, { ...good('other'), username: ada.user.username }]) refused(await register(body), 429, 'RATE_LIMITED');
    refused(await guess(stoa, ada.email, { address }), 429, 'RATE_LIMITED');
    for (const name of ['first', 'second', 'third']) assert.equal((await register(good(name))).status, 201);
    refused(await register(good('fourth')), 429, 'RATE_LIMITED');
    assert.equal(await stoa.sql("select count(*) from users where email in ('other@example.org', 'fourth@example.org')"), '0');
  });

  test('an IPv6 network counts as one address', async () => {
    for (let i = 0; i < 6; i++) refused(await guess(stoa, `none${i}@example.org`, { address: `2001:db8::${i}` }), 401, 'INVALID_CREDENTIALS');
    refused(await guess(stoa, 'none@example.org', { address: '2001:db8::ffff' }), 429, 'RATE_LIMITED');
    refused(await guess(stoa, 'none@example.org', { address: '2001:db8:0:1::1' }), 401, 'INVALID_CREDENTIALS');
  });

  test('new accounts of an address have a limit of their own', async () => {
    const headers = from('203.0.113.7');
    for (let i = 0; i < 3; i++) await stoa.register(`many${i}`, {}, headers);
    const body = { email: 'one-more@example.org', password: 'long enough to be one', fullName: 'One More' };
    refused(await stoa.api('POST', '/api/auth/register', { body, headers }), 429, 'RATE_LIMITED');
  });

  // The third wrong password makes the next attempt wait for a second; `network` is where they come from.
  const lockOut = async (email, network, more) => {
    for (const i of [1, 2]) refused(await guess(stoa, email, { address: `${network}.${i}`, ...more }), 401, 'INVALID_CREDENTIALS');
    const end = Date.now() + 1000;
    refused(await guess(stoa, email, { address: `${network}.3`, ...more }), 401, 'INVALID_CREDENTIALS');
    return end;
  };

  let attempts = 0;
  test('from elsewhere does not lock out the device on which the owner signed in before', () => atAnyPace(1000, async () => {
    const network = `10.0.${++attempts}`;
    const address = `${network}.100`;
    const [ada, eve] = await Promise.all(['owner', 'eve'].map((name) => stoa.register(name, {}, from(address))));
    const { deviceToken } = (await login(stoa, ada, { address })).body;
    const forged = [eve.deviceToken, `Z${deviceToken.slice(1)}`, `${deviceToken.slice(0, -4)}AAAA`, 'no token'];

    await inTime(await lockOut(ada.email, network), async () => {
      const answers = await Promise.all([undefined, ...forged].map((token) => login(stoa, ada, { address, deviceToken: token })));
      for (const answer of answers) refused(answer, 429, 'RATE_LIMITED');
      assert.equal((await login(stoa, ada, { address, deviceToken })).status, 200);
    });
    // Wrong passwords that come with it count as well.
    await inTime(await lockOut(ada.email, network, { deviceToken }), async () => {
      refused(await login(stoa, ada, { address: `${network}.101`, deviceToken }), 429, 'RATE_LIMITED');
    });
  }));
});

describe('hashing', () => {
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { ...behindProxy, auth: { bcrypt_cost: 9, bcrypt_threads: 1, bcrypt_queue: 40, login_attempts: 1000 } } });
  });
  after(() => stoa?.stop());

  test('is shared out by address: a flood of one leaves the others their turn and their place', async () => {
    const ada = await stoa.register('calm');
    const answers = { 401: 0, 503: 0 };
    const flood = Array.from({ length: 60 }, async (_, i) => {
      const { status } = await guess(stoa, `flood${i}@example.org`, { address: '192.0.2.66' });
      ++answers[status];
    });
    // Its queue is full now: what did not fit has been refused.
    await until(() => answers[503] >= 15);
    assert.equal((await login(stoa, ada, { address: '198.51.100.1' })).status, 200);
    // In the order of coming it would have been the last, or found no place.
    const before_ = answers[401];
    await Promise.all(flood);
    assert.ok(answers[401] - before_ >= 5, `${answers[401] - before_} of the flood came later`);
    assert.equal(answers[401] + answers[503], 60);
  });

  test('is shared out within an address: a flood of registrations leaves who has an account its turn and its place', async () => {
    const ben = await stoa.register('quiet');
    const address = '192.0.2.77';
    const answers = { 201: 0, 503: 0 };
    const flood = Array.from({ length: 60 }, async (_, i) => {
      const body = { email: `new${i}@example.org`, password: 'a long enough secret', fullName: 'New' };
      const { status } = await stoa.api('POST', '/api/auth/register', { body, headers: from(address) });
      ++answers[status];
    });
    await until(() => answers[503] >= 15);
    assert.equal((await login(stoa, ben, { address })).status, 200);
    const before_ = answers[201];
    await Promise.all(flood);
    assert.ok(answers[201] - before_ >= 5, `${answers[201] - before_} of the flood came later`);
    assert.equal(answers[201] + answers[503], 60);
  });
});
