// Engine.IO 4: the server pings, and ends what does not answer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { atAnyPace, inTime, until } from '../support/until.mjs';
import { WebSocketChannel, openChannel } from './support/channel.mjs';
import { Polling } from './support/polling.mjs';
import { isReference, startTarget, testOurs } from './support/target.mjs';

const kInterval = 300;
const kTimeout = 200;
const kEarly = 20; // timers count whole milliseconds
// Of an interval, the first being the shortest: the server's 10 ms, and this process's. A deadline that is reckoned from when the
// last one was noticed, or from its pong, is a third too late.
const kLate = 0.1;

const beating = (interval, timeout) => startTarget('engineio', { 'ping-interval': interval, 'ping-timeout': timeout });

// Resolves to what `promise` does, which may not happen sooner than `least` milliseconds after `began`, the moment
// before its cause. How much later says how busy the machine is.
async function notBefore(least, began, promise) {
  const value = await promise;
  const took = Date.now() - began;
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
    let began = Date.now();
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    for (let round = 0; round < 3; round += 1) {
      await inTime(began + 2 * interval, async () => {
        assert.equal(await notBefore(interval, began, channel.next()), '2');
        began = isReference ? Date.now() : began + interval;
        channel.send('3');
      });
    }
    await inTime(began + interval, async () => {
      channel.send('4hello');
      assert.equal(await channel.next(), '4hello');
    });
  }));

  testOurs('it counts from the pong', 'each is due an interval after the last one was, and the end a timeout after the last of them', () => atAnyPace(kInterval, async (interval) => {
    const timeout = (interval * 2) / 3;
    const target = await beating(interval, timeout);
    try {
      const began = Date.now();
      const channel = await openChannel(target, 'websocket', { heartbeat: false });
      const opened = Date.now();
      for (let round = 1; round <= 3; round += 1) {
        // A pong that takes its time puts nothing off.
        await inTime(opened + (round + kLate) * interval, async () => {
          assert.equal(await notBefore(round * interval, began, channel.next()), '2');
        });
        await until(() => Date.now() > began + round * interval + timeout / 2, { what: 'a late pong', every: 1 });
        if (round < 3) await inTime(began + round * interval + timeout, () => channel.send('3'));
      }
      await inTime(opened + (3 + kLate) * interval + timeout, () => notBefore(3 * interval + timeout, began, channel.untilClosed()));
    } finally {
      await target.stop();
    }
  }));

  test('polling: a ping each interval', () => withTarget(async (target, interval) => {
    let began = Date.now();
    const session = await Polling.open(target);
    for (let round = 0; round < 3; round += 1) {
      await inTime(began + 2 * interval, async () => {
        const { status, text } = await notBefore(interval, began, session.get());
        assert.deepEqual([status, text], [200, '2']);
        began = isReference ? Date.now() : began + interval;
        await session.send('3');
      });
    }
    await inTime(began + 2 * interval, () => session.assertOpen());
  }));

  test('it goes on over the new transport after an upgrade, and ends the session without a pong', () => withTarget(async (target, interval) => {
    let began = Date.now();
    const channel = await inTime(began + interval, async () => {
      const session = await Polling.open(target);
      const upgraded = await WebSocketChannel.open(session.wsAddress(), { heartbeat: false });
      upgraded.send('2probe');
      assert.equal(await upgraded.next(), '3probe');
      upgraded.send('5');
      return upgraded;
    });
    for (let round = 0; round < 3; round += 1) {
      await inTime(began + 2 * interval, async () => {
        assert.equal(await channel.next(), '2');
        began = Date.now();
        channel.send('3');
      });
    }
    await inTime(began + interval, async () => {
      channel.send('4hello');
      assert.equal(await channel.next(), '4hello');
    });
    assert.equal(await channel.next(), '2');
    await channel.untilClosed();
  }));
});

describe('Engine.IO heartbeat: without a pong', () => {
  let target;
  before(async () => { target = await beating(kInterval, kTimeout); });
  after(() => target?.stop());

  test('WebSocket: the session ends', async () => {
    const began = Date.now();
    const channel = await openChannel(target, 'websocket', { heartbeat: false });
    assert.equal(await channel.next(), '2');
    await notBefore(kInterval + kTimeout, began, channel.untilClosed());
  });

  test('polling: a session that nobody polls is gone after interval and timeout', async () => {
    const began = Date.now();
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
    const began = Date.now();
    const session = await Polling.open(target);
    const { last } = await inTime(began + 2 * time, async () => {
      assert.deepEqual(await session.packets(), ['2']);
      return { last: session.packets() };
    });
    assert.deepEqual(await notBefore(2 * time, began, last), ['1']);
    await session.assertClosed();
  }));
});
