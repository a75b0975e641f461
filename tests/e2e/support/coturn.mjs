// A private coturn on the loopback that accepts what the server issues for `secret`.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { until } from '../../support/until.mjs';

const kBindingRequest = 0x0001;
const kMagicCookie = 0x2112a442; // RFC 8489, section 5

export async function startCoturn() {
  const secret = randomBytes(24).toString('hex');
  const port = await freeUdpPort();
  const folder = mkdtempSync(path.join(tmpdir(), 'stoa-coturn-'));
  const child = spawn('setpriv', [
    '--pdeathsig', 'KILL', '--', 'turnserver', '-n', '--log-file=stdout', '--simple-log', '--verbose',
    '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--min-port=50000', '--max-port=59999',
    '--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=stoa.test', '--fingerprint',
    // Peers on the loopback are what a real relay must refuse, and all that there is here.
    '--allow-loopback-peers', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', `--userdb=${folder}/turndb`, `--pidfile=${folder}/pid`,
  ], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { log += text; });
  const exited = new Promise((resolve) => { child.once('close', resolve); });
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => answersBinding(port), { what: 'coturn to answer', every: 50 });
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log}`);
  }
  return { secret, urls: [`turn:127.0.0.1:${port}?transport=udp`], stop, log: () => log };
}

function freeUdpPort() {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

function answersBinding(port) {
  const request = Buffer.alloc(20);
  request.writeUInt16BE(kBindingRequest, 0);
  request.writeUInt32BE(kMagicCookie, 4);
  randomBytes(12).copy(request, 8);
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    const end = (answered) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(end, 300, false);
    socket.once('message', () => end(true));
    socket.once('error', () => end(false));
    socket.send(request, port, '127.0.0.1');
  });
}
