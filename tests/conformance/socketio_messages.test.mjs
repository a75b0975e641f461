// Socket.IO 5: events and acknowledgements both ways, with and without bytes, and what a server must not swallow.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { kTransports } from './support/channel.mjs';
import { assertEchoes, connect, openSocket, payload } from './support/socketio.mjs';
import { kPatient, startTarget, testOurs } from './support/target.mjs';

const kReserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];
const kMaxAttachments = 10;
const at = (num) => `{"_placeholder":true,"num":${num}}`;
const places = (count) => Array.from({ length: count }, (_, num) => at(num)).join();
const bytes = (count) => Array.from({ length: count }, (_, num) => Buffer.from([num, 0x1e, 255 - num]));

for (const transport of kTransports) {
  describe(`Socket.IO messages over ${transport}`, { concurrency: true }, () => {
    let target;
    before(async () => { target = await startTarget('socketio', kPatient); });
    after(() => target?.stop());

    const open = (options) => openSocket(target, { transport, ...options });

    // What is sent is answered with exactly these packets.
    async function answered(channel, sent, expected) {
      channel.send(...[sent].flat());
      assert.deepEqual(await channel.several([expected].flat().length), [expected].flat());
    }

    async function assertCloses(...packets) {
      const channel = await open();
      const before = channel.received.length;
      channel.send(...packets);
      await channel.untilClosed();
      assert.deepEqual(channel.received.slice(before), []);
    }

    test('an event with arguments of every kind', async () => {
      const channel = await open();
      await answered(channel, '42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]');
      await answered(channel, '42["message"]', '42["message-back"]');
      await answered(channel, '42["message",null,[],{},"",-1.5,"\u20ac\u{1f600}"]', '42["message-back",null,[],{},"",-1.5,"\u20ac\u{1f600}"]');
    });

    test('white space and escapes in the JSON', async () => {
      const channel = await open();
      channel.send('42[ "mess\\u0061ge" ,\n "\\ud83d\\ude00" ]');
      assert.deepEqual(payload(await channel.next(), '42'), ['message-back', '\u{1f600}']);
    });

    testOurs('it passes half a character on, which no UTF-8 can carry', 'half an emoji, as JSON escapes it, becomes U+FFFD', async () => {
      const channel = await open();
      const sent = String.raw`42["message","\ud83d","\ude00 \\ud83d \ud83d\ude00 \ud83d\ud83d\ude00 \u00e9 \ud83"]`;
      await answered(channel, sent.replace(String.raw` \ud83"`, '"'), String.raw`42["message-back","�","� \\ud83d 😀 �😀 é"]`);
      const cut = await open();
      cut.send(sent); // an escape that is none is no JSON
      await cut.untilClosed();
    });

    testOurs('it takes them', 'JSON beyond the limits is refused, and nothing else ends', async () => {
      const channel = await open();
      await connect(channel, { namespace: '/custom' });
      const beyond = [String.raw`"\u0000"`, `${'['.repeat(32)}${']'.repeat(32)}`, Array(20_001).fill(0).join(), '{"a":1,"a":2}', '1e400', `${'['.repeat(100_000)}${']'.repeat(100_000)}`];
      for (const json of beyond) {
        channel.send(`427["message-with-ack",${json}]`);
        const [refusal] = payload(await channel.next(), '437');
        assert.equal(refusal.error.code, 'INVALID_MESSAGE', json.slice(0, 50));
        channel.send(`42/custom,["message",${json}]`);
        assert.equal(payload(await channel.next(), '42/custom,')[0], 'error', json.slice(0, 50));
      }
      channel.send(`451-8["message-with-ack",${at(0)},"${String.raw`\u0000`}"]`, Buffer.from([1]));
      assert.equal(payload(await channel.next(), '438')[0].error.code, 'INVALID_MESSAGE');
      channel.send(String.raw`439["\u0000"]`, String.raw`40/other,{"token":"\u0000"}`);
      assert.equal(payload(await channel.next(), '44/other,').data.code, 'INVALID_MESSAGE');
      for (const namespace of ['/', '/custom']) await assertEchoes(channel, namespace);
    });

    testOurs('it takes numbers and names beyond the limits', 'what is broken as well as beyond the limits closes', async () => {
      const nul = String.raw`"\u0000"`;
      for (const packet of [`42["message",${nul}`, `42["message",${nul}]]`, `42{"message":${nul}}`, `42[${'['.repeat(40)}${']'.repeat(40)}]`, `42["connect",${nul}]`, `42["disconn\\u0065ct",${nul}]`,
        `42[null,${nul}]`, `42${nul}`, `42["message",${'['.repeat(500)}`, `43["x",${nul}]`, `42/unknown,["message",${nul}]`]) {
        await assertCloses(packet);
      }
    });

    test('events come back in order', async () => {
      const channel = await open();
      const numbers = Array.from({ length: 100 }, (_, n) => n);
      await answered(channel, numbers.map((n) => `42["message",${n}]`), numbers.map((n) => `42["message-back",${n}]`));
    });

    test('an acknowledgement carries the id of the event', async () => {
      const channel = await open();
      await answered(channel, '42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]');
      await answered(channel, '420["message-with-ack"]', '430[]');
      await answered(channel, '429007199254740991["message-with-ack",1]', '439007199254740991[1]');
    });

    test('what asks for no acknowledgement gets none, and what asks in vain neither', async () => {
      const channel = await open();
      channel.send('42["message-with-ack","x"]');
      await answered(channel, '427["message","x"]', '42["message-back","x"]');
      await assertEchoes(channel);
    });

    test('bytes in an event', async () => {
      const channel = await open();
      await answered(channel, [`452-["message",${places(2)}]`, ...bytes(2)], [`452-["message-back",${places(2)}]`, ...bytes(2)]);
      await answered(channel, [`451-["message",{"deep":[{"er":${at(0)}}]},1]`, ...bytes(1)], [`451-["message-back",{"deep":[{"er":${at(0)}}]},1]`, ...bytes(1)]);
      await answered(channel, [`451-["message",${at(0)}]`, Buffer.alloc(0)], [`451-["message-back",${at(0)}]`, Buffer.alloc(0)]);
    });

    test('bytes in an acknowledgement', async () => {
      const channel = await open();
      await answered(channel, [`452-789["message-with-ack",${places(2)}]`, ...bytes(2)], [`462-789[${places(2)}]`, ...bytes(2)]);
    });

    test('bytes in another namespace', async () => {
      const channel = await open({ namespace: '/custom' });
      await answered(channel, [`451-/custom,["message",${at(0)}]`, ...bytes(1)], [`451-/custom,["message-back",${at(0)}]`, ...bytes(1)]);
      await answered(channel, [`451-/custom,7["message-with-ack",${at(0)}]`, ...bytes(1)], [`461-/custom,7[${at(0)}]`, ...bytes(1)]);
    });

    test('placeholders out of order mean their numbers', async () => {
      const channel = await open();
      const [first, second] = bytes(2);
      await answered(channel, [`452-["message",${at(1)},${at(0)}]`, first, second], [`452-["message-back",${places(2)}]`, second, first]);
    });

    test('bytes that nothing points at are dropped', async () => {
      const channel = await open();
      await answered(channel, ['451-["message","no placeholder"]', ...bytes(1)], '42["message-back","no placeholder"]');
    });

    test('a placeholder in a packet without bytes is an object like others', async () => {
      const channel = await open();
      await answered(channel, `42["message",${at(0)}]`, `42["message-back",${at(0)}]`);
    });

    test(`${kMaxAttachments} attachments are taken and sent, one more closes`, async () => {
      const channel = await open();
      await answered(channel, [`45${kMaxAttachments}-["message",${places(kMaxAttachments)}]`, ...bytes(kMaxAttachments)],
        [`45${kMaxAttachments}-["message-back",${places(kMaxAttachments)}]`, ...bytes(kMaxAttachments)]);
      await assertEchoes(channel);
      await assertCloses(`45${kMaxAttachments + 1}-["message",${places(kMaxAttachments + 1)}]`);
    });

    testOurs('it closes', 'a binary event without attachments completes at once and leaves nothing pending', async () => {
      const channel = await open();
      await answered(channel, '450-["message","no bytes"]', '42["message-back","no bytes"]');
      await answered(channel, '450-3["message-with-ack","no bytes"]', '433["no bytes"]');
      await assertEchoes(channel);
    });

    test('the server asks, and the client acknowledges', async () => {
      const channel = await open();
      channel.send('42["ask","how are you"]');
      const [, id, args] = /^42(\d+)(\[.*)$/.exec(await channel.next());
      assert.equal(JSON.parse(args)[0], 'question');
      await answered(channel, `43${id}["fine",{"and":"you"}]`, '42["answer-back","fine",{"and":"you"}]');
      // The second answer to the same question, and one to a question that was never asked, are dropped.
      channel.send(`43${id}["again"]`, '43987654["never asked"]');
      await assertEchoes(channel);
    });

    test('every question has an id of its own, and answers may come in any order', async () => {
      const channel = await open();
      channel.send('42["ask"]', '42["ask"]');
      const [first, second] = (await channel.several(2)).map((packet) => /^42(\d+)\["question"/.exec(packet)[1]);
      assert.notEqual(first, second);
      await answered(channel, [`43${second}["two"]`, `43${first}["one"]`], ['42["answer-back","two"]', '42["answer-back","one"]']);
    });

    test('an acknowledgement of the client may carry bytes', async () => {
      const channel = await open();
      channel.send('42["ask"]');
      const [, id] = /^42(\d+)\["question"/.exec(await channel.next());
      await answered(channel, [`461-${id}[${at(0)}]`, ...bytes(1)], [`451-["answer-back",${at(0)}]`, ...bytes(1)]);
    });

    test('a number as the name of an event is allowed, and nobody listens', async () => {
      const channel = await open();
      channel.send('42[1]', '42[0,"x"]', '42[-1.5,{}]');
      await assertEchoes(channel);
    });

    test('names that mean something to objects mean nothing here', async () => {
      const channel = await open();
      for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '', 'unknown', 'CONNECT']) {
        channel.send(`42[${JSON.stringify(name)},{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]`);
      }
      await assertEchoes(channel);
      channel.send('42["message",{}]');
      assert.equal(await channel.next(), '42["message-back",{}]');
    });

    for (const name of kReserved) {
      test(`the reserved event ${name} closes`, () => assertCloses(`42["${name}"]`));
      test(`the reserved event ${name} with bytes, or wanting an answer, closes`, async () => {
        await assertCloses(`451-["${name}",${at(0)}]`, Buffer.from([1]));
        await assertCloses(`421["${name}","x"]`);
      });
    }

    for (const packet of [
      '4', '47["message"]', '48', '49', '4a', '4-1', '4 2["message"]', '4{"type":2}', '4\u0000', // types
      '42{}', '42[]', '42"message"', '42null', '42true', '42[null]', '42[true]', '42[{}]', '42[["message"]]', '42x', // payloads
      '42["message"', '42["message",]', '42["message"]x', '42[\'message\']', '42["message",undefined]', '42["message",NaN]', '42["\ud800"', // JSON
      '42abc["message"]', '42-1["message"]', '421.5["message"]', '421e3["message"]', '420x1["message"]', '42+1["message"]', // ack ids
      '431{}', '431"x"', '431null', '43abc[]', // acks
      '41{}', '41[]', '44{"message":"x"}', '44', '44"x"', // what only a server says
      '45["message"]', '45-["message"]', '45x-["message"]', '45-1-["message"]', '451.5-["message"]', '451e0-["message",1', '45999999999999999999-["message"]',
      '451["message"]', '451', '451-{}', '451-[]', '46-1[]', '4611-1[]', // attachments
    ]) {
      test(`the packet ${JSON.stringify(packet)} closes`, () => assertCloses(packet));
    }

    testOurs('it takes it for an event without a name', 'an event without a payload closes', async () => {
      await assertCloses('42');
      await assertCloses('451-', Buffer.from([1]));
    });

    test('text while bytes are awaited closes', () => assertCloses(`451-["message",${at(0)}]`, '42["message","early"]'));
    test('bytes that nobody awaits close', () => assertCloses(Buffer.from([1, 2, 3])));
    test('more bytes than were announced close', async () => {
      const channel = await open();
      channel.send(`451-["message",${at(0)}]`, ...bytes(2));
      await channel.untilClosed();
    });

    for (const num of ['1', '-1', '10', '4294967296', '9007199254740993', '1e400', '"0"', 'null', 'true', '[]', '{}', '"length"', '"__proto__"']) {
      test(`the placeholder number ${num} closes`, () => assertCloses(`451-["message",${at(num)}]`, Buffer.from([1])));
    }

    test('a placeholder without a number closes', () => assertCloses('451-["message",{"_placeholder":true}]', Buffer.from([1])));
    testOurs('it reads buffers[0.5] and goes on with nothing', 'the placeholder number 0.5 closes', () => assertCloses(`451-["message",${at('0.5')}]`, Buffer.from([1])));

    test('what closes one connection leaves the others', async () => {
      const [one, other] = await Promise.all([open(), open()]);
      one.send('42[]');
      await one.untilClosed();
      await assertEchoes(other);
      await connect(other, { namespace: '/custom' });
    });
  });
}
