// A page outlives its access token: what it has open stays open.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { atAnyPace, until } from '../support/until.mjs';
import { launchBrowser, openRoom } from './support/browser.mjs';

test('the page renews its token over the open socket, so that calls and chats are not interrupted', () => atAnyPace(8000, async (life) => {
  const stoa = await startStoa({ config: { auth: { access_token_ttl: `${life}ms` } } });
  let browser;
  try {
    browser = await launchBrowser();
    const account = await stoa.register('Ada Marin');
    const room = await stoa.createRoom(account.token, { name: 'Linear algebra' });
    const watcher = await stoa.connect(account.token);
    const page = await openRoom(browser, stoa, room, { account });
    await page.getByText('Nothing said yet').waitFor();
    const reopened = [];
    page.on('websocket', (socket) => reopened.push(socket.url()));

    assert.equal((await watcher.closed).code, 4401, 'the token that the page began with has ended');
    const renewed = () => page.evaluate(() => JSON.parse(localStorage.getItem('stoa.session')).accessToken);
    await until(async () => (await renewed()) !== account.token, { what: 'a renewed token' });
    await page.getByRole('textbox', { name: 'Message' }).fill('Still here');
    await page.keyboard.press('Enter');
    await page.locator('.message-text', { hasText: 'Still here' }).waitFor();
    assert.deepEqual([reopened, page.problems], [[], []]);
  } finally {
    await browser?.close();
    await stoa.stop();
  }
}));
