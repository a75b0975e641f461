// The PeerJS client of npm in Chromium, on pages of another origin that know of Stoa only its address.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openPage } from './support/browser.mjs';
import { untilVideoFlows } from './support/call.mjs';
import { startSite } from './support/site.mjs';

const kPage = '<!doctype html><title>A page</title><script src="/peerjs.js"></script><video id="theirs" autoplay muted></video>';
const kUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('PeerJS', () => {
  let browser;
  let pages = [];
  let site;
  let stoa;

  before(async () => {
    stoa = await startStoa({ config: { peerserver: { expire_timeout: '1s', allow_discovery: true } } });
    site = await startSite({ '/': kPage, '/peerjs.js': { module: 'peerjs/dist/peerjs.js' } });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await site?.stop();
    await stoa?.stop();
  });

  afterEach(async () => {
    for (const page of pages) {
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
    pages = [];
  });

  // A page with a Peer that notes what happens to it; resolves when it is open, or has failed.
  async function openPeer({ id, server = stoa, ...options } = {}) {
    const page = await openPage(browser, site);
    pages.push(page);
    await page.evaluate(async ({ id: wanted, options: given }) => {
      window.errors = [];
      window.heard = [];
      window.opened = 0;
      window.lost = 0;
      const all = { ...given, config: { iceServers: [] } };
      window.peer = wanted ? new window.Peer(wanted, all) : new window.Peer(all);
      window.peer.on('open', () => { window.opened += 1; });
      window.peer.on('disconnected', () => { window.lost += 1; });
      window.peer.on('error', ({ type, message }) => { window.errors.push(type); window.said = message; });
      window.peer.on('connection', (connection) => {
        connection.on('data', (data) => { window.heard.push(data); connection.send({ echo: data }); });
      });
      window.peer.on('call', async (call) => {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
        call.on('stream', (theirs) => { document.querySelector('#theirs').srcObject = theirs; });
        call.answer(stream);
      });
    }, { id, options: { host: '127.0.0.1', port: server.port, path: '/peerjs', ...options } });
    await until(() => page.evaluate(() => window.opened > 0 || window.errors.length > 0), { what: 'the peer to open' });
    return page;
  }
  const idOf = (page) => page.evaluate(() => window.peer.id);
  const errorsOf = (page) => page.evaluate(() => window.errors);

  // Sends over a new data connection and resolves to what comes back.
  const exchange = (page, to, data) => page.evaluate(([id, value]) => new Promise((resolve, reject) => {
    const connection = window.peer.connect(id, { reliable: true });
    connection.on('open', () => connection.send(value));
    connection.on('data', resolve);
    connection.on('error', reject);
  }), [to, data]);

  test('ids from the server, a data connection, a call with pictures; whichever path the client has', async () => {
    const ada = await openPeer();
    const ben = await openPeer({ path: '/' });
    const [adaId, benId] = await Promise.all([ada, ben].map(idOf));
    for (const id of [adaId, benId]) assert.match(id, kUuid);
    assert.notEqual(adaId, benId);

    assert.deepEqual(await exchange(ada, benId, 'hello'), { echo: 'hello' });
    assert.deepEqual(await exchange(ben, adaId, { deep: [1, 'é'] }), { echo: { deep: [1, 'é'] } });
    assert.deepEqual(await ben.evaluate(() => window.heard), ['hello']);

    await ada.evaluate(async (to) => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const call = window.peer.call(to, stream);
      call.on('stream', (theirs) => { document.querySelector('#theirs').srcObject = theirs; });
    }, benId);
    const withVideo = (page) => page.evaluate(() => {
      window.connections = window.connections.filter((one) => one.getReceivers().some(({ track }) => track?.kind === 'video'));
      return window.connections.length === 1;
    });
    for (const page of [ada, ben]) await until(() => withVideo(page), { what: 'the call', every: 100 });
    await Promise.all([ada, ben].map((page) => untilVideoFlows(page, 1)));
    assert.deepEqual(await Promise.all([ada, ben].map(errorsOf)), [[], []]);
  });

  test('an id of one\'s own, and one that somebody has', async () => {
    const ada = await openPeer({ id: 'ada-1' });
    assert.equal(await idOf(ada), 'ada-1');
    const other = await openPeer({ id: 'ada-1' });
    assert.deepEqual(await errorsOf(other), ['unavailable-id']);
    assert.deepEqual(await errorsOf(ada), []);
  });

  test('somebody who is not there', async () => {
    const ada = await openPeer();
    await ada.evaluate(() => { window.peer.connect('nobody'); });
    await until(async () => (await errorsOf(ada)).length > 0, { what: 'the error' });
    assert.deepEqual(await errorsOf(ada), ['peer-unavailable']);
    assert.equal(await ada.evaluate(() => window.said), 'Could not connect to peer nobody');
  });

  test('who is there', async () => {
    const ada = await openPeer({ id: 'ada list' });
    await openPeer({ id: 'ben-list', path: '/' });
    const list = () => ada.evaluate(() => new Promise((resolve) => { window.peer.listAllPeers(resolve); }));
    await until(async () => (await list()).sort().join() === 'ada list,ben-list', { what: 'the list' });
  });

  test('a client that comes back while its old socket lingers gets its id', async () => {
    const ada = await openPeer({ id: 'ada-back' });
    // As a broken network does: the socket's end does not reach the server.
    await ada.evaluate(() => {
      window.lingering = window.peer.socket._socket;
      window.lingering.onclose = window.lingering.onmessage = null;
      window.peer.socket._socket = undefined;
      window.peer.disconnect();
      window.peer.reconnect();
    });
    await until(() => ada.evaluate(() => window.opened === 2), { what: 'the second open' });
    await until(() => ada.evaluate(() => window.lingering.readyState === WebSocket.CLOSED), { what: 'the first socket to be closed' });
    const ben = await openPeer();
    assert.deepEqual(await exchange(ben, 'ada-back', 1), { echo: 1 });
  });

  test('a restart of the server', async () => {
    const ada = await openPeer({ id: 'ada-restart' });
    const ben = await openPeer({ id: 'ben-restart' });
    await stoa.restart();
    for (const page of [ada, ben]) {
      await until(() => page.evaluate(() => window.lost > 0), { what: 'the client to notice' });
      assert.deepEqual(await errorsOf(page), ['network']);
      await page.evaluate(() => window.peer.reconnect());
      await until(() => page.evaluate(() => window.opened === 2 && window.peer.open), { what: 'it to be open again' });
    }
    assert.equal(await idOf(ada), 'ada-restart');
    assert.deepEqual(await exchange(ada, 'ben-restart', 'again'), { echo: 'again' });
  });

  test('another key', async () => {
    const ada = await openPeer({ key: 'mine' });
    assert.deepEqual(await errorsOf(ada), ['server-error']);
    assert.equal(await ada.evaluate(() => window.said), 'Invalid key provided');
  });

  test('accounts: the key is a token or a ticket, and the id its person\'s', async () => {
    const members = await startStoa({ config: { peerserver: { accounts: true } } });
    try {
      const { token } = await members.register('Ada');
      const ticket = async () => (await members.api('POST', '/api/auth/tickets', { token, body: {} })).body.ticket;
      const ada = await openPeer({ server: members, id: 'ada', key: token });
      const ben = await openPeer({ server: members, key: await ticket() });
      assert.deepEqual(await exchange(ben, 'ada', 1), { echo: 1 });
      const stranger = await openPeer({ server: members, id: 'eve', key: 'peerjs' });
      assert.deepEqual(await errorsOf(stranger), ['server-error']);
      assert.deepEqual(await errorsOf(ada), []);
    } finally {
      await members.stop();
    }
  });

  test('the example of docs/PROTOCOL.md works as it stands there', async () => {
    const text = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
    const [, html] = /```html\n([^`]*peerjs[^`]*)```/.exec(text);
    const [, module] = /node_modules\/([^"]+)/.exec(html);
    const example = await startSite({ '/': html, [`/node_modules/${module}`]: { module } });
    try {
      const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
      await context.route('http://127.0.0.1:3000/**', (route) => route.continue({ url: route.request().url().replace('http://127.0.0.1:3000', stoa.url) }));
      const [first, second] = await Promise.all([context.newPage(), context.newPage()]);
      for (const page of [first, second]) {
        await page.addInitScript(toPort, stoa.port);
        await page.goto(example.url);
      }
      const shown = first.locator('#me');
      await until(async () => kUuid.test(await shown.textContent()), { what: 'an id' });
      await second.locator('#to').fill(await shown.textContent());
      await second.getByRole('button', { name: 'Call' }).click();
      for (const page of [first, second]) {
        await until(() => page.locator('video').evaluate((video) => video.videoWidth > 0), { what: 'a picture' });
      }
      await context.close();
    } finally {
      await example.stop();
    }
  });
});

// In the page: sockets that go to the documented port reach the test's server.
function toPort(port) {
  window.WebSocket = class extends WebSocket {
    constructor(url, ...rest) { super(String(url).replace(':3000/', `:${port}/`), ...rest); }
  };
}
