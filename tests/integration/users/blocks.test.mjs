// Who may be found, and who has blocked whom.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { makeRoom } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('people', () => {
  const world = { nothing: { id: randomUUID() } };
  let stoa;
  const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
  const findable = (who, isFindable = true) => as(who, 'PUT', '/api/users/me', { isFindable });
  const found = async (who, q) => (await as(who, 'GET', `/api/users${q ? `?q=${q}` : ''}`)).body.items.map((one) => one.id);
  const block = (who, whom, method = 'POST') => as(who, method, `/api/users/${whom.id}/block`);

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { users: { max_blocks: 2 }, auth: { session_cache_ttl: '0ms' } } });
    // One after the other: lists are by age.
    for (const [who, name] of Object.entries({ ada: 'Ada Seen', ben: 'Ben Seen', cid: 'Cid Seen', dan: 'Dan Hidden' })) world[who] = await stoa.register(name);
  });
  after(() => stoa.stop());

  test('are found when they wish it, and no longer than that', async () => {
    const { ada, ben } = world;
    assert.equal((await as(ada, 'GET', '/api/users/me')).body.isFindable, false);
    assert.deepEqual([await found(ben, 'Seen'), await found(ben)], [[], []]);
    assert.equal((await findable(ada)).body.isFindable, true);
    assert.deepEqual([await found(ben, 'Seen'), await found(ben)], [[ada.id], [ada.id]]);
    await findable(ada, false);
    assert.deepEqual([await found(ben, 'Seen'), await found(ben)], [[], []]);
  });

  test('who were suspended or are gone are not found, nor is anybody by an address', async () => {
    const { ada, ben } = world;
    await findable(ada);
    for (const column of ['suspended_at', 'deleted_at']) {
      await stoa.sql(`update users set ${column} = now() where id = '${ada.id}'`);
      assert.deepEqual([await found(ben, 'Seen'), await found(ben)], [[], []], column);
      await stoa.sql(`update users set ${column} = null where id = '${ada.id}'`);
    }
    await stoa.sql(`update users set email = 'private.mailbox@hidden.example' where id = '${ada.id}'`);
    for (const part of ['private.mailbox@hidden.example', 'private.mailbox', 'mailbox', 'hidden.example']) assert.deepEqual(await found(ben, encodeURIComponent(part)), [], part);
  });

  test('one blocks is not there for one, nor one for them; what is shared goes on', async () => {
    const { ada, ben, cid } = world;
    for (const who of [ada, ben, cid]) await findable(who);
    const room = await makeRoom(stoa, cid, { members: [ada, ben] });
    await as(ada, 'POST', `/api/messages/room/${room.id}`, { content: 'evidence' });
    const { status, body } = await block(ada, ben);
    assert.equal(status, 200);
    assert.deepEqual({ ...body, createdAt: '' }, { userId: ben.id, fullName: 'Ben Seen', username: ben.user.username, createdAt: '' });
    assert.deepEqual((await block(ada, ben)).body, body, 'once more');
    assert.deepEqual([await found(ben, 'Seen'), await found(ada, 'Seen'), await found(cid, 'Seen')],
      [[cid.id, ben.id], [cid.id, ada.id], [cid.id, ben.id, ada.id]]);
    const told = ({ body: { error: { requestId, ...error } } }) => error;
    const hidden = await as(ben, 'GET', `/api/users/${ada.id}`);
    refused(hidden, 404, 'NOT_FOUND');
    assert.deepEqual(told(hidden), told(await as(ben, 'GET', `/api/users/${randomUUID()}`)));
    assert.equal((await as(ada, 'GET', `/api/users/${ben.id}`)).status, 200, 'whom one has blocked one may look at');
    const said = await as(ben, 'GET', `/api/messages/room/${room.id}`);
    assert.deepEqual(said.body.items.map((one) => [one.content, one.senderId]), [['evidence', ada.id]]);

    assert.deepEqual((await as(ada, 'GET', '/api/users/me/blocks')).body, { items: [body], nextCursor: null });
    assert.deepEqual((await as(ben, 'GET', '/api/users/me/blocks')).body.items, [], 'nobody sees who has blocked him');
    assert.equal((await block(ada, ben, 'DELETE')).status, 204);
    assert.deepEqual(await found(ben, 'Seen'), [cid.id, ben.id, ada.id]);
    refused(await block(ada, ben, 'DELETE'), 404, 'NOT_FOUND');
  });

  test('may be blocked by whom they have blocked', async () => {
    const { ada, dan } = world;
    await block(dan, ada);
    assert.equal((await block(ada, dan)).status, 200);
    await block(dan, ada, 'DELETE');
    refused(await as(dan, 'GET', `/api/users/${ada.id}`), 404, 'NOT_FOUND');
    await block(ada, dan, 'DELETE');
  });

  test('learn nothing of a block by blocking back: it looks as if the other was gone', async () => {
    const { ada, dan } = world;
    const gone = await stoa.register('Gone');
    assert.equal((await as(gone, 'DELETE', '/api/users/me', { password: gone.password })).status, 204);
    await block(dan, ada);
    const nameless = ({ status, body: { userId, createdAt, ...rest } }) => ({ status, ...rest });
    const answers = [await block(ada, dan), await block(ada, gone)];
    for (const answer of answers) assert.deepEqual(nameless(answer), { status: 200, fullName: null, username: null });
    await as(dan, 'PUT', '/api/users/me', { fullName: 'Dan Anew' });
    const listed = async () => (await as(ada, 'GET', '/api/users/me/blocks')).body.items.map(({ userId, fullName }) => [userId, fullName]);
    assert.deepEqual(await listed(), [[gone.id, null], [dan.id, null]]);
    await block(dan, ada, 'DELETE');
    assert.deepEqual(await listed(), [[gone.id, null], [dan.id, 'Dan Anew']]);
    for (const whom of [dan, gone]) await block(ada, whom, 'DELETE');
  });

  test('may be blocked up to a number, and are listed page by page', async () => {
    const { ada, ben, cid, dan } = world;
    for (const whom of [ben, cid]) await block(ada, whom);
    refused(await block(ada, dan), 409, 'CONFLICT');
    assert.equal((await block(ada, cid)).status, 200, 'who is blocked already');
    const first = (await as(ada, 'GET', '/api/users/me/blocks?limit=1')).body;
    const second = (await as(ada, 'GET', `/api/users/me/blocks?limit=1&cursor=${first.nextCursor}`)).body;
    assert.deepEqual([first, second].map(({ items }) => items.map((one) => one.userId)), [[cid.id], [ben.id]]);
    assert.equal(second.nextCursor, null);
    for (const whom of [ben, cid]) await block(ada, whom, 'DELETE');
  });

  scenarios(world, { who: 'ada' }, [
    { name: 'nobody blocks himself', request: 'POST /api/users/{ada}/block', answer: '409 CONFLICT' },
    { name: 'nobody blocks who is not there', request: 'POST /api/users/{nothing}/block', answer: '404 NOT_FOUND' },
    { name: 'nor lets go of who is not there', request: 'DELETE /api/users/{nothing}/block', answer: '404 NOT_FOUND' },
    { name: 'the wish to be found is a yes or a no', request: 'PUT /api/users/me', body: { isFindable: null, isMatched: 'no' }, answer: '422 VALIDATION_ERROR', invalid: ['isMatched'] },
    { name: 'and stays', request: 'PUT /api/users/me', body: { isFindable: null, isMatched: null }, answer: '422 VALIDATION_ERROR', invalid: ['isFindable', 'isMatched'] },
  ]);
  scenarios(world, { name: 'strangers block nobody', who: 'stranger', answer: '401 UNAUTHORIZED' }, [
    { request: 'POST /api/users/{ada}/block' },
    { request: 'DELETE /api/users/{ada}/block' },
    { request: 'GET /api/users/me/blocks' },
  ]);
});
