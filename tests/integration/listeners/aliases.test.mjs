// A listener on which an old frontend finds the protocols where it expects them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';

import { runStoa, startStoa } from '../../support/stoa.mjs';
import { openSocket } from '../../support/socket.mjs';

describe('aliases of a listener', () => {
  let stoa;
  let ada;
  before(async () => {
    stoa = await startStoa({
      config: {
        listener: [
          { address: '127.0.0.1', port: 0 },
          { address: '127.0.0.1', port: 0, aliases: { '/signal': '/ws', '/v1/*': '/api/*', '/': '/healthz', '/rt/*': '/socket.io/*', '/peer/*': '/peerjs/*' } },
        ],
      },
    });
    ada = await stoa.register('ada');
  });
  after(() => stoa.stop());
  const at = (index, target) => `127.0.0.1:${stoa.ports[index]}${target}`;
  const get = (index, target) => fetch(`http://${at(index, target)}`, { headers: { authorization: `Bearer ${ada.token}` } });

  test('WebSocket is where it is expected, and not on another listener', async () => {
    const room = await stoa.createRoom(ada.token);
    for (const [target, via] of [['/signal', 'query'], ['/signal/', 'header'], ['/ws', 'subprotocol']]) {
      const socket = await openSocket(`ws://${at(1, target)}`, ada.token, { via });
      await socket.request('join_room', { roomId: room.id });
      await socket.close();
    }
    await assert.rejects(openSocket(`ws://${at(0, '/signal')}`, ada.token), (error) => error.status === 404);
    await assert.rejects(openSocket(`ws://${at(1, '/signal/x')}`, ada.token), (error) => error.status === 404);
  });

  test('so are whole folders, with their queries', async () => {
    assert.equal((await (await get(1, '/v1/users/me')).json()).id, ada.id);
    assert.equal((await (await get(1, '/v1/rooms?mine=true&limit=1')).json()).items.length, 1);
    assert.equal((await get(1, '/api/users/me')).status, 200, 'the true path stays');
    assert.equal((await get(0, '/v1/users/me')).status, 404);
    assert.equal((await get(1, '/v1x/users/me')).status, 404);
    assert.match(await (await get(1, '/')).text(), /ok/);
    assert.match(await (await get(0, '/')).text(), /<html/);
    for (const way of ['/v1/../healthz', '/v1/%2e%2e/healthz', '/v1//healthz']) {
      const [{ statusCode }] = await once(request({ port: stoa.ports[1], path: way }).end(), 'response');
      assert.equal(statusCode, 400, `${way} leads out of the folder`);
    }
  });

  for (const transports of [['polling', 'websocket'], ['websocket']]) {
    test(`Socket.IO and PeerServer at paths of their own, by ${transports}`, async () => {
      const client = io(`http://${at(1, '')}`, { path: '/rt/', transports, auth: { token: ada.token }, forceNew: true });
      try {
        await once(client, 'connect');
        const room = await stoa.createRoom(ada.token);
        assert.equal((await client.emitWithAck('join-room', room.id, ada.id)).peerId, ada.id);
      } finally {
        client.disconnect();
      }
      assert.match(await (await get(1, '/peer/peerjs/id?ts=1')).text(), /^[0-9a-f-]{36}$/);
      assert.equal((await (await get(1, '/peer')).json()).name, 'PeerJS Server');
    });
  }

  test('an alias that leads nowhere stops the start with one line', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'stoa-'));
    const file = path.join(folder, 'stoa.toml');
    for (const [aliases, line] of [
      ['{"/signal" = "/wss"}', 'listener.aliases: "/signal" leads to "/wss", where nothing is served'],
      ['{"/x/*" = "/nowhere/*"}', 'listener.aliases: "/x/*" leads to "/nowhere/*", where nothing is served'],
      ['{"signal" = "/ws"}', 'listener.aliases: "signal" is no path'],
    ]) {
      writeFileSync(file, `[[listener]]\nport = 0\naliases = ${aliases}\n`);
      const { code, stdout, stderr } = await runStoa(['serve', '--config', file], { env: { STOA_DATABASE_URL: stoa.database, STOA_AUTH_KEYS: `a:${'k'.repeat(64)}` } });
      assert.notEqual(code, 0);
      const lines = `${stdout}${stderr}`.trim().split('\n');
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.ok(lines[0].replaceAll('\\"', '"').includes(line), lines[0]);
    }
    rmSync(folder, { recursive: true });
  });
});
