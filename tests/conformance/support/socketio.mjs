// Socket.IO 5 packets over an Engine.IO channel, written by hand.
import assert from 'node:assert/strict';

import { openChannel } from './channel.mjs';

export const connectPacket = (namespace, auth) => `40${namespace === '/' ? '' : `${namespace},`}${auth ? JSON.stringify(auth) : ''}`;

// The packet without its type, namespace and comma: parsed JSON.
export function payload(packet, prefix) {
  assert.ok(typeof packet === 'string' && packet.startsWith(prefix), `${packet} instead of ${prefix}...`);
  return JSON.parse(packet.slice(prefix.length));
}

// CONNECT and its answer {sid, pid?}, and the event `auth` that the server under test greets with.
export async function connect(channel, { namespace = '/', auth } = {}) {
  const mark = namespace === '/' ? '' : `${namespace},`;
  channel.send(connectPacket(namespace, auth));
  const answer = payload(await channel.next(), `40${mark}`);
  const greeting = payload(await channel.next(), `42${mark}`);
  assert.deepEqual(greeting.slice(0, 2), ['auth', auth ?? {}]);
  return { ...answer, greeting };
}

// A new session that is connected to a namespace: the channel, with `socket` for what CONNECT was answered.
export async function openSocket(target, { transport = 'websocket', ...options } = {}) {
  const channel = await openChannel(target, transport);
  channel.socket = await connect(channel, options);
  return channel;
}

export async function assertEchoes(channel, namespace = '/') {
  const mark = namespace === '/' ? '' : `${namespace},`;
  channel.send(`42${mark}["message","still here"]`);
  assert.deepEqual(payload(await channel.next(), `42${mark}`).slice(0, 2), ['message-back', 'still here']);
}
