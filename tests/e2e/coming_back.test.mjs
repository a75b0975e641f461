// What one wrote and did not send is there again: after going elsewhere, a reload, a sign-out, an end of the session; for its author
// alone. And who was signed out without asking is told so and brought back.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { runStoa, startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openPage, openRoom, picture, sessionOf } from './support/browser.mjs';

describe('coming back', () => {
  let ada;
  let ben;
  let browser;
  let other;
  let page;
  let room;
  let stoa;

  before(async () => {
    stoa = await startStoa({ config: { jobs: { poll: '100ms' } } });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });

  beforeEach(async () => {
    [ada, ben] = await Promise.all(['Ada Marin', 'Ben Okafor'].map((name) => stoa.register(name)));
    room = await stoa.createRoom(ada.token, { name: 'Linear algebra', maxParticipants: 8 });
    other = await stoa.createRoom(ada.token, { name: 'Topology', maxParticipants: 8 });
    for (const { id } of [room, other]) await stoa.api('POST', `/api/rooms/${id}/join`, { token: ben.token, body: {} });
    page = await openRoom(browser, stoa, room, { account: ada });
  });

  afterEach(() => page.context().close());

  const box = () => page.getByRole('textbox', { name: 'Message' });
  const texts = () => page.locator('.message-text').allTextContents();
  const heading = (name) => page.getByRole('heading', { name, exact: true }).waitFor();

  async function goTo(one) {
    await page.getByRole('link', { name: 'Back to the rooms' }).click();
    await page.locator(`a[href="#/rooms/${one.id}"]`).click();
    await box().waitFor();
    await page.getByText('Connected', { exact: true }).waitFor();
  }

  async function signIn({ email, password }) {
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function signOut(name) {
    await page.getByRole('link', { name: 'Back to the rooms' }).click();
    await page.getByRole('button', { name: `Account of ${name}` }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in');
  }

  test('a draft and its reply stay with their room', async () => {
    const socket = await stoa.connect(ben.token);
    const asked = await socket.request('send_message', { roomId: room.id, content: 'by how much?' });
    socket.terminate();
    await page.locator('.message', { hasText: 'by how much?' }).hover();
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await box().fill('by ninety\ndeg');
    await goTo(other);
    assert.equal(await box().inputValue(), '');
    await box().fill('something else');
    await goTo(room);
    assert.equal(await box().inputValue(), 'by ninety\ndeg');
    await page.reload();
    await heading(room.name);
    assert.equal(await box().inputValue(), 'by ninety\ndeg');
    await page.locator('.replying', { hasText: 'Reply to Ben Okafor: by how much?' }).waitFor();
    await box().press('End');
    await page.keyboard.type('rees');
    await page.keyboard.press('Enter');
    await until(async () => (await texts()).length === 2 && (await page.locator('.message.pending').count()) === 0, { what: 'the answer to be sent' });
    const { items } = (await stoa.api('GET', `/api/messages/room/${room.id}`, { token: ben.token })).body;
    assert.deepEqual([items[0].content, items[0].replyTo?.id ?? items[0].replyTo], ['by ninety\ndegrees', asked.id]);
    await page.reload();
    await heading(room.name);
    assert.equal(await box().inputValue(), '', 'what was sent is no draft');
    await goTo(other);
    assert.equal(await box().inputValue(), 'something else');
    assert.deepEqual([page.problems, page.foreign], [[], []]);
  });

  test('a draft outlives a sign-out, and nobody else is shown it', async () => {
    await box().fill('nobody else may read this');
    await signOut('Ada Marin');
    await signIn(ben);
    await heading('Rooms');
    await page.locator(`a[href="#/rooms/${room.id}"]`).click();
    await heading(room.name);
    assert.equal(await box().inputValue(), '');
    assert.equal(await page.getByText('nobody else may read this').count(), 0);
    await box().fill('of Ben');
    await signOut('Ben Okafor');
    await signIn(ada);
    await heading('Rooms');
    await page.locator(`a[href="#/rooms/${room.id}"]`).click();
    await heading(room.name);
    assert.equal(await box().inputValue(), 'nobody else may read this');
  });

  test('a message that could not be sent is there after a reload, and is sent once', async () => {
    await stoa.kill9();
    await page.getByText('Reconnecting…').waitFor();
    await box().fill('written in the dark');
    await page.keyboard.press('Enter');
    await page.locator('.message.pending').waitFor();
    await stoa.start();
    await page.reload();
    await heading(room.name);
    await until(async () => (await page.locator('.message.pending').count()) === 0 && (await texts()).length === 1, { what: 'the message to be sent' });
    await page.reload();
    await heading(room.name);
    await page.locator('.message-text', { hasText: 'written in the dark' }).waitFor();
    assert.deepEqual(await texts(), ['written in the dark']);
  });

  test('a message that was refused, or is old, waits to be sent again or discarded', async () => {
    await page.evaluate(([userId, roomId, at]) => {
      const entry = (id, content, more) => ({ clientMessageId: id, content, replyTo: null, at, failed: false, ...more });
      localStorage.setItem(`stoa.unsent.${userId}.${roomId}`, JSON.stringify({ text: '', replyTo: null, pending: [
        entry('4be0643f-1d98-573b-97cd-ca98a65347dd', 'of last week'),
        entry('7d444840-9dc0-11d1-b245-5ffdce74fad2', 'was refused', { failed: true, error: 'You are muted in this room for now.' }),
      ] }));
    }, [ada.id, room.id, Date.now() - 7 * 24 * 3600_000]);
    await page.reload();
    await heading(room.name);
    const old = page.locator('.message.failed', { hasText: 'of last week' });
    await old.getByText('and not sent.').waitFor();
    const refused = page.locator('.message.failed', { hasText: 'was refused' });
    await refused.getByRole('button', { name: 'Discard' }).click();
    await old.getByRole('button', { name: 'Try again' }).click();
    await until(async () => (await page.locator('.message.pending').count()) === 0, { what: 'nothing to wait' });
    await page.reload();
    await page.locator('.message-text', { hasText: 'of last week' }).waitFor();
    assert.deepEqual(await texts(), ['of last week']);
  });

  // As an operator, another device or the time ends it.
  const endSession = () => stoa.api('POST', '/api/auth/logout-all', { token: ada.token, body: {} });

  test('an expired session says so, and leads back to the room with the draft', async () => {
    await box().fill('half a thought');
    const { status } = await endSession();
    assert.ok(status < 300, `the session is ended: ${status}`);
    await heading('Sign in');
    await page.getByText('Your session has ended. Sign in to go on where you were').waitFor();
    await picture(page, 'session-ended-1280');
    await page.reload();
    await page.getByText('Your session has ended').waitFor();
    await signIn(ada);
    await heading(room.name);
    assert.equal(await box().inputValue(), 'half a thought');
  });

  const operator = async (command, { email }) => {
    const { code, stderr } = await runStoa(['admin', command, email], { env: { STOA_DATABASE_URL: stoa.database } });
    assert.equal(code, 0, stderr);
  };

  test('who is suspended is told so, and has the draft again once that is over', async () => {
    await box().fill('half a thought');
    await operator('suspend', ada);
    await heading('Sign in');
    await page.getByText('This account is suspended').waitFor();
    await picture(page, 'suspended-1280');
    await page.reload();
    await page.getByText('This account is suspended').waitFor();
    await operator('unsuspend', ada);
    await signIn(ada);
    await heading(room.name);
    assert.equal(await box().inputValue(), 'half a thought');
  });

  test('who comes back suspended, with a token to be renewed, is told so', async () => {
    await operator('suspend', ben);
    const late = await openPage(browser, stoa, { path: `/#/rooms/${room.id}`, account: { ...ben, accessToken: 'stale', expiresIn: 0 } });
    await late.getByText('This account is suspended').waitFor();
    assert.equal(await late.evaluate(() => localStorage.getItem('stoa.session')), null);
    await late.context().close();
  });

  test('somebody else who signs in where a session has ended is not brought to its room', async () => {
    await endSession();
    await page.getByText('Your session has ended').waitFor();
    await signIn(ben);
    await heading('Rooms');
    assert.equal(new URL(page.url()).hash, '#/rooms');
  });

  test('who signs out is not told that a session has ended, and comes to the rooms next time', async () => {
    const second = await page.context().newPage();
    await second.goto(`${stoa.url}/#/rooms/${room.id}`);
    await second.getByRole('heading', { name: room.name, exact: true }).waitFor();
    await page.bringToFront(); // a tab behind another is drawn slowly
    await signOut('Ada Marin');
    await second.getByRole('heading', { name: 'Sign in' }).waitFor();
    for (const each of [page, second]) assert.equal(await each.getByText('Your session has ended').count(), 0);
    await signIn(ada);
    await heading('Rooms');
  });

  // A page of Stoa that is not the app, where something can be stored as another tab of the app does.
  async function elsewhere(store, value) {
    const tab = await page.context().newPage();
    await tab.goto(`${stoa.url}/docs`);
    await tab.evaluate(store, value);
    await tab.close();
  }

  test('a tab that asks for something before it is told of a sign-out in another is signed out nonetheless', async () => {
    await page.addInitScript(holdNews); // before the app listens
    await page.reload();
    await heading(room.name);
    await elsewhere(() => {
      localStorage.setItem('stoa.ended', JSON.stringify({ reason: 'signed-out', userId: null }));
      localStorage.removeItem('stoa.session');
    });
    await page.waitForFunction(() => window.heldNews.includes('stoa.session'));
    const asked = page.waitForResponse(/\/api\//);
    await page.getByRole('link', { name: 'Back to the rooms' }).click();
    await asked;
    await page.evaluate(() => window.letNewsIn());
    await heading('Sign in');
    assert.equal(await page.getByText('Your session has ended').count(), 0);
  });

  test('a tab that is told late that somebody else has signed in is theirs', async () => {
    await elsewhere((session) => localStorage.setItem('stoa.session', JSON.stringify(session)), sessionOf(ben));
    await heading('Rooms');
    await page.getByRole('button', { name: 'Account of Ben Okafor' }).waitFor();
    await page.locator(`a[href="#/rooms/${room.id}"]`).click();
    await box().fill('by Ben');
    await page.keyboard.press('Enter');
    await until(async () => (await texts()).length === 1 && (await page.locator('.message.pending').count()) === 0, { what: 'the message to be sent' });
    const { items } = (await stoa.api('GET', `/api/messages/room/${room.id}`, { token: ben.token })).body;
    assert.deepEqual(items.map(({ senderId }) => senderId), [ben.id]);
  });

  test('a link that is opened before signing in is kept', async () => {
    const fresh = await openPage(browser, stoa, { path: `/#/rooms/${room.id}` });
    await fresh.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await fresh.getByText('Your session has ended').count(), 0);
    await fresh.getByLabel('E-mail').fill(ben.email);
    await fresh.getByLabel('Password', { exact: true }).fill(ben.password);
    await fresh.getByRole('button', { name: 'Sign in' }).click();
    await fresh.getByRole('heading', { name: room.name, exact: true }).waitFor();
    await fresh.context().close();
  });
});

// In the page: what it is told of other tabs' storing waits until letNewsIn().
function holdNews() {
  const hold = (event) => {
    event.stopImmediatePropagation();
    window.heldNews.push(event.key);
  };
  window.heldNews = [];
  window.letNewsIn = () => {
    removeEventListener('storage', hold, true);
    for (const key of window.heldNews) dispatchEvent(new StorageEvent('storage', { key }));
  };
  addEventListener('storage', hold, true);
}
