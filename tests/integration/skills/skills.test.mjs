// Skills: what people offer and want, in their own words, without a flood of them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { people } from '../../support/people.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const offered = (name, level = 'advanced') => ({ name, level, offered: true });
const wanted = (name, level = 'beginner') => ({ name, level, wanted: true });

describe('skills', () => {
  const world = {};
  let stoa;
  const set = async (who, ...skills) => (await stoa.api('PUT', '/api/users/me/skills', { token: world[who].token, body: { skills } })).body.items;
  const shown = async (query = '') => (await stoa.api('GET', `/api/skills${query}`, { token: world.ada.token })).body.items.map(({ name, people: n }) => [name, n]);

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { skills: { max_skills_per_user: 3 } } });
    [world.ada, world.ben, world.cid] = await people(stoa, 'ada', 'ben', 'cid');
  });
  after(() => stoa.stop());

  test('are set all at once, and read by name', async () => {
    const items = await set('ada', { ...offered('Rust'), wanted: true }, wanted('  Chess '));
    assert.deepEqual(items.map(({ id, ...one }) => one), [
      { name: 'Chess', level: 'beginner', offered: false, wanted: true },
      { name: 'Rust', level: 'advanced', offered: true, wanted: true }]);
    const read = await stoa.api('GET', '/api/users/me/skills', { token: world.ada.token });
    assert.deepEqual(read.body, { items, nextCursor: null });
    const [again] = await set('ada', offered('rust', 'expert'));
    assert.deepEqual(again, { id: items[1].id, name: 'Rust', level: 'expert', offered: true, wanted: false }, 'the same skill, whatever its case');
    assert.deepEqual(await set('ada'), []);
  });

  test('are shown to others from the second person on, those of most first', async () => {
    await set('ada', offered('Go'), offered('C++'), offered('Made up by one'));
    await set('ben', wanted('go'), wanted('c++'));
    await set('cid', wanted('GO'));
    assert.deepEqual(await shown(), [['Go', 3], ['C++', 2]]);
    assert.deepEqual(await shown('?limit=1'), [['Go', 3]]);
    assert.deepEqual(await shown('?q=c'), [['C++', 2]]);
    assert.deepEqual(await shown('?q=made'), []);
    await set('cid');
    await set('ben', wanted('go'));
    assert.deepEqual(await shown(), [['Go', 2]]);
  });

  test('are shown page by page, each once, also where as many people have them', async () => {
    for (const who of ['ada', 'ben']) await set(who, offered('Go'), offered('Rust'), offered('Chess'));
    await set('cid', wanted('Rust'));
    const pages = [];
    let cursor = null;
    do {
      const { body } = await stoa.api('GET', `/api/skills?limit=1${cursor ? `&cursor=${cursor}` : ''}`, { token: world.ada.token });
      pages.push(body.items.map(({ name }) => name));
      cursor = body.nextCursor;
    } while (cursor);
    assert.deepEqual(pages[0], ['Rust']);
    assert.deepEqual(pages.slice(1).flat().sort(), ['Chess', 'Go']);
    await set('cid');
  });

  test('are gone with the last who has them', async () => {
    const names = async () => (await stoa.sql('select count(*) from skills'));
    await set('ada'); await set('ben'); await set('cid');
    assert.equal(await names(), '0');
    for (let i = 0; i < 5; i++) await set('ada', offered(`Rubbish ${i}`));
    assert.equal(await names(), '1');
  });

  test('are counted right when many set the same ones at once', async () => {
    const rounds = Array.from({ length: 6 }, (_, i) => i);
    await Promise.all(['ada', 'ben', 'cid'].flatMap((who) => rounds.map((i) => set(who, offered(`B${i % 2}`), wanted(`A${i % 3}`)))));
    const wrong = await stoa.sql('select count(*) from skills s where holders <> (select count(*) from user_skills u where u.skill_id = s.id)');
    assert.equal(wrong, '0');
  });

  test('are swapped by many at once without anybody waiting in a circle', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `Swapped ${i}`);
    const swappers = await people(stoa, ...Array.from({ length: 6 }, (_, i) => `swapper${i}`));
    const swap = async ({ token }, me) => {
      for (let round = 0; round < 12; round++) {
        const half = names.slice(round % 2 * 3).slice(0, 3);
        const turned = half.map((_, i) => half[(i + me + round) % 3]); // each in an order of his own
        const { status } = await stoa.api('PUT', '/api/users/me/skills', { token, body: { skills: turned.map((name) => offered(name)) } });
        assert.equal(status, 200);
      }
    };
    await Promise.all(swappers.map(swap));
    await Promise.all(swappers.map(({ token }) => stoa.api('PUT', '/api/users/me/skills', { token, body: { skills: [] } })));
    // PostgreSQL has counted what its sessions saw when they have ended.
    const others = () => stoa.sql('select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
    await stoa.end();
    await until(async () => await others() === '0', { what: 'the sessions to end' });
    const deadlocks = await stoa.sql('select deadlocks from pg_stat_database where datname = current_database()');
    await stoa.start();
    assert.equal(deadlocks, '0');
  });

  const kSet = { who: 'ada', request: 'PUT /api/users/me/skills', answer: '422 VALIDATION_ERROR' };
  scenarios(world, kSet, [
    { name: 'a skill has a name and a level, and is offered or wanted', body: { skills: [{ name: ' ' }, { name: '--', level: 'expert', offered: true }] }, invalid: ['skills.0.name', 'skills.0.level'] },
    { name: 'a letter or a digit', body: { skills: [offered('!!'), { name: 'Chess', level: 'expert' }] }, invalid: ['skills.0.name', 'skills.1.offered'] },
    { name: 'each once', body: { skills: [offered('Chess'), wanted('CHESS')] }, invalid: ['skills.1.name'] },
    { name: 'no more than one may have', body: { skills: ['a', 'b', 'c', 'd'].map((name) => offered(name)) }, invalid: ['skills'] },
    { name: 'a list', body: {}, invalid: ['skills'] },
    { name: 'a level that there is', body: { skills: [{ ...offered('Chess'), level: 'god' }] }, invalid: ['skills.0.level'] },
    { name: 'a cursor that is none', request: 'GET /api/skills?cursor=bm90LWFuLWlk', invalid: ['cursor'] },
    { name: 'a search has letters', request: 'GET /api/skills?q=--', invalid: ['q'] },
  ]);
  scenarios(world, { name: 'strangers have none', who: 'stranger', answer: '401 UNAUTHORIZED' }, [
    { request: 'GET /api/users/me/skills' },
    { request: 'PUT /api/users/me/skills', body: { skills: [] } },
    { request: 'GET /api/skills' },
  ]);
});
