// What the page says about an error stands beside a code that the server sends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';
import { ApiError } from '../../../web/app/js/api.js';
import { explainFile } from '../../../web/app/js/errors.js';

const kOfThePage = ['NETWORK', 'DISCONNECTED', 'TIMEOUT']; // not of the server

test('the page knows codes by the names that the server gives them', async () => {
  const text = readFileSync(new URL('../../../web/app/js/errors.js', import.meta.url), 'utf8');
  const known = [...text.matchAll(/^  ([A-Z_]+):/gm)].map(([, code]) => code);
  assert.ok(known.length > 10);
  const stoa = await startStoa();
  try {
    const { body } = await stoa.api('GET', '/api/openapi.json');
    const codes = body.components.schemas.Error.properties.error.properties.code.enum;
    assert.deepEqual(known.filter((code) => !codes.includes(code) && !kOfThePage.includes(code)), []);
  } finally {
    await stoa.stop();
  }
});

test('a file that a proxy refuses for its size is called too large, as the server would', () => {
  assert.equal(explainFile(new ApiError(413)), 'This file is too large.');
  assert.equal(explainFile(new ApiError(413, { code: 'TOO_LARGE' })), 'This file is too large.');
  assert.notEqual(explainFile(new ApiError(502)), 'This file is too large.');
});
