// Engine.IO 4: pages of other origins poll with credentials.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { get, post, send } from './support/http.mjs';
import { openChannel } from './support/channel.mjs';
import { Polling } from './support/polling.mjs';
import { kPatient, startTarget } from './support/target.mjs';

const kOrigin = 'https://frontend.example';

describe('Engine.IO CORS', () => {
  let target;
  before(async () => { target = await startTarget('engineio', kPatient); });
  after(() => target?.stop());

  function assertShared(answer) {
    assert.equal(answer.headers['access-control-allow-origin'], kOrigin);
    assert.equal(answer.headers['access-control-allow-credentials'], 'true');
    assert.match(answer.headers.vary ?? '', /\borigin\b/i);
  }

  test('the answers to handshake, GET, POST and refusals name the origin and allow credentials', async () => {
    const headers = { origin: kOrigin };
    assertShared(await get(target.address(), { headers }));
    const session = await Polling.open(target);
    assertShared(await session.post('4hello', { headers: { ...headers, 'content-type': 'text/plain;charset=UTF-8' } }));
    const polled = await session.get({ headers });
    assertShared(polled);
    assert.equal(polled.text, '4hello');
    for (const query of [{ sid: 'AAAAAAAAAAAAAAAAAAAA' }, { EIO: '3' }, { transport: 'abc' }]) {
      const refused = await get(target.address(query), { headers });
      assert.equal(refused.status, 400);
      assertShared(refused);
    }
    assertShared(await post(target.address(), '', { headers }));
  });

  test('so does the answer to a post that is too large', async () => {
    const session = await Polling.open(target);
    const answer = await session.post(`4${'x'.repeat(1_000_000)}`, { headers: { origin: kOrigin, 'content-type': 'text/plain;charset=UTF-8' } });
    assert.equal(answer.status, 413);
    assertShared(answer);
  });

  test('a preflight is answered without touching the session', async () => {
    const session = await Polling.open(target);
    for (const url of [target.address(), session.address()]) {
      const answer = await send(url, {
        method: 'OPTIONS',
        headers: { origin: kOrigin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization,x-client' },
      });
      assert.ok([200, 204].includes(answer.status), `${answer.status}`);
      assertShared(answer);
      assert.match(answer.headers['access-control-allow-methods'], /\bGET\b/);
      assert.match(answer.headers['access-control-allow-methods'], /\bPOST\b/);
      for (const name of ['content-type', 'authorization', 'x-client']) assert.match(answer.headers['access-control-allow-headers'].toLowerCase(), new RegExp(name));
      assert.equal(answer.text, '');
    }
    await session.assertOpen();
  });

  test('a WebSocket of another origin is taken', async () => {
    const channel = await openChannel(target, 'websocket', { origin: kOrigin });
    channel.send('4hello');
    assert.equal(await channel.next(), '4hello');
    await channel.cut();
  });
});
