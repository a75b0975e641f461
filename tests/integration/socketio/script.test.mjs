// Pages of old frontends load the client from the server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';

let stoa;
before(async () => { stoa = await startStoa(); });
after(() => stoa.stop());

test('the maps that the client\'s files name are there', async () => {
  for (const name of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.msgpack.min.js']) {
    const script = await (await fetch(`${stoa.url}/socket.io/${name}`)).text();
    const [, map] = /\/\/# sourceMappingURL=(\S+)/.exec(script);
    const answer = await fetch(new URL(map, `${stoa.url}/socket.io/${name}`));
    assert.equal(answer.status, 200, map);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.equal((await answer.json()).version, 3);
  }
});

test('pages can load the client from the server', async () => {
  const dist = join(dirname(createRequire(import.meta.url).resolve('socket.io-client/package.json')), 'dist');
  const answer = await fetch(`${stoa.url}/socket.io/socket.io.js`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^(application|text)\/javascript/);
  const script = await answer.text();
  assert.match(script, /Socket\.IO v4\.8\./);
  const same = ['socket.io.js', 'socket.io.min.js'].some((name) => readFileSync(join(dist, name), 'utf8').replace(/\n\/\/# source.*\n?$/, '') === script.replace(/\n\/\/# source.*\n?$/, ''));
  assert.ok(same, 'it is the client of the npm package');
  assert.match(answer.headers.get('cross-origin-resource-policy') ?? 'cross-origin', /cross-origin/);
  const etag = answer.headers.get('etag');
  if (etag) assert.equal((await fetch(`${stoa.url}/socket.io/socket.io.js`, { headers: { 'if-none-match': etag } })).status, 304);
});
