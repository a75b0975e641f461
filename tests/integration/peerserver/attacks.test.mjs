// What a hostile client of PeerServer can do: nothing to the others, and nothing to the server's memory.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { Peer, Peers, openPeer, socketUrl } from '../../conformance/support/peerserver.mjs';
import { isSanitized } from '../../support/sanitizers.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, until, within } from '../../support/until.mjs';

const kMiB = 1024 * 1024;
const kLimits = { max_queue_messages: 200, max_queue_bytes: '256KiB', max_queues_messages: 1000, max_queues_bytes: '2MiB' };

// A server of its own for the tests of `body`, where what waits for somebody waits so long.
function attacks(name, expire_timeout, body) {
  describe(`attacks on PeerServer: ${name}`, () => {
    const at = { server: {} };
    const peers = new Peers(at.server);
    before(async () => {
      at.stoa = await startStoa({ config: { server: { trusted_proxies: ['127.0.0.1'] }, peerserver: { ...kLimits, expire_timeout, messages_per_second: 10000, messages_burst: 10000 } } });
      Object.assign(at.server, { base: `${at.stoa.url}/peerjs`, stoa: at.stoa });
    });
    after(() => at.stoa.stop());
    afterEach(() => peers.end());
    at.open = (id, query, address) => peers.open(id, query, address && { headers: { 'x-forwarded-for': address } });
    at.connect = (query) => peers.connect(query);
    at.waiting = () => Promise.all(['messages', 'bytes'].map((what) => at.stoa.metric(`stoa_peerserver_waiting_${what}`)));
    body(at);
  });
}

attacks('what lapses', '2s', (at) => {
  test('offers to ids that nobody has fill what they may and no more', async () => {
    const ada = await at.open('ada');
    const payload = 'x'.repeat(40_000);
    const flooders = await Promise.all(Array.from({ length: 12 }, (_, i) => at.open(`flooder-${i}`)));
    const before = at.stoa.memory();
    for (let i = 0; i < 150; ++i) {
      for (const [n, flooder] of flooders.entries()) flooder.send({ type: 'OFFER', dst: `nobody-${n}-${i}`, payload });
      if (i % 50 === 0) {
        await ada.settled();
        const [messages, bytes] = await at.waiting();
        assert.ok(messages <= 1000 && bytes <= 2 * kMiB, `${messages} messages, ${bytes} bytes`);
      }
    }
    for (const flooder of flooders) await flooder.settled();
    const most = (isSanitized ? 160 : 40) * kMiB;
    assert.ok(at.stoa.memory() - before < most, `some 70 MB were sent, and ${at.stoa.memory() - before} bytes kept`);
    const told = flooders[0].received.filter((text) => text.startsWith('{"type":"EXPIRE"'));
    assert.ok(told.length > 100, 'who gets no room hears so at once');
    await until(async () => (await at.waiting()).every((count) => count === 0), { what: 'the rest to lapse' });
    const ben = await at.open('ben');
    ada.send({ type: 'OFFER', dst: 'ben', payload: 1 });
    assert.equal(await ben.next(), '{"type":"OFFER","src":"ada","dst":"ben","payload":1}');
  });

  test('names out of a prototype are names', async () => {
    const ada = await at.open('ada');
    const names = ['__proto__', 'constructor', 'toString', '../../etc/passwd', 'é'.repeat(2000)];
    for (const dst of names) ada.send({ type: 'OFFER', dst, payload: { __proto__: { polluted: true } } });
    const told = [];
    for (const _ of names) told.push(await ada.next());
    assert.deepEqual(told.sort(), names.map((src) => `{"type":"EXPIRE","src":${JSON.stringify(src)},"dst":"ada"}`).sort());
    ada.raw('{"type":"OFFER","dst":"ada","payload":{"__proto__":{"a":1},"constructor":1}}');
    assert.equal(await ada.next(), '{"type":"OFFER","src":"ada","dst":"ada","payload":{"__proto__":{"a":1},"constructor":1}}');
  });
});

attacks('what stays', '5m', (at) => {
  test('many small ones too, and one sender leaves room for the others', async () => {
    const [ada, flooder] = await Promise.all([at.open('ada'), at.open('flooder')]);
    for (let i = 0; i < 3000; ++i) flooder.send({ type: 'OFFER', dst: `n${i}` });
    await flooder.settled();
    const [messages] = await at.waiting();
    assert.ok(messages <= 200, `${messages} messages`);
    ada.send({ type: 'OFFER', dst: 'ben', payload: 1 });
    await ada.settled();
    const ben = await at.open('ben');
    assert.equal(await ben.next(), '{"type":"OFFER","src":"ada","dst":"ben","payload":1}');
  });

  test('what waits for somebody does not throw them out again', async () => {
    const flooders = await Promise.all(Array.from({ length: 8 }, (_, i) => at.open(`flooder-${i}`)));
    for (const flooder of flooders) {
      for (let i = 0; i < 100; ++i) flooder.send({ type: 'OFFER', dst: 'victim', payload: 'x'.repeat(5000) });
      await flooder.settled();
    }
    const victim = await at.open('victim');
    await victim.settled();
    assert.ok(victim.open);
    assert.ok(victim.received.length > 10);
  });

  test('endless ids and tokens', async () => {
    for (const query of [{ id: 'x'.repeat(129), token: 't' }, { id: 'i', token: 'x'.repeat(129) }, { id: 'x'.repeat(7000), token: 'x'.repeat(7000) }]) {
      const peer = at.connect(query);
      assert.match(await peer.next(), /^\{"type":"ERROR","payload":\{"msg":"Invalid (id|token) provided"\}\}$/);
      assert.equal(await peer.end(), 1005);
    }
    const peer = at.connect({ id: 'x'.repeat(30_000), token: 't' });
    await peer.end();
    assert.match(String(peer.error), /431/);
    await at.open('y'.repeat(128), { token: 'z'.repeat(128) });
  });

  test('a frame over the limit ends its sender alone', async () => {
    const [ada, ben] = await Promise.all([at.open('ada'), at.open('ben')]);
    ada.send({ type: 'OFFER', dst: 'ben', payload: 'x'.repeat(60_000) });
    assert.equal((await ben.next()).length, '{"type":"OFFER","src":"ada","dst":"ben","payload":""}'.length + 60_000);
    ada.send({ type: 'OFFER', dst: 'ben', payload: 'x'.repeat(70_000) });
    assert.equal(await ada.end(), 1009);
    await ben.settled();
  });

  test('frames that are no text and no JSON', async () => {
    const ada = await at.open('ada');
    for (const bytes of [[], [0], [0xff, 0xfe], Array(1000).fill(0x80)]) ada.raw(Buffer.from(bytes), { binary: true });
    ada.raw(`{"type":"OFFER","dst":"ada","payload":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    ada.raw(`{"type":"OFFER","dst":"ada","payload":[${'1,'.repeat(30_000)}1]}`);
    ada.raw('{"type":"OFFER","dst":"ada","dst":"ben"}');
    await ada.settled();
    assert.equal(ada.received.length, 1);
    ada.raw(Buffer.from([0xff, 0xfe]), { binary: false });
    assert.equal(await ada.end(), 1007);
  });

  test('words of other protocols mean nothing here', async () => {
    const ada = await at.open('ada');
    for (const type of ['authenticate', 'create-group', 'join_room', 'send_message', 'ack', 'server_closing']) {
      ada.send({ type, id: 1, dst: 'ada', payload: { token: 'x', groupName: 'x', username: 'x' } });
    }
    await ada.settled();
    assert.equal(ada.received.length, 1);
  });

  test('six hundred sockets with one id: one has it', async () => {
    const ada = await at.open('ada');
    for (let batch = 0; batch < 3; ++batch) {
      const crowd = Array.from({ length: 200 }, (_, i) => new Peer(socketUrl(at.server, { id: 'ada', token: `t${batch}-${i}` })));
      for (const peer of crowd) {
        assert.equal(await peer.next(), '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}');
        assert.equal(await peer.end(), 1005);
      }
    }
    await ada.settled();
    assert.equal(await at.stoa.metric('stoa_peerserver_ids'), 1);
  });

  test('with one token too: the last has it, the others are closed', async () => {
    const crowd = Array.from({ length: 300 }, () => at.connect({ id: 'ada', token: 't' }));
    for (const peer of crowd) assert.equal(await peer.next(), '{"type":"OPEN"}');
    await until(() => crowd.filter((peer) => peer.open).length === 1, { what: 'one to be left' });
    const last = crowd.find((peer) => peer.open);
    last.id = 'ada';
    await last.settled();
  });

  test('who is flooded is not closed: the flooder is refused, others are heard', async () => {
    const [ada, ben, lazy] = await Promise.all([at.open('ada', {}, '203.0.113.1'), at.open('ben', {}, '203.0.113.2'), at.open('lazy')]);
    lazy.pause();
    const payload = 'x'.repeat(50_000);
    const kRefusal = '{"type":"EXPIRE","src":"lazy","dst":"ada"}';
    await until(async () => {
      for (let i = 0; i < 50; ++i) ada.send({ type: 'OFFER', dst: 'lazy', payload });
      await ada.settled();
      return ada.received.includes(kRefusal);
    }, { what: 'the flooder to be refused' });
    ben.send({ type: 'OFFER', dst: 'lazy', payload: 1 });
    await ben.settled();
    lazy.resume();
    await until(() => lazy.received.includes('{"type":"OFFER","src":"ben","dst":"lazy","payload":1}'), { what: 'what another sent' });
    await lazy.settled();
    assert.equal(await at.stoa.metric('stoa_realtime_slow_readers_total'), 0);
    ada.send({ type: 'OFFER', dst: 'lazy', payload: 2 });
    await until(() => lazy.received.includes('{"type":"OFFER","src":"ada","dst":"lazy","payload":2}'), { what: 'the queue to have room again' });
  });

  test('a page cannot be made to show what stands in an address', async () => {
    for (const path of ['<script>alert(1)</script>', '<b>', 'a"b', '..%2f..', '%00']) {
      const { status, text, headers } = await at.stoa.api('GET', `/peerjs/${path}/id`);
      assert.ok([400, 404].includes(status) || /^[0-9a-f-]{36}$/.test(text), `${status} ${text}`);
      assert.ok(!text.includes('<'), text);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    }
  });

  test('neither ids nor tokens nor keys are in the log', async () => {
    const secrets = ['hush-token', 'hush-id', 'hush-key'];
    await at.open('hush-id', { token: 'hush-token' });
    await at.stoa.api('GET', '/peerjs/hush-key/id?token=hush-token');
    await at.stoa.api('GET', '/hush-key/peers');
    await at.connect({ id: 'hush-id', token: 'hush-token', key: 'hush-key' }).end();
    await at.stoa.log((line) => line.route === '/{key}/peers');
    await at.stoa.log((line) => line.route === '/peerjs/peerjs' && line.status === 101);
    const text = JSON.stringify(at.stoa.logs());
    for (const secret of secrets) assert.ok(!text.includes(secret), secret);
  });
});

test('who sends faster than may be is closed in the end', async () => {
  // So slow a rate that nothing comes to the burst while the test runs.
  const stoa = await startStoa({ config: { peerserver: { messages_per_second: 0.1, messages_burst: 50 } } });
  try {
    const server = { base: `${stoa.url}/peerjs` };
    const [ada, ben] = [await openPeer(server, 'ada'), await openPeer(server, 'ben')];
    for (let i = 0; i < 60; ++i) ada.send({ type: 'CANDIDATE', dst: 'ben', payload: i });
    for (let i = 0; i < 50; ++i) assert.equal(JSON.parse(await ben.next()).payload, i);
    for (let i = 0; i < 100; ++i) ada.raw('not JSON');
    assert.equal(await ada.end(), 1008);
    assert.equal(ada.received.length, 1, 'without a word of another protocol');
    await ben.close();
  } finally {
    await stoa.stop();
  }
});

describe('PeerServer for accounts', () => {
  let server;
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { peerserver: { accounts: true, allow_discovery: true } } });
    server = { base: `${stoa.url}/peerjs` };
  });
  after(() => stoa.stop());
  const ticketOf = async ({ token }) => (await stoa.api('POST', '/api/auth/tickets', { token, body: {} })).body.ticket;
  const refused = async (query, frame) => {
    const peer = new Peer(socketUrl(server, query));
    assert.equal(await peer.next(), frame);
    assert.equal(await peer.end(), 1005);
  };
  const kInvalidKey = '{"type":"ERROR","payload":{"msg":"Invalid key provided"}}';

  test('only people come in, with a token or a ticket that is good once', async () => {
    const ada = await stoa.register('Ada');
    const ticket = await ticketOf(ada);
    const peers = [await openPeer(server, 'one', { key: ada.token }), await openPeer(server, 'two', { key: ticket })];
    for (const key of [ticket, 'peerjs', 'null', `${ada.token}x`, ada.refreshToken, 'x'.repeat(9000)]) {
      await refused({ id: 'three', token: 't', key }, kInvalidKey);
    }
    for (const peer of peers) await peer.close();
  });

  test('an id in use is its person\'s, whoever knows its token', async () => {
    const [ada, eve] = [await stoa.register('Ada'), await stoa.register('Eve')];
    const first = await openPeer(server, 'ada', { key: ada.token, token: 'known' });
    await refused({ id: 'ada', token: 'known', key: eve.token }, '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}');
    const second = await openPeer(server, 'ada', { key: ada.token, token: 'known' });
    assert.equal(await first.end(), 1005);
    await second.close();
  });

  test('the socket ends with the sign-in, and hears nothing of another protocol', async () => {
    const ada = await stoa.register('Ada');
    const peer = await openPeer(server, 'ada', { key: ada.token });
    const native = await stoa.connect(ada.token);
    const room = await stoa.createRoom(ada.token);
    await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: ada.token });
    await peer.settled();
    await stoa.api('POST', '/api/auth/logout', { token: ada.token });
    assert.equal(await peer.end(), 4401);
    assert.equal(peer.received.length, 1);
    await native.closed;
  });

  test('the list is for people as well', async () => {
    const ada = await stoa.register('Ada');
    const peer = await openPeer(server, 'ada', { key: ada.token });
    assert.equal((await stoa.api('GET', '/peerjs/peerjs/peers')).status, 401);
    const { status, body } = await stoa.api('GET', `/peerjs/${ada.token}/peers`);
    assert.deepEqual([status, body], [200, ['ada']]);
    assert.ok(!JSON.stringify(stoa.logs()).includes(ada.token));
    await peer.close();
  });
});

test('a server that goes down says goodbye in the client\'s words, and one that is turned off is not there', async () => {
  const stoa = await startStoa();
  try {
    const peer = await openPeer({ base: `${stoa.url}/peerjs` }, 'ada');
    await stoa.restart({ peerserver: { path: '' } });
    assert.equal(await peer.end(), 1012);
    assert.equal(peer.received.length, 1);
    for (const path of ['/peerjs', '/peerjs/peerjs/id', '/peerjs/id']) assert.equal((await stoa.api('GET', path)).status, 404);
    const late = new Peer(`${stoa.wsUrl.replace('/ws', '/peerjs')}?key=peerjs&id=a&token=t`);
    await late.end();
    assert.match(String(late.error), /404/);
  } finally {
    await stoa.stop();
  }
});

test('who may send nothing more just now says by HEARTBEATs that he is there', () => atAnyPace(1000, async (alive) => {
  const rate = { requests: 1, window: '15m' };
  const stoa = await startStoa({ config: { peerserver: { alive_timeout: `${alive}ms` }, rate_limits: { enabled: true, guest_events: rate, guest_socket_events: rate } } });
  const peers = new Peers({ base: `${stoa.url}/peerjs`, stoa });
  let beats;
  try {
    const [ada, ben] = await Promise.all([peers.open('ada'), peers.open('ben')]);
    for (let i = 0; i < 4; ++i) ben.send({ type: 'OFFER', dst: 'ben', payload: i });
    beats = setInterval(() => ben.send({ type: 'HEARTBEAT' }), alive / 20);
    assert.equal(await within(ada.closed, { what: 'the silent one to be closed' }), 1005);
    const next = await peers.open('ada', { token: 'two' });
    assert.equal(await within(next.closed, { what: 'the next one to be closed' }), 1005);
    assert.ok(ben.open);
    assert.equal(ben.received.filter((text) => text.startsWith('{"type":"OFFER"')).length, 2, 'its own, and the one of all');
  } finally {
    clearInterval(beats);
    await peers.end();
    await stoa.stop();
  }
}));
