// Study partners and rooms that suit, by a score whose parts are told.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { administrator, Connections, makeRoom, people } from '../../support/people.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('matches', () => {
  const world = {};
  const subjects = {};
  let stoa;
  let sockets;
  const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
  const studies = async (who, ...names) => { for (const name of names) await as(who, 'POST', '/api/users/subjects', { subjectId: subjects[name].id }); };
  const can = (who, offers, wants) => as(who, 'PUT', '/api/users/me/skills', { skills: [
    ...offers.map((name) => ({ name, level: 'advanced', offered: true })), ...wants.map((name) => ({ name, level: 'beginner', wanted: true }))] });
  const partners = async (who, query = '') => (await as(who, 'GET', `/api/users/matches${query}`)).body.items;
  const names = async (who, query) => (await partners(who, query)).map((one) => one.user.fullName);
  const rooms = async (who, query = '') => (await as(who, 'GET', `/api/rooms/suggested${query}`)).body.items;

  before(async () => {
    world.stoa = stoa = await startStoa();
    sockets = new Connections(stoa);
    const admin = await administrator(stoa);
    for (const [name, category] of [['Algebra', 'Mathematics'], ['Topology', 'Mathematics'], ['Botany', 'Nature']]) {
      subjects[name] = (await as(admin, 'POST', '/api/subjects', { name, category })).body;
    }
    [world.ada, world.ben, world.cid, world.dan, world.eve] = await people(stoa, 'Ada', 'Ben', 'Cid', 'Dan', 'Eve');
    const { ada, ben, cid, dan, eve } = world;
    for (const who of [ada, ben, cid, eve]) await as(who, 'PUT', '/api/users/me', { isFindable: true });
    await studies(ada, 'Algebra', 'Topology');
    await studies(ben, 'Algebra', 'Topology');
    await studies(cid, 'Algebra');
    await studies(dan, 'Algebra', 'Topology'); // hidden
    await studies(eve, 'Botany');
    await can(ada, ['Chess'], ['Go']);
    await can(cid, ['go'], ['chess']);
    await as(ben, 'PUT', '/api/users/me', { locale: 'de', timezone: 'Asia/Tokyo' });
  });
  after(async () => {
    sockets.end();
    await stoa.stop();
  });

  test('say what two people have in common, and what each counts', async () => {
    const [first, second, ...none] = await partners(world.ada);
    assert.deepEqual(none, []);
    assert.deepEqual({ ...first, user: first.user.fullName }, { user: 'Cid', score: 11, parts: { subjects: 2, offers: 3, wants: 3, language: 2, timezone: 1 }, subjects: ['Algebra'], offers: ['Go'], wants: ['Chess'] });
    assert.deepEqual({ ...second, user: second.user.fullName }, { user: 'Ben', score: 4, parts: { subjects: 4, offers: 0, wants: 0, language: 0, timezone: 0 }, subjects: ['Algebra', 'Topology'], offers: [], wants: [] });
    assert.ok(!JSON.stringify([first, second]).includes('@'));
    assert.deepEqual(await names(world.ada, '?limit=1'), ['Cid']);
    assert.deepEqual(await names(world.eve), []);
  });

  test('are of those alone who may be found, want it, and are not blocked', async () => {
    const { ada, ben, cid, dan } = world;
    assert.deepEqual((await names(dan)).sort(), ['Ada', 'Ben', 'Cid'], 'who is hidden may look for others');
    await as(cid, 'PUT', '/api/users/me', { isMatched: false });
    assert.deepEqual([await names(ada), await names(cid)], [['Ben'], []]);
    await as(cid, 'PUT', '/api/users/me', { isMatched: true });
    await as(ada, 'POST', `/api/users/${cid.id}/block`);
    await as(ben, 'POST', `/api/users/${ada.id}/block`);
    assert.deepEqual([await names(ada), await names(cid)], [[], ['Ben']]);
    await as(ada, 'DELETE', `/api/users/${cid.id}/block`);
    await as(ben, 'DELETE', `/api/users/${ada.id}/block`);
    await stoa.sql(`update users set suspended_at = now() where id = '${cid.id}'`);
    assert.deepEqual(await names(ada), ['Ben']);
    await stoa.sql(`update users set suspended_at = null where id = '${cid.id}'`);
  });

  test('of rooms are about what one studies, or its like, and one may join them', async () => {
    const { ada, ben, cid, dan, eve } = world;
    const about = (name, fields = {}) => makeRoom(stoa, dan, { name, subjectId: subjects[name.split(' ')[0]].id, ...fields });
    const busy = await about('Algebra busy', { members: [ben, cid] });
    await about('Topology quiet');
    await about('Botany');
    await about('Algebra joined', { members: [ada] });
    await about('Algebra banned', { banned: [ada] });
    await about('Algebra full', { maxParticipants: 2, members: [ben] });
    await about('Algebra secret', { roomType: 'private' });
    await makeRoom(stoa, dan, { name: 'About nothing' });
    const told = async (who, query) => (await rooms(who, query)).map(({ room, score, parts }) => [room.name, score, ...Object.values(parts)]);
    assert.deepEqual(await told(ada), [['Algebra busy', 5, 4, 0, 1, 0], ['Topology quiet', 4, 4, 0, 0, 0]]);
    await sockets.enter(dan, (await rooms(ada))[1].room);
    assert.deepEqual((await told(ada)).map(([name, , , , , active]) => [name, active]).sort(), [['Algebra busy', 0], ['Topology quiet', 1]], 'where somebody is');
    assert.deepEqual((await told(cid)).map(([name, score]) => [name, score]).at(-1), ['Topology quiet', 3], 'of the same category');
    assert.deepEqual((await told(ada, '?limit=1')).length, 1);
    assert.deepEqual((await told(eve)).map(([name]) => name), ['Botany']);
    await as(dan, 'POST', `/api/users/${eve.id}/block`);
    assert.deepEqual(await told(eve), []);
    await as(dan, 'DELETE', `/api/users/${eve.id}/block`);
    await as(eve, 'PUT', '/api/users/me', { isMatched: false });
    assert.deepEqual(await told(eve), []);
    assert.equal((await rooms(ada)).find(({ room }) => room.id === busy.id).room.memberCount, 3);
  });

  scenarios(world, { who: 'ada', answer: '422 VALIDATION_ERROR', invalid: ['limit'] }, [
    { name: 'are not too many at once', request: 'GET /api/users/matches?limit=51' },
    { name: 'of rooms neither', request: 'GET /api/rooms/suggested?limit=0' },
  ]);
  scenarios(world, { name: 'are nobody\'s for strangers', who: 'stranger', answer: '401 UNAUTHORIZED' }, [
    { request: 'GET /api/users/matches' },
    { request: 'GET /api/rooms/suggested' },
  ]);
});

test('of a subject the newest who may be found count, and nobody else', async () => {
  const stoa = await startStoa({ config: { matches: { candidates: 1 } } });
  try {
    const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
    const subject = (await as(await administrator(stoa), 'POST', '/api/subjects', { name: 'Algebra', category: 'Mathematics' })).body;
    const found = async (who) => (await as(who, 'GET', '/api/users/matches')).body.items.map(({ user }) => user.fullName);
    const studies = (who) => as(who, 'POST', '/api/users/subjects', { subjectId: subject.id });
    const plays = (who, offered, wanted) => as(who, 'PUT', '/api/users/me/skills', { skills: [{ name: 'Chess', level: 'expert', offered, wanted }] });
    const ada = await stoa.register('Ada');
    const ben = await stoa.register('Ben');
    const cid = await stoa.register('Cid');
    for (const one of [ada, ben, cid]) await studies(one);
    await plays(ada, true, false);
    assert.deepEqual(await found(ada), []);
    await as(ben, 'PUT', '/api/users/me', { isFindable: true });
    assert.deepEqual(await found(ada), ['Ben'], 'who hides, and is newer, takes no place');
    await as(cid, 'PUT', '/api/users/me', { isFindable: true });
    assert.deepEqual(await found(ada), ['Cid']);
    await plays(ben, false, true);
    assert.deepEqual((await found(ada)).sort(), ['Ben', 'Cid']);
    await plays(cid, false, true);
    assert.deepEqual(await found(ada), ['Cid']);
    for (const [hide, show] of [['is_matched = false', 'is_matched = true'], ['suspended_at = now()', 'suspended_at = null'], ['is_findable = false', 'is_findable = true']]) {
      await stoa.sql(`update users set ${hide} where id = '${cid.id}'`);
      assert.deepEqual(await found(ada), ['Ben'], hide);
      await stoa.sql(`update users set ${show} where id = '${cid.id}'`);
      assert.deepEqual(await found(ada), ['Cid'], show);
    }
  } finally {
    await stoa.stop();
  }
});
