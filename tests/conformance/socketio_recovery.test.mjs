// Socket.IO 5: connection state recovery. Who lost its transport returns with its private id and the offset of the
// last event that it saw, and gets what it missed, once and in order.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../support/until.mjs';
import { kTransports, openChannel } from './support/channel.mjs';
import { get } from './support/http.mjs';
import { connectPacket, openSocket, payload } from './support/socketio.mjs';
import { kPatient, startTarget, testOurs } from './support/target.mjs';

describe('Socket.IO recovery', { concurrency: true }, () => {
  let target;
  before(async () => { target = await startTarget('socketio', ['--recovery', ...kPatient]); });
  after(() => target?.stop());

  // Events that come back, as [argument, offset] each.
  async function echoed(channel, ...values) {
    channel.send(...values.map((value) => `42["message",${JSON.stringify(value)}]`));
    const answers = await channel.several(values.length);
    return answers.map((packet) => {
      const [name, value, offset] = payload(packet, '42');
      assert.equal(name, 'message-back');
      return [value, offset];
    });
  }

  // A new transport that asks for an old session: what came before the answer to CONNECT, and that answer.
  async function returning({ pid, offset, auth = {} }, { transport = 'websocket', namespace = '/' } = {}) {
    const mark = namespace === '/' ? '' : `${namespace},`;
    const channel = await openChannel(target, transport);
    channel.send(connectPacket(namespace, { pid, offset, ...auth }));
    const missed = [];
    for (;;) {
      const packet = await channel.next();
      if (packet.startsWith(`40${mark}`)) return { channel, missed, answer: payload(packet, `40${mark}`) };
      missed.push(Buffer.isBuffer(packet) ? packet : payload(packet, `42${mark}`));
    }
  }

  const values = (missed) => missed.map(([name, value]) => [name, value]);

  // The old transport is gone on the server as well: until then a session cannot be recovered, and asking would
  // make a new one.
  async function cut(channel) {
    await channel.cut();
    const { sid } = channel.open;
    await until(async () => (await get(target.address({ sid }))).text.includes('"code":1'), { what: 'the server to see the end', every: 5 });
  }

  test('CONNECT is answered with sid and pid, and both differ from each other and from Engine.IO\'s id', async () => {
    const channel = await openSocket(target);
    const { sid, pid, greeting, ...rest } = channel.socket;
    assert.deepEqual(rest, {});
    assert.match(pid, /^[A-Za-z0-9_-]{20,}$/);
    assert.equal(new Set([sid, pid, channel.open.sid]).size, 3);
    assert.equal(greeting.length, 3);
    await channel.cut();
  });

  test('every event without an ack id ends with an offset of its own, one that wants an answer does not', async () => {
    const channel = await openSocket(target);
    const offsets = (await echoed(channel, 'a', 'b', 'c')).map(([, offset]) => offset);
    for (const offset of offsets) assert.equal(typeof offset, 'string');
    assert.equal(new Set([...offsets, channel.socket.greeting.at(-1)]).size, 4);

    channel.send('425["message-with-ack","x"]');
    assert.equal(await channel.next(), '435["x"]');
    channel.send('42["ask"]');
    const [, id, args] = /^42(\d+)(\[.*)$/.exec(await channel.next());
    assert.deepEqual(JSON.parse(args), ['question']);
    channel.send(`43${id}["y"]`);
    const answer = payload(await channel.next(), '42');
    assert.deepEqual(answer.slice(0, 2), ['answer-back', 'y']);
    assert.equal(typeof answer[2], 'string');
    await channel.cut();
  });

  for (const transport of kTransports) {
    test(`what was missed comes before the answer, with the ids as before (${transport})`, async () => {
      const channel = await openSocket(target);
      const { sid, pid } = channel.socket;
      const [[, offset]] = await echoed(channel, 'seen', 'missed 1', 'missed 2');
      await cut(channel);
      const { channel: next, missed, answer } = await returning({ pid, offset }, { transport });
      assert.deepEqual(answer, { sid, pid });
      assert.deepEqual(values(missed), [['message-back', 'missed 1'], ['message-back', 'missed 2']]);
      const greeting = payload(await next.next(), '42');
      assert.equal(greeting[0], 'auth');
      assert.deepEqual(values((await echoed(next, 'after')).map(([value]) => ['message-back', value])), [['message-back', 'after']]);
    });
  }

  test('who missed nothing gets nothing twice', async () => {
    const channel = await openSocket(target);
    const [[, offset]] = await echoed(channel, 'seen');
    await cut(channel);
    const { missed, answer } = await returning({ pid: channel.socket.pid, offset });
    assert.deepEqual([missed, answer.sid], [[], channel.socket.sid]);
  });

  test('the offset of the greeting is one like others', async () => {
    const channel = await openSocket(target);
    await echoed(channel, 1, 2, 3);
    await cut(channel);
    const { missed } = await returning({ pid: channel.socket.pid, offset: channel.socket.greeting.at(-1) });
    assert.deepEqual(values(missed), [1, 2, 3].map((n) => ['message-back', n]));
  });

  test('bytes that were missed come with their packet', async () => {
    const channel = await openSocket(target);
    const [[, offset]] = await echoed(channel, 'seen');
    channel.send('451-["message",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3]));
    await channel.several(2);
    await echoed(channel, 'last');
    await cut(channel);
    const again = await openChannel(target, 'websocket');
    again.send(connectPacket('/', { pid: channel.socket.pid, offset }));
    const packet = payload(await again.next(), '451-');
    assert.deepEqual(packet.slice(0, 2), ['message-back', { _placeholder: true, num: 0 }]);
    assert.deepEqual(await again.next(), Buffer.from([1, 2, 3]));
    assert.deepEqual(payload(await again.next(), '42').slice(0, 2), ['message-back', 'last']);
    assert.equal(payload(await again.next(), '40').sid, channel.socket.sid);
  });

  test('a session may be lost and recovered again and again', async () => {
    let channel = await openSocket(target);
    const { sid } = channel.socket;
    let { pid } = channel.socket;
    let [[, offset]] = await echoed(channel, 'seen', 'missed 0');
    for (let round = 1; round < 4; round += 1) {
      await cut(channel);
      const back = await returning({ pid, offset });
      assert.equal(back.answer.sid, sid);
      assert.deepEqual(values(back.missed).filter(([name]) => name === 'message-back'), [['message-back', `missed ${round - 1}`]]);
      ({ channel, answer: { pid } } = back);
      await channel.next(); // the greeting
      [[, offset]] = await echoed(channel, 'seen', `missed ${round}`);
    }
  });

  test('the other namespace has a session of its own', async () => {
    const channel = await openSocket(target, { namespace: '/custom' });
    const { sid, pid, greeting } = channel.socket;
    channel.send('42/custom,["message","missed"]');
    await channel.next();
    await cut(channel);
    const elsewhere = await returning({ pid, offset: greeting.at(-1) });
    assert.notEqual(elsewhere.answer.sid, sid);
    const { answer, missed } = await returning({ pid, offset: greeting.at(-1) }, { namespace: '/custom' });
    assert.equal(answer.sid, sid);
    assert.deepEqual(values(missed), [['message-back', 'missed']]);
  });

  async function assertNewSession(asked, old) {
    const { missed, answer, channel } = await returning(asked);
    assert.deepEqual(missed, []);
    assert.notEqual(answer.sid, old.sid);
    assert.notEqual(answer.pid, old.pid);
    assert.equal(payload(await channel.next(), '42')[0], 'auth');
    await channel.cut();
  }

  test('an unknown pid or offset, or none, begins a normal new session', async () => {
    const channel = await openSocket(target);
    const [[, offset]] = await echoed(channel, 'seen', 'missed');
    await cut(channel);
    const old = channel.socket;
    for (const asked of [
      { pid: 'AAAAAAAAAAAAAAAAAAAA', offset }, { pid: old.sid, offset }, { pid: channel.open.sid, offset }, { pid: '__proto__', offset },
      { pid: 5, offset }, { pid: [old.pid], offset }, { pid: null, offset }, { pid: old.pid }, { pid: old.pid, offset: 5 },
      { pid: old.pid, offset: 'unknown' }, { pid: old.pid, offset: '' }, { offset },
    ]) await assertNewSession(asked, old);
  });

  test('who left on its own account is not recovered', async () => {
    const channel = await openSocket(target);
    const [[, offset]] = await echoed(channel, 'seen', 'missed');
    channel.send('41');
    await cut(channel);
    await assertNewSession({ pid: channel.socket.pid, offset }, channel.socket);
  });

  test('a session that is still connected is not handed to a second connection', async () => {
    const channel = await openSocket(target);
    const [[, offset]] = await echoed(channel, 'seen', 'also seen');
    const { answer } = await returning({ pid: channel.socket.pid, offset });
    // Either there is a new session, or the old connection was the dead one and has been closed.
    if (answer.sid === channel.socket.sid) await channel.untilClosed();
    else await echoed(channel, 'still here');
  });

  testOurs('it serves as often as one asks', 'a pid serves once', async () => {
    const channel = await openSocket(target);
    const [[, offset]] = await echoed(channel, 'seen', 'missed');
    await cut(channel);
    const asked = { pid: channel.socket.pid, offset };
    const first = await returning(asked);
    assert.equal(first.answer.sid, channel.socket.sid);
    const second = await returning(asked);
    assert.notEqual(second.answer.sid, channel.socket.sid);
    assert.deepEqual(second.missed, []);
  });
});
