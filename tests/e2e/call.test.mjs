// Mesh calls among real browsers, signalled through the server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openRoom, picture } from './support/browser.mjs';
import { joinCall, selectedPairs, untilTiles, untilVideoFlows } from './support/call.mjs';
import { startCoturn } from './support/coturn.mjs';

const kNames = ['Ada Marin', 'Ben Okafor', 'Cleo Lindqvist'];
describe('calls', () => {
  let browser;
  let coturn;
  let stoa;

  before(async () => {
    coturn = await startCoturn();
    stoa = await startStoa({ config: { turn: { urls: coturn.urls, secret: coturn.secret } } });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
    await coturn?.stop();
  });

  // Three people in one room, each on a page of their own that shows it.
  async function threePages(options = {}) {
    const accounts = await Promise.all(kNames.map((name) => stoa.register(name)));
    const room = await stoa.createRoom(accounts[0].token, { name: 'Linear algebra', maxParticipants: 8 });
    for (const { token } of accounts.slice(1)) await stoa.api('POST', `/api/rooms/${room.id}/join`, { token, body: {} });
    return Promise.all(accounts.map((account) => openRoom(browser, stoa, room, { account, ...options })));
  }

  const othersThan = (name) => [...kNames.filter((other) => other !== name), 'You'];

  async function allSeeAll(pages) {
    await Promise.all(pages.map((page, at) => untilTiles(page, othersThan(kNames[at]))));
    await Promise.all(pages.map((page) => untilVideoFlows(page, 2)));
  }

  async function closeCleanly(pages) {
    for (const page of pages) {
      assert.deepEqual(page.problems, []);
      assert.deepEqual(page.foreign, []);
      await page.context().close();
    }
  }

  test('three people see each other; one leaves, comes back, and vanishes', async () => {
    const pages = await threePages();
    const [ada, ben, cleo] = pages;
    for (const page of pages) await joinCall(page);
    await allSeeAll(pages);

    await cleo.getByRole('button', { name: 'Leave call' }).click();
    await untilTiles(ada, ['Ben Okafor', 'You']);
    await untilTiles(ben, ['Ada Marin', 'You']);
    await cleo.getByRole('button', { name: 'Join call' }).waitFor();
    await Promise.all([ada, ben].map((page) => untilVideoFlows(page, 1)));

    await joinCall(cleo);
    await allSeeAll(pages);

    assert.deepEqual([cleo.problems, cleo.foreign], [[], []]);
    await cleo.context().close();
    await untilTiles(ada, ['Ben Okafor', 'You']);
    await untilTiles(ben, ['Ada Marin', 'You']);
    await closeCleanly([ada, ben]);
  });

  test('the others see who mutes, stops the camera and raises a hand', async () => {
    const pages = await threePages();
    const [ada, ben] = pages;
    for (const page of [ada, ben]) await joinCall(page);
    await untilTiles(ben, ['Ada Marin', 'You']);
    await untilVideoFlows(ben, 1);
    const tile = ben.locator('.tile', { hasText: 'Ada Marin' });

    await ada.getByRole('button', { name: 'Mute', exact: true }).click();
    await tile.getByText('Microphone off.').waitFor({ state: 'attached' });
    await ada.getByRole('button', { name: 'Turn camera off' }).click();
    await tile.and(ben.locator('[data-video="off"]')).waitFor();
    await ada.getByRole('button', { name: 'Raise your hand' }).click();
    await tile.locator('.tile-hand').waitFor();
    await picture(ben, 'call-hand-1280');

    await ada.getByRole('button', { name: 'Turn camera on' }).click();
    await tile.and(ben.locator('[data-video="on"]')).waitFor();
    await untilVideoFlows(ben, 1);

    await closeCleanly(pages);
  });

  test('a shared screen is a tile of its own beside the camera', async () => {
    const pages = await threePages();
    const [ada, ben] = pages;
    for (const page of [ada, ben]) await joinCall(page);
    await untilVideoFlows(ben, 1);
    await ada.getByRole('button', { name: 'Share your screen' }).click();
    await untilTiles(ben, ['Ada Marin', 'Ada Marin’s screen', 'You']);
    const video = ben.locator('.tile.screen video');
    await until(() => video.evaluate(({ videoWidth }) => videoWidth > 0), { what: 'the screen to be seen' });
    await picture(ben, 'call-screen-1280');
    await ada.getByRole('button', { name: 'Stop sharing' }).click();
    await untilTiles(ben, ['Ada Marin', 'You']);
    await closeCleanly(pages);
  });

  test('who joins with one device more than a person may is out on the first, and told so', async () => {
    const account = await stoa.register('Ada Marin');
    const room = await stoa.createRoom(account.token, { name: 'Linear algebra', maxParticipants: 8 });
    const page = await openRoom(browser, stoa, room, { account });
    await joinCall(page);
    const sockets = [];
    for (let i = 0; i < 3; i += 1) {
      sockets.push(await stoa.connect(account.token));
      await sockets[i].request('call_join', { roomId: room.id, media: { audio: true, video: false, screen: false } });
    }
    await page.getByText('The call ended. You joined it on more devices').waitFor();
    await page.getByRole('button', { name: 'Join call' }).waitFor();
    for (const socket of sockets) socket.terminate();
    await closeCleanly([page]);
  });

  test('a call comes back by itself after the server was restarted', async () => {
    const pages = await threePages();
    for (const page of pages) await joinCall(page);
    await allSeeAll(pages);
    await stoa.restart();
    await Promise.all(pages.map((page) => until(() => page.evaluate(() => window.connections.length >= 4), { what: 'new connections' })));
    await allSeeAll(pages);
    for (const page of pages) await page.context().close();
  });

  test('a call goes through a TURN server with the credentials that were issued', async () => {
    const pages = await threePages({ query: '?ice=relay' });
    for (const page of pages) await joinCall(page);
    await allSeeAll(pages);
    for (const page of pages) {
      const relayed = async () => JSON.stringify(await selectedPairs(page)) === JSON.stringify([['relay', 'relay'], ['relay', 'relay']]);
      await until(relayed, { what: 'relayed candidate pairs' });
    }
    assert.match(coturn.log(), /ALLOCATE processed, success/);
    await closeCleanly(pages);
  });
});
