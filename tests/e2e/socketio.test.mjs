// Frontends that were written for Socket.IO: pages that load the client from the server, of its own origin and of
// another, connect with default options and chat.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser } from './support/browser.mjs';
import { startSite } from './support/site.mjs';

// As such a frontend has it; `address` and `token` are all that is Stoa's.
const frontend = (address) => `<!doctype html><title>A frontend</title>
<script src="${address}/socket.io/socket.io.js"></script>
<ul id="messages"></ul>
<script>
  function start(address, token, roomId) {
    const socket = window.socket = io(address, { auth: { token } });
    window.transports = [];
    socket.io.on('open', () => {
      transports.push(socket.io.engine.transport.name);
      socket.io.engine.on('upgrade', (transport) => transports.push(transport.name));
    });
    socket.on('new_message', (message) => {
      const item = document.createElement('li');
      item.textContent = message.senderName + ': ' + message.content;
      document.getElementById('messages').append(item);
    });
    socket.on('connect', () => socket.emit('join_room', { roomId }, (answer) => { window.joined = answer; }));
    window.say = (content) => new Promise((resolve) => socket.emit('send_message', { roomId, content }, resolve));
  }
</script>`;

describe('a frontend with Socket.IO', () => {
  let stoa;
  let browser;
  let elsewhere;
  let origin;

  before(async () => {
    elsewhere = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(frontend(stoa.url)));
    await new Promise((resolve) => { elsewhere.listen(0, '127.0.0.1', resolve); });
    origin = `http://127.0.0.1:${elsewhere.address().port}`;
    stoa = await startStoa({ config: { realtime: { origins: [origin] }, http: { cors_origins: [origin] } } });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await new Promise((resolve) => {
      elsewhere.close(resolve);
      elsewhere.closeAllConnections();
    });
    await stoa?.stop();
  });

  async function open(person, room) {
    const page = await (await browser.newContext()).newPage();
    page.problems = [];
    page.on('console', (message) => { if (message.type() === 'error') page.problems.push(`${message.text()} ${message.location().url}`); });
    page.on('pageerror', (error) => page.problems.push(String(error)));
    await page.goto(origin);
    await page.evaluate(([address, token, roomId]) => window.start(address, token, roomId), [stoa.url, person.token, room.id]);
    await page.waitForFunction(() => window.joined);
    return page;
  }

  const shown = (page) => page.locator('#messages li').allTextContents();

  test('two pages of another origin upgrade, chat, and come back after a restart', async () => {
    const [ada, ben] = await Promise.all(['Ada', 'Ben'].map((name) => stoa.register(name)));
    const room = await stoa.createRoom(ada.token);
    const pages = [await open(ada, room), await open(ben, room)];
    for (const page of pages) {
      await page.waitForFunction(() => window.transports.includes('websocket'));
      assert.deepEqual(await page.evaluate(() => window.transports), ['polling', 'websocket']);
    }
    assert.equal((await pages[0].evaluate(() => window.say('Hello from Ada'))).seq, 1);
    assert.equal((await pages[1].evaluate(() => window.say('Hello from Ben'))).seq, 2);
    const native = await stoa.connect(ada.token);
    await native.request('join_room', { roomId: room.id });
    await native.request('send_message', { roomId: room.id, content: 'Hello from a script' });
    const expected = ['Ada: Hello from Ada', 'Ben: Hello from Ben', 'Ada: Hello from a script'];
    for (const page of pages) {
      await until(async () => (await shown(page)).length === 3, { what: 'three messages' });
      assert.deepEqual(await shown(page), expected);
      assert.deepEqual(page.problems, []);
    }

    await native.close();
    for (const page of pages) await page.evaluate(() => { window.joined = undefined; });
    await stoa.restart();
    for (const page of pages) await page.waitForFunction(() => window.joined);
    await pages[0].evaluate(() => window.say('Still here'));
    await pages[1].locator('li', { hasText: 'Still here' }).waitFor();
  });

  test('a page of the server\'s own origin', async () => {
    const ada = await stoa.register('Ada');
    const room = await stoa.createRoom(ada.token);
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${stoa.url}/docs`);
    await page.addScriptTag({ url: '/socket.io/socket.io.js' });
    const transport = await page.evaluate(([token, roomId]) => new Promise((resolve, reject) => {
      const socket = window.io({ auth: { token } });
      socket.on('connect_error', reject);
      socket.on('connect', () => {
        socket.emit('join_room', { roomId }, () => {
          if (socket.io.engine.transport.name === 'websocket') resolve('websocket');
          else socket.io.engine.once('upgrade', ({ name }) => resolve(name));
        });
      });
    }), [ada.token, room.id]);
    assert.equal(transport, 'websocket');
  });

  test('the page of docs/PROTOCOL.md works as it stands there', async () => {
    const text = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
    const [, html] = /## Socket\.IO clients.*?```html\n(.*?)```/s.exec(text);
    const site = await startSite({ '/': html.replaceAll('http://127.0.0.1:3000', stoa.url) });
    try {
      await stoa.restart({ realtime: { origins: [origin, site.url] } });
      const people = await Promise.all(['Ada', 'Ben'].map((name) => stoa.register(name)));
      const room = await stoa.createRoom(people[0].token);
      const [ada, ben] = await Promise.all(people.map(async ({ token }) => {
        const page = await (await browser.newContext()).newPage();
        const answers = [token, room.id];
        page.on('dialog', (dialog) => dialog.accept(answers.shift()));
        await page.goto(site.url);
        return page;
      }));
      const say = async (page, words) => {
        await page.getByLabel('Message').fill(words);
        await page.getByRole('button', { name: 'Say' }).click();
      };
      const said = (page) => page.locator('#said li').allTextContents();
      // Ben's page is in the room as soon as it hears something.
      await until(async () => {
        await say(ada, 'Anybody here?');
        return (await said(ben)).length > 0;
      }, { what: 'Ben to hear Ada' });
      await say(ben, 'I am');
      await ada.locator('li', { hasText: 'Ben: I am' }).waitFor();

      // A lost connection is recovered: what was said meanwhile comes once.
      const before = (await said(ben)).length;
      await ben.evaluate(() => socket.io.engine.close());
      await say(ada, 'While you were away');
      await ben.locator('li', { hasText: 'While you were away' }).waitFor();
      assert.equal(await ben.evaluate(() => socket.recovered), true);
      assert.deepEqual((await said(ben)).slice(before), ['Ada: While you were away']);
    } finally {
      await site.stop();
    }
  });
});
