// Registering and signing in as people do it: with mistakes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { desktop, launchBrowser, openPage, phone, picture } from './support/browser.mjs';
describe('accounts', () => {
  let browser;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });

  // Chromium writes a line into the console for every answer of 400 and above; those are what is tested here.
  const unexpected = (page) => page.problems.filter((problem) => !/status of 4(01|09|22)/.test(problem));

  async function complaint(page, label) {
    const field = page.getByLabel(label, { exact: true });
    assert.equal(await field.getAttribute('aria-invalid'), 'true', `${label} is marked`);
    const described = await field.getAttribute('aria-describedby');
    return page.locator(`#${described.split(' ').at(-1)}`).textContent();
  }

  test('the page says what the server is called, and tells it which language its person reads', async () => {
    const named = await startStoa({ config: { server: { name: 'Lycée Bréguet' } } });
    try {
      const page = await openPage(browser, named, { path: '/#/register' });
      await page.getByText('Lycée Bréguet').waitFor();
      await page.waitForFunction(() => document.title === 'Create an account · Lycée Bréguet');
      await page.getByLabel('Your name').fill('Ada Marin');
      await page.getByLabel('E-mail').fill('ada@example.org');
      await page.getByLabel('Password', { exact: true }).fill('four words in a row');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('link', { name: 'Lycée Bréguet' }).waitFor();
      assert.equal(await page.title(), 'Rooms · Lycée Bréguet');
      assert.equal(await named.sql("select locale from users where email = 'ada@example.org'"), 'en-GB');
      await page.context().close();
    } finally {
      await named.stop();
    }
  });

  for (const [name, viewport] of [['1280', desktop], ['390', phone]]) {
    test(`at ${name} px news leaves free what people write in, and a room's name is whole`, async () => {
      const ada = await stoa.register('Ada Marin');
      const room = await stoa.createRoom(ada.token, { name: 'Linear algebra and its applications, Tuesdays', maxParticipants: 8 });
      const page = await openPage(browser, stoa, { viewport, account: ada, path: `/#/rooms/${room.id}` });
      const composer = page.getByLabel('Message', { exact: true });
      await composer.waitFor();
      await page.evaluate(async () => {
        const { toast } = await import('/js/ui/toast.js');
        toast('Some news, which are rather long and take two lines where there is little room for them');
      });
      await page.waitForFunction(() => {
        const [news, box] = ['.toast', '.composer'].map((what) => document.querySelector(what).getBoundingClientRect());
        return news.bottom <= box.top;
      });
      await picture(page, `news-${name}`);
      const isWhole = await page.locator('.room-name').evaluate((e) => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth);
      assert.ok(isWhole, 'the name is cut off');
      await page.context().close();
    });
  }

  test('registering tells what is wrong with each field, then leads to the rooms', async () => {
    const page = await openPage(browser, stoa, { path: '/#/register' });
    const submit = page.getByRole('button', { name: 'Create account' });
    await submit.click();
    assert.match(await complaint(page, 'Your name'), /name that others will see/);
    assert.match(await complaint(page, 'E-mail'), /name@example\.org/);
    assert.match(await complaint(page, 'Password'), /at least 8/);
    assert.equal(await page.evaluate(() => document.activeElement.name), 'fullName');
    await picture(page, 'register-errors-1280');

    await page.getByLabel('Your name').fill('Ada Marin');
    await page.getByLabel('E-mail').fill(`ada@${'x'.repeat(250)}.example.org`);
    await page.getByLabel('Password', { exact: true }).fill('four words in a row');
    await submit.click();
    await page.locator('[aria-invalid="true"]').waitFor();
    assert.notEqual(await complaint(page, 'E-mail'), '', 'the server refuses an address that is too long');

    const email = `ada.${randomUUID()}@example.org`;
    await page.getByLabel('E-mail').fill(email);
    await submit.click();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();

    await page.getByRole('button', { name: 'Account of Ada Marin' }).click();
    await page.getByText(email).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await page.evaluate(() => localStorage.getItem('stoa.session')), null);
    assert.deepEqual([unexpected(page), page.foreign], [[], []]);
    await page.context().close();
  });

  test('a taken address is said, and that one can sign in with it', async () => {
    const ada = await stoa.register('Ada Marin');
    const page = await openPage(browser, stoa, { path: '/#/register' });
    await page.getByLabel('Your name').fill('Another Ada');
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill('four words in a row');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('alert').getByText('Sign in instead').waitFor();
    assert.deepEqual([unexpected(page), page.foreign], [[], []]);
    await page.context().close();
  });

  for (const [name, viewport] of [['1280', desktop], ['390', phone]]) {
    test(`signing in at ${name} px: nothing, a wrong password, the right one`, async () => {
      const ada = await stoa.register('Ada Marin');
      const page = await openPage(browser, stoa, { viewport, path: '/#/rooms' });
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      const submit = page.getByRole('button', { name: 'Sign in' });
      await submit.click();
      assert.match(await complaint(page, 'E-mail'), /Enter your e-mail/);
      assert.match(await complaint(page, 'Password'), /Enter your password/);

      await page.getByLabel('E-mail').fill(ada.email);
      await page.getByLabel('Password', { exact: true }).fill('not my password');
      await submit.click();
      await page.getByRole('alert').getByText('do not match an account').waitFor();
      await picture(page, `sign-in-wrong-${name}`);

      await page.getByLabel('Password', { exact: true }).fill(ada.password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
      assert.deepEqual([unexpected(page), page.foreign], [[], []]);
      await page.context().close();
    });
  }

  test('an access token that ran out is renewed without anyone noticing', async () => {
    const ada = await stoa.register('Ada Marin');
    await stoa.createRoom(ada.token, { name: 'Linear algebra' });
    const page = await openPage(browser, stoa, { account: { ...ada, accessToken: 'stale', expiresIn: 0 } });
    await page.getByRole('link', { name: 'Linear algebra' }).first().waitFor();
    const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('stoa.session')));
    assert.notEqual(kept.accessToken, 'stale');
    assert.notEqual(kept.refreshToken, ada.refreshToken);
    assert.equal(kept.user.id, ada.id);
    assert.deepEqual([unexpected(page), page.foreign], [[], []]);
    await page.context().close();
  });

  test('a link into a room leads there after signing in; an invite opens a private room', async () => {
    const [ada, ben] = await Promise.all(['Ada Marin', 'Ben Okafor'].map((name) => stoa.register(name)));
    const room = await stoa.createRoom(ada.token, { name: 'Thesis group', roomType: 'private', maxParticipants: 4 });
    const { body: invite } = await stoa.api('POST', `/api/rooms/${room.id}/invites`, { token: ada.token, body: {} });
    const page = await openPage(browser, stoa, { path: `/#/join/${invite.code}` });
    await page.getByLabel('E-mail').fill(ben.email);
    await page.getByLabel('Password', { exact: true }).fill(ben.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Thesis group' }).waitFor();
    await page.getByText('Nothing said yet').waitFor();
    await picture(page, 'room-empty-1280');
    assert.deepEqual([unexpected(page), page.foreign], [[], []]);

    const cleo = await stoa.register('Cleo Lindqvist');
    const stranger = await openPage(browser, stoa, { account: cleo, path: `/#/rooms/${room.id}` });
    await stranger.getByText('You need an invite to come in').waitFor();
    await picture(stranger, 'gate-1280');
    await stranger.getByLabel('Invite code or link').fill(`${stoa.url}/#/join/${invite.code}`);
    await stranger.getByRole('button', { name: 'Join room' }).click();
    await stranger.getByRole('heading', { name: 'Thesis group' }).waitFor();
    await Promise.all([page, stranger].map((each) => each.context().close()));
  });

  test('creating a room leads into it', async () => {
    const ada = await stoa.register('Ada Marin');
    const page = await openPage(browser, stoa, { account: ada });
    await page.getByRole('button', { name: 'Create a room' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create room' }).click();
    await dialog.getByText('Give the room a name').waitFor();
    await dialog.getByLabel('Name').fill('Quiet reading');
    await dialog.getByLabel('What is it about?').fill('Fifty minutes at a time');
    await dialog.getByText('Only with an invite').click();
    await dialog.getByRole('button', { name: 'Create room' }).click();
    await page.getByRole('heading', { name: 'Quiet reading' }).waitFor();
    await page.getByText('1 of 8 places taken').waitFor();
    assert.deepEqual([unexpected(page), page.foreign], [[], []]);
    await page.context().close();
  });
});
