// A page outlives its access token: what it has open stays open.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { endOf } from '../support/people.mjs';
import { startStoa } from '../support/stoa.mjs';
import { TooSlow, atAnyPace, inTime, until } from '../support/until.mjs';
import { launchBrowser, openRoom } from './support/browser.mjs';

test('the page renews its token over the open socket, so that calls and chats are not interrupted', () => atAnyPace(8000, async (life) => {
  const stoa = await startStoa({ config: { auth: { access_token_ttl: `${life}ms` } } });
  let browser;
  try {
    browser = await launchBrowser();
    const account = await stoa.register('Ada Marin');
    const end = endOf(account.token);
    // Enough is left for the page to be told and to renew it.
    const [watcher, page] = await inTime(end - life / 4, async () => {
      const room = await stoa.createRoom(account.token, { name: 'Linear algebra' });
      const socket = await stoa.connect(account.token);
      const opened = await openRoom(browser, stoa, room, { account });
      await opened.getByText('Nothing said yet').waitFor();
      return [socket, opened];
    });
    const reopened = [];
    page.on('websocket', (socket) => reopened.push(socket.url()));

    assert.equal((await watcher.closed).code, 4401, 'the token that the page began with has ended');
    const renewed = () => page.evaluate(() => JSON.parse(localStorage.getItem('stoa.session')).accessToken);
    await until(async () => (await renewed()) !== account.token, { what: 'a renewed token' });
    // A page that came to renew it only then had to connect again.
    if (endOf(await renewed()) - life >= end) throw new TooSlow('the page renewed its token when it had ended');
    await page.getByRole('textbox', { name: 'Message' }).fill('Still here');
    await page.keyboard.press('Enter');
    await page.locator('.message-text', { hasText: 'Still here' }).waitFor();
    assert.deepEqual([reopened, page.problems], [[], []]);
  } finally {
    await browser?.close();
    await stoa.stop();
  }
}));
