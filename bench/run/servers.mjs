// The servers that are measured. Each start answers {port, pid, stop}; each measurement has a fresh
// process, on the server's core alone.
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pinned } from './cores.mjs';
import { start } from './processes.mjs';
import { settings } from './settings.mjs';
import { resetMessages, stoaEnvironment, tokenSecret } from './world.mjs';

// --expose-gc: the reading of idle memory asks for a collection first, which favours the peer.
async function startNode(cores, file, args = []) {
  const script = join(settings.root, 'bench/peers', file);
  const server = await start(pinned(cores.server, ['node', '--expose-gc', script, ...args]), {
    ready: (line) => (line.startsWith('{"port"') ? JSON.parse(line).port : null),
    env: { NODE_ENV: 'production' },
  });
  return { ...server, port: server.found };
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function startStoa(cores) {
  const port = await freePort();
  const command = [settings.stoa, 'serve', '--config', join(settings.work, 'stoa.toml')];
  const server = await start(pinned(cores.server, command), {
    env: { ...stoaEnvironment, STOA_LISTEN: `127.0.0.1:${port}` },
  });
  for (let tries = 0; ; ++tries) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.ok) return { ...server, port };
    if (tries === 200) throw new Error(`stoa is not ready: ${server.tail()}`);
    await pause(50);
  }
}

export const servers = {
  stoa: {
    title: 'Stoa (durable)',
    dialect: 'stoa',
    hasTokens: true,
    async start(cores) {
      await resetMessages();
      return startStoa(cores);
    },
  },
  'socketio+pg': {
    title: 'Socket.IO 4.8 + pg (durable)',
    dialect: 'socketio',
    async start(cores) {
      await resetMessages();
      return startNode(cores, 'socketio.mjs', ['--pg', settings.pgUrl]);
    },
  },
  socketio: {
    title: 'Socket.IO 4.8 (nothing kept)',
    dialect: 'socketio',
    start: (cores) => startNode(cores, 'socketio.mjs'),
  },
  ws: {
    title: 'ws 8 (nothing kept)',
    dialect: 'ws',
    start: (cores) => startNode(cores, 'ws_fanout.mjs'),
  },
  express: {
    title: 'Express 5 + pg',
    start: (cores) => startNode(cores, 'express.mjs', ['--pg', settings.pgUrl, '--secret', tokenSecret]),
  },
};
