// What people write, and with what: long texts, input methods, scripts from right to left, addresses, a phone's keyboard, and news that
// comes while one writes.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openRoom, phone, picture } from './support/browser.mjs';

describe('writing', () => {
  let accounts;
  let browser;
  let page;
  let room;
  let socket; // Ben's, in the room
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
    accounts = await Promise.all(['Ada Marin', 'Ben Okafor'].map((name) => stoa.register(name)));
    room = await stoa.createRoom(accounts[0].token, { name: 'Linear algebra', maxParticipants: 8 });
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: accounts[1].token, body: {} });
    socket = await stoa.connect(accounts[1].token);
    await socket.request('join_room', { roomId: room.id });
    page = null;
  });

  afterEach(async () => {
    socket.terminate();
    await page?.context().close();
  });

  async function open(options = {}) { page = await openRoom(browser, stoa, room, { account: accounts[0], ...options }); }
  const box = () => page.getByRole('textbox', { name: 'Message' });
  const message = (text) => page.locator('.message', { has: page.locator('.message-text', { hasText: text }) });
  const hear = (content) => socket.request('send_message', { roomId: room.id, content });
  const heard = () => socket.next('new_message', ({ senderId }) => senderId === accounts[0].id);
  const editor = () => page.getByRole('textbox', { name: 'Edit message' });
  async function say(content) {
    await box().fill(content);
    await page.keyboard.press('Enter');
    return heard();
  }
  async function editLast() {
    await page.keyboard.press('ArrowUp');
    await editor().waitFor();
  }
  const assertQuiet = () => assert.deepEqual([page.problems, page.foreign], [[], []]);

  test('a text that is too long stays whole, says by how much, and is not sent', async () => {
    await open();
    await box().fill('é'.repeat(3_700));
    await page.getByText('3,700 of 4,000 characters').waitFor();
    await box().fill('🎉'.repeat(4_321));
    await page.getByText('4,321 of 4,000 characters. Take out 321.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled());
    await page.keyboard.press('Enter');
    assert.equal((await box().inputValue()).length, 2 * 4_321);
    await picture(page, 'too-long-1280');
    await box().fill('🎉'.repeat(4_000));
    await page.keyboard.press('Enter');
    assert.equal((await heard()).content, '🎉'.repeat(4_000));
    await page.getByText('of 4,000 characters').waitFor({ state: 'hidden' });
    assertQuiet();
  });

  test('an edit that is too long is not saved either', async () => {
    await open();
    await say('short');
    await editLast();
    await editor().fill('x'.repeat(4_001));
    await page.keyboard.press('Enter');
    await page.getByText('4,001 of 4,000 characters. Take out 1.').waitFor();
    assert.equal((await editor().inputValue()).length, 4_001);
    await editor().fill('shorter');
    await page.keyboard.press('Enter');
    assert.equal((await socket.next('message_updated')).content, 'shorter');
    assertQuiet();
  });

  test('a name that is too long is counted and said, not cut', async () => {
    await open();
    await page.getByRole('link', { name: 'Back to the rooms' }).click();
    await page.getByRole('button', { name: 'Create a room' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('n'.repeat(120));
    await dialog.getByText('120 of 100 characters. Take out 20.').waitFor();
    await dialog.getByRole('button', { name: 'Create room' }).click();
    await dialog.getByText('That is too long: at most 100 characters.').waitFor();
    assert.equal((await dialog.getByLabel('Name').inputValue()).length, 120);
    assertQuiet();
  });

  // As browsers tell of an input method that ends with Enter.
  for (const [what, keys] of Object.entries({
    'before its end is told, as Chromium does': [['keydown', { isComposing: true, keyCode: 229 }], ['compositionend']],
    'after its end was told, as Safari does': [['compositionend'], ['keydown', { isComposing: false, keyCode: 229 }]],
  })) {
    test(`Enter ends an input method and sends nothing, ${what}`, async () => {
      await open();
      const compose = (field) => field.evaluate((element, list) => {
        element.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
        element.value = 'にほん';
        element.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
        for (const [type, init] of list) {
          const event = type === 'keydown' ? new KeyboardEvent(type, { bubbles: true, cancelable: true, key: 'Enter', ...init }) : new CompositionEvent(type, { bubbles: true, data: 'にほん' });
          element.dispatchEvent(event);
        }
      }, keys);
      await box().focus();
      await compose(box());
      assert.equal(await box().inputValue(), 'にほん');
      await page.keyboard.press('Enter');
      assert.equal((await heard()).content, 'にほん');
      await editLast();
      await editor().fill('x');
      await compose(editor());
      assert.equal(await editor().inputValue(), 'にほん');
      assertQuiet();
    });
  }

  test('what is written from right to left stands so, whatever stands around it', async () => {
    await stoa.api('PUT', '/api/users/me', { token: accounts[1].token, body: { fullName: 'دانا الخطيب' } });
    room = await stoa.createRoom(accounts[0].token, { name: 'جبر خطي', description: 'كل ثلاثاء', maxParticipants: 8 });
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: accounts[1].token, body: {} });
    await hear('مرحبا بالجميع (x = 1)!');
    await hear('plain English');
    await open();
    const direction = (locator) => locator.first().evaluate((element) => getComputedStyle(element).direction);
    assert.equal(await direction(page.locator('.message-text', { hasText: 'مرحبا' })), 'rtl');
    assert.equal(await direction(page.locator('.message-text', { hasText: 'plain English' })), 'ltr');
    assert.equal(await direction(page.locator('.message-head b')), 'rtl');
    assert.equal(await direction(page.locator('.person bdi', { hasText: 'دانا' })), 'rtl');
    assert.equal(await direction(page.locator('.room-name')), 'rtl');
    await socket.request('join_room', { roomId: room.id });
    await socket.request('typing', { roomId: room.id, isTyping: true });
    assert.equal(await direction(page.locator('.typing bdi', { hasText: 'دانا' })), 'rtl');
    assert.equal(await direction(page.locator('.typing')), 'ltr');
    await box().fill('שלום');
    assert.equal(await direction(box()), 'rtl');
    await box().fill('hello');
    assert.equal(await direction(box()), 'ltr');
    await picture(page, 'right-to-left-1280');
    await page.getByRole('link', { name: 'Back to the rooms' }).click();
    assert.equal(await direction(page.getByRole('link', { name: 'جبر خطي' })), 'rtl');
    assert.equal(await direction(page.getByText('كل ثلاثاء')), 'rtl');
    assertQuiet();
  });

  test('a member whose picture has no address of a browser keeps nobody out of the room', async () => {
    await stoa.sql(`update users set profile_picture_url = 'http://a:99999/' where id = '${accounts[1].id}'`);
    await open();
    await page.getByText('Ben Okafor').first().waitFor({ state: 'attached' });
  });

  // Cutting it at each bracket anew would take minutes.
  test('a message of brackets is looked through once', async () => {
    await open();
    const texts = await page.evaluate(async () => {
      const { linked } = await import('/js/ui/links.js');
      return linked(`see http://example.org/a${')'.repeat(200_000)}`).map((piece) => (piece.href ?? piece).slice(0, 40));
    });
    assert.deepEqual(texts, ['see ', 'http://example.org/a', ')'.repeat(40)]);
  });

  test('an address is linked whole, without what stands around it', async () => {
    const rows = [
      ['https://en.wikipedia.org/wiki/A_(b)', 'https://en.wikipedia.org/wiki/A_(b)'],
      ['Look: https://en.wikipedia.org/wiki/A_(b).', 'https://en.wikipedia.org/wiki/A_(b)'],
      ['(see https://x.example/z)', 'https://x.example/z'],
      ['(see https://x.example/A_(b))', 'https://x.example/A_(b)'],
      ['[here](https://x.example/z), or not', 'https://x.example/z'],
      ['https://x.example/z?q=[1]&r={2}!', 'https://x.example/z?q=[1]&r={2}'],
      ["https://x.example/Fermat's_Last_Theorem", "https://x.example/Fermat's_Last_Theorem"],
      ["he said 'https://x.example/z'...", 'https://x.example/z'],
      ['“https://x.example/z”', 'https://x.example/z'],
      ['见 https://x.example/z。然后', 'https://x.example/z'],
      ['http://x.example', 'http://x.example'],
      ['https://) is none', null],
      ['javascript:alert(1) is none', null],
    ];
    await hear(rows.map(([text]) => text).join('\n'));
    await open();
    const links = page.locator('.message-text a');
    await links.first().waitFor();
    assert.deepEqual(await links.allTextContents(), rows.map(([, link]) => link).filter(Boolean));
    assert.deepEqual(await links.evaluateAll((all) => all.filter((link) => link.href !== new URL(link.textContent).href)), []);
    assertQuiet();
  });

  test('an open edit outlives a reaction, another edit, and a lost connection', async () => {
    await open();
    const { id: messageId } = await say('first');
    await editLast();
    await editor().fill('half of a new sen');
    await editor().evaluate((element) => { element.setSelectionRange(5, 7); window.editor = element; });
    const stays = async (why) => assert.deepEqual(
      await editor().evaluate((element) => [element === window.editor, element === document.activeElement, element.value, element.selectionStart, element.selectionEnd]),
      [true, true, 'half of a new sen', 5, 7], why);

    await socket.request('add_reaction', { messageId, emoji: '🎉' });
    await page.locator('.reaction', { hasText: '🎉' }).waitFor();
    await stays('after a reaction');
    const elsewhere = await stoa.connect(accounts[0].token);
    await elsewhere.request('edit_message', { messageId, content: 'from the other device' });
    elsewhere.terminate();
    await socket.request('remove_reaction', { messageId, emoji: '🎉' });
    await page.locator('.reaction').waitFor({ state: 'detached' });
    await stays('after an edit elsewhere');
    const again = page.waitForEvent('websocket', (connection) => connection.url().endsWith('/ws'));
    await Promise.all([stoa.restart(), again]);
    await page.getByText('Connected', { exact: true }).waitFor();
    await stays('after a reconnect');

    await editor().fill('a whole new sentence');
    await page.keyboard.press('Enter');
    await message('a whole new sentence (edited)').waitFor();
    await editor().waitFor({ state: 'detached' });
  });

  // Between the page and the server: what it sends waits until letGo(). What is sent before the page is in the room, it sends twice.
  async function holdSent() {
    const held = { sent: [], letGo: () => held.sent.splice(0).forEach((go) => go()) };
    await page.routeWebSocket(/\/ws$/, (client) => {
      const server = client.connectToServer();
      client.onMessage((text) => {
        if (JSON.parse(text).type === 'send_message') held.sent.push(() => server.send(text));
        else server.send(text);
      });
    });
    await page.reload();
    await page.getByText('Connected', { exact: true }).waitFor();
    return held;
  }

  test('Arrow up a moment after sending edits what was sent, once it has arrived, and not what was said before', async () => {
    await open();
    await say('before');
    const held = await holdSent();
    await box().fill('wiht a mistake');
    await page.keyboard.press('Enter');
    await page.locator('.message.pending').waitFor();
    await page.keyboard.press('ArrowUp');
    assert.equal(await editor().count(), 0);
    await until(() => held.sent.length > 0, { what: 'the message on its way' });
    held.letGo();
    await editor().waitFor();
    assert.equal(await editor().inputValue(), 'wiht a mistake');
    await editor().fill('with a mistake');
    await page.keyboard.press('Enter');
    assert.equal((await socket.next('message_updated')).content, 'with a mistake');
    assertQuiet();
  });

  test('who writes on meanwhile is not interrupted', async () => {
    await open();
    const held = await holdSent();
    await box().fill('first');
    await page.keyboard.press('Enter');
    await page.locator('.message.pending').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.type('sec');
    await until(() => held.sent.length > 0, { what: 'the message on its way' });
    held.letGo();
    await page.locator('.message.pending').waitFor({ state: 'detached' });
    assert.equal(await editor().count(), 0);
    await page.keyboard.type('ond');
    assert.equal(await box().inputValue(), 'second');
    assertQuiet();
  });

  test('leaving an edit shows what the message has become meanwhile', async () => {
    await open();
    const { id: messageId } = await say('first');
    await editLast();
    const elsewhere = await stoa.connect(accounts[0].token);
    await elsewhere.request('edit_message', { messageId, content: 'from the other device' });
    await socket.request('add_reaction', { messageId, emoji: '👀' });
    await page.locator('.reaction', { hasText: '👀' }).waitFor();
    await page.keyboard.press('Escape');
    await message('from the other device (edited)').waitFor();
    await page.keyboard.press('Tab');
    await message('from the other device').hover();
    await message('from the other device').getByRole('button', { name: 'Edit', exact: true }).click();
    await elsewhere.request('delete_message', { messageId });
    elsewhere.terminate();
    await page.getByText('The message that you were editing has been deleted.').waitFor();
    await page.locator('.message.deleted').waitFor();
    assertQuiet();
  });

  const inSight = (text) => page.locator('.message-text', { hasText: text }).last().evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const chat = document.querySelector('.chat-scroll').getBoundingClientRect();
    return top >= chat.top && bottom <= chat.bottom + 1 && bottom > top;
  });

  async function longTalk() {
    for (let number = 1; number <= 30; number += 1) await hear(`line ${number}`);
  }

  test('a phone’s keyboard leaves the newest message in sight', async () => {
    await longTalk();
    await open({ viewport: phone });
    await until(() => inSight('line 30'), { what: 'the newest message' });
    await box().focus();
    await page.setViewportSize({ width: phone.width, height: 500 }); // what interactive-widget=resizes-content does
    await until(() => inSight('line 30'), { what: 'the newest message above the keyboard' });
    await page.setViewportSize(phone);
    await until(() => inSight('line 30'), { what: 'the newest message without the keyboard' });

    // Who reads further up is left there.
    await page.locator('.chat-scroll').evaluate((element) => { element.scrollTop = 200; });
    await page.waitForFunction(() => document.querySelector('.chat-scroll').scrollTop === 200);
    await page.setViewportSize({ width: phone.width, height: 500 });
    await page.waitForFunction(() => document.querySelector('.room').offsetHeight === 500);
    assert.equal(await page.locator('.chat-scroll').evaluate((element) => element.scrollTop), 200);
    assertQuiet();
  });

  test('so does one that is laid over the page, as Safari does', async () => {
    await longTalk();
    await open({ viewport: phone, script: [layKeyboardOver, null] });
    await until(() => inSight('line 30'), { what: 'the newest message' });
    await page.evaluate(() => window.keyboard(360));
    await until(() => inSight('line 30'), { what: 'the newest message above the keyboard' });
    const bottom = () => page.locator('.composer').evaluate((element) => element.getBoundingClientRect().bottom);
    assert.ok((await bottom()) <= phone.height - 360, 'what one writes in stands above it');
    await page.evaluate(() => window.keyboard(0));
    await until(async () => Math.round(await bottom()) === phone.height, { what: 'the page to have its height again' });
    assert.ok(await inSight('line 30'));
    assertQuiet();
  });
});

// In the page: a visualViewport whose height is told by keyboard(height).
function layKeyboardOver() {
  const seen = new EventTarget();
  Object.assign(seen, { height: innerHeight, scale: 1, offsetTop: 0 });
  Object.defineProperty(window, 'visualViewport', { value: seen });
  window.keyboard = (height) => {
    seen.height = innerHeight - height;
    seen.dispatchEvent(new Event('resize'));
  };
}
