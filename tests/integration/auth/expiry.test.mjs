// An access token's end on a live socket: closed with 4401, unless a newer token came in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace } from '../../support/until.mjs';

test('a socket ends with its token and lives on with a renewed one', () => atAnyPace(3000, async (life) => {
  const stoa = await startStoa({ config: { auth: { access_token_ttl: `${life}ms` } } });
  try {
    const ada = await stoa.register('ada');
    const left = await stoa.connect(ada.token);
    const kept = await stoa.connect(ada.token);
    const other = await stoa.register('other');

    const renewed = await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: ada.refreshToken } });
    const expires = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp;
    const room = await stoa.createRoom(ada.token, { roomType: 'public' });
    let token = renewed.body.accessToken;
    for (let { refreshToken } = renewed.body; expires(token) === expires(ada.token);) {
      const { body } = await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken } });
      ({ accessToken: token, refreshToken } = body);
    }
    await assert.rejects(kept.request('authenticate', { token: other.token }), 'another person\'s token renews nothing');
    assert.deepEqual(await kept.request('authenticate', { token }), { userId: ada.id });

    const { expiresAt } = await left.next('token_expiring');
    assert.equal(Date.parse(expiresAt), expires(ada.token) * 1000);
    assert.ok(left.open, 'while there is still time');
    assert.equal((await left.closed).code, 4401);
    refused(await stoa.api('GET', '/api/users/me', { token: ada.token }), 401, 'INVALID_TOKEN');
    assert.ok(kept.open);
    await kept.request('join_room', { roomId: room.id });
    assert.equal((await kept.closed).code, 4401, 'the renewed one ends too');
  } finally {
    await stoa.stop();
  }
}));
