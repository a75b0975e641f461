// Engine.IO 4: the server pings, and ends what does not answer. Interval 300 ms, timeout 200 ms.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../support/until.mjs';
import { WebSocketChannel, openChannel } from './support/channel.mjs';
import { Polling } from './support/polling.mjs';
import { startTarget } from './support/target.mjs';

const kInterval = 300;
const kTimeout = 200;
const kEarly = 20; // timers count whole milliseconds
const kLate = 1500; // a machine that is busy with other tests

describe('Engine.IO heartbeat', () => {
  let target;
  before(async () => { target = await startTarget('engineio'); });
  after(() => target?.stop());

  const timed = async (promise) => {
    const began = performance.now();
    const value = await promise;
    return { value, took: performance.now() - began };
  };
  const assertTook = (took, expected) => assert.ok(took >= expected - kEarly && took < expected + kLate, `${took} ms instead of ${expected}`);

  test('WebSocket: a ping each interval as long as pongs come', async () => {
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    for (let round = 0; round < 3; round += 1) {
      const { value, took } = await timed(channel.next());
      assert.equal(value, '2');
      if (round > 0) assertTook(took, kInterval);
      channel.send('3');
    }
    channel.send('4hello');
    assert.equal(await channel.next(), '4hello');
    await channel.cut();
  });

  test('WebSocket: without a pong the session ends', async () => {
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    assert.equal(await channel.next(), '2');
    assertTook((await timed(channel.untilClosed())).took, kTimeout);
  });

  test('polling: a ping each interval as long as pongs come', async () => {
    const session = await Polling.open(target);
    for (let round = 0; round < 3; round += 1) {
      const { value, took } = await timed(session.get());
      assert.deepEqual([value.status, value.text], [200, '2']);
      if (round > 0) assertTook(took, kInterval);
      await session.send('3');
    }
    await session.assertOpen();
  });

  test('polling: without a pong the waiting GET gets the close packet, and the session is gone', async () => {
    const session = await Polling.open(target);
    assert.deepEqual(await session.packets(), ['2']);
    const { value, took } = await timed(session.packets());
    assert.deepEqual(value, ['1']);
    assertTook(took, kTimeout);
    await session.assertClosed();
  });

  test('polling: a session that nobody polls is gone after interval and timeout', async () => {
    const session = await Polling.open(target);
    const began = performance.now();
    // Asking with a pong in the way of POST would keep it alive; a noop does not.
    await until(async () => (await session.post('6')).status === 400, { what: 'the session to end' });
    const took = performance.now() - began;
    assert.ok(took < kInterval + 2 * kTimeout + kLate, `${took}`);
    await session.assertClosed();
  });

  test('a message is no pong', async () => {
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    assert.equal(await channel.next(), '2');
    const chatter = setInterval(() => channel.send('4hello'), 20);
    await channel.untilClosed();
    clearInterval(chatter);
  });

  test('the heartbeat goes on over the new transport after an upgrade', async () => {
    const session = await Polling.open(target);
    const channel = await WebSocketChannel.open(session.wsAddress(), { heartbeat: false });
    channel.send('2probe');
    assert.equal(await channel.next(), '3probe');
    channel.send('5');
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await channel.next(), '2');
      channel.send('3');
    }
    channel.send('4hello');
    assert.equal(await channel.next(), '4hello');
    assert.equal(await channel.next(), '2');
    await channel.untilClosed();
  });
});
