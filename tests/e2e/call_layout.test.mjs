// Where things stand in a call, whatever the window and the number of people: the buttons are in reach and nothing lies on them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openRoom, picture } from './support/browser.mjs';
import { joinCall } from './support/call.mjs';

const kSizes = [[1024, 768], [1280, 800], [1920, 1080], [900, 600], [390, 844], [360, 640], [320, 568], [844, 390]];
const kPictured = [1024, 390]; // widths
const kMost = 12;

describe('the layout of a call', () => {
  let account;
  let browser;
  let page;
  let stoa;
  const others = []; // in the call by their sockets alone: their tiles stand in the page as anybody's
  let room;

  before(async () => {
    stoa = await startStoa();
    browser = await launchBrowser();
    account = await stoa.register('Ada Marin');
    room = await stoa.createRoom(account.token, { name: 'Linear algebra', maxParticipants: 20 });
    page = await openRoom(browser, stoa, room, { account });
    await joinCall(page);
  });

  after(async () => {
    for (const socket of others) socket.terminate();
    await browser?.close();
    await stoa?.stop();
  });

  async function untilPeople(number) {
    while (others.length < number - 1) {
      const person = await stoa.register(`Person ${others.length + 2}`);
      await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: person.token, body: {} });
      const socket = await stoa.connect(person.token);
      await socket.request('call_join', { roomId: room.id, media: { audio: true, video: true, screen: false } });
      others.push(socket);
    }
    await until(async () => (await page.locator('.tile:not(.screen)').count()) === number, { what: `${number} tiles` });
  }

  async function untilScreens(number) {
    for (const [at, socket] of others.entries()) {
      await socket.request('media_state', { roomId: room.id, audio: true, video: true, screen: at < number });
    }
    await until(async () => (await page.locator('.tile.screen').count()) === number, { what: `${number} shared screens` });
  }

  // What is wrong with where things stand, in words.
  const wrong = () => page.evaluate(() => {
    const found = [];
    const box = (element) => element.getBoundingClientRect();
    const stage = box(document.querySelector('.stage'));
    const controls = box(document.querySelector('.controls'));
    if (stage.bottom > controls.top + 1) found.push('the stage reaches over the buttons');
    if (controls.bottom > innerHeight + 1) found.push('the buttons reach out of the window');
    for (const button of document.querySelectorAll('.controls button')) {
      const { left, right, top, bottom } = box(button);
      if (left < 0 || right > innerWidth) found.push(`${button.title} is cut off`);
      if (!button.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2))) found.push(`${button.title} is covered`);
    }
    for (const screen of document.querySelectorAll('.tile.screen')) {
      const { width, height, bottom } = box(screen);
      if (width < 120 || height < 60 || bottom > controls.top) found.push(`a shared screen of ${Math.round(width)} x ${Math.round(height)}`);
    }
    return found;
  });

  for (const [people, screens] of [[1, 0], [3, 0], [3, 1], [5, 0], [5, 1], [5, 2], [kMost, 0], [kMost, 1], [kMost, 2]]) {
    test(`${people} people, ${screens} of whom share a screen`, async () => {
      await untilPeople(people);
      await untilScreens(screens);
      for (const [width, height] of kSizes) {
        await page.setViewportSize({ width, height });
        const settled = () => page.evaluate(() => [innerWidth, document.querySelector('.room').offsetHeight].join());
        await until(async () => (await settled()) === [width, height].join(), { what: `the page to have ${width} x ${height}` });
        const tab = page.locator('.room-tab[data-tab="call"]');
        if (await tab.isVisible()) await tab.click();
        if (kPictured.includes(width)) await picture(page, `call-${people}-${screens}-${width}`);
        assert.deepEqual(await wrong(), [], `at ${width} x ${height}`);
      }
      assert.deepEqual([page.problems, page.foreign], [[], []]);
    });
  }
});
