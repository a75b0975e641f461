// The way back in by mail, as people go it: a forgotten password, an address that is confirmed, another address.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { kJobs, kPublicUrl, Mailbox } from '../integration/recovery/mailbox.mjs';
import { MailServer } from '../support/smtp.mjs';
import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { closing, desktop, launchBrowser, openPage, phone, picture } from './support/browser.mjs';

const kWidths = [['1280', desktop], ['390', phone]];

const close = closing(/status of (4(01|03|09|10|22)|503)|no valid credentials/);

describe('a way back in by mail', () => {
  let box;
  let browser;
  let mails;
  let stoa;

  before(async () => {
    mails = await MailServer.start();
    stoa = await startStoa({ config: { server: { public_url: kPublicUrl }, mail: mails.config(), jobs: kJobs, codes: { min_wait: '0ms' } } });
    box = new Mailbox(mails, stoa);
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
    await mails?.stop();
  });

  const me = async (token) => (await stoa.api('GET', '/api/users/me', { token })).body;
  const login = (email, password) => stoa.api('POST', '/api/auth/login', { body: { email, password } });
  const ask = (email) => stoa.api('POST', '/api/auth/password/forgot', { body: { email } });
  // Nothing of the token is left where others could find it.
  async function assertForgotten(page, token) {
    assert.doesNotMatch(page.url(), /token/);
    await page.reload();
    assert.equal(await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }])).then((text) => text.includes(token)), false);
  }

  for (const [name, viewport] of kWidths) {
    test(`at ${name} px a forgotten password is set anew, from the form to the rooms`, async () => {
      const ada = await stoa.register('Ada Marin');
      const page = await openPage(browser, stoa, { viewport });
      await page.getByRole('link', { name: 'Forgotten your password?' }).click();
      await page.getByRole('heading', { name: 'Forgotten password' }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
      const send = page.getByRole('button', { name: 'Send me a link' });
      await send.click();
      await page.getByText('Enter your e-mail, like').waitFor();
      await page.getByLabel('E-mail').fill(ada.email);
      await picture(page, `forgot-${name}`);
      await send.click();
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
      await page.getByText(ada.email).waitFor();
      await picture(page, `forgot-sent-${name}`);

      const token = await box.token('reset_password', ada.email);
      await page.goto(`${stoa.url}/#/reset?token=${token}`);
      const password = page.getByLabel('New password', { exact: true });
      await password.waitFor();
      assert.doesNotMatch(page.url(), /token/);
      await picture(page, `reset-${name}`);
      await password.fill('password123');
      await page.keyboard.press('Enter');
      await page.locator('[aria-invalid="true"]').waitFor(); // the server finds it too easy, and the link stays good
      await password.fill('four words in a row');
      await page.getByRole('button', { name: 'Set the password' }).click();
      await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
      await page.getByText('Your password is changed').waitFor();
      await page.getByRole('button', { name: 'Account of Ada Marin' }).waitFor();
      assert.equal((await login(ada.email, ada.password)).status, 401);
      assert.equal((await login(ada.email, 'four words in a row')).status, 200);
      assert.equal((await stoa.api('GET', '/api/users/me', { token: ada.token })).status, 401);
      await assertForgotten(page, token);
      await close(page);
    });
  }

  test('whether an address has an account is told to nobody', async () => {
    const page = await openPage(browser, stoa, { path: '/#/forgot' });
    await page.getByLabel('E-mail').fill('nobody@example.org');
    await page.keyboard.press('Enter');
    await page.getByText('If nobody@example.org belongs to an account here').waitFor();
    await page.getByRole('button', { name: 'Use another address' }).click();
    assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
    await page.getByRole('link', { name: 'Back to signing in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await close(page);
  });

  test('a link that was used, or is not whole, leads to a new one', async () => {
    const ada = await stoa.register('Ada Marin');
    await ask(ada.email);
    const token = await box.token('reset_password', ada.email);
    await stoa.api('POST', '/api/auth/password/reset', { body: { token, password: 'set somewhere else' } });
    const page = await openPage(browser, stoa, { path: `/#/reset?token=${token}` });
    await page.getByLabel('New password', { exact: true }).fill('four words in a row');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    await picture(page, 'reset-used-1280');
    await page.reload();
    await page.getByRole('heading', { name: 'This link is not complete' }).waitFor();
    await page.getByRole('link', { name: 'Send me a new link' }).click();
    await page.getByRole('button', { name: 'Send me a link' }).waitFor();
    await close(page);
  });

  test('who is signed in where the password is set anew stays so, and is signed out everywhere else', async () => {
    const ada = await stoa.register('Ada Marin');
    const { body: other } = await login(ada.email, ada.password);
    await ask(ada.email);
    const page = await openPage(browser, stoa, { account: ada, path: `/#/reset?token=${await box.token('reset_password', ada.email)}` });
    const elsewhere = await openPage(browser, stoa, { account: other, path: '/#/rooms' });
    await elsewhere.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    await page.getByLabel('New password', { exact: true }).fill('four words in a row');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${stoa.url}/#/account`);
    await page.getByText('This device').waitFor();
    assert.equal(await page.locator('.device').count(), 1);
    await close(page, elsewhere);
  });

  for (const [name, viewport] of kWidths) {
    test(`at ${name} px a link opened where somebody else is signed in names both and asks`, async () => {
      const [ada, ben] = [await stoa.register('Ada Marin'), await stoa.register('Ben Okoro')];
      const open = async () => {
        await ask(ada.email);
        await box.settled();
        const nth = box.mails('reset_password', ada.email).length;
        const page = await openPage(browser, stoa, { viewport, account: ben, path: `/#/reset?token=${await box.token('reset_password', ada.email, nth)}` });
        await page.getByLabel('New password', { exact: true }).fill('four words in a row');
        await page.keyboard.press('Enter');
        await page.getByText('somebody else is signed in').waitFor();
        return page;
      };
      const stays = await open();
      await stays.getByText(ben.email).waitFor();
      await picture(stays, `reset-other-${name}`);
      await stays.getByRole('link', { name: 'Stay signed in as Ben Okoro' }).click();
      await stays.getByRole('button', { name: 'Account of Ben Okoro' }).waitFor();
      const swaps = await open();
      await swaps.getByRole('button', { name: 'Sign in to that account' }).click();
      await swaps.getByRole('button', { name: 'Account of Ada Marin' }).waitFor();
      await close(stays, swaps);
    });
  }

  test('who has had enough mails is told that none was sent', async () => {
    const ada = await stoa.register('Ada Marin');
    await box.settled();
    const send = async () => (await stoa.api('POST', '/api/auth/email/resend', { token: ada.token })).body.sent;
    while (await send());
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    await page.getByRole('button', { name: 'Send the mail again' }).click();
    await page.getByText('No mail was sent').waitFor();
    await close(page);
  });

  for (const [name, viewport] of kWidths) {
    test(`at ${name} px an address is confirmed by a click on the page of its link, and not before`, async () => {
      const ada = await stoa.register('Ada Marin');
      const token = await box.token('verify_email', ada.email);
      const page = await openPage(browser, stoa, { viewport, account: ada, path: '/#/account' });
      const card = page.getByRole('region', { name: 'E-mail' });
      await card.getByText('Not confirmed yet').waitFor();
      await card.getByRole('button', { name: 'Send the mail again' }).click();
      await card.getByText('A mail is on its way').waitFor();
      await card.scrollIntoViewIfNeeded();
      await picture(page, `account-email-${name}`);
      const second = await box.token('verify_email', ada.email, 2);

      // The first link, which the second has replaced.
      await page.goto(`${stoa.url}/#/verify?token=${token}`);
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
      await page.goto(`${stoa.url}/#/verify?token=${second}`);
      const confirm = page.getByRole('button', { name: 'Confirm' });
      await confirm.waitFor();
      await picture(page, `verify-${name}`);
      assert.equal((await me(ada.token)).isVerified, false);
      assert.doesNotMatch(page.url(), /token/);
      await confirm.click();
      await page.getByText(`${ada.email} is confirmed`).waitFor();
      await picture(page, `verify-done-${name}`);
      assert.equal((await me(ada.token)).isVerified, true);
      await assertForgotten(page, second);
      await page.goto(`${stoa.url}/#/account`);
      await card.getByText('Confirmed', { exact: true }).waitFor();
      assert.equal(await card.getByRole('button', { name: 'Send the mail again' }).count(), 0);
      await close(page);
    });
  }

  test('an address that was confirmed elsewhere meanwhile shows so', async () => {
    const ada = await stoa.register('Ada Marin');
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    const again = page.getByRole('button', { name: 'Send the mail again' });
    await again.waitFor();
    await stoa.api('POST', '/api/auth/email/verify', { body: { token: await box.token('verify_email', ada.email) } });
    await again.click();
    await page.getByText('Confirmed', { exact: true }).waitFor();
    await again.waitFor({ state: 'hidden' });
    await close(page);
  });

  test('another address takes the place of the first by its link; an old sign-in asks for the password before', async () => {
    const ada = await stoa.register('Ada Marin');
    await stoa.sql(`update auth_sessions set created_at = created_at - interval '1 hour' where user_id = '${ada.id}'`);
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    const card = page.getByRole('region', { name: 'E-mail' });
    const change = card.getByRole('button', { name: 'Change the address' });
    const wanted = `new.${ada.email}`;
    await card.getByLabel('New address').fill('nothing');
    await change.click();
    await card.getByText('Enter your e-mail, like').waitFor();
    await card.getByLabel('New address').fill(wanted);
    await change.click();
    const password = page.getByRole('dialog').getByLabel('Your password', { exact: true });
    await password.fill('not my password');
    await page.keyboard.press('Enter');
    await page.getByText('That is not your password').waitFor();
    await password.fill(ada.password);
    await page.keyboard.press('Enter');
    await card.getByText('Your address changes when you open the link').waitFor();
    await card.scrollIntoViewIfNeeded();
    await picture(page, 'account-address-1280');
    // The sign-in that was too old has ended; there is one, not two.
    const { accessToken } = await page.evaluate(() => JSON.parse(localStorage.getItem('stoa.session')));
    await until(async () => (await stoa.api('GET', '/api/auth/sessions', { token: accessToken })).body.items.length === 1, { what: 'one sign-in' });
    assert.equal((await me(accessToken)).email, ada.email);

    await page.goto(`${stoa.url}/#/verify?token=${await box.token('change_email', wanted)}`);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText(`${wanted} is confirmed`).waitFor();
    await page.getByRole('link', { name: 'Go to the rooms' }).click();
    await page.getByRole('button', { name: 'Account of Ada Marin' }).click();
    await page.getByText(wanted).waitFor();
    await close(page);
  });
});

test('where the server sends no mails, the page says who can help', async () => {
  const stoa = await startStoa({ config: { listener: [{ address: '0.0.0.0', port: 0 }] } }); // on loopback alone they go to the log
  const browser = await launchBrowser();
  try {
    const ada = await stoa.register('Ada Marin');
    for (const [name, viewport] of kWidths) {
      const page = await openPage(browser, stoa, { viewport, path: '/#/forgot' });
      await page.getByLabel('E-mail').fill(ada.email);
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('The administrator of your school can help you').waitFor();
      await picture(page, `forgot-off-${name}`);
      await close(page);
    }
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    await page.getByRole('button', { name: 'Send the mail again' }).click();
    await page.getByText('The administrator of your school can help you').waitFor();
    await close(page);
  } finally {
    await browser.close();
    await stoa.stop();
  }
});
