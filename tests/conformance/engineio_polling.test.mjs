// Engine.IO 4 over HTTP polling: payloads, limits, overlapping and broken requests.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';

import { until } from '../support/until.mjs';
import { begin, post } from './support/http.mjs';
import { Polling, kSeparator } from './support/polling.mjs';
import { kPatient, startTarget, testOurs, testReference } from './support/target.mjs';

const kMaxPayload = 1_000_000;

describe('Engine.IO polling', () => {
  let target;
  before(async () => { target = await startTarget('engineio', kPatient); });
  after(() => target?.stop());

  // Resolves when the server has most likely read the head of a request that it does not answer yet: it has
  // opened and answered on a connection that came later.
  async function arrived(started) {
    await until(() => started.request.socket?.bytesWritten > 0, { what: 'the request to be written', every: 1 });
    await Polling.open(target);
    await Polling.open(target);
    return started;
  }

  async function untilGone(session) {
    await until(async () => (await session.post('6').catch(() => ({}))).status === 400, { what: 'the session to end' });
    await session.assertClosed();
  }

  test('a POST is answered ok, and the message comes back with the next GET', async () => {
    const session = await Polling.open(target);
    const posted = await session.post('4hello');
    assert.deepEqual([posted.status, posted.text, posted.headers['content-type']], [200, 'ok', 'text/html']);
    assert.equal(posted.headers['cache-control'], 'no-store');
    const polled = await session.get();
    assert.deepEqual([polled.status, polled.text, polled.headers['content-type']], [200, '4hello', 'text/plain; charset=UTF-8']);
    assert.equal(polled.headers['cache-control'], 'no-store');
  });

  test('a GET waits until there is a packet', async () => {
    const session = await Polling.open(target);
    const polled = session.get();
    let answered = false;
    polled.then(() => { answered = true; });
    await Polling.open(target); // a round trip in which the GET stays unanswered
    assert.equal(answered, false);
    await session.send('4hello');
    assert.equal((await polled).text, '4hello');
  });

  test('several packets in one payload are separated by 0x1e, both ways, in order', async () => {
    const session = await Polling.open(target);
    await session.send('4one', '4', '4three');
    assert.equal((await session.get()).text, ['4one', '4', '4three'].join(kSeparator));
  });

  test('what was posted before a GET comes in one answer', async () => {
    const session = await Polling.open(target);
    for (let at = 0; at < 5; at += 1) await session.send(`4${at}`);
    assert.deepEqual(await session.packets(), ['40', '41', '42', '43', '44']);
  });

  test('text is UTF-8', async () => {
    const session = await Polling.open(target);
    const text = '4\u20ac \u{1f600} \u00e9 \u0000 "\\ \u2028';
    await session.send(text);
    assert.equal((await session.get()).text, text);
  });

  test('bytes are b and base64, among text', async () => {
    const session = await Polling.open(target);
    await session.send('4hello', 'bAQIDBA==', 'b', '4after');
    assert.deepEqual(await session.packets(), ['4hello', 'bAQIDBA==', 'b', '4after']);
  });

  test('bytes of every value and length come back', async () => {
    const session = await Polling.open(target);
    for (const length of [1, 2, 3, 255, 256, 10_000]) {
      const packet = `b${Buffer.from(Array.from({ length }, (_, at) => (at * 7) % 256)).toString('base64')}`;
      await session.send(packet);
      assert.deepEqual(await session.packets(), [packet]);
    }
  });

  test('a payload of maxPayload bytes is taken; one byte more is 413, and the session survives', async () => {
    const session = await Polling.open(target);
    await session.send(`4${'x'.repeat(kMaxPayload - 1)}`);
    assert.equal((await session.get()).bytes.length, kMaxPayload);
    assert.equal((await session.post(`4${'x'.repeat(kMaxPayload)}`)).status, 413);
    await session.assertOpen();
  });

  test('the limit counts bytes, not characters', async () => {
    const session = await Polling.open(target);
    assert.equal((await session.post(`4${'\u20ac'.repeat(kMaxPayload / 2)}`)).status, 413);
    await session.assertOpen();
  });

  test('a chunked payload over the limit is 413 too', async () => {
    const session = await Polling.open(target);
    const { request, answer } = begin(session.address(), { method: 'POST', headers: { 'content-type': 'text/plain' } });
    request.on('error', () => {}); // it may be cut while it still writes
    for (let sent = 0; sent <= kMaxPayload; sent += 100_000) request.write('4'.repeat(100_000));
    assert.equal((await answer).status, 413);
    request.destroy();
    await session.assertOpen();
  });

  test('a chunked payload within the limit is taken', async () => {
    const session = await Polling.open(target);
    const { request, answer } = begin(session.address(), { method: 'POST', headers: { 'content-type': 'text/plain;charset=UTF-8' } });
    const body = Buffer.from(`4\u20ac one${kSeparator}4two`);
    request.write(body.subarray(0, 2)); // within the euro sign
    request.end(body.subarray(2));
    assert.equal((await answer).text, 'ok');
    assert.deepEqual(await session.packets(), ['4\u20ac one', '4two']);
  });

  test('the body type application/octet-stream is answered 400 and ends the session', async () => {
    const session = await Polling.open(target);
    const answer = await session.post(Buffer.from([4, 1]), { headers: { 'content-type': 'application/octet-stream' } });
    assert.equal(answer.status, 400);
    await session.assertClosed();
  });

  test('a second GET is answered 400, the first gets the close packet, and the session ends', async () => {
    const session = await Polling.open(target);
    const first = await arrived(session.begin());
    const second = await session.get();
    const { status, text } = await first.answer;
    assert.deepEqual([second.status, status, text], [400, 200, '1']);
    await session.assertClosed();
  });

  testReference('a request exists for Stoa once its body is whole, so that half a body cannot end a session', 'a second POST while the first is under way is answered 400, and the session ends', async () => {
    const session = await Polling.open(target);
    const first = begin(session.address(), { method: 'POST', headers: { 'content-type': 'text/plain', 'content-length': 10 } });
    first.request.write('4hel');
    await arrived(first);
    assert.equal((await session.post('4hello')).status, 400);
    await first.answer.then(({ status }) => assert.equal(status, 400), () => {});
    first.request.destroy();
    await session.assertClosed();
  });

  test('an aborted GET ends the session', async () => {
    const session = await Polling.open(target);
    const aborted = await arrived(session.begin());
    aborted.request.destroy();
    await untilGone(session);
  });

  testReference('a request exists for Stoa once its body is whole, so that half a body cannot end a session', 'an aborted POST ends the session', async () => {
    const session = await Polling.open(target);
    const aborted = begin(session.address(), { method: 'POST', headers: { 'content-type': 'text/plain', 'content-length': 10 } });
    aborted.request.write('4hel');
    await arrived(aborted);
    aborted.request.destroy();
    // Asking with a POST would end the session by overlapping.
    const { status, text } = await session.get();
    assert.ok(status === 400 || text === '1', text);
    await session.assertClosed();
  });

  test('the close packet answers the waiting GET with a noop, and ends the session', async () => {
    const session = await Polling.open(target);
    const waiting = await arrived(session.begin());
    const [polled, posted] = await Promise.all([waiting.answer, session.post('1')]);
    assert.deepEqual([polled.status, polled.text], [200, '6']);
    assert.equal(posted.status, 200);
    await session.assertClosed();
  });

  testOurs('it has one thread, so that none crosses it', 'a poll that comes to another thread just after the close packet is answered as if it had waited, once', async () => {
    // Which thread a new connection comes to is the kernel's choice.
    const crossed = async () => {
      const session = await Polling.open(target);
      assert.equal((await session.post('1')).text, 'ok');
      const { status, text } = await session.get({ agent: false });
      if (status !== 200) return false;
      assert.equal(text, '6');
      for (let again = 0; again < 10; again += 1) assert.equal((await session.get({ agent: false })).status, 400);
      return true;
    };
    await until(crossed, { what: 'a poll on another thread', every: 1 });
  });

  test('what follows the close packet is not delivered', async () => {
    const session = await Polling.open(target);
    assert.equal((await session.post(['1', '4late'].join(kSeparator))).text, 'ok');
    await session.assertLeft();
  });

  for (const [what, body] of [['an unknown type', 'abc'], ['nothing', ''], ['a type beyond the last', '7'], ['an empty packet among others', `4a${kSeparator}${kSeparator}4b`]]) {
    test(`a payload with ${what} ends the session`, async () => {
      const session = await Polling.open(target);
      const answer = await session.post(body).catch(() => undefined); // the connection may be cut
      if (answer) assert.ok([200, 400].includes(answer.status), `${answer.status}`);
      await session.assertClosed();
    });
  }

  testOurs('it resets the connection', 'a payload that cannot be read is answered 400', async () => {
    const session = await Polling.open(target);
    assert.equal((await session.post('abc')).status, 400);
    await session.assertClosed();
  });

  test('a pong that nobody asked for, and a noop, are harmless', async () => {
    const session = await Polling.open(target);
    await session.send('3', '6', '3probe');
    await session.assertOpen();
  });

  test('a ping of the client ends the session', async () => {
    const session = await Polling.open(target);
    await session.post('2').catch(() => {});
    await session.assertClosed();
  });

  testOurs('it answers 500', 'any other method is refused as such, and the session survives', async () => {
    const session = await Polling.open(target);
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const { status } = await post(session.address(), '4hello', { method });
      assert.ok([400, 405].includes(status), `${method} ${status}`);
    }
    await session.assertOpen();
  });

  test('answers from 1024 bytes are compressed for those who accept it', async () => {
    const session = await Polling.open(target);
    const long = `4${'hello '.repeat(400)}`;
    await session.send(long);
    const compressed = await session.get({ headers: { 'accept-encoding': 'gzip' } });
    assert.equal(compressed.headers['content-encoding'], 'gzip');
    assert.equal(compressed.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(gunzipSync(compressed.bytes).toString(), long);

    await session.send(long);
    const plain = await session.get();
    assert.deepEqual([plain.headers['content-encoding'], plain.text], [undefined, long]);

    await session.send(`4${'x'.repeat(1022)}`);
    const short = await session.get({ headers: { 'accept-encoding': 'gzip' } });
    assert.deepEqual([short.headers['content-encoding'], short.bytes.length], [undefined, 1023]);

    await session.send(`4${'x'.repeat(1023)}`);
    const enough = await session.get({ headers: { 'accept-encoding': 'gzip, deflate, br' } });
    assert.equal(enough.headers['content-encoding'], 'gzip');
  });

  test('sessions do not see each other', async () => {
    const [one, two] = await Promise.all([Polling.open(target), Polling.open(target)]);
    await Promise.all([one.send('4one'), two.send('4two')]);
    assert.deepEqual([await one.packets(), await two.packets()], [['4one'], ['4two']]);
  });
});
