// Chat between two pages, and what happens to it when pages and servers go away and come back.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openRoom, picture } from './support/browser.mjs';

describe('chat', () => {
  let ada;
  let accounts;
  let ben;
  let browser;
  let room;
  let stoa;

  before(async () => {
    // A long history is written faster than one person may.
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
    [ada, ben] = await Promise.all(accounts.map((account) => openRoom(browser, stoa, room, { account })));
  });

  afterEach(async () => {
    for (const page of [ada, ben]) await page.context().close();
  });

  const message = (page, text) => page.locator('.message', { has: page.locator('.message-text', { hasText: text }) });
  const texts = (page) => page.locator('.message-text').allTextContents();

  async function say(page, text) {
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.keyboard.press('Enter');
  }

  async function tool(page, text, name) {
    await message(page, text).hover();
    await message(page, text).getByRole('button', { name, exact: true }).click();
  }

  function assertQuiet(...pages) {
    for (const page of pages) assert.deepEqual([page.problems, page.foreign], [[], []]);
  }

  test('presence, typing, a message, who has seen it', async () => {
    await ada.locator('.person:not(.away)', { hasText: 'Ben Okafor' }).waitFor();
    await ben.getByRole('textbox', { name: 'Message' }).pressSequentially('Did anyone get');
    await ada.getByText('Ben Okafor is typing').waitFor();
    await ben.keyboard.type(' exercise 4? https://example.org/4');
    await ben.keyboard.press('Enter');
    await message(ada, 'Did anyone get exercise 4?').waitFor();
    await ada.getByText('Ben Okafor is typing').waitFor({ state: 'detached' });
    await ben.getByText('Seen by Ada Marin').waitFor();
    assert.equal(await message(ada, 'exercise 4').getByRole('link').getAttribute('href'), 'https://example.org/4');
    await ben.context().close();
    await ada.locator('.person.away', { hasText: 'Ben Okafor' }).waitFor();
    assertQuiet(ada);
  });

  test('markup in a message stays text', async () => {
    const nasty = '<img src=x onerror=alert(1)> <b>bold</b> & "quotes"';
    await say(ben, nasty);
    await message(ada, 'quotes').waitFor();
    assert.deepEqual(await texts(ada), [nasty]);
    assertQuiet(ada, ben);
  });

  test('react, take it back, reply, edit, delete', async () => {
    await say(ada, 'The matrix is a rotation');
    await message(ben, 'a rotation').waitFor();

    await tool(ben, 'a rotation', 'React');
    await ben.getByRole('button', { name: 'React with 🎉' }).click();
    const chip = message(ada, 'a rotation').getByRole('button', { name: '🎉 1, from Ben Okafor' });
    await chip.waitFor();
    await chip.click();
    const both = message(ben, 'a rotation').locator('.reaction', { hasText: '2' });
    await both.waitFor();
    await both.click();
    await message(ada, 'a rotation').getByRole('button', { name: '🎉 1, from you' }).waitFor();

    await tool(ben, 'a rotation', 'Reply');
    await say(ben, 'By how much?');
    const reply = message(ada, 'By how much?');
    await reply.locator('.quote', { hasText: 'The matrix is a rotation' }).waitFor();

    await tool(ada, 'a rotation', 'Edit');
    await ada.getByRole('textbox', { name: 'Edit message' }).fill('The matrix turns by 90 degrees');
    await ada.keyboard.press('Enter');
    await ben.locator('.message-text', { hasText: 'The matrix turns by 90 degrees (edited)' }).waitFor();

    await picture(ada, 'chat-reply-1280');
    await tool(ada, '90 degrees', 'Delete');
    await ada.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ben.locator('.message.deleted').waitFor();
    assert.deepEqual(await texts(ben), ['Message deleted', 'By how much?']);
    assertQuiet(ada, ben);
  });

  test('a long history is there after a reload, older parts when one scrolls up', async () => {
    const socket = await stoa.connect(accounts[1].token);
    await socket.request('join_room', { roomId: room.id });
    for (let number = 1; number <= 130; number += 1) await socket.request('send_message', { roomId: room.id, content: `line ${number}` });
    await socket.close();
    await ada.reload();
    await ada.getByText('line 130', { exact: true }).waitFor();
    const oldest = async () => {
      await ada.locator('.chat-scroll').evaluate((box) => {
        box.scrollTop = 0;
      });
      return (await texts(ada))[0] === 'line 1';
    };
    await until(oldest, { what: 'the whole history' });
    assert.deepEqual(await texts(ada), Array.from({ length: 130 }, (_, at) => `line ${at + 1}`));
    await ada.getByText('This is where the conversation begins').waitFor();
    assertQuiet(ada);
  });

  test('what was said while the server was away for a page is there once, in order', async () => {
    await say(ada, 'one');
    await message(ben, 'one').waitFor();
    await stoa.restart();
    const socket = await stoa.connect(accounts[1].token);
    await socket.request('join_room', { roomId: room.id });
    for (const content of ['two', 'three']) await socket.request('send_message', { roomId: room.id, content });
    await socket.close();
    await until(async () => (await texts(ada)).length >= 3, { what: 'the missed messages' });
    await ada.getByText('Connected', { exact: true }).waitFor();
    await until(() => ben.getByText('Connected', { exact: true }).isVisible(), { what: 'the other page' });
    await say(ada, 'four');
    await message(ben, 'four').waitFor();
    for (const page of [ada, ben]) assert.deepEqual(await texts(page), ['one', 'two', 'three', 'four']);
  });

  test('one is not told that somebody has seen what they wrote themselves', async () => {
    const cleo = await stoa.register('Cleo Lindqvist');
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: cleo.token, body: {} });
    const socket = await stoa.connect(cleo.token);
    await socket.request('join_room', { roomId: room.id });
    await say(ben, 'by ninety degrees');
    const { seq } = await socket.next('read_updated', ({ userId }) => userId === accounts[1].id);
    await socket.request('mark_read', { roomId: room.id, seq });
    await ada.locator('.seen', { hasText: 'Cleo Lindqvist' }).waitFor();
    assert.equal(await ada.locator('.seen').textContent(), 'Seen by Cleo Lindqvist');
    await socket.close();
  });

  async function manage(action) {
    await ada.getByRole('button', { name: 'Manage Ben Okafor' }).click();
    await ada.getByRole('dialog').getByRole('button', { name: action }).click();
  }

  const box = (page) => page.getByRole('textbox', { name: 'Message' });
  const badge = (page) => page.locator('.person', { hasText: 'Ben Okafor' }).getByText('Muted');
  const toast = (page, text) => page.locator('.toast', { hasText: text });
  const mutedLine = (page) => page.locator('.composer', { hasText: 'You are muted until' });

  test('who is muted is told until when, and keeps what was being written', async () => {
    await box(ben).fill('half a thought');
    await manage('Mute for 10 minutes');
    await toast(ben, /You are muted until .*\d\d:\d\d.*You can still read along/).waitFor();
    await mutedLine(ben).waitFor();
    await picture(ben, 'muted-1280');
    for (const reloaded of [false, true]) {
      if (reloaded) await ben.reload();
      await mutedLine(ben).waitFor();
      assert.ok(await box(ben).isDisabled());
      assert.ok(await ben.getByRole('button', { name: 'Send', exact: true }).isDisabled());
      assert.equal(await box(ben).inputValue(), 'half a thought');
    }
    assertQuiet(ada, ben);
  });

  test('a mute is known after a reload, and lifted', async () => {
    await box(ben).fill('half a thought');
    await manage('Mute for 10 minutes');
    await badge(ada).waitFor();
    await ada.reload();
    await badge(ada).waitFor();
    await manage('Unmute');
    await badge(ada).waitFor({ state: 'detached' });
    await toast(ben, 'You are no longer muted').waitFor();
    await mutedLine(ben).waitFor({ state: 'detached' });
    await box(ben).press('Enter');
    await message(ada, 'half a thought').waitFor();
    assertQuiet(ada, ben);
  });

  test('the end of a mute is told when its time has come', async () => {
    await ben.clock.install();
    await ben.reload();
    await ben.getByText('Connected', { exact: true }).waitFor();
    await manage('Mute for 10 minutes');
    await mutedLine(ben).waitFor();
    await badge(ben).waitFor();
    await ben.clock.fastForward(10 * 60_000);
    await toast(ben, 'You are no longer muted').waitFor();
    await badge(ben).waitFor({ state: 'detached' });
    assert.ok(await box(ben).isEnabled());
  });

  test('an owner mutes a member, then removes them', async () => {
    await manage('Mute for 10 minutes');
    await badge(ada).waitFor();
    await manage('Remove from the room');
    await ben.getByText('You are no longer in this room').waitFor();
    await ada.locator('.person', { hasText: 'Ben Okafor' }).waitFor({ state: 'detached' });
    assertQuiet(ada, ben);
  });

  test('a message written while the connection is gone is sent once it is back', async () => {
    await stoa.kill9();
    await ada.getByText('Reconnecting…').waitFor();
    await say(ada, 'written in the dark');
    await ada.locator('.message.pending').waitFor();
    await stoa.start();
    await ben.locator('.message-text', { hasText: 'written in the dark' }).waitFor();
    await ada.locator('.message.pending').waitFor({ state: 'detached' });
    assert.deepEqual(await texts(ada), ['written in the dark']);
  });
});
