// Out of file descriptors: accepting pauses without spinning, those who are in notice nothing, and those who
// waited are served as soon as there is room.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';

test('a server without file descriptors waits, serves who is there, and recovers', async () => {
  const stoa = await startStoa({ config: { server: { shards: 1 } } });
  const waiting = [];
  try {
    const ada = await stoa.register('ada');
    const room = await stoa.createRoom(ada.token);
    const socket = await stoa.connect(ada.token);
    await socket.request('join_room', { roomId: room.id });

    const limit = readdirSync(`/proc/${stoa.pid}/fd`).length + 3;
    execFileSync('prlimit', ['--pid', stoa.pid, `--nofile=${limit}:`]);
    for (let i = 0; i < 10; i++) {
      const one = net.connect(stoa.port, '127.0.0.1');
      one.on('error', () => {});
      waiting.push(one);
      await once(one, 'connect'); // the kernel's doing; nobody has accepted it
    }
    const paused = await stoa.log((l) => l.event === 'accept_paused');
    assert.equal(paused.level, 'warn');

    for (let i = 0; i < 20; i++) await socket.request('send_message', { roomId: room.id, content: `still here ${i}` });

    execFileSync('prlimit', ['--pid', stoa.pid, '--nofile=1024:']);
    const answers = waiting.map(async (one) => {
      one.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      const [head] = await once(one, 'data');
      return String(head).split('\r\n')[0];
    });
    assert.deepEqual([...new Set(await Promise.all(answers))], ['HTTP/1.1 200 OK']);
    const pauses = await stoa.metric('stoa_accept_pauses_total');
    assert.ok(pauses >= 1 && pauses < 100, `${pauses} pauses; spinning makes thousands`);
    assert.equal(stoa.logs().filter((l) => l.event === 'accept_paused').length, 1, 'said once');
  } finally {
    for (const one of waiting) one.destroy();
    await stoa.stop();
  }
});
