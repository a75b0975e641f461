// One's own account: the profile, the password, the devices that are signed in.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { photo } from '../support/pictures.mjs';
import { startStoa } from '../support/stoa.mjs';
import { closing, desktop, launchBrowser, openPage, phone, picture } from './support/browser.mjs';

const kAgents = {
  'Safari on iPhone': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Firefox on Windows': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Edge on Windows': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0',
};

describe('one\'s own account', () => {
  let ada;
  let browser;
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
    ada = await stoa.register('Ada Marin');
  });

  const close = closing(/status of 4(01|09|22)/);
  const me = async (token = ada.token) => (await stoa.api('GET', '/api/users/me', { token })).body;

  async function signIn(agent, password = ada.password) {
    const { status, body } = await stoa.api('POST', '/api/auth/login', { body: { email: ada.email, password }, headers: { 'user-agent': agent } });
    return { status, token: body.accessToken };
  }

  async function openAccount(options = {}) {
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account', ...options });
    await page.getByText('This device').waitFor();
    return page;
  }

  // As the browser itself says it, whatever order the list has.
  const shown = async (page) => (await page.locator('.device-name b').allTextContents()).sort();

  test('a picture of oneself is chosen, stands in the bar, and is taken away', async () => {
    const page = await openAccount();
    const profile = page.getByRole('region', { name: 'Profile' });
    const field = profile.getByRole('group', { name: 'Your picture' });
    const bar = page.getByRole('button', { name: 'Account of Ada Marin' }).locator('img');
    await field.locator('input').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: photo() });
    await field.locator('img').waitFor();
    await picture(page, 'account-picture-1280');
    await profile.getByRole('button', { name: 'Save' }).click();
    await bar.waitFor();
    assert.equal(await bar.getAttribute('src'), `${(await me()).profilePictureUrl}?size=small`);
    await field.getByRole('button', { name: 'Remove' }).click();
    await profile.getByRole('button', { name: 'Save' }).click();
    await bar.waitFor({ state: 'detached' });
    assert.equal((await me()).profilePictureUrl, null);
    await close(page);
  });

  test('the menu leads there; a changed profile is kept and shown at once', async () => {
    const page = await openPage(browser, stoa, { account: ada });
    await page.getByRole('button', { name: 'Account of Ada Marin' }).click();
    await page.getByRole('link', { name: 'Your account' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    const profile = page.getByRole('region', { name: 'Profile' });
    await profile.getByLabel('Your name').fill(' ');
    await profile.getByLabel('Username').fill('x');
    await profile.getByRole('button', { name: 'Save' }).click();
    await profile.getByText('Enter the name that others will see').waitFor();
    await profile.getByText('Use 3 to 30 letters').waitFor();

    await profile.getByLabel('Your name').fill('Ada M. Marin');
    const { username } = await stoa.register('Ben').then(({ token }) => me(token));
    await profile.getByLabel('Username').fill(username);
    await profile.getByRole('button', { name: 'Save' }).click();
    await profile.getByText('That username is taken').waitFor();
    const own = `ada.${ada.id.slice(0, 8)}`;
    await profile.getByLabel('Username').fill(own);
    await profile.getByLabel('About you').fill('Likes rotations.');
    await profile.getByLabel('School or university').fill('Stoa Poikile');
    await profile.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Account of Ada M. Marin' }).waitFor();
    const { fullName, username: called, bio, institution, educationLevel } = await me();
    assert.deepEqual([fullName, called, bio, institution, educationLevel ?? null], ['Ada M. Marin', own, 'Likes rotations.', 'Stoa Poikile', null]);

    await profile.getByLabel('About you').fill('');
    await profile.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Your profile is saved').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Account of Ada M. Marin' }).waitFor();
    await page.getByText('This device').waitFor();
    assert.deepEqual([await profile.getByLabel('About you').inputValue(), await profile.getByLabel('School or university').inputValue()], ['', 'Stoa Poikile']);
    await close(page);
  });

  for (const [name, viewport] of [['1280', desktop], ['390', phone]]) {
    test(`at ${name} px the devices have names, and one of them is signed out`, async () => {
      const signedIn = Object.fromEntries(await Promise.all(Object.entries(kAgents).map(async ([device, agent]) => [device, (await signIn(agent)).token])));
      const page = await openAccount({ viewport });
      assert.deepEqual((await shown(page)).filter((device) => device in kAgents), Object.keys(kAgents).sort());
      const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }));
      assert.ok(wide <= window, `the page is ${wide} px wide in a window of ${window}`);
      await picture(page, `account-${name}`);
      const phoneRow = page.locator('.device', { hasText: 'Safari on iPhone' });
      await phoneRow.scrollIntoViewIfNeeded();
      await picture(page, `account-devices-${name}`);
      await phoneRow.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Safari on iPhone is signed out').waitFor();
      await phoneRow.waitFor({ state: 'hidden' });
      const status = async (token) => (await stoa.api('GET', '/api/users/me', { token })).status;
      assert.equal(await status(signedIn['Safari on iPhone']), 401);
      assert.equal(await status(signedIn['Edge on Windows']), 200);
      await close(page);
    });
  }

  test('everywhere else is signed out after a question, and this device is not', async () => {
    const others = await Promise.all(Object.values(kAgents).map((agent) => signIn(agent)));
    const page = await openAccount();
    const everywhere = page.getByRole('button', { name: 'Sign out everywhere else' });
    await everywhere.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Sign out 3 other devices?').waitFor();
    await picture(page, 'account-everywhere-1280');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await page.locator('.device').count(), 4);
    await everywhere.click();
    await dialog.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await page.getByText('3 devices are signed out').waitFor();
    await everywhere.waitFor({ state: 'hidden' });
    assert.equal(await page.locator('.device').count(), 1);
    for (const { token } of others) assert.equal((await stoa.api('GET', '/api/users/me', { token })).status, 401);
    assert.equal((await me()).id, ada.id);

    await page.locator('.device').getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await close(page);
  });

  test('a password is changed with the present one; a wrong one signs nobody out', async () => {
    const { token } = await signIn(kAgents['Firefox on Windows']);
    const page = await openAccount();
    const card = page.getByRole('region', { name: 'Password' });
    const present = card.getByLabel('Present password', { exact: true });
    const wanted = card.getByLabel('New password', { exact: true });
    const submit = card.getByRole('button', { name: 'Change password' });
    await wanted.fill('short');
    await submit.click();
    await card.getByText('Enter the password that you have now').waitFor();
    await card.getByText('Choose a password of at least 8 characters').waitFor();
    await present.fill('not my password');
    await wanted.fill('password123');
    await submit.click();
    await page.locator('[aria-invalid="true"]').waitFor(); // too easy to guess, the server says
    assert.equal(await wanted.getAttribute('aria-invalid'), 'true');
    await wanted.fill('four other words in a row');
    await submit.click();
    await card.getByText('That is not your present password').waitFor();
    await present.scrollIntoViewIfNeeded();
    await picture(page, 'account-password-1280');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'currentPassword');

    await present.fill(ada.password);
    await submit.click();
    await page.getByText('Your password is changed').waitFor();
    assert.deepEqual([await present.inputValue(), await wanted.inputValue()], ['', '']);
    await page.locator('.device', { hasText: 'Firefox on Windows' }).waitFor({ state: 'hidden' });
    assert.equal((await stoa.api('GET', '/api/users/me', { token })).status, 401);
    assert.equal((await signIn('later')).status, 401);
    assert.equal((await signIn('later', 'four other words in a row')).status, 200);
    await page.reload();
    await page.getByText('This device').waitFor();
    await close(page);
  });
});
