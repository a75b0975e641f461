// An access token's end on a live socket: closed with 4401, unless a newer token came in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { endOf, laterToken } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { SocketError } from '../../support/socket.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, inTime } from '../../support/until.mjs';

test('a socket ends with its token and lives on with a renewed one', () => atAnyPace(3000, async (life) => {
  const stoa = await startStoa({ config: { auth: { access_token_ttl: `${life}ms` } } });
  try {
    const ada = await stoa.register('ada');
    const end = endOf(ada.token);
    // Enough is left for the notice, which comes at half of it.
    const [left, kept] = await inTime(end - life / 4, () => Promise.all([stoa.connect(ada.token), stoa.connect(ada.token)]));
    const other = await stoa.register('other');
    const room = await inTime(end, () => stoa.createRoom(ada.token, { roomType: 'public' }));
    const token = await laterToken(stoa, ada);
    await inTime(end, async () => {
      await assert.rejects(kept.request('authenticate', { token: other.token }), SocketError, 'another person\'s token renews nothing');
      assert.deepEqual(await kept.request('authenticate', { token }), { userId: ada.id });
    });

    const { expiresAt } = await left.next('token_expiring');
    assert.equal(Date.parse(expiresAt), end);
    await inTime(end, () => assert.ok(left.open, 'while there is still time'));
    assert.equal((await left.closed).code, 4401);
    refused(await stoa.api('GET', '/api/users/me', { token: ada.token }), 401, 'INVALID_TOKEN');
    await inTime(endOf(token), async () => {
      assert.ok(kept.open);
      await kept.request('join_room', { roomId: room.id });
    });
    assert.equal((await kept.closed).code, 4401, 'the renewed one ends too');
  } finally {
    await stoa.stop();
  }
}));
