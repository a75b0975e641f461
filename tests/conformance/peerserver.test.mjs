// The PeerServer protocol on the wire, as npm's peer 1.0.2 speaks it: what a client of PeerJS may count on.
// STOA_CONFORMANCE_TARGET=reference runs what is common against that package.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { atAnyPace, until, within } from '../support/until.mjs';
import { Peer, Peers, isReference, socketUrl, startPeerServer } from './support/peerserver.mjs';

const kUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const kPage = 'https://page.example';

// What Stoa does otherwise, because users of the reference asked for it.
const better = (name, ...rest) => { if (!isReference) test(name, ...rest); };

function suite(name, options, body) {
  describe(name, () => {
    const server = {};
    const peers = new Peers(server);
    before(async () => Object.assign(server, await startPeerServer(options)));
    after(() => server.stop());
    afterEach(() => peers.end());
    body({
      server,
      open: (id, query) => peers.open(id, query),
      connect: (query, path) => peers.connect(query, path),
      get: (path, init) => fetch(server.base + path, init),
    });
  });
}

suite('HTTP', {}, ({ server, get }) => {
  test('the base says what it is', async () => {
    for (const path of ['', '/']) {
      const response = await get(path);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type'), /^application\/json/);
      const body = await response.json();
      assert.deepEqual(Object.keys(body), ['name', 'description', 'website']);
      assert.equal(body.name, 'PeerJS Server');
    }
  });

  test('an id for any key, as text that a page can use as it is', async () => {
    const seen = new Set();
    for (const key of ['peerjs', 'null', 'undefined', 'any-key_1']) {
      const response = await get(`/${key}/id?ts=17000000000000.123&version=1.5.5`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type'), /^text\/html/);
      const id = await response.text();
      assert.match(id, kUuid);
      seen.add(id);
    }
    assert.equal(seen.size, 4);
  });

  test('no list of peers unless it is allowed', async () => {
    const response = await get('/peerjs/peers');
    assert.equal(response.status, 401);
    assert.equal(await response.text(), 'Unauthorized');
  });

  test('nothing else is there', async () => {
    for (const path of ['/peerjs', '/peerjs/ids', '/peerjs/id/more', '/peerjs/peerjs/id']) {
      const response = await get(path);
      await response.arrayBuffer();
      assert.equal(response.status, 404, path);
    }
  });

  test('pages of every origin may call, without credentials', async () => {
    for (const path of ['', '/peerjs/id', '/peerjs/peers']) {
      const response = await get(path, { headers: { origin: kPage } });
      await response.arrayBuffer();
      assert.equal(response.headers.get('access-control-allow-origin'), kPage, path);
      assert.equal(response.headers.get('access-control-allow-credentials'), null);
      assert.match(response.headers.get('vary'), /\bOrigin\b/);
    }
    const quiet = await get('/peerjs/id');
    await quiet.arrayBuffer();
    assert.equal(quiet.headers.get('access-control-allow-origin'), null);
    assert.match(quiet.headers.get('vary'), /\bOrigin\b/);
  });

  test('OPTIONS is answered 204 and reflects the origin', async () => {
    for (const path of ['', '/peerjs/id', '/peerjs/peers']) {
      const headers = { origin: kPage, 'access-control-request-method': 'GET' };
      for (const given of [headers, { origin: kPage }]) {
        const response = await get(path, { method: 'OPTIONS', headers: given });
        assert.equal(response.status, 204, path);
        assert.equal(response.headers.get('access-control-allow-origin'), kPage, path);
        assert.match(response.headers.get('vary'), /\bOrigin\b/);
      }
      const response = await get(path, { method: 'OPTIONS', headers });
      assert.match(response.headers.get('access-control-allow-methods'), /\bGET\b/);
    }
  });

  better('a client whose path is "/" finds it as well', async () => {
    for (const key of ['peerjs', 'null']) {
      const response = await fetch(`${server.origin}/${key}/id?ts=1&version=1.5.5`, { headers: { origin: kPage } });
      assert.match(await response.text(), kUuid);
      assert.equal(response.headers.get('access-control-allow-origin'), kPage);
    }
    const response = await fetch(`${server.origin}/peerjs/peers`);
    assert.equal(response.status, 401);
    assert.equal(await response.text(), 'Unauthorized');
  });
});

suite('coming in', { concurrent_limit: 3 }, ({ server, open, connect }) => {
  async function refused(peer, frame) {
    assert.equal(await peer.next(), frame);
    assert.equal(await peer.end(), 1005, 'closed without a code');
    assert.equal(peer.received.length, 1);
  }
  const error = (msg) => `{"type":"ERROR","payload":{"msg":"${msg}"}}`;

  test('an id, a token and the key open it', async () => {
    const peer = await open('ada');
    assert.deepEqual(peer.received, ['{"type":"OPEN"}']);
  });

  test('something missing', async () => {
    for (const query of [{ token: 't' }, { id: 'i' }, { id: 'i', token: 't', key: undefined }, { id: '', token: 't' }, { id: 'i', token: '' }, { id: 'i', token: 't', key: '' }]) {
      await refused(connect(query), error('No id, token, or key supplied to websocket server'));
    }
  });

  test('another key', async () => {
    for (const key of ['null', 'PEERJS', '__proto__']) {
      await refused(connect({ id: 'i', token: 't', key }), error('Invalid key provided'));
    }
  });

  test('an id that somebody has, with another token', async () => {
    const ada = await open('ada', { token: 'hers' });
    await refused(connect({ id: 'ada', token: 'his' }), '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}');
    await ada.settled();
    assert.ok(ada.open);
  });

  test('more than may be there at once', async () => {
    const [ada] = await Promise.all([open('ada'), open('ben'), open('cleo')]);
    await refused(connect({ id: 'dan', token: 't' }), error('Server has reached its concurrent user limit'));
    await refused(connect({ id: 'ada', token: 'his' }), '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}');
    await ada.close();
    await until(() => open('dan').catch(() => false), { what: 'the place to be free' });
  });

  test('the id is free again when its socket has closed', async () => {
    const ada = await open('ada', { token: 'one' });
    await ada.close();
    await until(() => open('ada', { token: 'two' }).catch(() => false), { what: 'the id to be free' });
  });

  test('a socket elsewhere under the base is refused', async () => {
    const peer = connect({ id: 'ada', token: 't' }, '/other');
    await assert.rejects(peer.connected(), /Unexpected server response: 4\d\d/);
  });

  test('ids with spaces, dashes and underscores', async () => {
    for (const id of ['a b', 'A-b_c 9', '7']) (await open(id)).terminate();
  });

  better('what is no id is not let in', async () => {
    for (const id of ['../etc', 'a/b', '__proto__', ' a', 'a ', 'a  b', 'a.b', 'é', 'a\u0000', 'x'.repeat(200)]) {
      await refused(connect({ id, token: 't' }), error('Invalid id provided'));
    }
    await refused(connect({ id: 'a', token: 'x'.repeat(5000) }), error('Invalid token provided'));
    await open('constructor');
    await open('hasOwnProperty');
  });

  better('the same id and token on a second socket get it, and the first one is closed', async () => {
    const first = await open('ada');
    const ben = await open('ben');
    const second = await open('ada');
    assert.equal(await first.end(), 1005);
    ben.send({ type: 'OFFER', dst: 'ada', payload: 1 });
    assert.equal(await second.next(), '{"type":"OFFER","src":"ben","dst":"ada","payload":1}');
    await second.settled(); // the end of the first has not taken the id away
  });

  better('a client whose path is "/" gets its socket as well', async () => {
    const peer = new Peer(`${server.origin.replace('http', 'ws')}/peerjs?key=peerjs&id=ada&token=t&version=1.5.5`);
    assert.equal(await peer.next(), '{"type":"OPEN"}');
    await peer.close();
  });

  better('pages of every origin may open one', async () => {
    for (const origin of [kPage, 'null']) {
      const peer = new Peer(socketUrl(server, { id: 'ada', token: 't' }), { origin });
      assert.equal(await peer.next(), '{"type":"OPEN"}');
      await peer.close();
      await until(async () => {
        const next = new Peer(socketUrl(server, { id: 'ada', token: 'u' }));
        const free = (await next.next()) === '{"type":"OPEN"}';
        await (free ? next.close() : next.end());
        return free;
      }, { what: 'the id to be free' });
    }
  });
});

suite('messages', { expire_timeout: 600_000 }, ({ open }) => {
  const kTypes = ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE'];

  test('each kind reaches the one it is for, with the sender\'s id and nothing more', async () => {
    const [ada, ben, cleo] = await Promise.all([open('ada'), open('ben'), open('cleo')]);
    for (const type of kTypes) {
      ada.send({ payload: { a: [1, 'é', null, { b: 0.5 }] }, extra: 1, dst: 'ben', src: 'cleo', type });
      assert.equal(await ben.next(), `{"type":"${type}","src":"ada","dst":"ben","payload":{"a":[1,"é",null,{"b":0.5}]}}`);
    }
    await Promise.all([ada.settled(), cleo.settled()]);
    assert.deepEqual([ada.received.length, cleo.received.length], [1, 1], 'nobody else has heard');
  });

  test('any JSON is a payload, and so is none', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    for (const payload of [null, 0, -1.5, true, '', 'text "quoted"\\\n', [], {}, { z: 1, a: 2, __proto__x: { constructor: 1 } }]) {
      ada.send({ type: 'OFFER', dst: 'ben', payload });
      assert.equal(await ben.next(), `{"type":"OFFER","src":"ada","dst":"ben","payload":${JSON.stringify(payload)}}`);
    }
    ada.send({ type: 'OFFER', dst: 'ben' });
    assert.equal(await ben.next(), '{"type":"OFFER","src":"ada","dst":"ben"}');
  });

  test('in their order', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    for (let i = 0; i < 50; ++i) ada.send({ type: 'CANDIDATE', dst: 'ben', payload: i });
    for (let i = 0; i < 50; ++i) assert.equal(JSON.parse(await ben.next()).payload, i);
  });

  test('to oneself', async () => {
    const ada = await open('ada');
    ada.send({ type: 'OFFER', dst: 'ada', payload: 1 });
    assert.equal(await ada.next(), '{"type":"OFFER","src":"ada","dst":"ada","payload":1}');
  });

  test('other types, and what has no address, are ignored', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    for (const type of ['OPEN', 'ERROR', 'ID-TAKEN', 'offer', 'HELLO', '', '__proto__', 'constructor', 'toString', 7, null, undefined, {}]) {
      ada.send({ type, dst: 'ben', payload: 1 });
    }
    ada.send({ type: 'OFFER', payload: 1 });
    ada.send({ type: 'OFFER', dst: '', payload: 1 });
    ada.send({ type: 'OFFER', dst: null, payload: 1 });
    await ada.settled();
    await ben.settled();
    assert.deepEqual([ada.received.length, ben.received.length], [1, 1]);
  });

  test('a heartbeat has no answer', async () => {
    const ada = await open('ada');
    ada.send({ type: 'HEARTBEAT' });
    await ada.settled();
    assert.equal(ada.received.length, 1);
  });

  test('text that is not JSON is ignored', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    for (const text of ['', '{', 'OFFER', '{"type":"OFFER","dst":"ben"', '[1', '\u0000']) ada.raw(text);
    for (const text of ['null', '1', '"x"', '[]', '[{"type":"OFFER","dst":"ben"}]']) ada.raw(text);
    await ada.settled();
    ada.send({ type: 'OFFER', dst: 'ben', payload: 1 });
    assert.equal(await ben.next(), '{"type":"OFFER","src":"ada","dst":"ben","payload":1}');
    assert.equal(ada.received.length, 1);
  });

  better('and goes on being ignored', async () => {
    const ada = await open('ada');
    for (let i = 0; i < 300; ++i) {
      ada.raw(i % 2 ? 'not JSON' : '{"type":"NONE"}');
      if (i % 50 === 0) await ada.settled();
    }
    await ada.settled();
    assert.equal(ada.received.length, 1);
  });

  test('a message in a binary frame is read like text', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    ada.raw(Buffer.from('{"type":"OFFER","dst":"ben","payload":1}'), { binary: true });
    assert.equal(await ben.next(), '{"type":"OFFER","src":"ada","dst":"ben","payload":1}');
  });

  test('what waited for somebody comes after OPEN, in its order', async () => {
    const ada = await open('ada');
    for (const type of kTypes) ada.send({ type, dst: 'ben', payload: type });
    await ada.settled();
    const ben = await open('ben');
    for (const type of ['OFFER', 'ANSWER', 'CANDIDATE']) {
      assert.equal(await ben.next(), `{"type":"${type}","src":"ada","dst":"ben","payload":"${type}"}`);
    }
    await ben.settled();
    assert.equal(ben.received.length, 4, 'LEAVE and EXPIRE do not wait');
    await ben.close();
    const again = await until(() => open('ben').catch(() => false), { what: 'the id to be free' });
    await again.settled();
    assert.equal(again.received.length, 1, 'nothing comes twice');
  });

  test('LEAVE without an address gives the id back', async () => {
    const ada = await open('ada', { token: 'one' });
    ada.send({ type: 'LEAVE' });
    const next = await until(() => open('ada', { token: 'two' }).catch(() => false), { what: 'the id to be free' });
    const ben = await open('ben');
    ben.send({ type: 'OFFER', dst: 'ada', payload: 1 });
    assert.equal(await next.next(), '{"type":"OFFER","src":"ben","dst":"ada","payload":1}');
  });

  better('who gave an id back speaks for it no more', async () => {
    const ada = await open('ada', { token: 'one' });
    const ben = await open('ben');
    ada.send({ type: 'LEAVE' });
    const next = await until(() => open('ada', { token: 'two' }).catch(() => false), { what: 'the id to be free' });
    ada.send({ type: 'OFFER', dst: 'ben', payload: 'not hers any more' });
    ada.send({ type: 'LEAVE' });
    await ada.close();
    await next.settled();
    await ben.settled();
    assert.equal(ben.received.length, 1);
  });
});

suite('messages that nobody reads', { expire_timeout: 400 }, ({ open }) => {
  test('the sender gets one EXPIRE for each that is not there', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    for (let i = 0; i < 3; ++i) ada.send({ type: 'CANDIDATE', dst: 'nobody', payload: i });
    ada.send({ type: 'OFFER', dst: 'no one, nowhere!', payload: 1 });
    ben.send({ type: 'OFFER', dst: 'nobody', payload: 1 });
    const two = [await ada.next(), await ada.next()].sort();
    assert.deepEqual(two, ['{"type":"EXPIRE","src":"no one, nowhere!","dst":"ada"}', '{"type":"EXPIRE","src":"nobody","dst":"ada"}']);
    assert.equal(await ben.next(), '{"type":"EXPIRE","src":"nobody","dst":"ben"}');
    await Promise.all([ada.settled(), ben.settled()]);
    assert.deepEqual([ada.received.length, ben.received.length], [3, 2]);
    ada.send({ type: 'OFFER', dst: 'nobody', payload: 1 });
    assert.equal(await ada.next(), '{"type":"EXPIRE","src":"nobody","dst":"ada"}', 'and again for another try');
  });

  test('LEAVE and EXPIRE do not expire', async () => {
    const ada = await open('ada');
    for (const type of ['LEAVE', 'EXPIRE', 'OFFER']) ada.send({ type, dst: type, payload: 1 });
    assert.equal(await ada.next(), '{"type":"EXPIRE","src":"OFFER","dst":"ada"}');
    await ada.settled();
    assert.equal(ada.received.length, 2);
  });

  test('they are gone for who comes later', async () => {
    const ada = await open('ada');
    ada.send({ type: 'OFFER', dst: 'ben', payload: 1 });
    assert.equal(await ada.next(), '{"type":"EXPIRE","src":"ben","dst":"ada"}');
    const ben = await open('ben');
    await ben.settled();
    assert.equal(ben.received.length, 1);
  });

  test('who has come in time gets no EXPIRE told of', async () => {
    const ada = await open('ada');
    let tries = 0;
    const ben = await until(async () => { // who is slower than the offer's life tries again, by another name
      const id = `ben-${++tries}`;
      ada.send({ type: 'OFFER', dst: id, payload: 1 });
      const peer = await open(id);
      await peer.settled();
      return peer.received.length > 1 && peer;
    }, { what: 'a peer that comes in time' });
    ada.send({ type: 'OFFER', dst: 'other', payload: 1 });
    await until(() => ada.received.includes('{"type":"EXPIRE","src":"other","dst":"ada"}'), { what: 'the end of another offer' });
    assert.ok(!ada.received.some((text) => text.includes(`"src":"${ben.id}"`)), `${ada.received}`);
  });
});

test('a peer without heartbeats is closed and its id is free; one with them stays', () => atAnyPace(1000, async (alive) => {
  const server = await startPeerServer({ alive_timeout: alive });
  const peers = new Peers(server);
  let beats;
  try {
    const began = performance.now();
    const [ada, ben] = await Promise.all([peers.open('ada', { token: 'one' }), peers.open('ben')]);
    beats = setInterval(() => ben.send({ type: 'HEARTBEAT' }), alive / 20);
    assert.equal(await within(ada.closed, { what: 'the silent one to be closed' }), 1005);
    const took = performance.now() - began;
    assert.ok(took >= alive - 20, `${took}: not before its time`);
    await peers.open('ada', { token: 'two' });
    assert.ok(ben.open);
  } finally {
    clearInterval(beats);
    await peers.end();
    await server.stop();
  }
}));

suite('discovery', { allow_discovery: true }, ({ open, get, server }) => {
  test('the ids of those who are here', async () => {
    await Promise.all([open('ada'), open('ben b')]);
    const response = await get('/peerjs/peers?ts=1&version=1.5.5', { headers: { origin: kPage } });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/json/);
    assert.equal(response.headers.get('access-control-allow-origin'), kPage);
    assert.deepEqual((await response.json()).sort(), ['ada', 'ben b']);
  });

  test('an id that the server gives is nobody\'s', async () => {
    const id = await (await get('/peerjs/id')).text();
    await open(id);
    assert.deepEqual(await (await get('/peerjs/peers')).json(), [id]);
  });

  better('under "/" too', async () => {
    await open('ada');
    assert.deepEqual(await (await fetch(`${server.origin}/peerjs/peers`)).json(), ['ada']);
  });
});

suite('another base and key', { path: '/my/peers', key: 'secret-9' }, ({ open, connect, get }) => {
  test('are where the configuration says', async () => {
    assert.equal((await (await get('')).json()).name, 'PeerJS Server');
    assert.match(await (await get('/secret-9/id')).text(), kUuid);
    await open('ada', { key: 'secret-9' });
    const wrong = connect({ id: 'ben', token: 't', key: 'peerjs' });
    assert.equal(await wrong.next(), '{"type":"ERROR","payload":{"msg":"Invalid key provided"}}');
  });
});
