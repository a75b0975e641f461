// Engine.IO 4: the server pings, and ends what does not answer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { atAnyPace, until } from '../support/until.mjs';
import { WebSocketChannel, openChannel } from './support/channel.mjs';
import { Polling } from './support/polling.mjs';
import { startTarget } from './support/target.mjs';

const kInterval = 300;
const kTimeout = 200;
const kEarly = 20; // timers count whole milliseconds

const beating = (interval, timeout) => startTarget('engineio', { 'ping-interval': interval, 'ping-timeout': timeout });

// Resolves to what `promise` does, which may not happen sooner than `least` milliseconds after `began`, the moment
// before its cause. How much later says how busy the machine is.
async function notBefore(least, began, promise) {
  const value = await promise;
  const took = performance.now() - began;
  assert.ok(took >= least - kEarly, `${took} ms instead of ${least}`);
  return value;
}

// Runs `attempt` with a server of its own that is as fast as this machine can follow.
const withTarget = (attempt) => atAnyPace(kInterval, async (time) => {
  const target = await beating(time, time);
  try {
    await attempt(target, time);
  } finally {
    await target.stop();
  }
});

describe('Engine.IO heartbeat: as long as pongs come', () => {
  test('WebSocket: a ping each interval', () => withTarget(async (target, interval) => {
    let began = performance.now();
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await notBefore(interval, began, channel.next()), '2');
      began = performance.now();
      channel.send('3');
    }
    channel.send('4hello');
    assert.equal(await channel.next(), '4hello');
  }));

  test('polling: a ping each interval', () => withTarget(async (target, interval) => {
    let began = performance.now();
    const session = await Polling.open(target);
    for (let round = 0; round < 3; round += 1) {
      const { status, text } = await notBefore(interval, began, session.get());
      assert.deepEqual([status, text], [200, '2']);
      began = performance.now();
      await session.send('3');
    }
    await session.assertOpen();
  }));

  test('it goes on over the new transport after an upgrade, and ends the session without a pong', () => withTarget(async (target) => {
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
  }));
});

describe('Engine.IO heartbeat: without a pong', () => {
  let target;
  before(async () => { target = await beating(kInterval, kTimeout); });
  after(() => target?.stop());

  test('WebSocket: the session ends', async () => {
    const began = performance.now();
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    assert.equal(await channel.next(), '2');
    await notBefore(kInterval + kTimeout, began, channel.untilClosed());
  });

  test('polling: a session that nobody polls is gone after interval and timeout', async () => {
    const began = performance.now();
    const session = await Polling.open(target);
    // Asking with a pong in the way of POST would keep it alive; a noop does not.
    await notBefore(kInterval + kTimeout, began, until(async () => (await session.post('6')).status === 400, { what: 'the session to end' }));
    await session.assertClosed();
  });

  test('a message is no pong', async () => {
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    assert.equal(await channel.next(), '2');
    const chatter = setInterval(() => channel.send('4hello'), 20);
    await channel.untilClosed();
    clearInterval(chatter);
  });

  test('polling: without a pong the waiting GET gets the close packet, and the session is gone', () => withTarget(async (target, time) => {
    const began = performance.now();
    const session = await Polling.open(target);
    assert.deepEqual(await session.packets(), ['2']);
    assert.deepEqual(await notBefore(2 * time, began, session.packets()), ['1']);
    await session.assertClosed();
  }));
});
