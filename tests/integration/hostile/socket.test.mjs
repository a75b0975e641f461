// Throws bad input at every socket event of the protocol's own description, and bad frames at the connection.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';
import { SocketError, UpgradeRefused } from '../../support/socket.mjs';
import { until } from '../../support/until.mjs';
import { forgedTokens } from './tokens.mjs';
import { kBadValues } from './values.mjs';

let stoa;
let person;
let events; // [{name, fields}]

describe('bad input over sockets', () => {
  before(async () => {
    stoa = await startStoa();
    person = await stoa.register('person');
    const { body: doc } = await stoa.api('GET', '/api/asyncapi.json');
    const at = (ref) => ref.slice(2).split('/').reduce((node, key) => node[key.replaceAll('~1', '/').replaceAll('~0', '~')], doc);
    const resolve = (node) => (node?.$ref ? resolve(at(node.$ref)) : node);
    events = Object.values(doc.operations).filter((o) => o.action === 'receive')
      .flatMap((o) => (o.messages ?? []).map(resolve))
      .map((message) => ({ name: message.name, fields: Object.keys(resolve(resolve(message.payload)?.properties?.payload)?.properties ?? {}) }));
    assert.ok(events.length > 12, `${events.length} events are described`);
  });
  after(() => stoa.stop());

  // Sends a raw frame with an id of its own and resolves to what it is answered.
  async function answerTo(socket, text, id) {
    socket.sendRaw(text);
    return until(() => socket.received.find((f) => f.id === id && (f.type === 'error' || f.type === 'ack')), { what: `an answer to ${text.slice(0, 80)}`, every: 1 });
  }

  test('every event refuses every payload of a wrong shape, and the connection stays', async () => {
    const socket = await stoa.connect(person.token);
    let id = 1000;
    for (const { name, fields } of events.filter((e) => e.name !== 'authenticate' && e.fields.length > 0)) {
      for (const payload of ['null', '5', '"x"', '[]', 'true']) {
        const answer = await answerTo(socket, `{"type":"${name}","payload":${payload},"id":${++id}}`, id);
        assert.equal(answer.type, 'error', `${name} with ${payload}`);
        assert.equal(answer.payload.code, 'INVALID_MESSAGE');
      }
      for (const field of fields) {
        for (const value of kBadValues) {
          const text = JSON.stringify({ type: name, payload: { [field]: value }, id: ++id });
          if (Buffer.byteLength(text) > 60_000) continue;
          const answer = await answerTo(socket, text, id);
          if (answer.type === 'error') assert.notEqual(answer.payload.code, 'INTERNAL', `${name} with ${text.slice(0, 100)}`);
        }
      }
      // What a stranger asks of a room is refused, or tells nothing: leaving what one is not in is harmless.
      if (fields.includes('roomId')) {
        const answer = await socket.request(name, { roomId: randomUUID() }).catch((error) => error);
        if (answer instanceof SocketError) assert.notEqual(answer.code, 'INTERNAL', name);
        else assert.deepEqual(answer, {}, name);
      }
    }
    assert.ok(socket.open);
    await socket.close();
  });

  test('what is no envelope is answered INVALID_MESSAGE and the connection stays', async () => {
    const bad = ['', 'x', '{', '[]', '5', 'null', '"x"', '{}', '{"type":5,"payload":{}}', '{"type":["a"],"payload":{}}', '{"type":{}}', '{"type":null}',
      '{"type":"toString","payload":{}}', '{"type":"__proto__","payload":{}}', '{"type":"constructor"}', '{"type":"hasOwnProperty"}', '{"type":"nothing_like_it","payload":{}}',
      '{"type":"join_room","type":"leave_room","payload":{}}', '{"type":"join_room","payload":{"roomId":1e400}}', '{"type":"join_room","payload":{"roomId":"\\ud800"}}',
      '{"type":"join_room","payload":{"roomId":"\\u0000"}}', `{"type":"join_room","payload":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      '{"type":"join_room","payload":{},"id":{}}', '{"type":"join_room","payload":{},"id":[1]}', `{"type":"join_room","payload":{},"id":"${'x'.repeat(500)}"}`];
    const socket = await stoa.connect(person.token);
    for (const text of bad) {
      const before = socket.all('error').length;
      socket.sendRaw(text);
      await until(() => socket.all('error').length > before, { what: `an error for ${text.slice(0, 60)}`, every: 1 });
      assert.match(socket.all('error').at(-1).code, /^(INVALID_MESSAGE|VALIDATION_ERROR)$/, text.slice(0, 60));
    }
    assert.ok(socket.open);
    await socket.close();
  });

  test('what is JSON and beyond the limits is refused by its id', async () => {
    const socket = await stoa.connect(person.token);
    const beyond = ['"\\ud83d"', '"\\u0000"', '1e400', '{"a":1,"a":2}', `${'['.repeat(40)}${']'.repeat(40)}`, `[${Array(20_001).fill(0).join()}]`];
    let id = 5000;
    for (const json of beyond) {
      for (const [before, after] of [[`{"type":"typing","payload":{"x":${json}},"id":`, '}'], ['{"id" : ', ` ,"payload":{"id":1,"x":${json}},"type":"typing"}`]]) {
        const text = `${before}${++id}${after}`;
        const { type, payload } = await answerTo(socket, text, id);
        assert.deepEqual([type, payload.code], ['error', 'INVALID_MESSAGE'], text.slice(0, 80));
      }
    }
    assert.equal((await answerTo(socket, '{"payload":{"x":"\\ud83d"},"id":"\\u00e9 \\"x\\"","type":"typing"}', '\u00e9 "x"')).type, 'error');
    for (const nobody of ['{"type":"typing","payload":{"x":"\\ud83d"},"id":"\\ud83d"}', '{"type":"typing","payload":{"x":"\\ud83d"},"id":{}}', '{"type":"typing","id":7,"payload":{"x":"\\ud83d"}']) {
      const before = socket.all('error').length;
      socket.sendRaw(nobody);
      await until(() => socket.all('error').length > before, { what: `an error for ${nobody}`, every: 1 });
      assert.equal(socket.received.at(-1).id, undefined, nobody);
    }
    await socket.close();
  });

  test('a binary frame closes with 1003, an oversized one with 1009', async () => {
    const binary = await stoa.connect(person.token);
    binary.sendRaw(Buffer.from([1, 2, 3]), { binary: true });
    assert.equal((await binary.closed).code, 1003);
    const large = await stoa.connect(person.token);
    large.sendRaw(JSON.stringify({ type: 'typing', payload: { text: 'x'.repeat(100_000) } }));
    assert.equal((await large.closed).code, 1009);
  });

  test('a message in a hundred thousand fragments ends the connection', async () => {
    const socket = await stoa.connect(person.token);
    for (let i = 0; i < 100_000 && socket.open; i++) socket.sendRaw('x', { fin: false });
    assert.ok([1002, 1006, 1008, 1009].includes((await socket.closed).code));
  });

  // A handshake by hand, then raw bytes.
  async function rawSocket() {
    const socket = net.connect(stoa.port, '127.0.0.1');
    const chunks = [];
    socket.on('data', (d) => chunks.push(d));
    socket.on('error', () => {});
    socket.write(`GET /ws?token=${person.token} HTTP/1.1\r\nHost: 127.0.0.1:${stoa.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
      + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
    const received = () => Buffer.concat(chunks);
    await until(() => received().includes('\r\n\r\n'), { what: 'the handshake' });
    assert.match(received().toString('latin1'), /^HTTP\/1\.1 101 /);
    const start = received().indexOf('\r\n\r\n') + 4;
    return { socket, frames: () => received().subarray(start), ended: () => socket.destroyed || socket.readableEnded };
  }

  // [what it is, the bytes, the close codes that are right]
  const violations = [
    ['an unmasked frame', [0x81, 0x02, 0x7b, 0x7d], [1002]],
    ['RSV1 set', [0xc1, 0x80, 0, 0, 0, 0], [1002]],
    ['RSV2 and RSV3 set', [0xb1, 0x80, 0, 0, 0, 0], [1002]],
    ['an unknown opcode', [0x83, 0x80, 0, 0, 0, 0], [1002]],
    ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0], [1002]],
    ['a ping over 125 bytes', [0x89, 0xfe, 0x00, 0x80, 0, 0, 0, 0, ...new Array(128).fill(0)], [1002]],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], [1002]],
    ['a declared length of 2^63', [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1002, 1009]],
    ['a declared length of 2^62', [0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1009]],
    ['invalid UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], [1007]],
    ['a surrogate in UTF-8', [0x81, 0x83, 0, 0, 0, 0, 0xed, 0xa0, 0x80], [1007]],
    ['a close of one byte', [0x88, 0x81, 0, 0, 0, 0, 0x03], [1002]],
    ['a close with 1005', [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed], [1002]],
  ];

  for (const [what, bytes, codes] of violations) {
    test(`${what} ends the connection with ${codes.join(' or ')}`, async () => {
      const { socket, frames, ended } = await rawSocket();
      socket.write(Buffer.from(bytes));
      await until(() => ended(), { what: 'the end of the connection' });
      const closing = frames();
      assert.equal(closing[0], 0x88, 'a close frame comes first');
      assert.ok(codes.includes(closing.readUInt16BE(2)), `closed with ${closing.readUInt16BE(2)}`);
      socket.destroy();
    });
  }

  test('connections reset at every stage of the handshake leave nothing behind', async () => {
    const text = `GET /ws?token=${person.token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    await Promise.all(Array.from({ length: 60 }, (_, i) => new Promise((resolve) => {
      const socket = net.connect(stoa.port, '127.0.0.1', () => {
        socket.write(text.slice(0, Math.floor((text.length * (i + 1)) / 60)), () => socket.resetAndDestroy());
      });
      socket.on('close', resolve).on('error', () => {});
    })));
    await until(async () => (await stoa.metric('stoa_realtime_sessions')) === 0, { what: 'no session to be left' });
  });

  test('forged and expired tokens are refused before the upgrade and in band', async () => {
    for (const [what, token] of forgedTokens(person.token, stoa.config.auth.keys[0].secret)) {
      if (token.length < 5000) {
        await assert.rejects(stoa.connect(token, { via: 'query' }), (e) => e instanceof UpgradeRefused && e.status === 401, what);
      }
      const socket = await stoa.connect();
      await assert.rejects(socket.request('authenticate', { token }), undefined, what);
      socket.terminate();
    }
  });

  test('origins that are not the own or a configured one are refused before the upgrade', async () => {
    const own = `http://127.0.0.1:${stoa.port}`;
    for (const origin of ['null', 'http://evil.example', `${own}.evil.example`, `http://evil127.0.0.1:${stoa.port}`, 'file://', 'http://\u00e9vil.example', 'x'.repeat(3000)]) {
      await assert.rejects(stoa.connect(person.token, { origin }), (e) => e instanceof UpgradeRefused && e.status === 403, origin.slice(0, 50));
      await stoa.log((l) => l.event === 'request' && l.status === 403 && l.origin === origin.slice(0, 256).replace(/[^ -~]/, '?'));
    }
    await (await stoa.connect(person.token, { origin: own })).close();
  });

  test('afterwards the process lives and others are served', async () => {
    const socket = await stoa.connect(person.token);
    const room = await stoa.createRoom(person.token, { roomType: 'public' });
    await socket.request('join_room', { roomId: room.id });
    const message = await socket.request('send_message', { roomId: room.id, content: 'still here' });
    assert.equal(message.seq, 1);
    assert.deepEqual(stoa.logs().filter((l) => l.level === 'error'), [], 'nothing unexpected was logged');
  });
});
