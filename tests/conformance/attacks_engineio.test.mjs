// Known attacks on Engine.IO, and some unkind ones: each is answered or closed in bounded time and memory, and
// others do not notice.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../support/until.mjs';
import { bounded } from './support/bounded.mjs';
import { WebSocketChannel, openChannel } from './support/channel.mjs';
import { begin, get, post } from './support/http.mjs';
import { Polling, kSeparator } from './support/polling.mjs';
import { RawWebSocket, frame } from './support/raw_frames.mjs';
import { isReference, kPatient, startTarget, testOurs } from './support/target.mjs';

const kMaxPayload = 1_000_000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

describe('attacks on Engine.IO', () => {
  let target;
  before(async () => { target = await startTarget('engineio', kPatient); });
  after(() => target?.stop());

  const stillServes = async () => (await Polling.open(target)).assertOpen();
  const within = (megabytes, attack) => bounded(target, { megabytes, stillServes }, attack);

  for (const [what, packet] of [['messages', '4'], ['noops', '6'], ['pongs', '3'], ['empty byte strings', 'b'], ['empty packets', '']]) {
    test(`half a million ${what} in one payload`, () => within(200, async () => {
      const session = await Polling.open(target);
      const count = Math.floor(kMaxPayload / (packet.length + 1));
      const body = Array.from({ length: count }, () => packet).join(kSeparator);
      const { status } = await session.post(body).catch(() => ({ status: 400 }));
      assert.ok([200, 400, 413].includes(status), `${status}`);
      if (status === 200 && packet === '4') {
        // Echoed, or too much and therefore the end; never something else.
        const answer = await session.get();
        assert.ok([200, 400].includes(answer.status));
        if (answer.status === 200) assert.match(answer.text.slice(0, 100), /^(1$|4(\x1e4)*\x1e?)/);
      }
      await session.post('1').catch(() => {});
    }));
  }

  test('session ids like paths, properties and worse are unknown, on both transports', async () => {
    const sids = ['../../etc/passwd', '/', '..', '%2e%2e%2f', '__proto__', 'constructor', 'hasOwnProperty', '\u0000', 'a\r\nSet-Cookie: x=1', ' ',
      '*', "' OR 1=1", '\u20ac', 'x'.repeat(4000), 'undefined', 'null', '0', '-1', '[object Object]'];
    for (const sid of sids) {
      for (const answer of [await get(target.address({ sid })), await post(target.address({ sid }), '4x')]) {
        assert.equal(answer.status, 400, sid.slice(0, 50));
        // Stoa's HTTP refuses control characters in any address, before it is a session id.
        if (isReference || !/[\0-\x1f]/.test(sid)) assert.equal(answer.text, '{"code":1,"message":"Session ID unknown"}', sid.slice(0, 50));
      }
      await assert.rejects(WebSocketChannel.open(target.address({ sid }, { ws: true })), (error) => error.status === 400, sid.slice(0, 50));
    }
    await stillServes();
  });

  test('queries that are no queries', async () => {
    for (const query of ['EIO=4&transport=polling&sid=a&sid=b', 'EIO=4&transport=polling&sid[]=a', 'EIO=4&EIO=3&transport=polling&transport=abc', 'EIO=%34&transport=%zz',
      '&&&===', 'EIO=4&transport=polling&sid=%ff%fe', `${'a=b&'.repeat(500)}EIO=4`]) {
      const answer = await get(`${target.url}?${query}`);
      assert.ok(answer.status === 400 || answer.status === 200, `${query.slice(0, 80)}: ${answer.status}`);
    }
    await stillServes();
  });

  test('base64 that is none is some bytes or the end, not more', async () => {
    for (const packet of ['b!!!!', 'b=', 'bA', 'bAQ', 'bAQI', 'bAQID====', 'b\u20ac', 'bAQ ID', 'bAQ\nID', 'b=AQID', `b${'='.repeat(1000)}`, `b${'A'.repeat(999_997)}`]) {
      const session = await Polling.open(target);
      const posted = await session.post(packet).catch(() => ({ status: 400 }));
      if (posted.status === 200) assert.match((await session.get()).text, /^(b[A-Za-z0-9+/]*=*|1)$/);
      else await session.assertClosed();
      const channel = await openChannel(target, 'websocket');
      channel.send(packet);
      const answer = await channel.next().catch(() => undefined);
      if (answer === undefined) await channel.untilClosed();
      else assert.ok(Buffer.isBuffer(answer));
      await channel.cut();
    }
    await stillServes();
  });

  test('separators without packets end the session', async () => {
    for (const body of [kSeparator, kSeparator.repeat(10), `4a${kSeparator}`, `${kSeparator}4a`]) {
      const session = await Polling.open(target);
      await session.post(body).catch(() => {});
      await session.assertClosed();
    }
    await stillServes();
  });

  test('polling: bytes that are no UTF-8 never come back as they are', async () => {
    for (const bytes of [[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      const session = await Polling.open(target);
      const posted = await session.post(Buffer.from([0x34, ...bytes])).catch(() => ({ status: 400 }));
      if (posted.status === 200) {
        const answer = await session.get();
        assert.doesNotThrow(() => utf8.decode(answer.bytes));
      } else await session.assertClosed();
    }
    await stillServes();
  });

  test('WebSocket: text that is no UTF-8 closes with 1007', async () => {
    for (const bytes of [[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      const channel = await openChannel(target, 'websocket');
      channel.ws.send(Buffer.from([0x34, ...bytes]), { binary: false });
      assert.equal((await channel.untilClosed()).code, 1007);
    }
    await stillServes();
  });

  testOurs('it waits for the bytes', 'a payload that claims gigabytes is refused at once', async () => {
    const session = await Polling.open(target);
    for (const length of ['1000001', '10000000000', '18446744073709551615']) {
      const { request, answer } = begin(session.address(), { method: 'POST', headers: { 'content-type': 'text/plain', 'content-length': length } });
      request.on('error', () => {});
      request.flushHeaders();
      const { status } = await answer;
      assert.ok([413, 400].includes(status), `${length}: ${status}`);
      request.destroy();
    }
    await stillServes();
  });

  describe('frames', () => {
    async function open() {
      const raw = await RawWebSocket.open(target.address({}, { ws: true }));
      await until(() => raw.messages().length > 0, { what: 'the open packet', every: 2 });
      return raw;
    }

    async function assertAnswers(raw, ...expected) {
      await until(() => raw.messages().length > expected.length, { what: `${expected.length} messages`, every: 2 });
      assert.deepEqual(raw.messages().slice(1), expected);
      raw.cut();
    }

    test('fragments are one message, control frames between them notwithstanding', async () => {
      const raw = await open();
      raw.write(frame(0x01, '4he'), frame(0x89, 'ping'), frame(0x00, ''), frame(0x00, 'll'), frame(0x8a, 'unasked'), frame(0x80, 'o'));
      await assertAnswers(raw, '4hello');
      assert.deepEqual(raw.frames().filter(([first]) => first === 0x8a).map(([, payload]) => payload.toString()), ['ping']);
    });

    test('fragments may cut characters in two', async () => {
      const raw = await open();
      const text = Buffer.from('4\u{1f600}');
      raw.write(frame(0x01, text.subarray(0, 3)), frame(0x80, text.subarray(3)));
      await assertAnswers(raw, '4\u{1f600}');
    });

    test('bytes in fragments', async () => {
      const raw = await open();
      raw.write(frame(0x02, Buffer.from([1, 2])), frame(0x80, Buffer.from([3])));
      await until(() => raw.frames().length > 1, { what: 'the echo' });
      assert.deepEqual(raw.frames()[1], [0x82, Buffer.from([1, 2, 3])]);
      raw.cut();
    });

    test('a frame byte by byte', async () => {
      const raw = await open();
      for (const byte of frame(0x81, '4hello')) raw.write(Buffer.from([byte]));
      await assertAnswers(raw, '4hello');
    });

    test('fragments that together are too long close with 1009', async () => {
      const raw = await open();
      raw.write(frame(0x01, '4'));
      for (let sent = 0; sent <= kMaxPayload; sent += 50_000) raw.write(frame(0x00, 'x'.repeat(50_000)));
      await raw.untilClosed();
      assert.ok([1009, undefined].includes(raw.closeCode()), `${raw.closeCode()}`); // the close frame may be lost in a reset
    });

    for (const [what, frames, code] of [
      ['a continuation of nothing', [frame(0x80, 'x')], 1002],
      ['a message within a message', [frame(0x01, '4a'), frame(0x81, '4b')], 1002],
      ['a frame that is not masked', [frame(0x81, '4hello', { masked: false })], 1002],
      ['a reserved bit', [frame(0xc1, '4hello')], 1002],
      ['a reserved opcode', [frame(0x83, '4hello')], 1002],
      ['a reserved control opcode', [frame(0x8b)], 1002],
      ['a fragmented ping', [frame(0x09, 'x')], 1002],
      ['a ping of 126 bytes', [frame(0x89, 'x'.repeat(126))], 1002],
      ['a length of 2^63', [frame(0x81, '4x', { length: 1n << 63n })], undefined],
      ['a length of 2^63 - 1', [frame(0x81, '4x', { length: (1n << 63n) - 1n })], undefined],
      ['a length over the limit, before its bytes', [frame(0x82, 'x', { length: kMaxPayload + 1 })], 1009],
      ['a close frame of one byte', [frame(0x88, 'x')], 1002],
      ['a close frame with a code that nobody may send', [frame(0x88, Buffer.from([0x03, 0xed]))], 1002],
    ]) {
      test(`${what} closes`, async () => {
        const raw = await open();
        raw.write(...frames);
        await raw.untilClosed();
        if (code) assert.equal(raw.closeCode(), code);
        assert.deepEqual(raw.messages().slice(1), []);
      });
    }

    test('a hundred thousand empty fragments cost nothing', () => within(64, async () => {
      const raw = await open();
      raw.write(frame(0x01, '4'));
      raw.write(...Array.from({ length: 100_000 }, () => frame(0x00)));
      raw.write(frame(0x80, 'hello'));
      await until(() => raw.messages().length > 1 || raw.closeCode(), { what: 'the echo or the end' });
      raw.cut();
    }));
  });

  test('probes that never finish, by the hundred', () => within(100, async () => {
    const sessions = await Promise.all(Array.from({ length: 100 }, () => Polling.open(target)));
    const probes = await Promise.all(sessions.map(async (session, at) => {
      const channel = await WebSocketChannel.open(session.wsAddress());
      if (at % 2) {
        channel.send('2probe');
        await channel.next();
      }
      return channel;
    }));
    for (const session of sessions.slice(0, 5)) await session.assertOpen();
    await Promise.all(probes.map((channel) => channel.cut()));
    for (const session of sessions.slice(5, 10)) await session.assertOpen();
  }));

  test('one session, a hundred probes', async () => {
    const session = await Polling.open(target);
    const channels = Array.from({ length: 100 }, () => new WebSocketChannel(session.wsAddress()));
    for (const channel of channels) channel.ws.once('open', () => channel.send('2probe'));
    // One at most is being considered; the others are gone.
    await until(() => channels.filter(({ isClosed }) => !isClosed).length <= 1, { what: 'the others to be closed' });
    for (const channel of channels) if (!channel.isClosed) await channel.cut();
    await session.assertOpen();
  });

  testOurs('it keeps everything', 'who posts and never polls fills no memory', () => within(64, async () => {
    const session = await Polling.open(target);
    const body = `4${'x'.repeat(kMaxPayload - 1)}`;
    let ended = false;
    for (let at = 0; at < 200 && !ended; at += 1) ended = (await session.post(body).catch(() => ({}))).status !== 200;
    assert.ok(ended, 'the session ends');
  }));

  testOurs('it keeps everything', 'who sends and never reads fills no memory', () => within(64, async () => {
    const raw = await RawWebSocket.open(target.address({}, { ws: true }));
    await until(() => raw.messages().length > 0, { what: 'the open packet', every: 2 });
    raw.pause();
    let gone = false;
    raw.closed.then(() => { gone = true; });
    const large = frame(0x82, Buffer.alloc(500_000));
    for (let at = 0; at < 200 && !gone; at += 1) {
      raw.write(large);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    await stillServes();
    raw.cut();
  }));
});

describe('sessions that nobody uses', () => {
  let target;
  before(async () => { target = await startTarget('engineio'); });
  after(() => target?.stop());

  test('two thousand handshakes leave nothing behind', async () => {
    // A session that does not get on in time is over too, and the next one may be quicker.
    const serves = async () => {
      await (await Polling.open(target)).assertOpen();
      return true;
    };
    const stillServes = () => until(() => serves().catch(() => false), { what: 'an echo' });
    await bounded(target, { megabytes: 100, stillServes }, async () => {
      const sids = [];
      for (let round = 0; round < 20; round += 1) {
        const answers = await Promise.all(Array.from({ length: 100 }, () => get(target.address())));
        for (const { status, text } of answers) {
          if (status === 200) sids.push(JSON.parse(text.slice(1)).sid);
          else assert.ok([429, 503].includes(status), `${status}`);
        }
      }
      assert.ok(sids.length >= 100);
      for (const sid of sids.filter((_, at) => at % 100 === 0)) {
        await until(async () => (await post(target.address({ sid }), '6').catch(() => ({}))).status === 400, { what: 'the session to end' });
      }
    });
  });
});
