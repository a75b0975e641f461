// Sockets without a token, as PeerNet's frontend opens them: who may take whose seat, and what a seat is good for.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';
import { io } from 'socket.io-client';

import { Issuer, kInside } from '../../support/issuers.mjs';
import { refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

let issuer, stoa, owner, room;
const clients = [];
before(async () => {
  issuer = await Issuer.start();
  stoa = await startStoa({
    config: {
      oidc: { provider: [issuer.firebase({ direct: true })] },
      fetch: kInside,
      realtime: { guests: true },
      server: { trusted_proxies: ['127.0.0.1'] },
      peernet: { tokenless: true },
    },
  });
  owner = await stoa.register('owner');
  room = await stoa.createRoom(owner.token);
});
afterEach(() => { for (const client of clients.splice(0)) client.disconnect(); });
after(async () => {
  await stoa?.stop();
  await issuer?.stop();
});

const from = (address) => ({ 'x-forwarded-for': address });
const kHome = '192.0.2.7';

// Somebody with a Firebase token alone, who has joined the room over REST.
async function joined(name, { address = kHome, to = room } = {}) {
  const token = issuer.firebaseToken({ name });
  const { body } = await stoa.api('GET', '/api/users/me', { token, headers: from(address) });
  const answer = await stoa.api('POST', `/api/rooms/${to.id}/join`, { token, body: {}, headers: from(address) });
  assert.equal(answer.status, 200, answer.text);
  return { token, id: body.id };
}
async function connect({ address = kHome, ...options } = {}) {
  const client = io(stoa.url, { forceNew: true, reconnection: false, extraHeaders: from(address), ...options });
  clients.push(client);
  client.heard = [];
  client.onAny((...event) => client.heard.push(event.slice(0, -1)));
  await once(client, 'connect');
  return client;
}
const join = (client, person, to = room) => client.emitWithAck('join-room', to.id, person.id);
const codeOf = (answer) => answer.error?.code;

test('who knows himself by what the issuer calls him joins by that, and as nobody else', async () => {
  const [ada, ben] = [await joined('Ada'), await joined('Ben')];
  const uid = ({ token }) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
  const a = await connect();
  assert.equal((await join(a, { id: uid(ada) })).peerId, ada.id);
  assert.equal(codeOf(await join(a, { id: uid(ben) })), 'FORBIDDEN', 'it stands for Ada');
  assert.equal(codeOf(await join(await connect(), { id: 'somebody' })), 'JOIN_ROOM_FIRST');
  const signed = await connect({ auth: { token: ben.token } });
  assert.equal(codeOf(await join(signed, { id: uid(ada) })), 'FORBIDDEN');
  assert.equal(codeOf(await join(signed, { id: 'somebody' })), 'FORBIDDEN');
  assert.equal((await join(signed, { id: uid(ben) })).peerId, ben.id);
});

test('two pages that send no token are in a call, and a signal needs no room', async () => {
  const [ada, ben] = [await joined('Ada'), await joined('Ben')];
  const [a, b] = [await connect(), await connect()];
  assert.equal((await join(a, ada)).peerId, ada.id);
  assert.deepEqual((await join(b, ben)).peers.map(({ name }) => name), ['Ada']);
  await until(() => a.heard.length === 1);
  assert.deepEqual(a.heard[0], ['user-connected', ben.id]);
  a.emit('signal', { to: ben.id, from: 'whoever', signal: { type: 'offer' } });
  await until(() => b.heard.length === 1);
  assert.deepEqual(b.heard[0], ['signal', { roomId: room.id, from: ada.id, signal: { type: 'offer' } }]);
  b.disconnect();
  await until(() => a.heard.length === 2);
  assert.deepEqual(a.heard[1], ['user-disconnected', ben.id]);
});

test('the seat of somebody who has not joined from there is refused', async () => {
  const ada = await joined('Ada');
  assert.equal(codeOf(await join(await connect({ address: '192.0.2.8' }), ada)), 'JOIN_ROOM_FIRST');
  const other = await stoa.createRoom(owner.token);
  assert.equal(codeOf(await join(await connect(), ada, other)), 'JOIN_ROOM_FIRST');
  assert.equal(codeOf(await join(await connect(), owner)), 'JOIN_ROOM_FIRST', 'a member who did not join just now');
});

test('a seat that its person has already is not given away', async () => {
  const ada = await joined('Ada');
  const first = await connect();
  await join(first, ada);
  assert.equal(codeOf(await join(await connect(), ada)), 'SEAT_TAKEN');
  assert.equal((await join(first, ada)).peerId, ada.id, 'who sits there says it anew');
  const own = await stoa.connect(ada.token);
  await own.request('join-room', { roomId: room.id, userId: ada.id });
  await own.close();
});

test('whom a socket stands for is settled for its life', async () => {
  const [ada, ben] = [await joined('Ada'), await joined('Ben')];
  const client = await connect();
  await join(client, ada);
  assert.equal(codeOf(await join(client, ben)), 'FORBIDDEN');
  await client.emitWithAck('call_leave', { roomId: room.id });
  assert.equal(codeOf(await join(client, ben)), 'FORBIDDEN');
  assert.equal((await join(client, ada)).peerId, ada.id);
});

test('a seat is good for the call alone, not for what its person may', async () => {
  const ada = await joined('Ada');
  const client = await connect();
  await join(client, ada);
  for (const [event, payload] of [
    ['join_room', { roomId: room.id }],
    ['send_message', { roomId: room.id, content: 'x', clientMessageId: crypto.randomUUID() }],
    ['whiteboard_join', { roomId: room.id }],
    ['call_join', { roomId: room.id, media: { audio: false, video: false, screen: false } }],
  ]) assert.equal(codeOf(await client.emitWithAck(event, payload)), 'UNAUTHORIZED', event);
});

test('it ends with the sign-in that has vouched for it', async () => {
  const ada = await joined('Ada');
  const client = await connect();
  await join(client, ada);
  const ended = once(client, 'disconnect');
  assert.equal((await stoa.api('POST', '/api/auth/logout', { token: ada.token })).status, 204);
  await ended;
  assert.equal(codeOf(await join(await connect(), ada)), 'INVALID_TOKEN');
});

test('who is removed from the room loses the seat', async () => {
  const ada = await joined('Ada');
  const client = await connect();
  await join(client, ada);
  assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}/members/${ada.id}`, { token: owner.token })).status, 204);
  await until(async () => codeOf(await client.emitWithAck('signal', { to: owner.id, signal: 1 })) === 'NOT_IN_CALL');
  assert.equal(codeOf(await join(client, ada)), 'NOT_A_MEMBER');
});

test('who is in no call, or in several, has to say which', async () => {
  const socket = await stoa.connect(owner.token);
  await refusedEvent(socket.request('signal', { to: owner.id, signal: 1 }), 'NOT_IN_CALL');
  const other = await stoa.createRoom(owner.token);
  for (const { id } of [room, other]) await socket.request('call_join', { roomId: id, media: { audio: false, video: false, screen: false } });
  await refusedEvent(socket.request('signal', { to: owner.id, signal: 1 }), 'INVALID_MESSAGE');
  await socket.close();
});

test('a join counts for a while, and not at all where the option is off', async () => {
  await stoa.restart({ peernet: { tokenless_window: '1s' } });
  const ada = await joined('Ada');
  await until(async () => codeOf(await join(await connect(), ada)) === 'JOIN_ROOM_FIRST');
  await stoa.restart({ peernet: { tokenless: false } });
  const ben = await joined('Ben');
  assert.equal(codeOf(await join(await connect(), ben)), 'UNAUTHORIZED');
});
