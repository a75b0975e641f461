// A client's polls and its WebSocket land on whatever shard the kernel picks; its session is on one. With and without
// TLS, whose state moves along.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';

import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kClients = 16;

describe('Socket.IO over four shards', () => {
  let stoa;
  let person;
  let room;
  const clients = [];

  before(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'stoa-tls-'));
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate,
      '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' });
    stoa = await startStoa({
      config: {
        listener: [{ address: '127.0.0.1', port: 0 }, { address: '127.0.0.1', port: 0, tls_certificate: certificate, tls_key: key }],
        server: { shards: 4 },
        realtime: { max_sessions_per_user: 100 },
      },
    });
    person = await stoa.register('Ada');
    room = await stoa.createRoom(person.token);
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await stoa?.stop();
  });

  for (const [what, scheme, listener] of [['plain', 'http', 0], ['TLS', 'https', 1]]) {
    test(`${what}: every client upgrades, and hears each message once and in order`, async () => {
      const url = `${scheme}://127.0.0.1:${stoa.ports[listener]}`;
      const all = Array.from({ length: kClients }, () => {
        const client = io(url, { auth: { token: person.token }, forceNew: true, reconnection: false, rejectUnauthorized: false });
        clients.push(client);
        client.heard = [];
        client.on('new_message', ({ content }) => client.heard.push(content));
        client.on('connect_error', (error) => { client.failure = error; });
        client.on('disconnect', (reason) => { client.failure = new Error(reason); });
        return client;
      });
      const first = all[0];
      const sent = [];
      // Said while they change over.
      const talk = async () => {
        await until(() => first.connected, { what: 'the first client' });
        await first.emitWithAck('join_room', { roomId: room.id });
        while (!all.every((client) => client.io.engine?.transport?.name === 'websocket') || sent.length < 50) {
          const content = `${what} ${sent.length}`;
          sent.push(content);
          const answer = await first.emitWithAck('send_message', { roomId: room.id, content });
          assert.equal(answer.error, undefined);
          assert.ok(sent.length < 50_000, 'they do not upgrade');
        }
      };
      const listen = all.slice(1).map(async (client) => {
        await until(() => client.connected || client.failure, { what: 'a client' });
        assert.ifError(client.failure);
        await client.emitWithAck('join_room', { roomId: room.id });
      });
      await Promise.all([talk(), ...listen]);
      await until(() => all.every((client) => client.heard.at(-1) === sent.at(-1)), { what: 'the last message' });
      for (const client of all) {
        assert.ifError(client.failure);
        assert.deepEqual(client.heard, sent.slice(sent.indexOf(client.heard[0])));
      }
    });
  }
});
