// Looking at a room is not joining it, and a call is seen from outside.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { desktop, launchBrowser, openPage, openRoom, phone, picture } from './support/browser.mjs';

const kMedia = { audio: true, video: true, screen: false };

describe('looking at a room', () => {
  let ada;
  let ben;
  let browser;
  let room;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });

  beforeEach(async () => {
    [ada, ben] = await Promise.all(['Ada Marin', 'Ben Okafor'].map((name) => stoa.register(name)));
    room = await stoa.createRoom(ada.token, { name: 'Linear algebra', description: 'Eigenvalues and what they are good for.', maxParticipants: 2 });
  });

  const memberCount = async () => (await stoa.api('GET', `/api/rooms/${room.id}`)).body.memberCount;

  test('an address that names no page says so, and leads back to the rooms', async () => {
    const page = await openPage(browser, stoa, { account: ada, path: '/#/nonsense' });
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await picture(page, 'no-such-page');
    await page.getByRole('link', { name: 'Go to the rooms' }).click();
    await page.getByRole('link', { name: 'Linear algebra' }).first().waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  for (const [form, viewport] of Object.entries({ desktop, phone })) {
    test(`a public room is shown from outside, and joined when one says so (${form})`, async () => {
      const inside = await stoa.connect(ada.token);
      await inside.request('join_room', { roomId: room.id });
      await inside.request('send_message', { roomId: room.id, content: 'for members' });
      await inside.request('call_join', { roomId: room.id, media: kMedia });
      const page = await openRoom(browser, stoa, room, { account: ben, viewport });
      await page.getByText('You are not in this room yet').waitFor();
      await page.getByText('Eigenvalues and what they are good for.').waitFor();
      await page.getByText('1 of 2 places taken').waitFor();
      await page.getByText('1 person here now').waitFor();
      await page.getByText('1 person in a call').waitFor();
      assert.equal(await page.getByText('for members').count(), 0);
      assert.equal(await memberCount(), 1, 'looking takes no place');
      assert.equal(inside.all('user_joined').length, 0);
      await picture(page, `preview-${form}`);

      await page.getByRole('button', { name: 'Join room' }).click();
      await page.locator('.message-text', { hasText: 'for members' }).waitFor();
      assert.equal(await memberCount(), 2);
      assert.equal((await inside.next('user_joined')).user.userId, ben.id);
      assert.deepEqual([page.problems, page.foreign], [[], []]);
      inside.terminate();
      await page.context().close();
    });
  }

  test('a full room is shown as that', async () => {
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: (await stoa.register('Cleo')).token, body: {} });
    const page = await openRoom(browser, stoa, room, { account: ben });
    await page.getByText('Full', { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Join room' }).count(), 0);
    await page.context().close();
  });

  test('who was removed while the connection was gone does not come back by it', async () => {
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token, body: {} });
    const page = await openRoom(browser, stoa, room, { account: ben });
    await page.getByText('Nothing said yet').waitFor();
    await page.context().setOffline(true);
    await stoa.kill9();
    await page.getByText('Reconnecting…').waitFor();
    await stoa.start();
    await stoa.api('DELETE', `/api/rooms/${room.id}/members/${ben.id}`, { token: ada.token });
    await page.context().setOffline(false);
    await page.getByText('You are not in this room yet').waitFor();
    assert.equal(await memberCount(), 1);
    await page.context().close();
  });

  test('a call is seen by those who are not in it, as it grows and ends', async () => {
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token, body: {} });
    const page = await openRoom(browser, stoa, room, { account: ben });
    const small = await openRoom(browser, stoa, room, { account: ben, viewport: phone });
    const tab = small.locator('.room-tab[data-tab="call"]');
    await page.getByRole('button', { name: 'Join call' }).waitFor();
    assert.equal(await page.locator('.lobby-live').isVisible(), false);

    const [one, two] = [await stoa.connect(ada.token), await stoa.connect(ben.token)];
    await one.request('call_join', { roomId: room.id, media: kMedia });
    await page.getByText('1 person is in the call').waitFor();
    await tab.getByText('1 in the call').waitFor();
    await two.request('call_join', { roomId: room.id, media: kMedia });
    await page.getByText('2 people are in the call').waitFor();
    await picture(page, 'call-outside-1280');
    await tab.click();
    await picture(small, 'call-outside-390');

    const rooms = await openPage(browser, stoa, { path: '/#/rooms', account: ben });
    await rooms.locator('.room-card', { hasText: room.name }).getByText('2 in the call').first().waitFor();
    await picture(rooms, 'rooms-call-1280');
    for (const socket of [one, two]) socket.terminate();
    await page.locator('.lobby-live').waitFor({ state: 'hidden' });
    await tab.getByText('in the call').waitFor({ state: 'hidden' });
    assert.deepEqual([page.problems, page.foreign, small.problems], [[], [], []]);
    for (const each of [page, small, rooms]) await each.context().close();
  });

  test('a button of the lobby that is being pressed is not taken away by those who come', async () => {
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token, body: {} });
    const page = await openRoom(browser, stoa, room, { account: ben });
    await page.getByRole('button', { name: 'Join call' }).hover();
    await page.mouse.down();
    const other = await stoa.connect(ada.token);
    await other.request('join_room', { roomId: room.id });
    await other.request('call_join', { roomId: room.id, media: kMedia });
    await page.getByText('2 here now').waitFor();
    await page.getByText('1 person is in the call').waitFor();
    await page.mouse.up();
    await page.getByRole('toolbar', { name: 'Call controls' }).waitFor();
    other.terminate();
    await page.context().close();
  });
});
