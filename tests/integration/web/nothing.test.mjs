// What is answered where there is nothing: a page to people, JSON to programs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';

const kBrowser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

describe('an address where there is nothing', () => {
  let stoa;
  before(async () => { stoa = await startStoa(); });
  after(() => stoa.stop());

  const ask = (path, { method = 'GET', accept, ...headers } = {}) =>
    fetch(stoa.url + path, { method, headers: { ...(accept && { accept }), ...headers } });

  async function assertIsJson(answer, what) {
    assert.equal(answer.status, 404, what);
    assert.match(answer.headers.get('content-type'), /^application\/json/, what);
    assert.equal((await answer.json()).error.code, 'NOT_FOUND', what);
  }

  test('a browser shows a page with a way back, and is told that it is none', async () => {
    for (const path of ['/nowhere', '/nowhere/at/all', '/rooms', '/apidocs', '/404.html']) {
      const answer = await ask(path, { accept: kBrowser, 'if-none-match': '*', range: 'bytes=0-9' });
      assert.equal(answer.status, 404, path);
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8', path);
      assert.match(answer.headers.get('content-security-policy'), /default-src 'self'/, path);
      assert.deepEqual([answer.headers.get('cache-control'), answer.headers.get('etag')], ['no-store', null], path);
      const text = await answer.text();
      assert.match(text, /There is no such page/, path);
      assert.match(text, /href="\/#\/rooms"/, path);
    }
  });

  test('what the page needs is there', async () => {
    const text = await (await ask('/nowhere', { accept: kBrowser })).text();
    const needed = [...text.matchAll(/<link [^>]*href="([^"]+)"/g)].map(([, path]) => path);
    assert.ok(needed.length > 1);
    for (const path of needed) assert.equal((await ask(path)).status, 200, path);
  });

  test('HEAD says the same without the page', async () => {
    const answer = await ask('/nowhere', { method: 'HEAD', accept: kBrowser });
    assert.deepEqual([answer.status, answer.headers.get('content-type'), await answer.text()], [404, 'text/html; charset=utf-8', '']);
  });

  test('programs, and whoever asks the API, are answered with JSON', async () => {
    for (const accept of ['application/json', '*/*', 'text/*', 'text/html;q=0', 'text/htmlx']) {
      await assertIsJson(await ask('/nowhere', { accept }), accept);
    }
    for (const path of ['/api', '/api/', '/api/nowhere', '/api/rooms/0/nowhere']) await assertIsJson(await ask(path, { accept: kBrowser }), path);
    await assertIsJson(await ask('/nowhere', { method: 'POST', accept: kBrowser }), 'POST');
  });

  test('where something is, it is served whatever was asked for', async () => {
    for (const [path, type] of [['/', /html/], ['/docs', /html/], ['/js/main.js', /javascript/], ['/healthz', /./]]) {
      const answer = await ask(path, { accept: kBrowser });
      assert.equal(answer.status, 200, path);
      assert.match(answer.headers.get('content-type'), type, path);
      await answer.arrayBuffer();
    }
  });
});
