// The runner of scenarios: what a row demands is demanded.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runScenario } from '../../support/scenarios.mjs';

// Answers everything alike, and says what it was asked.
function worldThatAnswers(status, body, headers = {}) {
  const world = { asked: [], ada: { id: 'id-of-ada', token: 'token-of-ada' }, room: { id: 'id-of-room' } };
  const text = body === undefined ? '' : JSON.stringify(body);
  world.stoa = {
    api: async (method, target, options) => {
      world.asked.push([method, target, options.token, options.body]);
      return { status, headers: new Headers(headers), text, body };
    },
  };
  return world;
}
const error = (code, details) => ({ error: { code, message: 'No', requestId: 'r', details } });
const row = { who: 'ada', request: 'PUT /api/rooms/{room}/{ada}?q={ada}', body: { userId: '{ada}', deep: [{ room: '{room}' }], text: 'a {ada}' }, answer: 200 };

test('names stand for ids, in the path, in the body and in what is awaited', async () => {
  const world = worldThatAnswers(200, { owner: 'id-of-ada' });
  await runScenario(world, { ...row, has: { owner: '{ada}' } });
  await runScenario(world, { ...row, who: 'stranger', body: ({ ada }) => ({ mine: ada.id }) });
  const target = '/api/rooms/id-of-room/id-of-ada?q=id-of-ada';
  assert.deepEqual(world.asked, [
    ['PUT', target, 'token-of-ada', { userId: 'id-of-ada', deep: [{ room: 'id-of-room' }], text: 'a {ada}' }],
    ['PUT', target, undefined, { mine: 'id-of-ada' }],
  ]);
  for (const wrong of [{ who: 'eve' }, { who: 'room' }, { request: 'GET /{eve}' }, { body: { id: '{eve}' } }]) {
    await assert.rejects(runScenario(world, { ...row, ...wrong }), /called/);
  }
});

const kAnswers = {
  'a page': worldThatAnswers(200, { items: [{ id: 1, name: 'Ada' }, { id: 2 }], next: null }, { 'cache-control': 'no-store' }),
  'a refusal': worldThatAnswers(422, error('VALIDATION_ERROR', { validationErrors: [{ path: ['a'] }, { path: ['b', 0] }] })),
  'a bad refusal': worldThatAnswers(403, { error: { code: 'FORBIDDEN' } }),
  'a list': worldThatAnswers(200, ['id-of-ada']), 'an empty list': worldThatAnswers(200, []),
  'nothing': worldThatAnswers(204),
  'a 204 with a body': worldThatAnswers(204, {}),
  'a password': worldThatAnswers(200, { hash: '$2b$04$abc' }),
};
// [the answer, what a row demands, whether it holds]
const kDemands = [
  ['a page', {}, true], ['a page', { answer: 201 }, false], ['a page', { answer: '200 OK' }, false],
  ['a page', { has: { items: [{ name: 'Ada' }, {}], next: null } }, true], ['a page', { has: { items: [{}] } }, false],
  ['a page', { has: { items: [{ name: 'Eve' }, {}] } }, false], ['a page', { has: { items: [{ name: /^A/ }, {}] } }, true],
  ['a page', { has: { more: 1 } }, false], ['a page', { has: { next: {} } }, false], ['a page', { has: 'Ada' }, true], ['a page', { has: [/Ada/, 'Eve'] }, false],
  ['a page', { hasNot: 'Eve' }, true], ['a page', { hasNot: ['Eve', /A.a/] }, false], ['a page', { hasNot: 'no-store' }, false],
  ['a list', { has: [] }, false], ['an empty list', { has: [] }, true], ['a list', { has: '{ada}' }, true], ['a list', { has: ['{room}'] }, false],
  ['a list', { hasNot: '{ada}' }, false], ['a list', { hasNot: ['{room}'] }, true], ['a page', { hasnot: 'Ada' }, false], ['a page', { body: undefined, more: 1 }, false],
  ['a page', { keys: ['next', 'items'] }, true], ['a page', { keys: ['items'] }, false],
  ['a page', { sends: { 'cache-control': /no/ } }, true], ['a page', { sends: { etag: /./ } }, false],
  ['a page', { check: () => assert.fail('no') }, false],
  ['a refusal', { answer: 422 }, true], ['a refusal', { answer: '422 VALIDATION_ERROR', invalid: ['b.0', 'a'] }, true],
  ['a refusal', { answer: '422 CONFLICT' }, false], ['a refusal', { answer: 422, invalid: ['a'] }, false],
  ['a bad refusal', { answer: '403 FORBIDDEN' }, false],
  ['nothing', { answer: 204 }, true], ['a 204 with a body', { answer: 204 }, false], ['a password', {}, false],
];
for (const [what, demand, holds] of kDemands) {
  test(`${what} ${holds ? 'is' : 'is not'} what ${JSON.stringify(demand, (_, v) => (v instanceof RegExp || typeof v === 'function' ? String(v) : v))} wants`, async () => {
    const run = runScenario(kAnswers[what], { ...row, ...demand });
    if (holds) await run;
    else await assert.rejects(run, assert.AssertionError);
  });
}
