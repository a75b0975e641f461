// A room's owner changes what it is, and ends it; members see it at once.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { kPdf } from '../support/forms.mjs';
import { photo } from '../support/pictures.mjs';
import { startStoa } from '../support/stoa.mjs';
import { closing, desktop, launchBrowser, openPage, openRoom, phone, picture } from './support/browser.mjs';

describe('a room in its owner\'s hands', () => {
  let ada;
  let ben;
  let browser;
  let room;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    await stoa.restart({ server: { public_url: stoa.url } }); // pages show pictures of their own server alone
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });

  beforeEach(async () => {
    [ada, ben] = await Promise.all(['Ada Marin', 'Ben Okafor'].map((name) => stoa.register(name)));
    room = await stoa.createRoom(ada.token, { name: 'Linear algebra', description: 'Eigenvalues and what they are good for.', maxParticipants: 8 });
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token, body: {} });
  });

  const stored = async () => (await stoa.api('GET', `/api/rooms/${room.id}`, { token: ada.token })).body;
  const close = closing(/status of 4(03|04|09|15|22)/);

  async function choose(page, item) {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: item }).click();
    return page.getByRole('dialog');
  }

  for (const [name, viewport] of [['1280', desktop], ['390', phone]]) {
    test(`at ${name} px the owner changes all of it, and a member sees it without doing anything`, async () => {
      const page = await openRoom(browser, stoa, room, { account: ada, viewport });
      const other = await openRoom(browser, stoa, room, { account: ben });
      await other.getByText('2 of 8 places taken').waitFor();
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('button', { name: 'Close this room' }).waitFor();
      await picture(page, `room-menu-${name}`);
      await page.keyboard.press('Escape');
      const dialog = await choose(page, 'Room settings');
      assert.equal(await dialog.getByLabel('Name').inputValue(), 'Linear algebra');
      assert.equal(await dialog.getByLabel('What is it about?').inputValue(), 'Eigenvalues and what they are good for.');
      assert.equal(await dialog.getByLabel('Places').inputValue(), '8');
      await dialog.getByLabel('Name').fill('Linear algebra, Tuesdays');
      await dialog.getByLabel('What is it about?').fill('Bring one exercise each.');
      await dialog.getByLabel('Places').fill('12');
      await dialog.getByText('Only with an invite').click();
      await dialog.getByText('come in with an invite only').waitFor();
      await picture(page, `room-settings-${name}`);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'hidden' });

      for (const each of [page, other]) await each.getByRole('heading', { name: 'Linear algebra, Tuesdays' }).waitFor();
      await other.getByText('2 of 12 places taken').waitFor();
      await other.getByText('Bring one exercise each.').waitFor();
      await other.getByText('people join with an invite').waitFor();
      await other.waitForFunction(() => document.title.startsWith('Linear algebra, Tuesdays'));
      if (viewport === phone) {
        await page.locator('.room-tab[data-tab="people"]').click();
        await picture(page, `room-about-${name}`);
      } else {
        await picture(other, `room-about-${name}`);
      }
      const { name: called, roomType, maxParticipants } = await stored();
      assert.deepEqual([called, roomType, maxParticipants], ['Linear algebra, Tuesdays', 'private', 12]);
      await close(page, other);
    });
  }

  test('a logo that cannot be had leaves the room its initials', async () => {
    const logoUrl = `${stoa.url}/api/logos/${'A'.repeat(22)}`;
    const { status, text } = await stoa.api('PUT', `/api/rooms/${room.id}`, { token: ada.token, body: { logoUrl } });
    assert.equal(status, 200, text);
    const page = await openPage(browser, stoa, { account: ben, viewport: desktop, path: '/#/rooms' });
    const logo = page.locator('.room-card', { hasText: room.name }).first().locator('.avatar').first();
    await logo.getByText('LA', { exact: true }).waitFor();
    await close(page);
  });

  for (const [name, viewport] of [['1280', desktop], ['390', phone]]) {
    test(`at ${name} px the owner gives the room a logo, which stands in the list, and takes it away`, async () => {
      const page = await openRoom(browser, stoa, room, { account: ada, viewport });
      let dialog = await choose(page, 'Room settings');
      const logo = dialog.getByRole('group', { name: 'Logo' });
      const drawn = logo.locator('img');
      const save = async () => {
        await dialog.getByRole('button', { name: 'Save' }).click();
        await dialog.waitFor({ state: 'hidden' });
      };
      assert.equal(await logo.getByRole('button', { name: 'Remove' }).count(), 0, 'there is none yet');
      await logo.locator('input').setInputFiles({ name: 'sheet.png', mimeType: 'image/png', buffer: kPdf });
      await dialog.getByRole('button', { name: 'Save' }).click();
      await logo.getByText('This is not a picture').waitFor();
      await logo.locator('input').setInputFiles({ name: 'logo.jpg', mimeType: 'image/jpeg', buffer: photo() });
      await drawn.waitFor();
      await page.waitForFunction((image) => image.naturalWidth > 0, await drawn.elementHandle());
      await picture(page, `room-logo-${name}`);
      assert.equal((await stored()).logoUrl, null, 'it goes with the form');
      await save();
      const { logoUrl } = await stored();
      assert.ok(logoUrl.startsWith(`${stoa.url}/api/logos/`));

      const list = await openPage(browser, stoa, { account: ben, viewport, path: '/#/rooms' });
      const shown = list.locator('.room-card', { hasText: room.name }).first().locator('img');
      await shown.waitFor();
      await list.waitForFunction((image) => image.naturalWidth > 0, await shown.elementHandle());
      assert.equal(await shown.getAttribute('src'), `${logoUrl}?size=small`);
      await picture(list, `rooms-logo-${name}`);

      dialog = await choose(page, 'Room settings');
      await logo.getByRole('button', { name: 'Remove' }).click();
      await drawn.waitFor({ state: 'detached' });
      await save();
      assert.equal((await stored()).logoUrl, null);
      await close(page, list);
      await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: ada.token }); // others look for the same name
    });
  }

  test('what cannot be is said beside its field, and what was not touched stays', async () => {
    for (const who of ['Cleo', 'Dora']) {
      const { token } = await stoa.register(who);
      await stoa.api('POST', `/api/rooms/${room.id}/join`, { token, body: {} });
    }
    const page = await openRoom(browser, stoa, room, { account: ada });
    const dialog = await choose(page, 'Room settings');
    await dialog.getByLabel('Name').fill(' ');
    await dialog.getByLabel('Places').fill('3');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Give the room a name').waitFor();
    await dialog.getByText('has 4 members already: choose at least 4 places').waitFor();
    await picture(page, 'room-settings-errors-1280');
    // Somebody else with the same account, meanwhile.
    await stoa.api('PUT', `/api/rooms/${room.id}`, { token: ada.token, body: { description: 'Changed elsewhere.' } });
    await dialog.getByLabel('Name').fill('Algebra');
    await dialog.getByLabel('Places').fill('4');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Algebra', exact: true }).waitFor();
    const { name, description, maxParticipants } = await stored();
    assert.deepEqual([name, description, maxParticipants], ['Algebra', 'Changed elsewhere.', 4]);
    await close(page);
  });

  test('only who owns the room is offered its settings, from the moment they do', async () => {
    const page = await openRoom(browser, stoa, room, { account: ben });
    await page.getByText('2 of 8 places taken').waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Leave this room' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Room settings' }).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Close this room' }).count(), 0);
    await page.keyboard.press('Escape');
    await stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: ada.token, body: {} }); // leaves it to Ben
    await page.locator('.person', { hasText: 'Ben Okafor' }).getByText('Owner').waitFor();
    const dialog = await choose(page, 'Room settings');
    await dialog.getByLabel('Name').fill('Ben\'s room');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Ben\'s room' }).waitFor();
    await close(page);
  });

  test('leaving says what becomes of the room', async () => {
    const page = await openRoom(browser, stoa, room, { account: ben });
    const other = await openRoom(browser, stoa, room, { account: ada });
    await page.getByText('2 of 8 places taken').waitFor();
    await (await choose(page, 'Leave this room')).getByText('You give up your place. To come back').waitFor();
    await (await choose(other, 'Leave this room')).getByText('Another member owns the room then').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave room' }).click();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    await other.getByText('1 of 8 places taken').waitFor();
    await other.keyboard.press('Escape');
    const dialog = await choose(other, 'Leave this room');
    await dialog.getByText('You are its only member: the room is closed').waitFor();
    await dialog.getByRole('button', { name: 'Leave room' }).click();
    await other.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    assert.equal((await stoa.api('GET', `/api/rooms/${room.id}`, { token: ada.token })).status, 404);
    await close(page, other);
  });

  test('closing asks first; then everybody is told, and the room is gone', async () => {
    const page = await openRoom(browser, stoa, room, { account: ada });
    const small = await openRoom(browser, stoa, room, { account: ada, viewport: phone });
    const other = await openRoom(browser, stoa, room, { account: ben });
    await other.getByText('2 of 8 places taken').waitFor();
    const asked = await choose(page, 'Close this room');
    await asked.getByText('its members are sent out').waitFor();
    await picture(page, 'room-close-1280');
    await asked.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await stored()).isActive, true);

    await choose(small, 'Close this room');
    await picture(small, 'room-close-390');
    await (await choose(page, 'Close this room')).getByRole('button', { name: 'Close room' }).click();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    for (const each of [other, small]) await each.getByRole('heading', { name: 'This room is closed' }).waitFor();
    await small.getByRole('dialog').waitFor({ state: 'hidden' });
    await picture(other, 'room-closed-1280');
    await page.locator(`a[href="#/rooms/${room.id}"]`).first().waitFor({ state: 'hidden' });
    const late = await openPage(browser, stoa, { account: ben, path: `/#/rooms/${room.id}` });
    await late.getByText('This room is private, or not there').waitFor();
    await close(page, small, other, late);
  });
});
