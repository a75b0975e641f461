// Known attacks on Socket.IO: attachments that never come, names and numbers that mean something elsewhere, and more
// of everything than a server should keep.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../support/until.mjs';
import { bounded } from './support/bounded.mjs';
import { openChannel } from './support/channel.mjs';
import { get } from './support/http.mjs';
import { Polling, kSeparator } from './support/polling.mjs';
import { assertEchoes, connect, openSocket } from './support/socketio.mjs';
import { kPatient, startTarget, testOurs } from './support/target.mjs';

const kMaxPayload = 1_000_000;
const place = '{"_placeholder":true,"num":0}';

describe('attacks on Socket.IO', () => {
  let target;
  before(async () => { target = await startTarget('socketio', kPatient); });
  after(() => target?.stop());

  const stillServes = async () => {
    const channel = await openSocket(target);
    await assertEchoes(channel);
    await channel.cut();
  };
  const within = (megabytes, attack) => bounded(target, { megabytes, stillServes }, attack);

  test('attachments that never come hold nothing but their connection', () => within(100, async () => {
    const channels = await Promise.all(Array.from({ length: 200 }, () => openSocket(target)));
    for (const channel of channels) channel.send(`4510-["message",${place}]`, Buffer.alloc(1000));
    await stillServes();
    await Promise.all(channels.map((channel) => channel.cut()));
  }));

  testOurs('it keeps ten payloads a connection', 'attachments that come but for the last fill no memory', () => within(150, async () => {
    const channels = await Promise.all(Array.from({ length: 40 }, () => openSocket(target)));
    for (const channel of channels) channel.send(`4510-["message",${place}]`, ...Array.from({ length: 9 }, () => Buffer.alloc(900_000)));
    await stillServes();
    await Promise.all(channels.map((channel) => channel.cut()));
  }));

  testOurs('it copies an attachment for each', 'an attachment is there once, however many placeholders name it', () => within(100, async () => {
    const channel = await openSocket(target);
    channel.send(`451-["message",[${Array.from({ length: 3000 }, () => place)}]]`, Buffer.alloc(900_000));
    await channel.untilClosed();
  }));

  testOurs('it keeps them for forty-five seconds', 'before a namespace nothing long is taken, and no attachment', () => within(100, async () => {
    for (const packet of [`451-["message",${place}]`, `40${JSON.stringify({ token: 'x'.repeat(17_000) })}`]) {
      const channel = await openChannel(target, 'websocket');
      channel.send(packet);
      await channel.untilClosed();
    }
    const channel = await openChannel(target, 'websocket');
    await connect(channel, { auth: { token: 'x'.repeat(15_000) } });
    await channel.cut();
  }));

  testOurs('it refuses without end', 'after ten refusals in a row the connection is closed', async () => {
    const channel = await openSocket(target);
    for (let round = 0; round < 3; round += 1) {
      for (let at = 0; at < 9; at += 1) {
        channel.send(`40/unknown${at},`);
        assert.match(await channel.next(), /^44\/unknown/);
      }
      await connect(channel, { namespace: '/custom' });
      channel.send('41/custom,');
    }
    for (let at = 0; at < 10; at += 1) channel.send(`40/unknown${at},`);
    await channel.untilClosed();
  });

  testOurs('it sends the bytes as often as they are pointed at', 'one attachment that is pointed at ten thousand times', () => within(100, async () => {
    const channel = await openSocket(target);
    channel.send(`451-["message",${Array.from({ length: 10_000 }, () => place).join()}]`, Buffer.alloc(500_000));
    await channel.untilClosed();
    assert.equal(channel.received.length, 3);
  }));

  testOurs('it overflows its stack', 'nesting without end', () => within(100, async () => {
    for (const depth of [1000, 10_000, 400_000]) {
      for (const [left, right] of [['[', ']'], ['{"a":', '}']]) {
        const nested = left.repeat(Math.min(depth, 150_000)) + '1' + right.repeat(Math.min(depth, 150_000));
        for (const packet of [`42["message",${nested}]`, `427["message-with-ack",${nested}]`, `451-["message",${nested}]`, `42${nested}`]) {
          const channel = await openSocket(target);
          const before = channel.received.length;
          channel.send(packet, ...(packet.startsWith('451') ? [Buffer.from([1])] : []));
          // The echo of all of it, or the end.
          await until(() => channel.isClosed || channel.received.length > before, { what: `an answer to depth ${depth}` });
          await channel.cut();
        }
        const channel = await openChannel(target, 'websocket');
        channel.send(`40${nested}`);
        await until(() => channel.isClosed || channel.received.length > 1, { what: `an answer to CONNECT with depth ${depth}` });
        await channel.cut();
      }
    }
  }));

  test('numbers beyond all bounds', async () => {
    for (const id of ['18446744073709551616', '99999999999999999999', '9'.repeat(400)]) {
      const channel = await openSocket(target);
      channel.send(`42${id}["message-with-ack","x"]`);
      const answer = await channel.next().catch(() => undefined);
      if (answer !== undefined) assert.match(answer, /^43.+\["x"\]$/);
      channel.send(`43${id}["x"]`);
      await channel.cut();
    }
    const channel = await openSocket(target);
    channel.send('42["message",1e308,-0,5e-324,123456789012345678901234567890]');
    const [, first] = JSON.parse((await channel.next()).slice(2));
    assert.equal(first, 1e308);
    for (const wild of ['1e400', '-1e400', '0123', '+1', '.5', '0x10', 'Infinity']) {
      const other = await openSocket(target);
      other.send(`42["message",${wild}]`);
      await until(() => other.isClosed || other.received.length > 2, { what: `an answer to ${wild}` });
      await other.cut();
    }
    await stillServes();
  });

  test('a million events in small packets', () => within(200, async () => {
    const session = await Polling.open(target);
    await session.send('40');
    await session.messages(2);
    const body = Array.from({ length: Math.floor(kMaxPayload / 7) }, () => '42["a"]').join(kSeparator).slice(0, kMaxPayload - 7);
    const { status } = await session.post(body.slice(0, body.lastIndexOf(kSeparator))).catch(() => ({ status: 400 }));
    assert.ok([200, 400].includes(status), `${status}`);
    const { status: other } = await (await Polling.open(target)).post(Array.from({ length: 100_000 }, () => '40/x,').join(kSeparator)).catch(() => ({ status: 400 }));
    assert.ok([200, 400].includes(other), `${other}`);
  }));

  test('questions that are never answered', () => within(100, async () => {
    const channel = await openSocket(target);
    for (let at = 0; at < 50_000 && !channel.isClosed; at += 1) channel.send('42["ask"]');
    await until(() => channel.isClosed || channel.received.length >= 50_002, { what: 'the questions, or the end' });
    await channel.cut();
  }));

  test('namespaces without end', () => within(100, async () => {
    const channel = await openSocket(target);
    for (let at = 0; at < 5000 && !channel.isClosed; at += 1) channel.send(`40/unknown${at},`);
    await until(() => channel.isClosed || channel.received.length >= 5002, { what: 'the refusals, or the end' });
    await channel.cut();
    const other = await openSocket(target);
    other.send(`40/${'n'.repeat(900_000)},`);
    await until(() => other.isClosed || other.received.length > 2, { what: 'a refusal, or the end' });
    await other.cut();
  }));

  test('joining and leaving without end', () => within(100, async () => {
    const channel = await openSocket(target);
    for (let round = 0; round < 500; round += 1) {
      await connect(channel, { namespace: '/custom', auth: { padding: 'x'.repeat(10_000) } });
      channel.send('41/custom,');
      await assertEchoes(channel);
    }
    await channel.cut();
  }));

  test('the id that others may see opens no door', async () => {
    const channel = await openSocket(target);
    const answer = await get(target.address({ sid: channel.socket.sid }));
    assert.deepEqual([answer.status, answer.text], [400, '{"code":1,"message":"Session ID unknown"}']);
    await channel.cut();
  });
});

describe('handshakes without CONNECT', () => {
  let target;
  before(async () => { target = await startTarget('socketio', { ...kPatient, 'connect-timeout': 1000 }); });
  after(() => target?.stop());

  test('a thousand of them are gone in time', async () => {
    // Who is too slow to CONNECT in time is closed too, and comes again.
    const serves = async () => {
      const channel = await openSocket(target);
      await assertEchoes(channel);
      await channel.cut();
      return true;
    };
    const stillServes = () => until(() => serves().catch(() => false), { what: 'an echo' });
    await bounded(target, { megabytes: 100, stillServes }, async () => {
      const channels = [];
      for (let round = 0; round < 10; round += 1) {
        const opened = await Promise.allSettled(Array.from({ length: 100 }, () => openChannel(target, round % 2 ? 'websocket' : 'polling')));
        channels.push(...opened.filter(({ status }) => status === 'fulfilled').map(({ value }) => value));
      }
      assert.ok(channels.length >= 100, `${channels.length}`);
      await Promise.all(channels.map((channel) => channel.untilClosed()));
    });
  });
});
