// The servers that are measured. Each start answers {port, pid, stop}; each measurement has a fresh
// process, on the server's cores alone.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pinned } from './cores.mjs';
import { start } from './processes.mjs';
import { myRooms, oneRoom } from './queries.mjs';
import { settings } from './settings.mjs';
import { configuration, files, resetMessages, stoaEnvironment, tokenSecret } from './world.mjs';

const portOf = (line) => (line.startsWith('{"port"') ? JSON.parse(line).port : null);

// --expose-gc: the reading of idle memory asks for a collection first, which favours the peer.
async function startNode(cores, file, args = []) {
  const script = join(settings.root, 'bench/peers', file);
  const server = await start(pinned(cores.server, ['node', '--expose-gc', script, ...args]), {
    ready: portOf,
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

const listener = (port, more = '') => `[[listener]]\naddress = "127.0.0.1"\nport = ${port}\n${more}`;

// `env`: configuration beyond the common one. With TLS the plain port serves for asking whether it is ready.
async function startStoa(cores, { env = {}, hasTls = false } = {}) {
  const plain = await freePort();
  const secure = hasTls ? await freePort() : null;
  const listeners = [
    listener(plain),
    ...(hasTls
      ? [listener(secure, `tls_certificate = "${files.certificate}"\ntls_key = "${files.key}"\n`)]
      : []),
  ];
  const file = join(settings.work, 'stoa-serve.toml');
  writeFileSync(file, [configuration, ...listeners].join('\n'), { mode: 0o600 });
  const server = await start(pinned(cores.server, [settings.stoa, 'serve', '--config', file]), {
    env: { ...stoaEnvironment, ...env },
  });
  for (let tries = 0; ; ++tries) {
    const answer = await fetch(`http://127.0.0.1:${plain}/readyz`).catch(() => null);
    if (answer?.ok) return { ...server, port: secure ?? plain };
    if (tries === 200) throw new Error(`stoa is not ready: ${server.tail()}`);
    await pause(50);
  }
}

// Stoa in one of its forms.
const stoa = (title, { dialect = 'stoa', ...options } = {}) => ({
  title,
  dialect,
  hasTokens: dialect !== 'peerjs',
  hasTls: options.hasTls,
  async start(cores) {
    await resetMessages();
    return startStoa(cores, options);
  },
});

// A peer that keeps nothing.
const peer = (title, dialect, file, args = [], more = {}) => ({
  title,
  dialect,
  ...more,
  start: (cores) => startNode(cores, file, args),
});

// The least that the same read costs: see bench/bare/main.cpp. `group`: of the ids that it asks for. `bytes`: of an answer, as many
// as Stoa's have.
const bare = (sql, group, bytes, limit) => ({
  title: 'recv, libpq, send, and no more',
  async start(cores) {
    const command = [
      ...[settings.bare, '--url', settings.pgUrl, '--sql', sql, '--group', group, '--bytes', `${bytes}`],
      ...(limit ? ['--limit', `${limit}`] : []),
    ];
    const server = await start(pinned(cores.server, command), { ready: portOf });
    return { ...server, port: server.found };
  },
});

const withPool = ['--pg', settings.pgUrl];
const withSecret = ['--secret', tokenSecret];
const withTls = ['--tls-certificate', files.certificate, '--tls-key', files.key];

export const servers = {
  stoa: stoa('Stoa (durable)'),
  'stoa-2': stoa('Stoa (durable), two shards', { env: { STOA_SERVER_SHARDS: '2' } }),
  'stoa-tls': stoa('Stoa (durable)', { hasTls: true }),
  'stoa-socketio': stoa('Stoa (durable)', { dialect: 'socketio' }),
  'stoa-peerjs': stoa("Stoa, PeerServer's protocol", { dialect: 'peerjs' }),
  'stoa-logins': stoa('Stoa', { env: { STOA_AUTH_BCRYPT_COST: '12' } }),
  socketio: peer('Socket.IO 4.8 (nothing kept)', 'socketio', 'socketio.mjs'),
  'socketio+pg': {
    title: 'Socket.IO 4.8 + pg (durable)',
    dialect: 'socketio',
    async start(cores) {
      await resetMessages();
      return startNode(cores, 'socketio.mjs', withPool);
    },
  },
  'socketio-tls': peer('Socket.IO 4.8 (nothing kept)', 'socketio', 'socketio.mjs', withTls, { hasTls: true }),
  'socketio-tokens': peer('Socket.IO 4.8', 'socketio', 'socketio.mjs', withSecret, { hasTokens: true }),
  ws: peer('ws 8 (nothing kept)', 'ws', 'ws.mjs'),
  'ws-tokens': peer('ws 8', 'ws', 'ws.mjs', withSecret, { hasTokens: true }),
  peerserver: peer('PeerServer 1.0', 'peerjs', 'peerserver.mjs'),
  express: peer('Express 5 + pg', null, 'express.mjs', [...withPool, ...withSecret]),
  fastify: peer('Fastify 5 + pg', null, 'fastify.mjs', [...withPool, ...withSecret]),
  'bare-one': bare(oneRoom('$1'), '8000', 974),
  'bare-page': bare(myRooms('$1', '$2'), '9000', 8750, 21),
};
