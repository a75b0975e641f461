// Engine.IO 4: from polling to WebSocket without losing, doubling or reordering a packet.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { WebSocketChannel } from './support/channel.mjs';
import { Polling } from './support/polling.mjs';
import { kPatient, startTarget, testOurs } from './support/target.mjs';

const kUpgradeTimeout = 500;

describe('Engine.IO upgrade', { concurrency: true }, () => {
  let target;
  before(async () => { target = await startTarget('engineio', kPatient); });
  after(() => target?.stop());

  async function probing(session) {
    const channel = await WebSocketChannel.open(session.wsAddress());
    channel.send('2probe');
    assert.equal(await channel.next(), '3probe');
    return channel;
  }

  async function upgraded(session) {
    const channel = await probing(session);
    channel.send('5');
    return channel;
  }

  async function echoed(channel, ...packets) {
    channel.send(...packets);
    assert.deepEqual(await channel.several(packets.length), packets);
  }

  // It was never part of the session: closed or refused, without a packet.
  async function assertTurnedAway(url) {
    const channel = new WebSocketChannel(url);
    channel.ws.once('open', () => channel.send('2probe'));
    await channel.untilClosed();
    assert.deepEqual(channel.received, []);
  }

  test('probe, upgrade, messages', async () => {
    const channel = await upgraded(await Polling.open(target));
    await echoed(channel, '4hello', Buffer.from([1, 2, 3]), '4bye');
    await channel.cut();
  });

  test('a waiting GET is answered with a noop during the probe', async () => {
    const session = await Polling.open(target);
    const waiting = session.get();
    const channel = await probing(session);
    assert.equal((await waiting).text, '6');
    channel.send('5');
    await echoed(channel, '4hello');
    await channel.cut();
  });

  test('a GET that begins during the probe is answered with a noop too', async () => {
    const session = await Polling.open(target);
    const channel = await probing(session);
    assert.equal((await session.get()).text, '6');
    channel.send('5');
    await echoed(channel, '4hello');
    await channel.cut();
  });

  test('messages still flow over polling between probe and upgrade', async () => {
    const session = await Polling.open(target);
    const channel = await probing(session);
    await session.send('4by polling');
    assert.deepEqual(await session.messages(1), ['4by polling']);
    channel.send('5');
    await echoed(channel, '4by WebSocket');
    await channel.cut();
  });

  test('what was buffered comes over the WebSocket, in order and once', async () => {
    const session = await Polling.open(target);
    const sent = Array.from({ length: 200 }, (_, at) => `4${at}`);
    await session.send(...sent.slice(0, 50));
    const received = await session.messages(50);
    const channel = await probing(session);
    for (let at = 50; at < 150; at += 10) await session.send(...sent.slice(at, at + 10));
    channel.send('5', ...sent.slice(150));
    received.push(...await channel.several(150));
    assert.deepEqual(received, sent);
    await channel.cut();
  });

  test('bytes that were buffered come raw', async () => {
    const session = await Polling.open(target);
    await session.send('4text', 'bAQIDBA==', '4more');
    const channel = await upgraded(session);
    assert.deepEqual(await channel.several(3), ['4text', Buffer.from([1, 2, 3, 4]), '4more']);
    await channel.cut();
  });

  for (const round of [1, 2, 3, 4, 5]) {
    test(`a client that polls and posts all the while loses nothing (${round})`, async () => {
      const session = await Polling.open(target);
      const received = [];
      let polling = true;
      const polls = (async () => {
        while (polling) received.push(...(await session.packets()).filter((p) => p !== '6'));
      })();
      const sent = [];
      const say = async (count) => {
        for (let at = 0; at < count; at += 1) {
          const message = `4${sent.push('') - 1}`;
          sent[sent.length - 1] = message;
          await session.send(message);
        }
      };
      await say(20);
      const [channel] = await Promise.all([probing(session), say(20)]);
      // As clients do: pause polling (the noop comes), then upgrade.
      polling = false;
      await polls;
      channel.send('5');
      for (let at = 0; at < 20; at += 1) channel.send(`4${sent.push(`4${sent.length}`) - 1}`);
      while (received.length < sent.length) received.push(await channel.next());
      assert.deepEqual(received, sent);
      await channel.cut();
    });
  }

  test('polling requests after the upgrade are refused, and harm nothing', async () => {
    const session = await Polling.open(target);
    const channel = await upgraded(session);
    await echoed(channel, '4hello');
    for (const answer of [await session.get(), await session.post('4hello')]) {
      assert.deepEqual([answer.status, answer.text], [400, '{"code":3,"message":"Bad request"}']);
    }
    await echoed(channel, '4still here');
    await channel.cut();
  });

  test('a second WebSocket is turned away during the probe', async () => {
    const session = await Polling.open(target);
    const channel = await probing(session);
    await assertTurnedAway(session.wsAddress());
    channel.send('5');
    await echoed(channel, '4hello');
    await channel.cut();
  });

  test('a second WebSocket is turned away after the upgrade', async () => {
    const session = await Polling.open(target);
    const channel = await upgraded(session);
    await echoed(channel, '4hello');
    await assertTurnedAway(session.wsAddress());
    await echoed(channel, '4still here');
    await channel.cut();
  });

  testOurs('it lets the session move to the second', 'a WebSocket session takes no second WebSocket', async () => {
    const channel = await WebSocketChannel.open(target.address({}, { ws: true }));
    const { sid } = JSON.parse((await channel.next()).slice(1));
    await assertTurnedAway(target.address({ sid }, { ws: true }));
    await echoed(channel, '4still here');
    await channel.cut();
  });

  for (const [what, packet] of [['a message', '4hello'], ['a bare ping', '2'], ['a ping of something else', '2other'], ['an unknown type', 'abc'], ['bytes', Buffer.from([1, 2])]]) {
    test(`${what} instead of the probe closes that WebSocket, and the session goes on polling`, async () => {
      const session = await Polling.open(target);
      const channel = await WebSocketChannel.open(session.wsAddress());
      channel.send(packet);
      await channel.untilClosed();
      assert.deepEqual(channel.received, []);
      await session.assertOpen();
    });
  }

  test('a message instead of the upgrade closes that WebSocket, and the session goes on polling', async () => {
    const session = await Polling.open(target);
    const channel = await probing(session);
    channel.send('4hello');
    await channel.untilClosed();
    await session.assertOpen();
  });

  test('a probe that is cut leaves the session, and another may follow', async () => {
    const session = await Polling.open(target);
    await (await probing(session)).cut();
    await session.assertOpen();
    // The server may not have seen the end of the first yet.
    const channel = await WebSocketChannel.open(session.wsAddress());
    channel.send('2probe');
    const answer = await channel.next().catch(() => undefined);
    if (answer === undefined) await session.assertOpen();
    else assert.equal(answer, '3probe');
    await channel.cut();
  });

  test('closing by polling during the probe ends both', async () => {
    const session = await Polling.open(target);
    const channel = await probing(session);
    await session.post('1');
    await channel.untilClosed();
    await session.assertLeft();
  });

  test('the end of the WebSocket ends the session that was upgraded to it', async () => {
    const session = await Polling.open(target);
    const channel = await upgraded(session);
    await echoed(channel, '4hello');
    await channel.cut();
    for (;;) {
      const answer = await session.get();
      assert.equal(answer.status, 400);
      if (JSON.parse(answer.text).code === 1) break; // until the server has seen the end: 3
    }
  });

  test('a probe that is not finished in time is closed, and the session goes on polling', async () => {
    const hasty = await startTarget('engineio', { ...kPatient, 'upgrade-timeout': kUpgradeTimeout });
    try {
      const sessions = await Promise.all([Polling.open(hasty), Polling.open(hasty)]);
      const began = performance.now();
      const silent = await WebSocketChannel.open(sessions[0].wsAddress());
      const probed = await WebSocketChannel.open(sessions[1].wsAddress());
      probed.send('2probe');
      await Promise.all([silent, probed].map((channel) => channel.untilClosed()));
      const took = performance.now() - began;
      assert.ok(took > kUpgradeTimeout - 50, `${took}`);
      for (const session of sessions) await session.assertOpen();
    } finally {
      await hasty.stop();
    }
  });
});
