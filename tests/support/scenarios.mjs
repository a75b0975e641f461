// Tables of requests and what they must be answered: each row is a test of its own.
//
//   describe('a room', () => {
//     const world = {};
//     before(async () => {
//       world.stoa = await startStoa();
//       Object.assign(world, await everyRole(world.stoa));
//     });
//     after(() => world.stoa.stop());
//
//     scenarios(world, [
//       { name: 'is closed by its owner alone', who: 'moderator', request: 'DELETE /api/rooms/{room}', answer: '403 FORBIDDEN' },
//       { name: 'has a name', who: 'owner', request: 'POST /api/rooms', body: { name: ' ' }, answer: 422, invalid: ['name'] },
//       { name: 'is seen by all', who: 'stranger', request: 'GET /api/rooms/{room}', answer: 200, has: { id: '{room}' }, hasNot: ['email'] },
//     ]);
//   });
//
// name      what the row shows
// who       a person of the world, by name; 'stranger': nobody is signed in. A list: a test for each of them.
// request   method and path. {x} in it, and as a whole string in `body` and `has`, is the id of world.x.
// body      what is sent: an object as JSON, a string as it is; a function is given the world
// headers   of the request
// answer    the status; with the code of the error: '404 NOT_FOUND'
// invalid   the paths of the fields that a 422 complains of, in any order
// has       what must be in the answer: an object of which the body has all (an array: each of its elements, in order
//           and no more), or texts and patterns (a list with at least one, all of them). Texts too may be a {x}
// hasNot    texts and patterns that must be nowhere in the answer, its headers included
// keys      exactly the members that the answer has
// sends     {header: text or pattern} of the answer
// prepare   a function of the world that runs before the request
// check     a function of the answer and the world, for what a row cannot say
//
// A row with anything else is a mistake, and fails.
//
// Of every answer it is checked besides that an error has the one shape of errors, that a 204 is empty, and that no
// stored password is in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertErrorShape, badFields } from './refused.mjs';

// All rows of the files that this process has loaded.
export const declared = [];

// scenarios(world, rows), or scenarios(world, common, rows), where `common` is what rows have that say nothing else.
export function scenarios(world, ...tables) {
  const rows = tables.pop();
  const [common = {}] = tables;
  for (const row of rows.map((one) => ({ ...common, ...one }))) {
    declared.push(row);
    for (const who of [row.who].flat()) {
      test(`${row.name} (${row.request.slice(0, 100)} by ${who}: ${row.answer})`, () => runScenario(world, { ...row, who }));
    }
  }
}

const kColumns = ['name', 'who', 'request', 'body', 'headers', 'answer', 'invalid', 'has', 'hasNot', 'keys', 'sends', 'prepare', 'check'];

export async function runScenario(world, row) {
  const unknown = Object.keys(row).filter((column) => !kColumns.includes(column));
  assert.deepEqual(unknown, [], 'columns that no scenario has');
  await run(world, row);
}

async function run(world, { who, request, body, headers, prepare, check, ...expected }) {
  await prepare?.(world);
  const person = who === 'stranger' ? undefined : world[who];
  assert.ok(who === 'stranger' || person?.token, `nobody of this world is called ${who}`);
  const [, method, target] = /^([A-Z]+) (\/.*)$/s.exec(request);
  const given = typeof body === 'function' ? body(world) : filled(world, body);
  const answer = await world.stoa.api(method, target.replace(/\{(\w+)\}/g, (_, name) => idOf(world, name)), { token: person?.token, body: given, headers });
  assertAnswer(world, answer, expected);
  await check?.(answer, world);
}

function idOf(world, name) {
  const id = world[name]?.id;
  assert.ok(id, `nothing of this world is called ${name}`);
  return id;
}

// The value with the ids of the world in place of their names.
function filled(world, value) {
  if (typeof value === 'string') return value.replace(/^\{(\w+)\}$/, (_, name) => idOf(world, name));
  if (Array.isArray(value)) return value.map((v) => filled(world, v));
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, filled(world, v)]));
}

function assertAnswer(world, answer, { answer: wanted, invalid, has, hasNot, keys, sends = {} }) {
  const { status, headers, text, body } = answer;
  const code = status >= 400 ? body?.error?.code : undefined;
  const seen = `${typeof wanted === 'string' ? `${status} ${code}` : status}`;
  assert.equal(seen, `${wanted}`, text);
  assert.doesNotMatch(text, /\$2[aby]\$\d\d\$/, 'a stored password');
  if (status === 204) assert.equal(text, '');
  if (status >= 400) assertErrorShape(body, text);
  if (invalid) assert.deepEqual(badFields(answer).sort(), [...invalid].sort());
  if (keys) assert.deepEqual(Object.keys(body).sort(), [...keys].sort());
  for (const [name, value] of Object.entries(sends)) assertHas(headers.get(name) ?? '', value, name);
  const isText = (value) => typeof value === 'string' || value instanceof RegExp;
  const texts = (value) => filled(world, isText(value) ? [value] : value);
  if (isText(has) || (Array.isArray(has) && has.length > 0 && has.every(isText))) {
    for (const part of texts(has)) assertHas(text, part);
  } else if (has !== undefined) {
    assertPart(body, filled(world, has), 'the answer');
  }
  const everything = `${[...headers].map((h) => h.join(': ')).join('\n')}\n\n${text}`;
  for (const part of hasNot ? texts(hasNot) : []) {
    assert.ok(!found(everything, part), `${part} is in the answer: ${everything}`);
  }
}

const found = (text, part) => (part instanceof RegExp ? part.test(text) : text.includes(part));

function assertHas(text, part, where = 'the answer') {
  assert.ok(found(text, part), `${part} is not in ${where}: ${text}`);
}

// `whole` has everything that `part` has.
function assertPart(whole, part, where) {
  if (part instanceof RegExp) assert.match(String(whole), part, where);
  else if (Array.isArray(part)) {
    assert.ok(Array.isArray(whole), `${where} is no list: ${JSON.stringify(whole)}`);
    assert.equal(whole.length, part.length, `${where}: ${JSON.stringify(whole)}`);
    part.forEach((value, i) => assertPart(whole[i], value, `${where}[${i}]`));
  } else if (part !== null && typeof part === 'object') {
    assert.ok(whole !== null && typeof whole === 'object', `${where} is ${JSON.stringify(whole)}`);
    for (const [key, value] of Object.entries(part)) assertPart(whole[key], value, `${where}.${key}`);
  } else assert.deepEqual(whole, part, where);
}
