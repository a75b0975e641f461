// A server that has too much to do refuses for a while: the page says so and tries again by itself, until it is let in.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { desktop, launchBrowser, openPage, phone, picture } from './support/browser.mjs';
import { joinCall } from './support/call.mjs';

const kBusy = { code: 'OVERLOADED', message: 'The server has too much to do' };

describe('a busy server', () => {
  let ada;
  let ben;
  let browser;
  let page;
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
    room = await stoa.createRoom(ada.token, { name: 'Linear algebra', maxParticipants: 8 });
  });

  afterEach(() => page.context().close());

  const say = async (content) => {
    const socket = await stoa.connect(ada.token);
    await socket.request('send_message', { roomId: room.id, content });
    socket.terminate();
  };
  const message = (text) => page.locator('.message-text', { hasText: text });
  const openRoom = () => page.goto(`${stoa.url}/#/rooms/${room.id}`);
  const busy = () => page.locator('.connection', { hasText: 'Server busy…' });

  // Between the page and the server: `refused` events of the `type` are answered as a busy server does, cut() ends the connection.
  async function stand({ code = kBusy.code, type = 'join_room' } = {}) {
    const between = { refused: 0, asked: [] };
    await page.routeWebSocket(/\/ws$/, (client) => {
      const server = client.connectToServer();
      between.cut = () => Promise.all([server.close(), client.close({ code: 1001 })]);
      client.onMessage((text) => {
        const frame = JSON.parse(text);
        if (frame.type === type) between.asked.push(frame.payload.roomId);
        if (frame.type !== type || between.refused === 0) return server.send(text);
        between.refused -= 1;
        client.send(JSON.stringify({ type: 'error', id: frame.id, payload: { ...kBusy, code } }));
      });
    });
    return between;
  }

  for (const [form, viewport] of Object.entries({ desktop, phone })) {
    test(`a room that was refused opens as soon as it may (${form})`, async () => {
      await say('hello');
      page = await openPage(browser, stoa, { account: ada, viewport });
      const between = await stand();
      between.refused = Infinity;
      await openRoom();
      await page.reload();
      await page.getByText('The room cannot be opened yet').waitFor();
      await page.getByText('The server is busy.').waitFor();
      await busy().waitFor();
      await picture(page, `busy-${form}`);
      await until(() => between.asked.length >= 2, { what: 'another try' });
      between.refused = 0;
      await message('hello').waitFor();
      await busy().waitFor({ state: 'hidden' });
      await page.getByText('The room cannot be opened yet').waitFor({ state: 'detached' });
      assert.deepEqual([page.problems, page.foreign], [[], []]);
    });
  }

  for (const code of ['OVERLOADED', 'DB_UNAVAILABLE']) {
    test(`who comes back and is refused with ${code} reads on, and misses nothing once inside`, async () => {
      await say('before');
      page = await openPage(browser, stoa, { account: ada });
      const between = await stand({ code });
      await openRoom();
      await page.reload();
      await message('before').waitFor();
      between.refused = Infinity;
      await between.cut();
      await busy().waitFor();
      assert.ok(await message('before').isVisible());
      for (let number = 1; number <= 60; number += 1) await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: `missed ${number}.` } });
      between.refused = 0;
      await message('missed 60.').waitFor();
      await until(async () => (await page.locator('.message-text').count()) === 61, { what: 'all of them' });
      await busy().waitFor({ state: 'hidden' });
      assert.deepEqual([page.problems, page.foreign], [[], []]);
    });
  }

  test('why a message was not sent is in sight, also where the history fills a phone', async () => {
    page = await openPage(browser, stoa, { account: ada, viewport: phone });
    const between = await stand({ code: 'RATE_LIMITED', type: 'send_message' });
    for (let number = 1; number <= 30; number += 1) await say(`line ${number}.`);
    await openRoom();
    await page.reload();
    await message('line 30.').waitFor();
    between.refused = Infinity;
    await page.getByRole('textbox', { name: 'Message' }).fill('one too many');
    await page.keyboard.press('Enter');
    await page.locator('.message.failed', { hasText: 'That was too fast' }).waitFor();
    const hidden = await page.locator('.chat-scroll').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    assert.ok(hidden < 1, `${hidden} px below`);
  });

  test('who comes back into a call and is refused stays in it until let in', async () => {
    page = await openPage(browser, stoa, { account: ada });
    const between = await stand({ type: 'call_join' });
    await openRoom();
    await page.reload();
    await joinCall(page);
    const inCall = async () => (await stoa.api('GET', `/api/rooms/${room.id}`, { token: ada.token })).body.callParticipants;
    await until(async () => (await inCall()) === 1, { what: 'the page in the call' });
    between.refused = Infinity;
    await between.cut();
    await until(() => between.asked.length >= 3, { what: 'another try' });
    await page.getByRole('toolbar', { name: 'Call controls' }).waitFor();
    await until(async () => (await inCall()) === 0, { what: 'the call without the page' });
    between.refused = 0;
    await until(async () => (await inCall()) === 1, { what: 'the page in the call again' });
    assert.deepEqual([page.problems, page.foreign], [[], []]);
  });

  test('who leaves while the server is busy is not led back', async () => {
    page = await openPage(browser, stoa, { account: ada });
    await page.clock.install();
    const between = await stand();
    between.refused = Infinity;
    await openRoom();
    await page.reload();
    await busy().waitFor();
    const other = await stoa.createRoom(ada.token, { name: 'Topology', maxParticipants: 8 });
    await page.getByRole('link', { name: 'Back to the rooms' }).first().click();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    between.refused = 0;
    await page.locator(`a[href="#/rooms/${other.id}"]`).click();
    await page.getByText('Nothing said yet').waitFor();
    await page.clock.fastForward(60_000); // beyond the wait
    await page.getByRole('link', { name: 'Back to the rooms' }).click();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    // Before one left it may have been tried again.
    assert.deepEqual(between.asked.slice(between.asked.indexOf(other.id)), [other.id]);
  });

  // Refuses what comes to `path` twice, then lets it through; answers how often it came.
  async function refuseTwice(path) {
    const seen = { times: 0 };
    await page.route(path, (route) => {
      seen.times += 1;
      if (seen.times > 2) return route.continue();
      return route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ success: false, error: kBusy }) });
    });
    return seen;
  }

  const kAgain = 'The server is busy. This page tries again by itself';

  test('joining a public room is tried again', async () => {
    page = await openPage(browser, stoa, { account: ben, path: `/#/rooms/${room.id}` });
    const seen = await refuseTwice(`**/api/rooms/${room.id}/join`);
    await page.getByRole('button', { name: 'Join room' }).click();
    await page.getByText(kAgain).waitFor();
    await picture(page, 'busy-join-1280');
    await page.getByText('Nothing said yet').waitFor();
    assert.equal(seen.times, 3);
  });

  test('an invite is tried again', async () => {
    const { code } = (await stoa.api('POST', `/api/rooms/${room.id}/invites`, { token: ada.token, body: {} })).body;
    page = await openPage(browser, stoa, { account: ben });
    const seen = await refuseTwice('**/api/rooms/join-by-code');
    await page.goto(`${stoa.url}/#/join/${code}`);
    await page.getByText(kAgain).waitFor();
    await page.getByText('Nothing said yet').waitFor();
    assert.equal(seen.times, 3);
  });

  test('a sign-in is tried again', async () => {
    page = await openPage(browser, stoa);
    const seen = await refuseTwice('**/api/auth/login');
    await page.getByLabel('E-mail').fill(ben.email);
    await page.getByLabel('Password', { exact: true }).fill(ben.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(kAgain).waitFor();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    assert.equal(seen.times, 3);
  });

  test('the waits grow, and are not the same for everybody', async () => {
    page = await openPage(browser, stoa);
    const waits = await page.evaluate(async () => {
      const { waitMs } = await import('/js/patience.js');
      return Array.from({ length: 8 }, (_, at) => Array.from({ length: 200 }, () => waitMs(at + 1)));
    });
    const means = waits.map((some) => some.reduce((sum, each) => sum + each, 0) / some.length);
    for (let at = 1; at < 6; at += 1) assert.ok(means[at] > 1.5 * means[at - 1], `${means}`);
    for (const some of waits) {
      assert.ok(Math.max(...some) > 1.5 * Math.min(...some), 'they are spread');
      assert.ok(Math.min(...some) >= 500 && Math.max(...some) <= 45_000, 'they are bounded');
    }
    const asked = await page.evaluate(async () => (await import('/js/patience.js')).waitMs(1, 7));
    assert.ok(asked >= 7_000, 'the server says for how long at least');
  });
});
