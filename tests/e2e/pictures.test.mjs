// Every page at a phone's and a desktop's width, light and dark, into out/; and with
// STOA_UPDATE_PICTURES=1 the picture of a call that the README shows.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { desktop, launchBrowser, openPage, openRoom, phone, picture } from './support/browser.mjs';
import { joinCall, untilTiles, untilVideoFlows } from './support/call.mjs';
import { drawnCamera } from './support/drawn_camera.mjs';
import { kNames, studyRoom } from './support/study_room.mjs';

const kReadme = new URL('../../docs/images/call.png', import.meta.url).pathname;
const kForms = [
  { name: 'desktop', viewport: desktop, scheme: 'light', suffix: '1280' },
  { name: 'phone', viewport: phone, scheme: 'light', suffix: '390' },
  { name: 'dark desktop', viewport: desktop, scheme: 'dark', suffix: '1280-dark' },
  { name: 'dark phone', viewport: phone, scheme: 'dark', suffix: '390-dark' },
];
describe('pictures', () => {
  let browser;
  let people;
  let room;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    browser = await launchBrowser();
    ({ people, room } = await studyRoom(stoa));
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });

  // Nothing may be wider than the window: a page that scrolls sideways is broken on a phone.
  async function takePicture(page, name) {
    await picture(page, name);
    const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }));
    assert.ok(wide <= window, `${name} is ${wide} px wide in a window of ${window}`);
  }

  async function close(page) {
    assert.deepEqual([page.problems, page.foreign], [[], []]);
    await page.context().close();
  }

  const sharpest = (page) =>
    page.evaluate(() => [...document.querySelectorAll('.tile video')].every(({ videoWidth }) => videoWidth >= 640));

  for (const { name, viewport, scheme, suffix } of kForms) {
    test(`the pages on a ${name}`, async () => {
      const stranger = await openPage(browser, stoa, { viewport, scheme });
      await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
      await takePicture(stranger, `sign-in-${suffix}`);
      await stranger.getByRole('link', { name: 'Create an account' }).click();
      await stranger.getByRole('heading', { name: 'Create an account' }).waitFor();
      await takePicture(stranger, `register-${suffix}`);
      await close(stranger);

      const page = await openPage(browser, stoa, { viewport, scheme, account: people[0] });
      await page.getByRole('link', { name: room.name }).waitFor();
      await takePicture(page, `rooms-${suffix}`);
      await page.getByRole('button', { name: 'Create a room' }).click();
      await page.getByRole('dialog').waitFor();
      await takePicture(page, `create-room-${suffix}`);
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: room.name }).click();
      await page.getByText('Shall we do the next one together?').waitFor();
      await page.mouse.move(0, 0);
      await takePicture(page, `room-${suffix}`);
      await page.getByRole('button', { name: 'Invite' }).click();
      await page.getByRole('textbox', { name: 'Code' }).waitFor();
      await takePicture(page, `invite-${suffix}`);
      await page.keyboard.press('Escape');
      if (viewport === phone) {
        await page.locator('.room-tab[data-tab="people"]').click();
        await takePicture(page, `people-${suffix}`);
        await page.locator('.room-tab[data-tab="call"]').click();
        await takePicture(page, `lobby-${suffix}`);
      }
      await close(page);

      const docs = await openPage(browser, stoa, { viewport, scheme, path: '/docs' });
      await docs.locator('.entry').first().waitFor();
      await takePicture(docs, `docs-${suffix}`);
      await docs.locator('#post-api-rooms-id-join > summary').click();
      await docs.locator('.entry-details').first().waitFor();
      await takePicture(docs, `docs-open-${suffix}`);
      await close(docs);
    });
  }

  test('a call, on all of them', async () => {
    const pages = await Promise.all(
      people.map((account, at) => openRoom(browser, stoa, room, { account, ...kForms[at], script: drawnCamera(kNames[at]) })),
    );
    for (const page of pages) await joinCall(page);
    const everyone = (at) => ['You', ...kNames.filter((_, other) => other !== at)];
    await Promise.all(pages.map((page, at) => untilTiles(page, everyone(at))));
    await Promise.all(pages.map((page) => untilVideoFlows(page, 2)));
    const [ada] = pages;
    await pages[2].getByRole('button', { name: 'Raise your hand' }).click();
    await ada.locator('.tile', { hasText: kNames[2] }).locator('.tile-hand').waitFor();
    await ada.mouse.move(0, 0);
    for (const [at, page] of pages.entries()) await takePicture(page, `call-${kForms[at].suffix}`);
    if (process.env.STOA_UPDATE_PICTURES === '1') {
      // Video starts small and grows; a picture for people waits for it.
      await until(() => sharpest(ada), { what: 'sharp video', every: 500 });
      await mkdir(new URL('.', `file://${kReadme}`), { recursive: true });
      await ada.screenshot({ path: kReadme });
    }
    for (const page of pages) await close(page);
  });
});
