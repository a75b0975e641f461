// A second factor, as people meet it: turned on with an app, asked for when signing in, lost and turned off.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { kJobs, kPublicUrl, Mailbox } from '../integration/recovery/mailbox.mjs';
import { MailServer } from '../support/smtp.mjs';
import { startStoa } from '../support/stoa.mjs';
import { codeOf, forgetSteps, turnOn, wrongCode } from '../support/totp.mjs';
import { until } from '../support/until.mjs';
import { closing, desktop, launchBrowser, openPage, phone, picture } from './support/browser.mjs';

const kWidths = [['1280', desktop], ['390', phone]];

const close = closing(/status of 4(01|03|04|09|10|22|29)|no valid credentials/);

describe('a second factor', () => {
  let ada;
  let browser;
  let mails;
  let stoa;

  before(async () => {
    mails = await MailServer.start();
    stoa = await startStoa({ config: { server: { public_url: kPublicUrl }, mail: mails.config(), jobs: kJobs, codes: { min_wait: '0ms' } } });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
    await mails?.stop();
  });

  beforeEach(async () => {
    ada = await stoa.register('Ada Marin');
  });

  const standing = async (token = ada.token) => (await stoa.api('GET', '/api/auth/totp', { token })).body;
  const devices = async (token) => (await stoa.api('GET', '/api/auth/sessions', { token })).body.items.length;
  const makeOld = () => stoa.sql(`update auth_sessions set created_at = created_at - interval '1 hour' where user_id = '${ada.id}'`);
  const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('stoa.session')));
  const cardOf = (page) => page.getByRole('region', { name: 'Second factor' });
  const inWindow = async (page) => {
    const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }));
    assert.ok(wide <= window, `the page is ${wide} px wide in a window of ${window}`);
  };

  // Up to the question for the code.
  async function signInTo(page) {
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
  }

  // With a code that no test has shown before.
  async function showCode(page, secret) {
    await forgetSteps(stoa, ada);
    await page.getByLabel('Code of the app').fill(codeOf(secret));
    await page.keyboard.press('Enter');
  }

  for (const [name, viewport] of kWidths) {
    test(`at ${name} px it is turned on with the codes of an app, and the recovery codes are shown once`, async () => {
      const { body: other } = await stoa.api('POST', '/api/auth/login', { body: { email: ada.email, password: ada.password } });
      const page = await openPage(browser, stoa, { viewport, account: ada, path: '/#/account' });
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const card = cardOf(page);
      await card.getByRole('button', { name: 'Turn on' }).waitFor();
      await card.scrollIntoViewIfNeeded();
      await picture(page, `factor-off-${name}`);
      await card.getByRole('button', { name: 'Turn on' }).click();
      const key = card.getByRole('group', { name: 'Key' }).locator('span');
      await key.first().waitFor();
      const groups = await key.allTextContents();
      assert.ok(groups.length === 8 && groups.every((group) => /^[A-Z2-7]{4}$/.test(group)), String(groups));
      const secret = groups.join('');
      assert.match(await card.getByRole('link', { name: 'Open in the app' }).getAttribute('href'), new RegExp(`^otpauth://totp/.*secret=${secret}`));
      const code = card.getByLabel('Code of the app');
      assert.deepEqual([await code.getAttribute('inputmode'), await code.getAttribute('autocomplete')], ['numeric', 'one-time-code']);
      await code.fill('12345');
      await page.keyboard.press('Enter');
      await card.getByText('Enter the six digits').waitFor();
      await code.fill(wrongCode(secret));
      await page.keyboard.press('Enter');
      await card.getByText('That code is not right').waitFor(); // and nobody is signed out by it
      await inWindow(page);
      await picture(page, `factor-enrol-${name}`);
      const right = codeOf(secret);
      await code.fill(`${right.slice(0, 3)} ${right.slice(3)}`);
      await page.keyboard.press('Enter');
      await card.getByText('The second factor is on').waitFor();
      const codes = await card.getByRole('list', { name: 'Recovery codes' }).locator('li').allTextContents();
      assert.equal(new Set(codes).size, 10);
      await inWindow(page);
      await picture(page, `factor-codes-${name}`);
      await card.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Recovery codes copied').waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), codes.join('\n'));
      await card.getByRole('button', { name: 'I have kept them' }).click();
      await card.getByText('10 recovery codes left').waitFor();
      await picture(page, `factor-on-${name}`);
      assert.equal(await page.getByText(codes[0]).count(), 0);
      assert.deepEqual(await standing(), { enabled: true, recoveryCodesLeft: 10 });
      assert.equal((await stoa.api('GET', '/api/users/me', { token: other.accessToken })).status, 401);
      await until(async () => (await page.locator('.device').count()) === 1, { what: 'the devices as they are now' });
      await close(page);
    });

    test(`at ${name} px signing in asks for the code, and nobody is signed in before it is right`, async () => {
      const { secret } = await turnOn(stoa, ada);
      const page = await openPage(browser, stoa, { viewport });
      await signInTo(page);
      const code = page.getByLabel('Code of the app');
      assert.deepEqual([await code.getAttribute('inputmode'), await code.getAttribute('autocomplete'), await kept(page)], ['numeric', 'one-time-code', null]);
      assert.equal(await page.evaluate(() => document.activeElement.name), 'code');
      await inWindow(page);
      await picture(page, `step-${name}`);
      await code.fill(wrongCode(secret));
      await page.keyboard.press('Enter');
      await page.getByText('That code is not right').waitFor();
      await picture(page, `step-wrong-${name}`);
      assert.equal(await kept(page), null);
      await showCode(page, secret);
      await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Account of Ada Marin' }).waitFor();
      await close(page);
    });

    test(`at ${name} px a recovery code takes the place of the app, once`, async () => {
      const { recoveryCodes } = await turnOn(stoa, ada);
      const page = await openPage(browser, stoa, { viewport, path: '/#/account' });
      await signInTo(page);
      await page.getByRole('button', { name: 'Use a recovery code instead' }).click();
      const field = page.getByLabel('Recovery code');
      assert.equal(await page.evaluate(() => document.activeElement.name), 'recoveryCode');
      await field.fill('ABCD');
      await page.keyboard.press('Enter');
      await page.getByText('A recovery code has 16 letters and digits').waitFor();
      await field.fill('ABCD-EFGH-2345-WXYZ');
      await page.keyboard.press('Enter');
      await page.getByText('That is none of your recovery codes').waitFor();
      await picture(page, `step-recovery-${name}`);
      await forgetSteps(stoa, ada);
      await field.fill(recoveryCodes[0].toLowerCase());
      await page.keyboard.press('Enter');
      await page.getByText('That recovery code is used up').waitFor();
      await page.getByRole('heading', { name: 'Your account' }).waitFor(); // where the person was going
      await cardOf(page).getByText('9 recovery codes left').waitFor();
      await close(page);
    });
  }

  test('a challenge that is over leads back to the password, and says why', async () => {
    const { secret } = await turnOn(stoa, ada);
    const page = await openPage(browser, stoa);
    await signInTo(page);
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      await page.getByLabel('Code of the app').fill(wrongCode(secret));
      await page.keyboard.press('Enter');
      await page.getByText('That code is not right').waitFor();
    }
    await page.getByLabel('Code of the app').fill(wrongCode(secret));
    await page.keyboard.press('Enter');
    await page.getByText('Begin again with your password').waitFor();
    await picture(page, 'step-over-1280');
    assert.equal(await page.getByLabel('E-mail').inputValue(), ada.email);
    assert.equal(await page.evaluate(() => document.activeElement.name), 'password');
    await signInTo(page);
    await page.getByRole('button', { name: 'Back to signing in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signInTo(page);
    await showCode(page, secret);
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
    await close(page);
  });

  test('too many wrong codes of one person are told with the time to wait', async () => {
    const { secret } = await turnOn(stoa, ada);
    const page = await openPage(browser, stoa);
    await signInTo(page);
    await stoa.sql(`update user_totp set failures = 10, not_before = now() + interval '10 minutes' where user_id = '${ada.id}'`);
    await page.getByLabel('Code of the app').fill(codeOf(secret));
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Too many attempts. Wait').waitFor();
    await picture(page, 'step-wait-1280');
    await close(page);
  });

  for (const signedIn of [false, true]) {
    test(`a new password by mail does not go around it${signedIn ? ', nor where its person was signed in' : ''}`, async () => {
      await stoa.sql(`update users set is_verified = true where id = '${ada.id}'`); // else its owner is known only by this mail
      const { secret } = await turnOn(stoa, ada);
      await stoa.api('POST', '/api/auth/password/forgot', { body: { email: ada.email } });
      const token = await new Mailbox(mails, stoa).token('reset_password', ada.email);
      const page = await openPage(browser, stoa, { account: signedIn ? ada : undefined, path: `/#/reset?token=${token}`, viewport: phone });
      await page.getByLabel('New password', { exact: true }).fill('four words in a row');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'One more step' }).waitFor();
      await page.getByText('Your account has a second factor').waitFor();
      await until(async () => (await kept(page)) === null, { what: 'no sign-in' });
      await page.getByLabel('Code of the app').waitFor();
      if (!signedIn) await picture(page, 'step-reset-390');
      await showCode(page, secret);
      await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Account of Ada Marin' }).waitFor();
      await close(page);
    });
  }

  for (const [name, viewport] of kWidths) {
    test(`at ${name} px an old sign-in shows both before another address is taken, and is kept where it does not`, async () => {
      const { secret } = await turnOn(stoa, ada);
      await makeOld();
      const page = await openPage(browser, stoa, { viewport, account: ada, path: '/#/account' });
      const card = page.getByRole('region', { name: 'E-mail' });
      const dialog = page.getByRole('dialog');
      const change = card.getByRole('button', { name: 'Change the address' });
      const askForCode = async () => {
        await change.click();
        await dialog.getByLabel('Your password', { exact: true }).fill(ada.password);
        await page.keyboard.press('Enter');
        await dialog.getByLabel('Code of the app').waitFor();
      };
      await card.getByLabel('New address').fill(`new.${ada.email}`);
      await askForCode();
      await picture(page, `again-code-${name}`);
      await dialog.getByLabel('Code of the app').fill(wrongCode(secret));
      await page.keyboard.press('Enter');
      await dialog.getByText('That code is not right').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      const before = await kept(page);
      assert.deepEqual([before.accessToken, before.user.id], [ada.token, ada.id]); // as good as it was
      await askForCode();
      await showCode(page, secret);
      await card.getByText('Your address changes when you open the link').waitFor();
      const { accessToken, user } = await kept(page);
      assert.equal(user.id, ada.id);
      await until(async () => (await devices(accessToken)) === 1, { what: 'one sign-in' });
      await close(page);
    });
  }

  test('it is turned on by an old sign-in after the password', async () => {
    await makeOld();
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    const card = cardOf(page);
    await card.getByRole('button', { name: 'Turn on' }).click();
    const password = page.getByRole('dialog').getByLabel('Your password', { exact: true });
    await password.fill('not my password');
    await page.keyboard.press('Enter');
    await page.getByText('That is not your password').waitFor();
    await picture(page, 'again-password-1280');
    await password.fill(ada.password);
    await page.keyboard.press('Enter');
    await card.getByRole('group', { name: 'Key' }).waitFor();
    await card.getByRole('button', { name: 'Cancel' }).click();
    await card.getByRole('button', { name: 'Turn on' }).waitFor();
    assert.deepEqual(await standing((await kept(page)).accessToken), { enabled: false, recoveryCodesLeft: 0 });
    await close(page);
  });

  test('new recovery codes take the place of those before, and both factors turn it off', async () => {
    const { secret, recoveryCodes } = await turnOn(stoa, ada);
    await stoa.sql(`delete from recovery_codes where ctid in (select ctid from recovery_codes where user_id = '${ada.id}' limit 8)`);
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    const card = cardOf(page);
    await card.getByText('2 recovery codes left').waitFor();
    await card.scrollIntoViewIfNeeded();
    await picture(page, 'factor-few-1280');
    await card.getByRole('button', { name: 'New recovery codes' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make new ones' }).click();
    // The sign-in that turned it on has shown the password alone.
    await dialog.getByLabel('Your password', { exact: true }).fill(ada.password);
    await page.keyboard.press('Enter');
    await showCode(page, secret);
    await card.getByText('The codes before are no longer good').waitFor();
    const codes = await card.getByRole('list', { name: 'Recovery codes' }).locator('li').allTextContents();
    assert.ok(codes.length === 10 && !codes.some((code) => recoveryCodes.includes(code)));
    await card.getByRole('button', { name: 'I have kept them' }).click();
    await card.getByText('10 recovery codes left').waitFor();

    await card.getByRole('button', { name: 'Turn off' }).click();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await card.getByRole('button', { name: 'Turn off' }).click();
    await dialog.getByRole('button', { name: 'Turn off' }).click(); // a fresh sign-in with both: nothing is asked
    await page.getByText('The second factor is off').waitFor();
    await card.getByRole('button', { name: 'Turn on' }).waitFor();
    assert.equal((await standing((await kept(page)).accessToken)).enabled, false);
    await close(page);
  });

  test('what was turned on elsewhere meanwhile shows so', async () => {
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    const card = cardOf(page);
    await card.getByRole('button', { name: 'Turn on' }).waitFor();
    await turnOn(stoa, ada);
    await card.getByRole('button', { name: 'Turn on' }).click();
    await card.getByText('10 recovery codes left').waitFor();
    await close(page);
  });
});

test('where the server has no key that outlives it, the page says so', async () => {
  const stoa = await startStoa({ config: { auth: { keys: [] } } });
  const browser = await launchBrowser();
  try {
    const ada = await stoa.register('Ada Marin');
    const page = await openPage(browser, stoa, { account: ada, path: '/#/account' });
    await page.getByRole('region', { name: 'Second factor' }).getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('alert').getByText('This server keeps no second factors').waitFor();
    assert.deepEqual(page.problems.filter((problem) => !/status of 503/.test(problem)), []);
  } finally {
    await browser.close();
    await stoa.stop();
  }
});
