// PeerNet's words for calls: who may join, who hears of whom, and by which name. Over the native protocol, where
// arguments are fields; socketio.test.mjs has them as PeerNet's frontend sends them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Connections, people } from '../../support/people.mjs';
import { refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('join-room', () => {
  const media = { audio: true, video: false, screen: false };
  let stoa;
  let ann;
  let bea;
  let cid;
  let room;
  let connections;

  before(async () => {
    stoa = await startStoa({ config: { calls: { max_peers: 4 }, turn: { stun_urls: ['stun:stun.example.org:3478'] } } });
    connections = new Connections(stoa);
    [ann, bea, cid] = await people(stoa, 'Ann', 'Bea', 'Cid');
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  async function fresh(fields) {
    connections.end();
    room = await stoa.createRoom(ann.token, fields);
  }
  const connect = (person) => connections.open(person);
  const joinRoom = (socket, person, roomId = room.id) => socket.request('join-room', { roomId, userId: person.id });
  const callJoin = (socket) => socket.request('call_join', { roomId: room.id, media });

  test('the others hear the newcomer\'s userId, and again when it is lost or leaves', async () => {
    await fresh();
    const [a, b, c] = [await connect(ann), await connect(bea), await connect(cid)];
    const seat = await joinRoom(a, ann);
    assert.equal(seat.peerId, ann.id);
    assert.deepEqual(seat.peers, []);
    assert.deepEqual(seat.iceServers, [{ urls: ['stun:stun.example.org:3478'] }]);
    await joinRoom(b, bea);
    await joinRoom(b, bea);
    const last = await joinRoom(c, cid);
    assert.deepEqual(last.peers.map((p) => [p.peerId, p.userId, p.name, p.media.video, p.polite]), [
      [ann.id, ann.id, 'Ann', true, true], [bea.id, bea.id, 'Bea', true, true]]);
    await b.terminate();
    assert.equal(await c.next('user-disconnected'), bea.id);
    await c.request('call_leave', { roomId: room.id });
    await joinRoom(c, cid);
    const expected = [['user-connected', bea.id], ['user-connected', cid.id], ['user-disconnected', bea.id],
      ['user-disconnected', cid.id], ['user-connected', cid.id]];
    await a.next('user-connected', () => a.all('user-connected').length === 3);
    assert.deepEqual(a.received.filter((f) => f.type.startsWith('user-')).map((f) => [f.type, f.payload]), expected);
    assert.deepEqual([...a.all('peer_joined'), ...a.all('peer_left')], [], 'it hears its own words alone');
  });

  test('who came by call_join and who came by join-room see and reach one another', async () => {
    await fresh();
    const [a, b] = [await connect(ann), await connect(bea)];
    for (const person of [bea]) await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: person.token, body: {} });
    await joinRoom(a, ann);
    const seat = await callJoin(b);
    assert.equal(await a.next('user-connected'), bea.id);
    assert.notEqual(seat.peerId, bea.id);
    const [peer] = seat.peers;
    assert.deepEqual([peer.userId, peer.media.video, peer.polite, peer.initiates], [ann.id, true, true, true]);
    const c = await connect(cid);
    assert.deepEqual((await joinRoom(c, cid)).peers.map((p) => p.peerId), [ann.id, bea.id]);
    assert.equal(await c.next('user-connected'), bea.id, 'whom it has to call');
    const { peer: newcomer } = await b.next('peer_joined');
    assert.deepEqual([newcomer.userId, newcomer.initiates], [cid.id, true]);

    const signal = { type: 'offer', sdp: 'v=0' };
    await a.request('signal', { roomId: room.id, to: bea.id, signal });
    assert.deepEqual(await b.next('signal'), { roomId: room.id, from: peer.peerId, signal });
    await b.request('signal', { roomId: room.id, to: peer.peerId, signal });
    assert.deepEqual(await a.next('signal'), { roomId: room.id, from: bea.id, signal });
    await b.request('signal', { roomId: room.id, to: cid.id, signal });
    assert.deepEqual(await c.next('signal'), { roomId: room.id, from: bea.id, signal });
    assert.equal(a.all('signal').length, 1);

    await a.terminate();
    assert.deepEqual(await b.next('peer_left'), { roomId: room.id, peerId: peer.peerId });
    assert.equal(await c.next('user-disconnected'), ann.id);
    await refusedEvent(b.request('signal', { roomId: room.id, to: ann.id, signal }), 'PEER_NOT_FOUND');
    await b.request('call_leave', { roomId: room.id });
    assert.equal(await c.next('user-disconnected'), bea.id);
  });

  test('the userId is checked, not believed', async () => {
    await fresh();
    const [a, b] = [await connect(ann), await connect(bea)];
    await joinRoom(a, ann);
    await refusedEvent(joinRoom(b, ann), 'FORBIDDEN');
    await refusedEvent(joinRoom(b, { id: randomUUID() }), 'FORBIDDEN');
    await refusedEvent(joinRoom(b, { id: 'bea' }), 'FORBIDDEN');
    await refusedEvent(b.request('join-room', { roomId: room.id }), 'INVALID_MESSAGE');
    await refusedEvent(b.request('signal', { roomId: room.id, to: ann.id, signal: {} }), 'NOT_IN_CALL');
    assert.equal(a.all('user-connected').length, 0);
    const stranger = await stoa.connect();
    await refusedEvent(joinRoom(stranger, ann), 'UNAUTHORIZED');
    await stranger.close();
  });

  test('a public room is joined on the way, within its rules', async () => {
    await fresh({ maxParticipants: 2 });
    const [b, c] = [await connect(bea), await connect(cid)];
    await joinRoom(b, bea);
    const { body } = await stoa.api('GET', `/api/rooms/${room.id}/members`, { token: bea.token });
    assert.deepEqual(body.items.map((m) => m.userId).sort(), [ann.id, bea.id].sort(), 'a lasting membership');
    await refusedEvent(joinRoom(c, cid), 'ROOM_FULL');
    await refusedEvent(joinRoom(c, cid, randomUUID()), 'NOT_FOUND');
    const hidden = await stoa.createRoom(ann.token, { roomType: 'private' });
    await refusedEvent(joinRoom(c, cid, hidden.id), 'NOT_FOUND');
    const strict = await stoa.createRoom(ann.token);
    await stoa.api('POST', `/api/rooms/${strict.id}/bans`, { token: ann.token, body: { userId: cid.id } });
    await refusedEvent(joinRoom(c, cid, strict.id), 'BANNED');
  });

  test('who is kicked is out of the call', async () => {
    await fresh();
    const [a, b] = [await connect(ann), await connect(bea)];
    await joinRoom(a, ann);
    await joinRoom(b, bea);
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}/members/${bea.id}`, { token: ann.token })).status, 204);
    assert.equal(await a.next('user-disconnected'), bea.id);
    await refusedEvent(b.request('signal', { roomId: room.id, to: ann.id, signal: {} }), 'NOT_IN_CALL');
  });

  test('a second device, or one that is back before its loss was noticed, is a peer of its own', async () => {
    await fresh();
    const [a, b, again] = [await connect(ann), await connect(bea), await connect(bea)];
    await joinRoom(a, ann);
    await joinRoom(b, bea);
    const seat = await joinRoom(again, bea);
    assert.notEqual(seat.peerId, bea.id);
    assert.deepEqual(seat.peers.map((p) => p.peerId), [ann.id, bea.id]);
    assert.equal(await a.next('user-connected'), bea.id);
    assert.equal(await a.next('user-connected'), seat.peerId);
    await a.request('signal', { roomId: room.id, to: seat.peerId, signal: 2 });
    assert.equal((await again.next('signal')).signal, 2);
    await a.request('signal', { roomId: room.id, to: bea.id, signal: 1 });
    assert.equal((await b.next('signal')).signal, 1);
    await b.terminate();
    assert.equal(await a.next('user-disconnected'), bea.id);
    await again.request('signal', { roomId: room.id, to: ann.id, signal: 3 });
    assert.equal((await a.next('signal')).from, seat.peerId, 'its name stays');
    const third = await connect(bea);
    assert.equal((await joinRoom(third, bea)).peerId, bea.id, 'the userId was free again');
  });
});
