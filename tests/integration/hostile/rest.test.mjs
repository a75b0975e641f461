// Throws bad input at every route of the API's own description. Each gets its documented answer in the one shape;
// the process neither ends nor grows.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { administrator } from '../../support/people.mjs';
import { assertErrorShape } from '../../support/refused.mjs';
import { isSanitized } from '../../support/sanitizers.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { forgedTokens } from './tokens.mjs';
import { kBadBodies, kBadValues } from './values.mjs';

let stoa;
let person;
let admin; // who may ask for everything
let operations; // [{method, path, schema, needsToken}]
let memoryBefore;

describe('bad input over REST', () => {
  before(async () => {
    stoa = await startStoa({ config: { http: { max_body_bytes: '1MiB' } } });
    person = await stoa.register('person');
    admin = await administrator(stoa);
    const { body: doc } = await stoa.api('GET', '/api/openapi.json');
    // Alternatives, of which an empty one means that a stranger may call too.
    const needsToken = (security) => security.length > 0 && security.every((s) => Object.keys(s).length > 0);
    const resolve = (schema) => (schema?.$ref ? doc.components.schemas[schema.$ref.split('/').pop()] : schema);
    operations = Object.entries(doc.paths).flatMap(([path, methods]) => Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        schema: resolve(operation.requestBody?.content?.['application/json']?.schema),
        needsToken: needsToken(operation.security ?? doc.security ?? []),
      })));
    assert.ok(operations.length > 25, `${operations.length} operations are described`);
    memoryBefore = stoa.memory();
  });
  after(() => stoa.stop());

  const target = (path, value) => path.replaceAll(/\{[^}]+\}/g, () => encodeURIComponent(value));
  const unknown = (path) => target(path, randomUUID());

  function assertError(answer, what, statuses) {
    assert.ok(statuses ? statuses.includes(answer.status) : answer.status >= 400 && answer.status < 500,
      `${what} was answered ${answer.status} ${answer.text.slice(0, 300)}`);
    assertErrorShape(answer.body, `${what}: ${answer.text.slice(0, 200)}`);
  }

  test('every route with a body refuses what is not an acceptable JSON object', async () => {
    for (const { method, path, schema, needsToken } of operations) {
      if (!schema) continue;
      for (const [what, body, good] of kBadBodies) {
        // Where strangers may call, a body of more than http.max_stranger_body_bytes is not looked into.
        const statuses = !needsToken && body.length > 16 * 1024 ? [413] : good;
        const answer = await stoa.api(method, unknown(path), { token: admin.token, body, headers: { 'content-type': 'application/json' } });
        // Where nothing is required, an empty object is fine and the unknown id decides.
        const fine = [...statuses, ...(what === 'nothing at all' ? [200, 201, 204, 401, 403, 404] : [])];
        if (answer.status < 300) assert.ok(fine.includes(answer.status), `${method} ${path} with ${what}: ${answer.status}`);
        else assertError(answer, `${method} ${path} with ${what}`, fine);
      }
      const typed = await stoa.api(method, unknown(path), { token: admin.token, body: '<a/>', headers: { 'content-type': 'application/xml' } });
      assertError(typed, `${method} ${path} with XML`, [415]);
    }
  });

  test('every field of every route refuses or bears every bad value', async () => {
    // Leaves the administrator signed in: these end sign-ins as they should.
    const ends = /logout|\/users\/me$/;
    for (const { method, path, schema } of operations) {
      if (!schema?.properties || ends.test(path)) continue;
      for (const field of Object.keys(schema.properties)) {
        const answers = await Promise.all(kBadValues.map((value) => stoa.api(method, unknown(path), { token: admin.token, body: { [field]: value } })));
        answers.forEach((answer, i) => {
          const what = `${method} ${path} with ${field}=${JSON.stringify(kBadValues[i]).slice(0, 40)}`;
          assert.ok(answer.status < 500, `${what} was answered ${answer.status} ${answer.text.slice(0, 300)}`);
          if (answer.status >= 400) assertError(answer, what);
        });
      }
    }
  });

  test('path parameters that are no ids, and ids of nothing, are refused alike for everybody', async () => {
    const bad = ['x', '..%2f..', '%00', '%ff', "' or 1=1", '1', 'null', '00000000-0000-0000-0000-00000000000g', 'a'.repeat(5000)];
    for (const { method, path } of operations.filter((o) => o.path.includes('{'))) {
      for (const value of bad) {
        const raw = path.replaceAll(/\{[^}]+\}/g, value.startsWith('%') || value.startsWith('..') ? value : encodeURIComponent(value));
        const answer = await stoa.api(method, raw, { token: admin.token, body: method === 'GET' || method === 'DELETE' ? undefined : {} });
        // 415: a row that takes a form looks at the type first.
        assertError(answer, `${method} ${raw}`, [400, 404, 414, 415, 422, 431]);
      }
    }
  });

  test('every route that needs a token refuses none, and every forged one', async () => {
    const forged = forgedTokens(person.token, stoa.config.auth.keys[0].secret);
    const guarded = operations.filter((o) => o.needsToken);
    assert.ok(guarded.length > 15);
    for (const { method, path } of guarded) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      assertError(await stoa.api(method, unknown(path), { body }), `${method} ${path} without a token`, [401]);
      const [what, token] = forged[Math.floor(Math.random() * forged.length)];
      assertError(await stoa.api(method, unknown(path), { token, body }), `${method} ${path} with ${what}`, [401, 431]);
    }
    for (const [what, token] of forged) {
      assertError(await stoa.api('GET', '/api/users/me', { token }), what, [401, 431]);
    }
    for (const authorization of ['Bearer', 'Bearer ', 'bearer', 'Basic YTpi', `Bearer ${person.token} x`, `Token ${person.token}`]) {
      assertError(await stoa.api('GET', '/api/users/me', { headers: { authorization } }), authorization, [401]);
    }
  });

  test('queries with bad values are refused with the path of the field', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'limit=1.5', 'limit=', 'cursor=%21%21', 'cursor=' + 'A'.repeat(2000)]) {
      const answer = await stoa.api('GET', `/api/rooms?${query}`, { token: person.token });
      assertError(answer, query, [422]);
      assert.deepEqual(answer.body.error.details.validationErrors[0].path, [query.split('=')[0]]);
    }
    assertError(await stoa.api('GET', '/api/rooms?limit=1&limit=2', { token: person.token }), 'limit twice', [400]);
    assertError(await stoa.api('GET', '/api/rooms?q=%ff', { token: person.token }), 'invalid UTF-8', [400]);
    assertError(await stoa.api('GET', '/api/rooms?q=%00', { token: person.token }), 'NUL', [400, 422]);
  });

  test('afterwards the process lives, has not grown, and works', async () => {
    assert.ok(stoa.alive);
    const grown = stoa.memory() - memoryBefore;
    assert.ok(isSanitized || grown < 96 * 1024 * 1024, `grew by ${grown} bytes`);
    const { status } = await stoa.api('GET', '/api/users/me', { token: person.token });
    assert.equal(status, 200);
    assert.deepEqual(stoa.logs().filter((l) => l.level === 'error'), [], 'nothing unexpected was logged');
  });
});
