// Forms (multipart/form-data) and bodies as a real browser sends them: by scripts, and by plain HTML. Against /form and
// /sink of tests/conformance/body_rows.cpp.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { startTarget } from '../conformance/support/target.mjs';
import { kPatience } from '../support/until.mjs';
import { launchBrowser } from './support/browser.mjs';
import { startSite } from './support/site.mjs';

const kLarge = 5 << 20;
// Byte n is n % 251, so that line ends and dashes are among them.
const numbers = (count) => Buffer.from(Uint8Array.from({ length: count }, (_, n) => n % 251));

describe('forms of a browser', () => {
  let browser;
  let folder;
  let page; // of another origin
  let server;
  let site;
  before(async () => {
    server = await startTarget('bodies');
    site = await startSite({
      '/': `<!doctype html><title>A page</title>
        <form method="post" enctype="multipart/form-data" action="${server.url}form">
          <textarea name="text"></textarea><input name="odd &quot;name&quot;;&#10;ü🎉" value="ignored">
          <input type="file" name="file"><button>Send</button>
        </form>`,
    });
    browser = await launchBrowser();
    folder = await mkdtemp(path.join(tmpdir(), 'stoa-forms-'));
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await server?.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(kPatience);
    await page.goto(site.url);
  });
  afterEach(() => page.close());

  const taken = (more) => ({ text: '', type: 'application/pdf', bytes: 1000, inOrder: true, ...more });

  // A script's form: fields, and a file of so many numbers, named unless the browser is to name it.
  const send = (fields, { name, bytes = 1000, type = 'application/pdf' }) => page.evaluate(async ([url, given, file]) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(given)) form.append(field, value);
    const blob = new Blob([Uint8Array.from({ length: file.bytes }, (_, n) => n % 251)], { type: file.type });
    if (file.name === undefined) form.append('file', blob);
    else form.append('file', blob, file.name);
    const response = await fetch(url, { method: 'POST', body: form });
    return response.json();
  }, [`${server.url}form`, fields, { name, bytes, type }]);

  test('a script sends fields and a file, large or empty', async () => {
    for (const bytes of [0, 1000, kLarge]) {
      assert.deepEqual(await send({ text: 'grüße 🎉\r\n--', 'other "one"\r\n; name=text': 'ignored' }, { name: 'a.pdf', bytes }), taken({ text: 'grüße 🎉\r\n--', name: 'a.pdf', bytes }));
    }
    assert.deepEqual(await send({}, { type: '' }), taken({ name: 'blob', type: 'application/octet-stream' }));
  });

  test('whatever a file is called is its name, but for line ends and folders', async () => {
    for (const [name, shown] of [
      ['Übung "1" – 100 %; name=x 🎉.pdf', 'Übung "1" – 100 %; name=x 🎉.pdf'],
      ['two\r\nlines\nand\rmore.pdf', 'twolinesandmore.pdf'],
      ['"\r\nContent-Type: text/html\r\n\r\nx', 'htmlx'],
      ['C:\\Übungen\\"1".pdf', '"1".pdf'],
      ['a\\"; filename="b.pdf', '"; filename="b.pdf'],
      ['ends with a \\', ''],
    ]) {
      assert.deepEqual(await send({ text: 't' }, { name }), taken({ text: 't', name: shown }));
    }
  });

  // Of a form that was sent without a script the answer is the next page.
  async function submit() {
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL(`${server.url}form`);
    return JSON.parse(await page.locator('body').innerText());
  }

  test('plain HTML sends fields and the file that was chosen', async () => {
    const file = path.join(folder, 'Übung "1"\n🎉.pdf');
    await writeFile(file, numbers(kLarge));
    await page.locator('textarea').fill('two\nlines');
    await page.locator('input[type=file]').setInputFiles(file);
    assert.deepEqual(await submit(), taken({ text: 'two\r\nlines', name: 'Übung "1"🎉.pdf', bytes: kLarge }));
  });

  test('plain HTML without a file is told that it is missing', async () => {
    const { error } = await submit();
    assert.equal(error.code, 'VALIDATION_ERROR');
    assert.deepEqual(error.details.validationErrors.map((issue) => issue.path), [['file']]);
  });

  test('a blob is a body by itself', async () => {
    for (const type of ['', 'application/pdf']) {
      const counted = await page.evaluate(async ([url, bytes, named]) => {
        const response = await fetch(url, { method: 'POST', body: new Blob([new Uint8Array(bytes)], { type: named }) });
        return (await response.json()).bytes;
      }, [`${server.url}sink`, kLarge, type]);
      assert.equal(counted, kLarge);
    }
  });
});
