// Subjects: the list that administrators keep, and what people study of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { administrator, makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('subjects', () => {
  const world = { nothing: { id: randomUUID() } };
  let stoa;
  const as = (who, method, target, body) => stoa.api(method, target, { token: world[who].token, body });
  const make = async (name, fields = {}) => (await as('admin', 'POST', '/api/subjects', { name, ...fields })).body;
  const mine = async (who) => (await as(who, 'GET', '/api/users/me/subjects')).body.items.map((one) => one.name);

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { subjects: { max_subjects: 6, max_subjects_per_user: 2 } } });
    world.admin = await administrator(stoa);
    [world.ada, world.ben] = await people(stoa, 'ada', 'ben');
    world.algebra = await make('Algebra', { category: 'Mathematics', description: 'Letters for numbers' });
    world.biology = await make('biology', { category: 'Nature' });
    world.topology = await make('Topology', { category: 'Mathematics', iconUrl: 'https://example.org/t.png' });
  });
  after(() => stoa.stop());

  scenarios(world, { who: ['stranger', 'ada'], answer: 200 }, [
    { name: 'anyone sees all, by name', request: 'GET /api/subjects', has: { items: [{ name: 'Algebra' }, { name: 'biology' }, { name: 'Topology' }], nextCursor: null } },
    { name: 'of a category', request: 'GET /api/subjects?category=Mathematics', has: { items: [{ name: 'Algebra' }, { name: 'Topology' }] } },
    { name: 'anyone sees one', request: 'GET /api/subjects/{algebra}', has: { name: 'Algebra', category: 'Mathematics', description: 'Letters for numbers', iconUrl: null } },
  ]);
  scenarios(world, { who: 'stranger', answer: '404 NOT_FOUND' }, [
    { name: 'one that is not there', request: 'GET /api/subjects/{nothing}' },
  ]);

  const changes = [
    { request: 'POST /api/subjects', body: { name: 'Mine' } },
    { request: 'PUT /api/subjects/{algebra}', body: { name: 'Mine' } },
    { request: 'DELETE /api/subjects/{algebra}' },
  ];
  scenarios(world, { name: 'nobody else keeps the list', who: 'ada', answer: '403 FORBIDDEN' }, changes);
  scenarios(world, { name: 'no stranger keeps the list', who: 'stranger', answer: '401 UNAUTHORIZED' }, [
    ...changes,
    { request: 'GET /api/users/me/subjects' },
    { request: 'POST /api/users/subjects', body: { subjectId: '{algebra}' } },
    { request: 'DELETE /api/users/subjects/{algebra}' },
  ]);
  scenarios(world, { who: 'admin' }, [
    { name: 'a name is one subject\'s, whatever its case', request: 'POST /api/subjects', body: { name: ' ALGEBRA ' }, answer: '409 SUBJECT_NAME_TAKEN' },
    { name: 'nor does another get it', request: 'PUT /api/subjects/{biology}', body: { name: 'algebra' }, answer: '409 SUBJECT_NAME_TAKEN' },
    { name: 'all bad fields are named', request: 'POST /api/subjects', body: { name: ' ', category: 'c'.repeat(101), description: 'd'.repeat(1001), iconUrl: 'javascript:x' },
      answer: '422 VALIDATION_ERROR', invalid: ['name', 'category', 'description', 'iconUrl'] },
    { name: 'what is not there is not changed', request: 'PUT /api/subjects/{nothing}', body: { name: 'X' }, answer: '404 NOT_FOUND' },
    { name: 'nor taken away', request: 'DELETE /api/subjects/{nothing}', answer: '404 NOT_FOUND' },
  ]);

  test('an administrator changes what is named and keeps the rest', async () => {
    const made = await make('Chemistry', { category: 'Nature', description: 'Smells' });
    const changed = await as('admin', 'PUT', `/api/subjects/${made.id}`, { description: null, name: 'CHEMISTRY' });
    assert.deepEqual(changed.body, { ...made, name: 'CHEMISTRY', description: null });
    assert.equal((await as('admin', 'DELETE', `/api/subjects/${made.id}`)).status, 204);
    refused(await stoa.api('GET', `/api/subjects/${made.id}`), 404, 'NOT_FOUND');
  });

  test('a subject that is taken away leaves its rooms and people', async () => {
    const made = await make('Alchemy');
    const room = await makeRoom(stoa, world.ada, { subjectId: made.id });
    await as('ada', 'POST', '/api/users/subjects', { subjectId: made.id });
    await as('admin', 'DELETE', `/api/subjects/${made.id}`);
    assert.equal((await as('ada', 'GET', `/api/rooms/${room.id}`)).body.subjectId, null);
    assert.deepEqual(await mine('ada'), []);
  });

  test('one studies what one likes, as many as one may, each once', async () => {
    const add = (id) => as('ben', 'POST', '/api/users/subjects', { subjectId: id });
    assert.deepEqual((await add(world.topology.id)).body, world.topology);
    assert.equal((await add(world.algebra.id)).status, 200);
    assert.equal((await add(world.algebra.id)).status, 200, 'once more');
    assert.deepEqual(await mine('ben'), ['Algebra', 'Topology']);
    refused(await add(world.biology.id), 409, 'CONFLICT');
    assert.equal((await as('ben', 'DELETE', `/api/users/subjects/${world.topology.id}`)).status, 204);
    refused(await as('ben', 'DELETE', `/api/users/subjects/${world.topology.id}`), 404, 'NOT_FOUND');
    assert.deepEqual(await mine('ben'), ['Algebra']);
    assert.deepEqual(await mine('ada'), [], 'nobody else\'s');
  });
  scenarios(world, { who: 'ada', answer: '404 NOT_FOUND' }, [
    { name: 'nobody studies what is not there', request: 'POST /api/users/subjects', body: { subjectId: '{nothing}' } },
    { name: 'nor gives it up', request: 'DELETE /api/users/subjects/{nothing}' },
  ]);

  test('there are as many as there may be', async () => {
    for (const name of ['Four', 'Five', 'Six']) await make(name);
    refused(await as('admin', 'POST', '/api/subjects', { name: 'Seven' }), 409, 'CONFLICT');
  });
});
