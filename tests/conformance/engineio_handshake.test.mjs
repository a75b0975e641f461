// Engine.IO 4: opening a session, and every way in which that is refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { WebSocketChannel, openChannel } from './support/channel.mjs';
import { get, json, post, send } from './support/http.mjs';
import { Polling } from './support/polling.mjs';
import { startTarget, testOurs } from './support/target.mjs';

const kErrors = [
  'Transport unknown', 'Session ID unknown', 'Bad handshake method', 'Bad request', 'Forbidden', 'Unsupported protocol version',
];

describe('Engine.IO handshake', () => {
  let target;
  before(async () => { target = await startTarget('engineio'); });
  after(() => target?.stop());

  function assertRefused(answer, code) {
    assert.equal(answer.status, 400);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.deepEqual(json(answer), { code, message: kErrors[code] });
  }

  const refusedUpgrade = (query, check) => assert.rejects(WebSocketChannel.open(target.address(query, { ws: true })), check);

  test('polling: the open packet has exactly these keys, and must not be stored', async () => {
    const answer = await get(target.address());
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.text[0], '0');
    const { sid, ...rest } = JSON.parse(answer.text.slice(1));
    assert.match(sid, /^[A-Za-z0-9_-]{20,}$/);
    assert.deepEqual(rest, { upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
    assert.deepEqual(Object.keys(JSON.parse(answer.text.slice(1))), ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
  });

  test('WebSocket: the same, without upgrades, in the first frame', async () => {
    const channel = await openChannel(target, 'websocket');
    const { sid, ...rest } = channel.open;
    assert.match(sid, /^[A-Za-z0-9_-]{20,}$/);
    assert.deepEqual(rest, { upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
    await channel.cut();
  });

  test('every session has an id of its own', async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => Polling.open(target)));
    assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 50);
  });

  test('0: a transport that is unknown, or none', async () => {
    for (const transport of ['abc', '', 'webtransport', '__proto__', 'Polling', undefined]) {
      assertRefused(await get(target.address({ transport })), 0);
    }
  });

  test('1: a session id that is unknown', async () => {
    const sid = 'AAAAAAAAAAAAAAAAAAAA';
    assertRefused(await get(target.address({ sid })), 1);
    assertRefused(await post(target.address({ sid }), '4hello'), 1);
  });

  test('2: a handshake is a GET', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) assertRefused(await send(target.address(), { method, body: '' }), 2);
    assert.equal((await send(target.address(), { method: 'HEAD' })).status, 400);
  });

  test('3: transport=websocket without an upgrade, or for a session that polls', async () => {
    assertRefused(await get(target.address({ transport: 'websocket' })), 3);
    const session = await Polling.open(target);
    assertRefused(await get(session.address({ transport: 'websocket' })), 3);
    await session.assertOpen();
  });

  test('5: another version of the protocol, or none', async () => {
    for (const EIO of ['3', '2', '5', 'abc', '', '04', undefined]) assertRefused(await get(target.address({ EIO })), 5);
    assertRefused(await get(target.address({ EIO: '3', t: 'x', b64: '1' })), 5);
  });

  test('a session keeps its version', async () => {
    const session = await Polling.open(target);
    assertRefused(await get(session.address({ EIO: '3' })), 3);
    await session.assertOpen();
  });

  test('a WebSocket with a bad session id, or a transport that is unknown, is answered 400', async () => {
    const is400 = (error) => error.status === 400;
    await refusedUpgrade({ sid: 'AAAAAAAAAAAAAAAAAAAA' }, is400);
    await refusedUpgrade({ sid: '../../etc/passwd' }, is400);
    await refusedUpgrade({ transport: 'abc' }, is400);
    await refusedUpgrade({ transport: undefined }, is400);
  });

  test('a WebSocket of another version gets no session', async () => {
    for (const EIO of ['3', undefined]) {
      const channel = new WebSocketChannel(target.address({ EIO }, { ws: true }));
      await channel.untilClosed();
      assert.deepEqual(channel.received, []);
    }
  });

  testOurs('it completes the upgrade and then writes HTTP into it', 'a WebSocket of another version is answered 400 and why', async () => {
    await refusedUpgrade({ EIO: '3' }, (error) => error.status === 400 && /Unsupported protocol version/.test(error.text));
  });

  test('the parameter t changes nothing', async () => {
    const session = await Polling.open(target, { t: 'x.1' });
    assert.equal((await post(session.address({ t: 'x.2' }), '4hello')).text, 'ok');
    assert.equal((await get(session.address({ t: 'x.3' }))).text, '4hello');
  });

  testOurs('it answers with JSONP', 'the parameter j changes nothing', async () => {
    const answer = await get(target.address({ j: '0' }));
    assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(answer.text.slice(0, 8), '0{"sid":');
  });
});
