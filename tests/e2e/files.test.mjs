// Files in the chat: chosen, brought, sent, fetched, and why one is not taken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { bring, kPdf } from '../support/forms.mjs';
import { png } from '../support/pictures.mjs';
import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openRoom, phone, picture } from './support/browser.mjs';

describe('files in the chat', () => {
  let ada;
  let ben;
  let browser;
  let page;
  let room;
  let stoa;

  before(async () => {
    stoa = await startStoa({ config: { files: { max_bytes: '1MiB' }, disk: { keep_free_bytes: '1MiB' } } });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await stoa?.stop();
  });
  beforeEach(async () => {
    [ada, ben] = await Promise.all(['Ada Marin', 'Ben Okafor'].map((name) => stoa.register(name)));
    room = await stoa.createRoom(ada.token, { name: 'Linear algebra', maxParticipants: 8 });
    await stoa.api('POST', `/api/rooms/${room.id}/join`, { token: ben.token, body: {} });
  });
  afterEach(() => page?.context().close());

  const open = async (account, options = {}) => { page = await openRoom(browser, stoa, room, { account, ...options }); };
  const choose = (...files) => page.locator('.composer input[type=file]').setInputFiles(files.map(({ name, bytes }) => ({ name, mimeType: 'application/octet-stream', buffer: bytes })));
  const send = () => page.getByRole('button', { name: 'Send', exact: true });
  const attached = (name) => page.locator('.messages').getByRole('button', { name });
  async function fetched(name) {
    const [download] = await Promise.all([page.waitForEvent('download'), attached(name).click()]);
    assert.equal(download.suggestedFilename(), name);
    return readFileSync(await download.path());
  }

  for (const [where, options] of [['1280', {}], ['phone', { viewport: phone }]]) {
    test(`a file is chosen, sent and fetched (${where})`, async () => {
      await open(ada, options);
      await choose({ name: 'sheet.pdf', bytes: kPdf }, { name: 'a rather long name of a file with words.txt', bytes: Buffer.from('some words') });
      await page.locator('.chosen').getByText('10 bytes').waitFor();
      await picture(page, `files-chosen-${where}`);
      await page.getByRole('textbox', { name: 'Message' }).fill('For Monday');
      await send().click();
      await attached('sheet.pdf').waitFor();
      await page.locator('.chosen').waitFor({ state: 'hidden' });
      await picture(page, `files-sent-${where}`);
      assert.deepEqual(await fetched('sheet.pdf'), kPdf);
      assert.deepEqual([page.problems, page.foreign], [[], []]);
    });
  }

  for (const [where, options] of [['1280', {}], ['phone', { viewport: phone }]]) {
    test(`a picture stands small among the words, in a place that it has from the beginning, and opens beside the room (${where})`, async () => {
      const board = await bring(stoa, ada, { kind: 'message', roomId: room.id }, { name: 'board.png', bytes: png(1600, 900) });
      await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'From today', fileIds: [board.id] } });
      await open(ben, options);
      const image = page.locator('.messages .attachment.picture img');
      await image.waitFor();
      const [width, height] = await Promise.all(['width', 'height'].map((name) => image.getAttribute(name)));
      assert.deepEqual([width, height], ['320', '180']);
      const place = await image.boundingBox();
      assert.ok(Math.abs(place.height / place.width - 180 / 320) < 0.01, 'it has its proportions');
      await until(async () => (await image.evaluate((element) => element.naturalWidth)) === 320, { what: 'the small picture' });
      assert.deepEqual(await image.boundingBox(), place, 'nothing jumps');
      await picture(page, `picture-${where}`);
      const [beside] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button', { name: 'board.png' }).click()]);
      await until(() => beside.url().includes(`/api/files/${board.id}/content?token=`), { what: 'it to open' });
      await page.getByRole('heading', { name: room.name, exact: true }).waitFor();
      assert.deepEqual([page.problems, page.foreign], [[], []]);
    });
  }

  test('a picture that cannot be had is a file like others', async () => {
    const board = await bring(stoa, ada, { kind: 'message', roomId: room.id }, { name: 'board.png', bytes: png(1600, 900) });
    await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'From today', fileIds: [board.id] } });
    await stoa.sql(`update files set state = 'refused' where id = '${board.id}'`);
    await open(ben);
    await page.locator('.messages .attachment.file').getByText('board.png').waitFor();
    assert.equal(await page.locator('.messages .attachment.picture').count(), 0);
  });

  test('without words a message has the names of its files; others fetch them', async () => {
    await open(ada);
    await choose({ name: 'sheet.pdf', bytes: kPdf });
    await page.locator('.chosen').getByText(/byte/).waitFor();
    await send().click();
    await page.locator('.message-text', { hasText: 'sheet.pdf' }).waitFor();
    await page.context().close();
    await open(ben);
    assert.deepEqual(await fetched('sheet.pdf'), kPdf);
  });

  test('what is not taken says why, and keeps nothing else from being sent', async () => {
    await open(ada);
    await choose({ name: 'large.bin', bytes: Buffer.alloc(1_200_000) }, { name: 'program.exe', bytes: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500)]) });
    await page.getByText('This file is too large. It may have 1 MB.').waitFor();
    await page.getByText('Files of this kind cannot be sent here.').waitFor();
    await picture(page, 'files-refused-1280');
    assert.ok(await send().isDisabled());
    await page.getByRole('button', { name: 'Take out large.bin' }).click();
    await page.getByRole('textbox', { name: 'Message' }).fill('Only words');
    await send().click();
    await page.locator('.message-text', { hasText: 'Only words' }).waitFor();
    assert.equal(await page.locator('.messages .attachment').count(), 0);
  });
});
