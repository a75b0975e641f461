// Calls: who may join, who reaches whom, and that the server's word on who sent what is the only one.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Connections, makeRoom, people } from '../../support/people.mjs';
import { refusedEvent } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('calls', () => {
  const secret = 'the secret that coturn knows too';
  const media = { audio: true, video: true, screen: false };
  const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n' };
  const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' };

  let stoa;
  let connections;
  let members; // the first of them owns the room
  let stranger;
  let room;
  const world = {};

  const connect = (person) => connections.open(person);

  // A room with all of the members, and a socket for each of them.
  async function fresh() {
    connections.end();
    room = await makeRoom(stoa, members[0], { members: members.slice(1) });
    return Promise.all(members.map(connect));
  }
  const callJoin = (socket, what = media) => socket.request('call_join', { roomId: room.id, media: what });

  before(async () => {
    world.stoa = stoa = await startStoa({
      config: {
        calls: { max_peers: 4 },
        turn: { stun_urls: ['stun:stun.example.org:3478'], urls: ['turn:turn.example.org:3478?transport=udp'], secret, ttl: '10m' },
      },
    });
    connections = new Connections(stoa);
    [stranger, ...members] = await people(stoa, 'Sue', 'Ann', 'Bea', 'Cid', 'Dan', 'Eve');
    world.sue = stranger;
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  test('a newcomer learns of those who are there and they of the newcomer; of each pair one is polite', async () => {
    const [a, b, c] = await fresh();
    const seats = [];
    for (const socket of [a, b, c]) seats.push(await callJoin(socket));
    assert.deepEqual(seats[0].peers, []);
    assert.deepEqual(seats[2].peers.map((p) => [p.peerId, p.userId, p.name, p.media]), [
      [seats[0].peerId, members[0].id, 'Ann', { ...media, handRaised: false }],
      [seats[1].peerId, members[1].id, 'Bea', { ...media, handRaised: false }]]);
    const polite = new Map(); // "me>them" -> whether I am
    for (const [i, seat] of seats.entries()) for (const peer of seat.peers) polite.set(`${seats[i].peerId}>${peer.peerId}`, peer.polite);
    for (const [i, socket] of [a, b, c].entries()) {
      for (let k = i + 1; k < 3; k++) {
        const { roomId, peer } = await socket.next('peer_joined', (p) => p.peer.peerId === seats[k].peerId);
        assert.equal(roomId, room.id);
        polite.set(`${seats[i].peerId}>${peer.peerId}`, peer.polite);
      }
    }
    assert.equal(polite.size, 6);
    for (const [pair, mine] of polite) {
      const [me, them] = pair.split('>');
      assert.equal(polite.get(`${them}>${me}`), !mine, 'exactly one of the two');
    }
    const again = await callJoin(b);
    assert.equal(again.peerId, seats[1].peerId, 'joining again keeps the seat');
    for (const peer of again.peers) assert.equal(peer.polite, polite.get(`${again.peerId}>${peer.peerId}`));
    assert.equal(a.all('peer_joined').length, 2);
  });

  test('a call is seen from the room: in its answer, and by all in it when people come and go', async () => {
    const [a, b, watcher, outside] = await fresh();
    const shown = async () => (await stoa.api('GET', `/api/rooms/${room.id}`)).body.callParticipants;
    const told = (participants) => watcher.next('room_call_updated', (p) => p.participants === participants);
    assert.equal((await watcher.request('join_room', { roomId: room.id })).room.callParticipants, 0);
    await callJoin(a);
    assert.deepEqual(await told(1), { roomId: room.id, participants: 1 });
    assert.equal(await shown(), 1);
    await callJoin(b);
    await callJoin(await connect(members[1])); // a second device of the same person
    await told(2);
    assert.equal((await outside.request('join_room', { roomId: room.id })).room.callParticipants, 2);
    const listed = (await stoa.api('GET', '/api/rooms?mine=true', { token: members[0].token })).body.items;
    assert.equal(listed.find(({ id }) => id === room.id).callParticipants, 2);
    await a.request('call_leave', { roomId: room.id });
    await told(1);
    connections.end(); // all of their connections, and the watcher's
    await until(async () => (await shown()) === 0, { what: 'the call to be over' });
  });

  test('many who come and go in a moment are told by a few events, of which the last is right', async () => {
    const [a, watcher] = await fresh();
    await watcher.request('join_room', { roomId: room.id });
    const kTurns = 100;
    for (let turn = 0; turn < kTurns; turn++) {
      await callJoin(a);
      await a.request('call_leave', { roomId: room.id });
    }
    await callJoin(a);
    await until(() => watcher.all('room_call_updated').at(-1)?.participants === 1, { what: 'the last count' });
    const events = watcher.all('room_call_updated').length;
    assert.ok(events < kTurns, `${events} events of ${2 * kTurns + 1} changes`);
  });

  test('only members join, and only so many', async () => {
    const all = await fresh();
    const outside = await connect(stranger);
    await refusedEvent(callJoin(outside), 'NOT_A_MEMBER');
    const hidden = await stoa.createRoom(members[0].token, { roomType: 'private' });
    await refusedEvent(outside.request('call_join', { roomId: hidden.id, media }), 'NOT_FOUND');
    await refusedEvent(outside.request('call_join', { roomId: randomUUID(), media }), 'NOT_FOUND');
    await refusedEvent(all[0].request('call_join', { roomId: room.id }), 'INVALID_MESSAGE');
    for (const socket of all.slice(0, 4)) await callJoin(socket);
    await refusedEvent(callJoin(all[4]), 'ROOM_FULL');
    await all[1].request('call_leave', { roomId: room.id });
    await callJoin(all[4]);
    await refusedEvent(all[1].request('call_leave', { roomId: room.id }), 'NOT_IN_CALL');
  });

  test('signals reach the one peer they are for, with the true sender', async () => {
    const [a, b, c] = await fresh();
    const [pa, pb, pc] = [(await callJoin(a)).peerId, (await callJoin(b)).peerId, (await callJoin(c)).peerId];
    const to = { roomId: room.id, to: pa };
    await b.request('offer', { ...to, description: offer, from: pc });
    assert.deepEqual(await a.next('offer'), { roomId: room.id, from: pb, description: offer });
    await a.request('answer', { roomId: room.id, to: pb, description: { ...offer, type: 'answer' } });
    assert.deepEqual(await b.next('answer'), { roomId: room.id, from: pa, description: { ...offer, type: 'answer' } });
    await b.request('ice_candidate', { ...to, candidate, from: pc });
    assert.deepEqual(await a.next('ice_candidate'), { roomId: room.id, from: pb, candidate });
    await b.request('ice_candidate', { ...to, candidate: null });
    assert.equal((await a.next('ice_candidate')).candidate, null);
    const signal = { type: 'offer', nested: [{ deep: true }, null, 1.5, 'x'] };
    await b.request('signal', { ...to, signal, from: pc });
    assert.deepEqual(await a.next('signal'), { roomId: room.id, from: pb, signal });
    await b.request('media_state', { roomId: room.id, audio: false, video: true, screen: true, handRaised: true, from: pc });
    for (const socket of [a, c]) {
      assert.deepEqual(await socket.next('media_state'), { roomId: room.id, from: pb, audio: false, video: true, screen: true, handRaised: true });
    }
    for (const type of ['offer', 'answer', 'ice_candidate', 'signal']) assert.equal(c.all(type).length, 0, 'a third peer hears nothing');
    assert.equal(b.all('media_state').length, 0);
    const late = await connect(members[3]);
    assert.deepEqual((await callJoin(late)).peers[1].media, { audio: false, video: true, screen: true, handRaised: true });
  });

  test('nothing is relayed across calls, from outside, to nobody or to oneself', async () => {
    const [a, b, c] = await fresh();
    const pa = (await callJoin(a)).peerId;
    const pb = (await callJoin(b)).peerId;
    const other = await stoa.createRoom(members[2].token);
    const pc = (await c.request('call_join', { roomId: other.id, media })).peerId;
    const signals = { offer: { description: offer }, answer: { description: { ...offer, type: 'answer' } }, ice_candidate: { candidate }, signal: { signal: 1 } };
    for (const [type, body] of Object.entries(signals)) {
      await refusedEvent(c.request(type, { roomId: room.id, to: pa, ...body }), 'NOT_IN_CALL');
      await refusedEvent(c.request(type, { roomId: other.id, to: pa, ...body }), 'PEER_NOT_FOUND');
      await refusedEvent(a.request(type, { roomId: room.id, to: pc, ...body }), 'PEER_NOT_FOUND');
      await refusedEvent(a.request(type, { roomId: room.id, to: pa, ...body }), 'PEER_NOT_FOUND');
      await refusedEvent(a.request(type, { roomId: room.id, to: randomUUID(), ...body }), 'PEER_NOT_FOUND');
      await refusedEvent(a.request(type, { roomId: randomUUID(), to: pb, ...body }), 'NOT_IN_CALL');
      await refusedEvent(a.request(type, { roomId: room.id, to: 'everybody', ...body }), 'INVALID_MESSAGE');
    }
    await refusedEvent(c.request('media_state', { roomId: room.id, ...media }), 'NOT_IN_CALL');
    await refusedEvent(a.request('offer', { roomId: room.id, to: pb, description: { ...offer, type: 'answer' } }), 'INVALID_MESSAGE');
    await refusedEvent(a.request('answer', { roomId: room.id, to: pb, description: offer }), 'INVALID_MESSAGE');
    await refusedEvent(a.request('offer', { roomId: room.id, to: pb, description: { type: 'offer', sdp: 7 } }), 'INVALID_MESSAGE');
    await refusedEvent(a.request('signal', { roomId: room.id, to: pb }), 'INVALID_MESSAGE');
    assert.equal(['offer', 'answer', 'ice_candidate', 'signal'].reduce((n, t) => n + a.all(t).length + b.all(t).length, 0), 0);
  });

  test('who leaves, is cut off, kicked or signed out of the room is out of the call at once', async () => {
    const [a, b, c, d] = await fresh();
    const ids = [];
    for (const socket of [a, b, c, d]) ids.push((await callJoin(socket)).peerId);
    await b.request('call_leave', { roomId: room.id });
    assert.deepEqual(await a.next('peer_left'), { roomId: room.id, peerId: ids[1] });
    await c.terminate();
    assert.deepEqual(await a.next('peer_left'), { roomId: room.id, peerId: ids[2] });
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}/members/${members[3].id}`, { token: members[0].token })).status, 204);
    assert.deepEqual(await a.next('peer_left'), { roomId: room.id, peerId: ids[3] });
    await refusedEvent(d.request('offer', { roomId: room.id, to: ids[0], description: offer }), 'NOT_IN_CALL');
    await refusedEvent(callJoin(d), 'NOT_A_MEMBER');

    const back = await callJoin(b);
    assert.notEqual(back.peerId, ids[1], 'who comes back is a new peer');
    await a.next('peer_joined', (p) => p.peer.peerId === back.peerId);
    assert.equal((await stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: members[1].token })).status, 204);
    assert.deepEqual(await a.next('peer_left'), { roomId: room.id, peerId: back.peerId });
    assert.equal((await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: members[0].token })).status, 204);
    await refusedEvent(a.request('media_state', { roomId: room.id, ...media }), 'NOT_IN_CALL');
  });

  test('one person may sit in a call with two devices', async () => {
    const [a] = await fresh();
    const second = await connect(members[0]);
    const [one, two] = [await callJoin(a), await callJoin(second)];
    assert.notEqual(one.peerId, two.peerId);
    assert.deepEqual(two.peers.map((p) => p.peerId), [one.peerId]);
    await second.request('offer', { roomId: room.id, to: one.peerId, description: offer });
    assert.equal((await a.next('offer')).from, two.peerId);
  });

  test('TURN credentials are the user\'s own, expire and are signed as coturn expects', async () => {
    const [a] = await fresh();
    const asked = Date.now() / 1000;
    const { iceServers } = await callJoin(a);
    const rest = await stoa.api('GET', '/api/rtc/ice-servers', { token: members[0].token });
    assert.equal(rest.status, 200);
    for (const servers of [iceServers, rest.body.iceServers]) {
      assert.deepEqual(servers[0], { urls: ['stun:stun.example.org:3478'] });
      const { urls, username, credential } = servers[1];
      assert.deepEqual(urls, ['turn:turn.example.org:3478?transport=udp']);
      const [expiry, user] = username.split(':');
      assert.equal(user, members[0].id);
      const made = Number(expiry) - 600;
      assert.ok(made >= asked - 1 && made <= Date.now() / 1000 + 1, `made at ${made}, asked for at ${asked}`);
      assert.equal(credential, createHmac('sha1', secret).update(username).digest('base64'));
    }
  });

  scenarios(world, { request: 'GET /api/rtc/ice-servers' }, [
    { name: 'relays are for people with an account', who: 'stranger', answer: '401 UNAUTHORIZED', hasNot: [secret, 'turn:'] },
    { name: 'its secret is nobody\'s', who: 'sue', answer: 200, has: { iceServers: [{ urls: ['stun:stun.example.org:3478'] }, { credential: /./ }] }, hasNot: [secret] },
  ]);
});
