// Engine.IO 4 over WebSocket: one packet a frame.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openChannel } from './support/channel.mjs';
import { kPatient, startTarget } from './support/target.mjs';

const kMaxPayload = 1_000_000;

describe('Engine.IO over WebSocket', () => {
  let target;
  before(async () => { target = await startTarget('engineio', kPatient); });
  after(() => target?.stop());

  async function echoed(channel, ...packets) {
    channel.send(...packets);
    assert.deepEqual(await channel.several(packets.length), packets);
  }

  async function assertCloses(packet, code) {
    const channel = await openChannel(target, 'websocket');
    channel.send(packet);
    const end = await channel.untilClosed();
    if (code) assert.equal(end.code, code);
    assert.deepEqual(channel.received.slice(1), []);
  }

  test('text comes back as text, bytes as bytes without a prefix', async () => {
    const channel = await openChannel(target, 'websocket');
    await echoed(channel, '4hello', Buffer.from([1, 2, 3, 4]), '4', '4\u20ac \u{1f600} \u0000', Buffer.from([0x34, 0x1e]), '4a\x1e4b');
    await echoed(channel, Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256)), `4${'x'.repeat(70_000)}`);
    await channel.cut();
  });

  test('b and base64 in a text frame are bytes', async () => {
    const channel = await openChannel(target, 'websocket');
    channel.send('bAQIDBA==');
    assert.deepEqual(await channel.next(), Buffer.from([1, 2, 3, 4]));
    await channel.cut();
  });

  test('a thousand messages come back in order', async () => {
    const channel = await openChannel(target, 'websocket');
    await echoed(channel, ...Array.from({ length: 1000 }, (_, at) => (at % 3 === 0 ? Buffer.from(`${at}`) : `4${at}`)));
    await channel.cut();
  });

  test('a frame of maxPayload bytes is taken, one byte more closes with 1009', async () => {
    const channel = await openChannel(target, 'websocket');
    await echoed(channel, `4${'x'.repeat(kMaxPayload - 1)}`, Buffer.alloc(kMaxPayload, 7));
    channel.send(`4${'x'.repeat(kMaxPayload)}`);
    assert.equal((await channel.untilClosed()).code, 1009);
    await assertCloses(Buffer.alloc(kMaxPayload + 1), 1009);
  });

  test('the close packet closes', async () => {
    const channel = await openChannel(target, 'websocket');
    channel.send('1');
    // The reference leaves closing to the client, which has said that it will.
    channel.ws.close();
    await channel.untilClosed();
  });

  for (const [what, packet] of [['an unknown type', 'abc'], ['a type beyond the last', '7'], ['no type', '']]) {
    test(`a packet with ${what} closes`, () => assertCloses(packet));
  }

  test('a ping of the client closes', () => assertCloses('2'));
  test('a probe on a session that has no other transport closes', () => assertCloses('2probe'));

  test('a pong that nobody asked for, and a noop, are harmless', async () => {
    const channel = await openChannel(target, 'websocket');
    channel.send('3', '6', '3probe');
    await echoed(channel, '4still here');
    await channel.cut();
  });

  test('permessage-deflate is not agreed on', async () => {
    const channel = await openChannel(target, 'websocket', { perMessageDeflate: true });
    assert.equal(channel.ws.extensions, '');
    await echoed(channel, `4${'x'.repeat(5000)}`);
    await channel.cut();
  });

  test('a closing client is answered its close frame', async () => {
    const channel = await openChannel(target, 'websocket');
    channel.ws.close(1000);
    assert.equal((await channel.untilClosed()).code, 1000);
  });
});
