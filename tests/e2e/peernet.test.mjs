// PeerNet's frontend: the page of docs/PROTOCOL.md as it is printed there, on an origin of its own, with the
// npm packages socket.io-client and simple-peer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Issuer, kInside } from '../support/issuers.mjs';
import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openPage, openRoom } from './support/browser.mjs';
import { joinCall, untilTiles, untilVideoFlows } from './support/call.mjs';
import { startSite } from './support/site.mjs';

// The page below the heading, with the address of the server that runs.
function printedPage(address) {
  const text = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
  const [, html] = /## Calls, for PeerNet's frontend.*?```html\n(.*?)```/s.exec(text);
  const modules = [...html.matchAll(/node_modules\/([^"]+)/g)].map(([, module]) => module);
  assert.equal(modules.length, 1);
  const page = html.replaceAll('http://127.0.0.1:3000', address);
  return { '/': page, ...Object.fromEntries(modules.map((module) => [`/node_modules/${module}`, { module }])) };
}

describe('PeerNet', () => {
  let browser;
  let people;
  let room;
  let site;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    site = await startSite(printedPage(stoa.url));
    await stoa.restart({ realtime: { origins: [site.url] } });
    browser = await launchBrowser();
    people = await Promise.all(['Ada', 'Ben', 'Cleo'].map((name) => stoa.register(name)));
    room = await stoa.createRoom(people[0].token);
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await stoa?.stop();
  });

  // In the page: what a person types.
  function answerPrompts(answers) {
    window.prompt = (question) => answers[question];
  }
  const open = (person) => openPage(browser, site, {
    script: [answerPrompts, { 'Access token': person.token, 'Room id': room.id, 'Your user id': person.id }],
  });
  const videos = (page, count) => until(async () => await page.locator('video').count() === count,
    { what: `${count} videos` }).catch((error) => { throw new Error(`${error.message} ${page.problems}`); });
  async function meshed(pages) {
    await Promise.all(pages.map((page) => videos(page, pages.length - 1)));
    await Promise.all(pages.map((page) => untilVideoFlows(page, pages.length - 1)));
  }

  test('three pages are a full mesh; one leaves, comes back, and leaves again', async () => {
    const pages = [];
    for (const person of people) pages.push(await open(person));
    await meshed(pages);

    const [ada, ben, cleo] = pages;
    await cleo.close();
    await Promise.all([ada, ben].map((page) => videos(page, 1)));
    await Promise.all([ada, ben].map((page) => untilVideoFlows(page, 1)));
    const back = await open(people[2]);
    await meshed([ada, ben, back]);

    await back.context().close();
    await Promise.all([ada, ben].map((page) => videos(page, 1)));
    for (const page of [ada, ben]) {
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
  });

  test('a page of the app and one of PeerNet see each other, whoever came first', async () => {
    const [account, other] = people;
    for (const order of ['app', 'PeerNet']) {
      let app;
      const openApp = async () => {
        app = await openRoom(browser, stoa, room, { account });
        await joinCall(app);
      };
      if (order === 'app') await openApp();
      const watcher = await stoa.connect(people[2].token);
      await watcher.request('call_join', { roomId: room.id, media: { audio: false, video: false, screen: false } });
      const page = await open(other);
      await watcher.next('peer_joined', ({ peer }) => peer.userId === other.id);
      await watcher.close();
      if (order === 'PeerNet') await openApp();
      await untilTiles(app, ['Ben', 'You']);
      await Promise.all([app, page].map((one) => untilVideoFlows(one, 1)));
      await videos(page, 1);
      await app.getByRole('button', { name: 'Leave call' }).click();
      await videos(page, 0);
      for (const one of [app, page]) {
        assert.deepEqual(one.problems, [], order);
        await one.context().close();
      }
    }
  });
});

// The frontend as it is: a Firebase token for REST, a socket that brings none, and signals that name no room.
const unchanged = (address) => `<!doctype html>
<script src="${address}/socket.io/socket.io.js"></script>
<script src="node_modules/simple-peer/simplepeer.min.js"></script>
<script type="module">
  const token = prompt('Firebase token'), roomId = prompt('Room id');
  const { user_id: myId } = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))); // user.uid
  const joined = await fetch('${address}/api/rooms/' + roomId + '/join', {
    method: 'POST', headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' }, body: '{}',
  });
  if (!joined.ok) throw new Error(await joined.text());
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const socket = io('${address}');
  const peers = {};
  function connect(userId, initiator) {
    const peer = peers[userId] = new SimplePeer({ initiator, stream });
    const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true });
    peer.on('signal', (signal) => socket.emit('signal', { to: userId, from: myId, signal }));
    peer.on('stream', (theirs) => { video.srcObject = theirs; document.body.append(video); });
    peer.on('error', console.warn);
    peer.on('close', () => video.remove());
    return peer;
  }
  socket.on('connect', () => socket.emit('join-room', roomId, myId));
  socket.on('user-connected', (userId) => connect(userId, true));
  socket.on('signal', ({ from, signal }) => (peers[from] ?? connect(from, false)).signal(signal));
  socket.on('user-disconnected', (userId) => { peers[userId]?.destroy(); delete peers[userId]; });
</script>`;

describe('PeerNet, unchanged', () => {
  let browser;
  let issuer;
  let room;
  let site;
  let stoa;

  before(async () => {
    issuer = await Issuer.start();
    stoa = await startStoa({
      config: { oidc: { provider: [issuer.firebase({ direct: true })] }, fetch: kInside, realtime: { guests: true }, peernet: { tokenless: true } },
    });
    const module = 'simple-peer/simplepeer.min.js';
    site = await startSite({ '/': unchanged(stoa.url), [`/node_modules/${module}`]: { module } });
    await stoa.restart({ http: { cors_origins: [site.url] }, realtime: { origins: [site.url] } });
    browser = await launchBrowser();
    room = await stoa.createRoom((await stoa.register('Owner')).token);
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await stoa?.stop();
    await issuer?.stop();
  });

  test('four pages with Firebase tokens are a full mesh, and three when one has left', async () => {
    const pages = [];
    for (const name of ['Ada', 'Ben', 'Cleo', 'Dora']) {
      pages.push(await openPage(browser, site, {
        script: [(answers) => { window.prompt = (question) => answers[question]; }, { 'Firebase token': issuer.firebaseToken({ name }), 'Room id': room.id }],
      }));
    }
    const meshed = (some) => Promise.all(some.map(async (page) => {
      await until(async () => await page.locator('video').count() === some.length - 1, { what: `${some.length - 1} videos; ${page.problems}` });
      await untilVideoFlows(page, some.length - 1);
    }));
    await meshed(pages);
    const { body: { participants } } = await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: issuer.firebaseToken({ name: 'Eve' }), body: {} });
    assert.deepEqual(participants.map(({ fullName }) => fullName).filter((name) => name !== 'Owner').sort(), ['Ada', 'Ben', 'Cleo', 'Dora', 'Eve']);
    const [left, ...others] = pages;
    await left.context().close();
    await meshed(others);
    for (const page of others) assert.deepEqual(page.problems, []);
  });
});
