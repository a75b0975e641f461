// Socket.IO 5: joining and leaving namespaces, over both transports.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { atAnyPace, inTime } from '../support/until.mjs';
import { WebSocketChannel, kTransports, openChannel } from './support/channel.mjs';
import { Polling } from './support/polling.mjs';
import { assertEchoes, connect, payload } from './support/socketio.mjs';
import { kPatient, startTarget, testOurs } from './support/target.mjs';

const kConnectTimeout = 300;

for (const transport of kTransports) {
  describe(`Socket.IO namespaces over ${transport}`, { concurrency: true }, () => {
    let target;
    before(async () => { target = await startTarget('socketio', kPatient); });
    after(() => target?.stop());

    const open = () => openChannel(target, transport);

    async function assertCloses(channel, ...packets) {
      channel.send(...packets);
      await channel.untilClosed();
    }

    test('the server says nothing before CONNECT', async () => {
      const channel = await open();
      await connect(channel);
      assert.equal(channel.received.filter((p) => p[0] === '4').length, 2);
    });

    test('CONNECT is answered with a session id, alone, that is not that of Engine.IO', async () => {
      const channel = await open();
      channel.send('40');
      const { sid, ...rest } = payload(await channel.next(), '40');
      assert.match(sid, /^[A-Za-z0-9_-]{20,}$/);
      assert.notEqual(sid, channel.open.sid);
      assert.deepEqual(rest, {});
      assert.deepEqual(payload(await channel.next(), '42'), ['auth', {}]);
    });

    test('the payload of CONNECT is the handshake\'s auth', async () => {
      for (const auth of [{ token: '123' }, {}, { a: { b: [1, null, 'c'] }, '': 'empty', '\u20ac': 1.5 }]) {
        const channel = await open();
        channel.send(`40${JSON.stringify(auth)}`);
        payload(await channel.next(), '40');
        assert.deepEqual(payload(await channel.next(), '42'), ['auth', auth]);
      }
    });

    test('a custom namespace, with and without payload', async () => {
      for (const [packet, auth] of [['40/custom,', {}], ['40/custom,{"token":"abc"}', { token: 'abc' }]]) {
        const channel = await open();
        channel.send(packet);
        assert.deepEqual(Object.keys(payload(await channel.next(), '40/custom,')), ['sid']);
        assert.deepEqual(payload(await channel.next(), '42/custom,'), ['auth', auth]);
        await assertEchoes(channel, '/custom');
      }
    });

    test('a namespace without the comma', async () => {
      const channel = await open();
      channel.send('40/custom');
      payload(await channel.next(), '40/custom,');
      assert.equal(await channel.next(), '42/custom,["auth",{}]');
    });

    test('an unknown namespace is refused, and the connection stays', async () => {
      const channel = await open();
      for (const [packet, refusal] of [
        ['40/random', '44/random,{"message":"Invalid namespace"}'],
        ['40/random,{"token":"abc"}', '44/random,{"message":"Invalid namespace"}'],
        ['40/custom/deeper,', '44/custom/deeper,{"message":"Invalid namespace"}'],
        ['40/Custom,', '44/Custom,{"message":"Invalid namespace"}'],
        ['40/__proto__,', '44/__proto__,{"message":"Invalid namespace"}'],
      ]) {
        channel.send(packet);
        assert.equal(await channel.next(), refusal);
      }
      await connect(channel);
      await assertEchoes(channel);
    });

    test('several namespaces on one connection do not mix', async () => {
      const channel = await open();
      const main = await connect(channel);
      const custom = await connect(channel, { namespace: '/custom', auth: { token: 'abc' } });
      assert.notEqual(main.sid, custom.sid);
      channel.send('42["message",1]', '42/custom,["message",2]', '421["message-with-ack",3]', '42/custom,1["message-with-ack",4]');
      assert.deepEqual((await channel.several(4)).sort(), ['42["message-back",1]', '42/custom,["message-back",2]', '431[3]', '43/custom,1[4]'].sort());
    });

    test('DISCONNECT leaves one namespace, and the connection stays', async () => {
      const channel = await open();
      await connect(channel);
      await connect(channel, { namespace: '/custom' });
      channel.send('41/custom,');
      await assertEchoes(channel);
    });

    test('after DISCONNECT a namespace can be joined anew, with another id', async () => {
      const channel = await open();
      const custom = await connect(channel, { namespace: '/custom' });
      const first = await connect(channel);
      channel.send('41');
      await assertEchoes(channel, '/custom'); // the reference leaves only after a moment
      const second = await connect(channel);
      assert.equal(new Set([custom.sid, first.sid, second.sid]).size, 3);
      await assertEchoes(channel);
    });

    testOurs('it leaves only after a moment, and closes', 'DISCONNECT from the last namespace and CONNECT may come together', async () => {
      const channel = await open();
      await connect(channel);
      channel.send('41');
      await connect(channel);
      await assertEchoes(channel);
    });

    test('an event for a namespace that was left closes', async () => {
      const channel = await open();
      await connect(channel);
      await connect(channel, { namespace: '/custom' });
      channel.send('41/custom');
      await assertEchoes(channel); // the reference leaves only after a moment
      await assertCloses(channel, '42/custom,["message","hello"]');
    });

    for (const [what, packet] of [
      ['an event', '42["message","hello"]'], ['an event for a namespace that was not joined', '42/custom,["message","hello"]'],
      ['an ack', '431[]'], ['a binary event with its bytes', '451-["message",{"_placeholder":true,"num":0}]'], ['DISCONNECT', '41'],
      ['CONNECT_ERROR', '44{"message":"x"}'],
    ]) {
      test(`${what} before CONNECT closes`, async () => {
        const channel = await open();
        await assertCloses(channel, packet, Buffer.from([1]));
        assert.equal(channel.received.length, 1);
      });
    }

    for (const packet of ['42/custom,["message","hello"]', '43/custom,1[]', '41/custom,', '41/custom["x"]', '44/custom,{"message":"x"}']) {
      test(`${packet} for a namespace that was not joined closes`, async () => {
        const channel = await open();
        await connect(channel); // so that no time limit closes
        await assertCloses(channel, packet);
        assert.equal(channel.received.length, 3);
      });
    }

    test('a second CONNECT to the same namespace closes', async () => {
      const channel = await open();
      await connect(channel);
      await assertCloses(channel, '40');
    });

    for (const packet of ['40[]', '40"abc"', '40null', '40true', '40{', '40{"a":1}x', '40/custom,[]', '4abc', '40abc']) {
      test(`the CONNECT ${packet} closes`, async () => {
        const channel = await open();
        await assertCloses(channel, packet);
        assert.equal(channel.received.length, 1);
      });
    }

  });

  test(`who does not CONNECT in time is closed, who does stays, over ${transport}`, () => atAnyPace(kConnectTimeout, async (timeout) => {
    const target = await startTarget('socketio', { ...kPatient, 'connect-timeout': timeout });
    try {
      const began = Date.now();
      const [connected, refused, silent] = await inTime(began + timeout, async () => {
        const channels = await Promise.all([1, 2, 3].map(() => openChannel(target, transport)));
        await connect(channels[0]);
        channels[1].send('40/random');
        assert.equal(await channels[1].next(), '44/random,{"message":"Invalid namespace"}');
        return channels;
      });
      await Promise.all([refused, silent].map((channel) => channel.untilClosed())); // a refused namespace is no CONNECT
      const took = Date.now() - began;
      assert.ok(took > timeout - 20, `${took}`);
      assert.equal(silent.received.length, 1);
      await assertEchoes(connected);
    } finally {
      await target.stop();
    }
  }));
}

describe('Socket.IO over an upgrade', () => {
  let target;
  before(async () => { target = await startTarget('socketio', kPatient); });
  after(() => target?.stop());

  test('a session keeps its namespaces when its transport changes', async () => {
    const session = await Polling.open(target);
    await session.send('40{"token":"abc"}');
    const [answer, greeting] = await session.messages(2);
    assert.deepEqual([Object.keys(payload(answer, '40')), greeting], [['sid'], '42["auth",{"token":"abc"}]']);
    await session.send('42["message",1]', '42["message",2]');

    const channel = await WebSocketChannel.open(session.wsAddress());
    channel.send('2probe');
    assert.equal(await channel.next(), '3probe');
    channel.send('5', '42["message",3]');
    assert.deepEqual(await channel.several(3), [1, 2, 3].map((n) => `42["message-back",${n}]`));
    await channel.cut();
  });
});
