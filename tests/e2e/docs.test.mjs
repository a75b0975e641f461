// The page at /docs shows every operation and event of the server's own documents.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { launchBrowser, openPage } from './support/browser.mjs';

const kMethods = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options']);
describe('the API page', () => {
  let browser;
  let page;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    browser = await launchBrowser();
    page = await openPage(browser, stoa, { path: '/docs' });
    await page.locator('.entry').first().waitFor();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });

  const titles = (kind) =>
    page.locator(`.entry[data-kind="${kind}"] .entry-head`).evaluateAll((heads) =>
      heads.map((head) => `${head.querySelector('.method').textContent} ${head.querySelector('.entry-title').textContent}`).sort(),
    );

  test('every REST operation is there', async () => {
    const { body } = await stoa.api('GET', '/api/openapi.json');
    const wanted = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.keys(item).filter((key) => kMethods.has(key)).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.ok(wanted.length > 0);
    assert.deepEqual(await titles('rest'), wanted.sort());
  });

  test('every event is there, in both directions', async () => {
    const shown = await titles('realtime');
    for (const event of ['SEND send_message', 'SEND join_room', 'HEAR new_message', 'HEAR user_joined']) assert.ok(shown.includes(event), `${event} in ${shown}`);
    const { body } = await stoa.api('GET', '/api/asyncapi.json');
    assert.equal(shown.length, Object.keys(body.operations).length);
  });

  test('each opens with its details; nothing is undefined, nothing comes from elsewhere', async () => {
    for (const entry of await page.locator('.entry').all()) {
      await entry.locator('summary').first().click();
      await entry.locator('.entry-details').waitFor();
      const text = await entry.innerText();
      assert.doesNotMatch(text, /undefined|\[object|NaN/, text.slice(0, 200));
    }
    assert.deepEqual([page.problems, page.foreign], [[], []]);
  });

  test('the filter, a deep link, the way back to the app', async () => {
    await page.getByLabel('Filter by path, event or word').fill('rooms join');
    const shown = page.locator('.entry:not([hidden])');
    assert.ok((await shown.count()) < (await page.locator('.entry').count()));
    await page.locator('.entry#post-api-rooms-id-join').waitFor();

    await page.goto(`${stoa.url}/docs#send-send-message`);
    await page.reload();
    const entry = page.locator('.entry#send-send-message');
    await entry.getByText('clientMessageId').first().waitFor();
    const top = await entry.evaluate((element) => element.getBoundingClientRect().top);
    assert.ok(top >= 0 && top < 200, `the entry begins at ${top}`);

    await page.getByRole('link', { name: 'Stoa' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.deepEqual([page.problems, page.foreign], [[], []]);
  });
});
