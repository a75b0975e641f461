// The document of the API: it has the router's rows, no more and no less, and the linters find nothing in it. That answers
// are what it says is seen by stoa.api(), in all tests.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectralCore from '@stoplight/spectral-core';
import spectralRulesets from '@stoplight/spectral-rulesets';

import { runStoa, startStoa } from '../../support/stoa.mjs';
import { kAllowed } from './openapi_rules.mjs';

// Rows that other protocols have: their own documents describe them.
const kOthers = /^[A-Z]+ \/(socket\.io|peerjs|\{key\})(\/|$)/;

describe('the OpenAPI document', () => {
  let stoa;
  let text;
  before(async () => {
    stoa = await startStoa();
    ({ text } = await stoa.api('GET', '/api/openapi.json'));
  });
  after(() => stoa.stop());

  test('is what `stoa openapi` prints', async () => {
    const { code, stdout } = await runStoa(['openapi', '--config', stoa.configFile]);
    assert.equal(code, 0);
    assert.equal(stdout, `${text}\n`);
  });

  // The router counts each of its rows from the start on.
  test('has each row of the router, and no other', async () => {
    const { text: metrics } = await stoa.api('GET', '/metrics');
    const rows = [...metrics.matchAll(/^stoa_http_request_seconds_count\{(.*)\}/gm)]
      .map(([, labels]) => `${/method="([^"]*)"/.exec(labels)[1]} ${/route="([^"]*)"/.exec(labels)[1]}`)
      .filter((row) => !row.startsWith('* '));
    const [own, others] = [rows.filter((row) => !kOthers.test(row)), rows.filter((row) => kOthers.test(row))];
    assert.ok(own.length > 30 && others.length > 0, rows.join(', '));
    assert.deepEqual([...stoa.document.operations].sort(), own.sort());
  });

  // [rule, where and what] of all that a linter says, in the order of the document.
  const linters = {
    async redocly() {
      const config = await createConfig({ extends: ['recommended'] });
      const problems = await lintFromString({ source: text, absoluteRef: '/openapi.json', config });
      return problems.map(({ ruleId, message, location: [{ pointer }] }) => [ruleId, `${pointer}: ${message}`]);
    },
    async spectral() {
      const spectral = new spectralCore.Spectral();
      spectral.setRuleset({ extends: [[spectralRulesets.oas, 'recommended']], rules: {} });
      const problems = await spectral.run(JSON.parse(text));
      return problems.map(({ code, message, path }) => [code, `${path.join('/')}: ${message}`]);
    },
  };
  for (const [name, lint] of Object.entries(linters)) {
    test(`is one that ${name} finds no fault with`, async () => {
      const problems = await lint();
      const allowed = kAllowed[name];
      assert.deepEqual(problems.filter(([rule]) => !Object.hasOwn(allowed, rule)), []);
      const needless = Object.keys(allowed).filter((rule) => !problems.some(([found]) => found === rule));
      assert.deepEqual(needless, [], 'allowed, and nowhere to be seen');
    });
  }
});
