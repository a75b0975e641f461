// A flood of lines of one kind becomes their count, and nothing else is lost in it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { UpgradeRefused } from '../../support/socket.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('the log', () => {
  let stoa;
  before(async () => { stoa = await startStoa({ config: { server: { shards: 1 }, log: { period: '1s', lines: 1, access_lines: 1 } } }); });
  after(() => stoa.stop());

  const lines = (predicate) => stoa.logs().filter((l) => typeof l === 'object' && predicate(l));
  const isLeftOut = (of) => (l) => l.event === 'log_lines_left_out' && l.of === of;
  const sum = (all) => all.reduce((total, l) => total + l.count, 0);

  test('refused requests and handshakes become their count', async () => {
    const metric = () => stoa.metric('stoa_log_lines_left_out_total');
    const before = await metric();
    const kFlood = 30;
    for (let i = 0; i < kFlood; ++i) {
      assert.equal((await stoa.api('GET', '/api/users/me', { token: 'nonsense' })).status, 401);
      await assert.rejects(stoa.connect('nonsense'), (e) => e instanceof UpgradeRefused && e.status === 401);
    }
    const is401 = (l) => l.status === 401;
    const written = () => lines((l) => l.event === 'request' && is401(l)).length;
    const leftOut = () => lines((l) => isLeftOut('request')(l) && is401(l));
    await until(() => written() + sum(leftOut()) === 2 * kFlood, { what: 'each refusal to be written or counted' });
    assert.ok(leftOut().length > 0);
    assert.deepEqual(Object.keys(leftOut()[0]), ['time', 'level', 'event', 'of', 'status', 'count']);
    assert.ok(await metric() - before >= sum(leftOut()));
  });

  test('other requests are written beside a flood, by their route', async () => {
    for (let i = 0; i < 30; ++i) await stoa.api('GET', '/api/users/me', { token: 'nonsense' });
    await stoa.api('GET', '/api/openapi.json');
    assert.equal((await stoa.log((l) => l.event === 'request' && l.route === '/api/openapi.json')).status, 200);
  });

  test('events become their count', async () => {
    const kFlood = 20;
    const wrong = (i) => stoa.api('POST', '/api/auth/login', { body: { email: `nobody${i}@example.org`, password: 'a long enough secret' } });
    for (let i = 0; i < kFlood; ++i) assert.equal((await wrong(i)).status, 401);
    const written = () => lines((l) => l.event === 'auth_login_failed').length;
    await until(() => written() + sum(lines(isLeftOut('auth_login_failed'))) === kFlood, { what: 'each failure to be written or counted' });
    assert.ok(lines(isLeftOut('auth_login_failed')).length > 0);
  });
});
