// PeerNet's frontend: the page of docs/PROTOCOL.md as it is printed there, on an origin of its own, with the
// npm packages socket.io-client and simple-peer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

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
