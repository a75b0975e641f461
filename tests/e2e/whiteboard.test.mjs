// Fabric.js pages of another origin share a whiteboard with the code that docs/PROTOCOL.md gives them, over the native
// protocol and over Socket.IO: what people draw with the mouse, move, write and remove is the same picture everywhere,
// by its objects and by its pixels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { startStoa } from '../support/stoa.mjs';
import { until } from '../support/until.mjs';
import { launchBrowser, openPage, picture } from './support/browser.mjs';
import { startSite } from './support/site.mjs';

const kBoard = { width: 800, height: 520 };

// The scripts of the page's section, as a reader would paste them.
const protocol = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
const [section] = /\n## Whiteboard\n[\s\S]*?(?=\n## )/.exec(protocol);
const snippet = [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code).join('\n');
const kPage = `<!doctype html><meta charset="utf-8"><title>A whiteboard</title>
<style>body { margin: 16px; font: 16px sans-serif } canvas { border: 1px solid #888 }</style>
<script src="/fabric.js"></script><script src="/socket.io.js"></script><p id="who"></p><canvas id="board" width="${kBoard.width}" height="${kBoard.height}"></canvas>
<script>${snippet}</script>`;

// The page that is printed there, with the scripts before it in a file and the address of the server that runs.
function printedPage(address) {
  const html = /```html\n([\s\S]*?)```/.exec(section);
  const scripts = [...section.slice(0, html.index).matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code).join('\n');
  return {
    '/printed': html[1].replace('ws://127.0.0.1:3000/ws', address).replace('<script src="whiteboard.js"></script>', `<script>${scripts}</script>`),
    '/node_modules/fabric/dist/index.min.js': { module: 'fabric/dist/index.min.js' },
  };
}

describe('the whiteboard', () => {
  let accounts;
  let browser;
  let pages = [];
  let room;
  let site;
  let stoa;

  before(async () => {
    stoa = await startStoa();
    site = await startSite({
      ...printedPage(stoa.wsUrl),
      '/': kPage,
      '/fabric.js': { module: 'fabric/dist/index.min.js' },
      '/socket.io.js': { module: 'socket.io-client/dist/socket.io.min.js' },
    });
    await stoa.restart({ realtime: { origins: [site.url] } });
    browser = await launchBrowser();
    accounts = await Promise.all(['Ada Marin', 'Ben Okafor', 'Cleo Lindqvist'].map((name) => stoa.register(name)));
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await stoa?.stop();
  });
  beforeEach(async () => {
    room = await stoa.createRoom(accounts[0].token);
    for (const { token } of accounts.slice(1)) await stoa.api('POST', `/api/rooms/${room.id}/join`, { token, body: {} });
  });
  afterEach(async () => {
    for (const page of pages) {
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
    pages = [];
  });

  // `over`: which of the two ways carries the events.
  async function open(account, over = 'the native protocol') {
    const page = await openPage(browser, site);
    pages.push(page);
    await page.evaluate(({ name, roomId, url, wsUrl, token, native }) => {
      document.querySelector('#who').textContent = name;
      window.canvas = new fabric.Canvas('board', { backgroundColor: '#fff', preserveObjectStacking: true });
      window.asked = 0;
      window.answered = 0;
      const share = window.shareWhiteboard;
      window.shareWhiteboard = (canvas, room, request) => share(canvas, room, async (type, payload) => {
        window.asked++;
        try {
          return await request(type, payload);
        } finally {
          window.answered++;
        }
      });
      if (native) openWhiteboard(window.canvas, roomId, wsUrl, token);
      else openWhiteboardOverSocketIo(window.canvas, roomId, url, token);
    }, { name: `${account.user.fullName} over ${over}`, roomId: room.id, url: stoa.url, wsUrl: stoa.wsUrl, token: account.token, native: over !== 'Socket.IO' });
    await until(() => page.evaluate(() => window.answered > 0), { what: 'the board to be joined' });
    return page;
  }

  const draw = (page, code, argument) => page.evaluate(code, argument);
  const objects = (page) => page.evaluate(() => window.canvas.getObjects().map((object) => object.toObject(['id'])));
  const at = async (page, x, y) => {
    const box = await page.locator('canvas').last().boundingBox();
    return [box.x + x, box.y + y];
  };
  async function drag(page, from, to) {
    await page.mouse.move(...await at(page, ...from));
    await page.mouse.down();
    for (let step = 1; step <= 8; step++) {
      const point = from.map((start, i) => start + ((to[i] - start) * step) / 8);
      await page.mouse.move(...await at(page, ...point));
    }
    await page.mouse.up();
  }

  // Everything is answered, and all pages have the same objects in the same order.
  async function agreed(count) {
    let lists;
    await until(async () => {
      if (!(await Promise.all(pages.map((page) => page.evaluate(() => window.asked === window.answered)))).every(Boolean)) return false;
      lists = await Promise.all(pages.map(objects));
      return lists[0].length === count && lists.every((list) => JSON.stringify(list) === JSON.stringify(lists[0]));
    }, { what: 'one board on all pages' }).catch((error) => {
      throw new Error(`${error.message}\n${lists.map((list) => JSON.stringify(list)).join('\n')}`);
    });
    return lists[0];
  }

  // The pictures of the canvases, without the handles of what is selected.
  async function samePixels() {
    const drawn = await Promise.all(pages.map((page) => page.evaluate(() => {
      window.canvas.discardActiveObject();
      window.canvas.renderAll();
      return window.canvas.lowerCanvasEl.toDataURL('image/png');
    })));
    const { ink, off } = await pages[0].evaluate(async (images) => {
      const all = await Promise.all(images.map(async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const context = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d');
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height).data;
      }));
      // Fabric writes coordinates with four digits, so an edge may be a shade off.
      const differs = (other) => other.length !== all[0].length || other.some((value, i) => Math.abs(value - all[0][i]) > 8);
      return { ink: all[0].reduce((sum, value) => sum + (value < 200 ? 1 : 0), 0), off: all.map(differs) };
    }, drawn);
    assert.ok(ink > 5000, `${ink} values are ink`);
    assert.deepEqual(off, pages.map(() => false), 'a page shows another picture');
  }

  test('two people draw, move, write and remove; a third who comes late sees the same picture', async () => {
    const [ada, ben] = [await open(accounts[0]), await open(accounts[1], 'Socket.IO')];
    await Promise.all([
      draw(ada, () => {
        window.canvas.add(new fabric.Rect({ id: 'house', left: 160, top: 260, width: 180, height: 140, fill: '#f4b860', stroke: '#333', strokeWidth: 3 }));
        window.canvas.add(new fabric.Triangle({ id: 'roof', left: 160, top: 150, width: 220, height: 90, fill: '#c83e4d' }));
        window.canvas.add(new fabric.IText('Ada war hier – x² ≥ 0', { left: 560, top: 60, fontSize: 28, fontFamily: 'sans-serif', fill: '#243b53' }));
      }),
      draw(ben, () => {
        window.canvas.add(new fabric.Circle({ id: 'sun', left: 640, top: 150, radius: 50, fill: 'gold', shadow: new fabric.Shadow({ color: 'rgba(0,0,0,.4)', blur: 12, offsetX: 4, offsetY: 4 }) }));
        window.canvas.add(new fabric.Path('M 0 0 Q 60 -80 120 0 T 240 0', { id: 'hill', left: 480, top: 420, fill: '', stroke: '#2a9d8f', strokeWidth: 8 }));
        window.canvas.add(new fabric.Group([
          new fabric.Line([0, 0, 80, 60], { stroke: '#333', strokeWidth: 4 }),
          new fabric.Polygon([{ x: 0, y: 60 }, { x: 40, y: 10 }, { x: 80, y: 60 }], { fill: '#8ecae6', opacity: 0.7 }),
        ], { id: 'kite', left: 420, top: 200, angle: 20 }));
      }),
    ]);
    await agreed(6);

    // With the mouse: a line by free hand, the house to the right, its corner larger.
    await draw(ada, () => {
      window.canvas.freeDrawingBrush = new fabric.PencilBrush(window.canvas);
      Object.assign(window.canvas.freeDrawingBrush, { width: 5, color: '#7b2cbf' });
      window.canvas.isDrawingMode = true;
    });
    await drag(ada, [60, 480], [330, 430]);
    await draw(ada, () => { window.canvas.isDrawingMode = false; });
    await agreed(7);
    await drag(ben, [160, 260], [240, 300]);
    await until(async () => (await objects(ada)).find((o) => o.id === 'house').left > 200, { what: 'the house to move' });
    await draw(ben, () => { window.canvas.discardActiveObject(); window.canvas.remove(window.canvas.getObjects().find((o) => o.id === 'kite')); });
    // Several at once: they are moved as one selection.
    await draw(ada, () => {
      const some = window.canvas.getObjects().filter((o) => ['house', 'roof'].includes(o.id));
      const selection = new fabric.ActiveSelection(some, { canvas: window.canvas });
      window.canvas.setActiveObject(selection);
      selection.set({ left: selection.left + 40, top: selection.top + 10 }).setCoords();
      window.canvas.fire('object:modified', { target: selection });
    });
    await agreed(6);

    await open(accounts[2], 'Socket.IO');
    const late = await agreed(6);
    assert.deepEqual(late.map((o) => o.type).sort(), ['Circle', 'IText', 'Path', 'Path', 'Rect', 'Triangle']);
    await samePixels();
    for (const [i, page] of pages.entries()) await picture(page, `whiteboard-${i + 1}`);
    assert.deepEqual(pages.map((page) => page.foreign.filter((url) => new URL(url).port !== String(stoa.port))), [[], [], []]);
  });

  test('what is done to the same objects at the same time ends the same for all, and so after a restart', async () => {
    for (const [i, account] of accounts.entries()) await open(account, ['Socket.IO', 'the native protocol', 'Socket.IO'][i]);
    await draw(pages[0], () => {
      for (let i = 0; i < 6; i++) window.canvas.add(new fabric.Rect({ id: `shared-${i}`, left: 100 + i * 110, top: 200, width: 100, height: 100, fill: '#457b9d' }));
    });
    await agreed(6);
    // Each page moves, paints and removes all of them, adds what overlaps with the others', and does not wait.
    await Promise.all(pages.map((page, n) => draw(page, (me) => {
      for (let turn = 0; turn < 4; turn++) {
        for (const object of window.canvas.getObjects()) {
          if (!object.id.startsWith('shared')) continue;
          object.set({ left: object.left + (me - 1) * 7, top: object.top + turn * me * 9, fill: ['#e63946', '#2a9d8f', '#f4a261'][me] }).setCoords();
          window.canvas.fire('object:modified', { target: object });
        }
      }
      for (let i = 0; i < 3; i++) window.canvas.add(new fabric.Circle({ id: `mine-${me}-${i}`, left: 300 + i * 60 + me * 15, top: 380, radius: 40, fill: ['#e63946', '#2a9d8f', '#f4a261'][me] }));
      window.canvas.remove(window.canvas.getObjects().find((o) => o.id === `shared-${me}`));
    }, n)));
    // Three were removed, each by one page; a change that came after is refused and brings nothing back.
    const ended = await agreed(12);
    await samePixels();
    await picture(pages[1], 'whiteboard-conflict');

    for (const page of pages.splice(0)) await page.context().close();
    await stoa.restart();
    const again = await open(accounts[1]);
    assert.deepEqual(await objects(again), ended);
    await open(accounts[2]);
    await agreed(12);
    await samePixels();
  });

  test('what is not kept vanishes from its author\'s page too', async () => {
    const [ada, ben] = [await open(accounts[0]), await open(accounts[1])];
    await draw(ada, () => { window.canvas.add(new fabric.Rect({ id: 'a', left: 100, top: 100, width: 90, height: 90, fill: '#264653' })); });
    await agreed(1);
    const mute = (minutes) => stoa.api('PUT', `/api/rooms/${room.id}/members/${accounts[1].id}`, { token: accounts[0].token, body: { mutedMinutes: minutes } });
    await mute(5);
    await draw(ben, () => {
      window.canvas.add(new fabric.Rect({ id: 'b', left: 300, top: 100, width: 90, height: 90, fill: '#e76f51' }));
      window.canvas.remove(window.canvas.getObjects().find((o) => o.id === 'a'));
    });
    assert.deepEqual((await agreed(1)).map((o) => o.id), ['a']);
    await mute(0);
    await draw(ben, () => { window.canvas.add(new fabric.Rect({ id: 'b', left: 300, top: 100, width: 90, height: 90, fill: '#e76f51' })); });
    await agreed(2);
    await samePixels();
  });

  test('the page of docs/PROTOCOL.md works as it stands there', async () => {
    const answers = (account) => [(given) => { window.prompt = (question) => given[question]; }, { 'Access token': account.token, 'Room id': room.id }];
    const [ada, ben] = await Promise.all([0, 1].map((i) => openPage(browser, site, { path: '/printed', script: answers(accounts[i]) })));
    pages.push(ada, ben);
    const spy = await stoa.connect(accounts[2].token);
    await drag(ada, [60, 60], [330, 230]);
    const drawn = (page) => page.evaluate(() => canvas.getObjects().map((object) => object.type));
    for (const page of [ada, ben]) await until(async () => (await drawn(page)).join() === 'path', { what: 'the line on both pages' });
    const { objects: kept } = await spy.request('whiteboard_join', { roomId: room.id });
    assert.equal(kept.length, 1);
    await spy.close();
  });

  test('an object that would load something from elsewhere is not drawn', async () => {
    const page = await open(accounts[0]);
    const spy = await stoa.connect(accounts[1].token);
    await spy.request('whiteboard_join', { roomId: room.id });
    const image = { type: 'Image', version: '7.4.0', width: 9, height: 9, src: `${stoa.url}/spy.png` };
    const rect = { type: 'Rect', version: '7.4.0', left: 50, top: 50, width: 90, height: 90, fill: 'red' };
    const hostile = [
      { ...image, id: 'image' }, { ...rect, id: 'clipped', clipPath: image }, { type: 'Group', version: '7.4.0', id: 'group', objects: [image] },
      { ...rect, id: 'filled', fill: { type: 'pattern', source: `${stoa.url}/spy.png`, repeat: 'repeat' } },
    ];
    for (const object of hostile) await spy.request('whiteboard_add', { roomId: room.id, object });
    await spy.request('whiteboard_add', { roomId: room.id, object: { ...rect, id: 'harmless', name: 'not a "src":' } });
    await agreed(1);
    await open(accounts[2]);
    assert.deepEqual((await agreed(1)).map((o) => o.id), ['harmless']);
    for (const each of pages) assert.deepEqual(each.foreign.filter((url) => url.includes('spy')), []);
    assert.equal(await page.evaluate(() => window.canvas.getObjects().length), 1);
  });
});
