// The account as a whole: who finds it, a copy of everything, its end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';

import { ageSignIn } from '../support/people.mjs';
import { startStoa } from '../support/stoa.mjs';
import { linesOf, unzip } from '../support/zip.mjs';
import { closing, desktop, launchBrowser, openPage, phone, picture } from './support/browser.mjs';

describe('one\'s own account as a whole', () => {
  let ada;
  let browser;
  let stoa;

  before(async () => {
    stoa = await startStoa({ config: { auth: { session_cache_ttl: '0ms' } } });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });
  beforeEach(async () => {
    ada = await stoa.register('Ada Marin');
  });

  const close = closing(/status of 4(01|03|22)/);
  const me = async () => (await stoa.api('GET', '/api/users/me', { token: ada.token })).body;
  const open = async (options = {}) => {
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account', ...options });
    await page.getByText('This device').waitFor();
    return page;
  };
  const fits = async (page) => {
    const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }));
    assert.ok(wide <= window, `the page is ${wide} px wide in a window of ${window}`);
  };

  for (const [name, viewport] of [['1280', desktop], ['390', phone]]) {
    test(`at ${name} px one is found when one says so, and no longer`, async () => {
      const page = await open({ viewport });
      const card = page.getByRole('region', { name: 'Being found' });
      const found = card.getByRole('checkbox', { name: /Others find me/ });
      const proposed = card.getByRole('checkbox', { name: /Propose study partners/ });
      assert.deepEqual([await found.isChecked(), await proposed.isChecked()], [false, true]);
      await found.check();
      await page.getByText('Others find you now').waitFor();
      await proposed.uncheck();
      await page.getByText('You get no proposals').waitFor();
      const { isFindable, isMatched } = await me();
      assert.deepEqual([isFindable, isMatched], [true, false]);
      await card.scrollIntoViewIfNeeded();
      await picture(page, `account-found-${name}`);
      await fits(page);
      await page.reload();
      await page.getByText('This device').waitFor();
      assert.deepEqual([await found.isChecked(), await proposed.isChecked()], [true, false]);
      await close(page);
    });

    test(`at ${name} px the account is deleted with its password`, async () => {
      const page = await open({ viewport });
      const card = page.getByRole('region', { name: 'Your data' });
      await card.scrollIntoViewIfNeeded();
      await picture(page, `account-data-${name}`);
      await card.getByRole('button', { name: 'Delete the account' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Delete for good' }).click();
      await dialog.getByText('Enter your password.').waitFor();
      await dialog.getByLabel('Your password').fill('not the password');
      await dialog.getByRole('button', { name: 'Delete for good' }).click();
      await dialog.getByText('That is not your password.').waitFor();
      await picture(page, `account-delete-${name}`);
      await fits(page);
      await dialog.getByLabel('Your password').fill(ada.password);
      await dialog.getByRole('button', { name: 'Delete for good' }).click();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      assert.equal(await page.getByRole('dialog').count(), 0);
      assert.equal((await stoa.api('GET', '/api/users/me', { token: ada.token })).status, 401);
      await close(page);
    });
  }

  test('an account without a password is deleted without one', async () => {
    await stoa.sql(`update users set password_hash = null where id = '${ada.id}'`);
    const page = await open();
    await page.getByRole('button', { name: 'Delete the account' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal((await stoa.api('GET', '/api/users/me', { token: ada.token })).status, 401);
    await close(page);
  });

  test('a copy is downloaded, after one has shown once more that it is oneself', async () => {
    await ageSignIn(stoa, ada);
    const page = await open();
    await page.getByRole('button', { name: 'Download a copy' }).click();
    const dialog = page.getByRole('dialog');
    const comes = page.waitForEvent('download');
    await dialog.getByLabel('Your password').fill(ada.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const download = await comes;
    assert.equal(download.suggestedFilename(), 'stoa.zip');
    const copy = unzip(readFileSync(await download.path()));
    assert.equal(linesOf(copy['profile.jsonl'])[0].email, ada.email);
    await page.getByText('Your copy is downloaded').waitFor();
    await page.getByRole('button', { name: 'Download a copy' }).click();
    await page.getByText('Too many attempts').waitFor();
    await closing(/status of 4(01|03|29)/)(page);
  });
});
