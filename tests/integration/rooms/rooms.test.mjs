// Rooms: who may see, make, change, join and leave them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { administrator, crowd, everyRole, makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('rooms', () => {
  let stoa;
  let owner;
  let other;
  const world = {};

  before(async () => {
    world.stoa = stoa = await startStoa({ config: { rooms: { max_rooms_per_user: 30, max_participants_limit: 60 } } });
    ({ owner, other } = Object.assign(world, await everyRole(stoa)));
    world.hidden = await stoa.createRoom(world.moderator.token, { roomType: 'private' });
  });
  after(() => stoa.stop());

  const join = (room, person, body = {}) => stoa.api('POST', `/api/rooms/${room.id}/join`, { token: person.token, body });

  test('a room is made, shown, changed by its owner and closed', async () => {
    const room = await stoa.createRoom(owner.token, {
      name: '  Algebra ', description: 'Groups', roomType: 'public', maxParticipants: 8, logoUrl: 'https://example.org/a.png',
    });
    assert.deepEqual(Object.keys(room).sort(), ['activeCount', 'callParticipants', 'createdAt', 'createdBy', 'description', 'id', 'isActive', 'logoUrl',
      'maxParticipants', 'memberCount', 'name', 'roomType', 'subjectId', 'updatedAt']);
    assert.equal(room.name, 'Algebra');
    assert.equal(room.createdBy, owner.id);
    assert.equal(room.memberCount, 1);
    const shown = await stoa.api('GET', `/api/rooms/${room.id}`);
    assert.equal(shown.status, 200, 'strangers see public rooms');
    assert.deepEqual(shown.body, room);

    const changed = await stoa.api('PUT', `/api/rooms/${room.id}`, { token: owner.token, body: { name: 'Algebra II', description: null } });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.name, 'Algebra II');
    assert.equal(changed.body.description, null);
    assert.equal(changed.body.logoUrl, 'https://example.org/a.png', 'what is left out stays');

    const closed = await stoa.api('DELETE', `/api/rooms/${room.id}`, { token: owner.token });
    assert.equal(closed.status, 204);
    refused(await stoa.api('GET', `/api/rooms/${room.id}`, { token: owner.token }), 404, 'NOT_FOUND');
  });

  scenarios(world, { who: 'owner', request: 'POST /api/rooms', answer: '422 VALIDATION_ERROR' }, [
    {
      name: 'every bad field is named', body: { name: ' ', roomType: 'secret', maxParticipants: 1, subjectId: 'x', logoUrl: 'javascript:alert(1)' },
      invalid: ['logoUrl', 'maxParticipants', 'name', 'roomType', 'subjectId'],
    },
    { name: 'a name that nobody sees', body: { name: '\u200b\u202e' }, invalid: ['name'] },
    { name: 'half a person', body: { name: 'Half', maxParticipants: 8.5 }, invalid: ['maxParticipants'] },
    { name: 'more people than the configuration allows', body: { name: 'Big', maxParticipants: 61 }, invalid: ['maxParticipants'] },
    { name: 'a room by what is no id', request: 'GET /api/rooms/not-an-id', invalid: ['id'] },
    { name: 'a cursor that is none', request: 'GET /api/rooms?cursor=bm90LWFuLWlk', invalid: ['cursor'] },
    { name: 'too long a page', request: 'GET /api/rooms?limit=101', invalid: ['limit'] },
  ]);
  scenarios(world, { who: 'owner', request: 'POST /api/rooms', answer: 201 }, [
    { name: 'a number is an integer however it is written', headers: { 'content-type': 'application/json' }, body: '{"name":"A","maxParticipants":8.0}', has: { maxParticipants: 8 } },
    { name: 'null is what is taken where nothing is said', body: { name: 'A', maxParticipants: null, roomType: null }, has: { maxParticipants: 50, roomType: 'public' } },
    { name: 'a picture\'s address has escapes', body: { name: 'A', logoUrl: 'https://example.org/[1].png' }, has: { logoUrl: 'https://example.org/%5B1%5D.png' } },
  ]);
  scenarios(world, [
    { name: 'a subject that is not there', who: 'owner', request: 'POST /api/rooms', body: { name: 'A', subjectId: '{nothing}' }, answer: '404 NOT_FOUND' },
    { name: 'a room wants an owner', who: 'stranger', request: 'POST /api/rooms', body: { name: 'A' }, answer: '401 UNAUTHORIZED' },
    { name: 'nobody has rooms of their own', who: 'stranger', request: 'GET /api/rooms?mine=true', answer: '401 UNAUTHORIZED' },
    { name: 'all see a public room', who: ['stranger', 'other', 'member', 'owner'], request: 'GET /api/rooms/{room}', answer: 200, has: { id: '{room}', createdBy: '{owner}' } },
    { name: 'a private room is not there for others', who: ['stranger', 'other', 'banned'], request: 'GET /api/rooms/{hidden}', answer: '404 NOT_FOUND' },
    { name: 'no guest changes a room', who: 'other', request: 'PUT /api/rooms/{room}', body: { name: 'Mine' }, answer: '403 NOT_A_MEMBER' },
    { name: 'no member changes a room', who: ['member', 'muted'], request: 'PUT /api/rooms/{room}', body: { name: 'Mine' }, answer: '403 FORBIDDEN' },
    { name: 'its owner alone closes a room', who: ['member', 'moderator'], request: 'DELETE /api/rooms/{room}', answer: '403 FORBIDDEN' },
    { name: 'a limit below the members there are', who: 'owner', request: 'PUT /api/rooms/{room}', body: { maxParticipants: 3 }, answer: '409 CONFLICT' },
  ]);

  test('one person has no more rooms than the configuration allows', async () => {
    const eager = await stoa.register('Eager');
    const answers = await Promise.all(Array.from({ length: 40 }, () => stoa.api('POST', '/api/rooms', { token: eager.token, body: { name: 'One more' } })));
    assert.equal(answers.filter((a) => a.status === 201).length, 30);
    for (const answer of answers.filter((a) => a.status !== 201)) refused(answer, 409, 'CONFLICT');
  });

  test('the list filters, pages, and hides private rooms from strangers', async () => {
    const maker = await stoa.register('Maker');
    const mark = randomUUID().slice(0, 8);
    const open = [];
    for (let i = 0; i < 5; i++) open.push(await stoa.createRoom(maker.token, { name: `${mark} open ${i} 100%_` }));
    const hidden = await stoa.createRoom(maker.token, { name: `${mark} hidden`, roomType: 'private' });
    const list = async (query, token) => {
      const answer = await stoa.api('GET', `/api/rooms?${query}`, { token });
      assert.equal(answer.status, 200);
      return answer.body;
    };
    const ids = (page) => page.items.map((room) => room.id);

    assert.deepEqual(ids(await list(`q=${mark}`)), open.map((r) => r.id).reverse(), 'newest first');
    assert.deepEqual(ids(await list(`q=${mark}`, other.token)).length, 5);
    assert.deepEqual(ids(await list(`q=${mark}`, maker.token))[0], hidden.id, 'a member sees the private room');
    assert.deepEqual(ids(await list(`q=${mark}&type=private`, maker.token)), [hidden.id]);
    assert.equal((await list(`q=${mark}&mine=true`, maker.token)).items.length, 6);
    assert.equal((await list(`q=${mark}&mine=true`, other.token)).items.length, 0);
    assert.equal((await list(`q=${encodeURIComponent('100%_')}&mine=true`, maker.token)).items.length, 5);
    assert.equal((await list('q=op&mine=true', maker.token)).items.length, 5, 'two letters begin a word');
    assert.equal((await list('q=pe&mine=true', maker.token)).items.length, 0);
    assert.equal((await list(`q=${encodeURIComponent('1%0')}&mine=true`, maker.token)).items.length, 0, 'no pattern of the caller');

    const seen = [];
    let cursor;
    do {
      const page = await list(`q=${mark}&limit=2${cursor ? `&cursor=${cursor}` : ''}`, maker.token);
      assert.ok(page.items.length <= 2);
      seen.push(...ids(page));
      cursor = page.nextCursor;
    } while (cursor);
    assert.deepEqual(seen, [hidden, ...open.reverse()].map((r) => r.id));
  });

  // Two lists that are made one: public rooms, and the private ones of whoever asks.
  test('public rooms and private ones of one\'s own are one list, whatever is asked for, page by page', async () => {
    const [maker, guest] = [await stoa.register('Maker'), await stoa.register('Guest')];
    const { body: { id: subjectId } } = await stoa.api('POST', '/api/subjects', { token: (await administrator(stoa)).token, body: { name: `Subject ${randomUUID()}` } });
    const rooms = [];
    for (let i = 0; i < 8; i++) {
      rooms.unshift(await stoa.createRoom(maker.token, { name: `Both ${i}`, roomType: i % 3 === 0 ? 'private' : 'public', subjectId: i < 6 ? subjectId : undefined }));
    }
    await stoa.api('POST', `/api/rooms/${rooms[0].id}/join`, { token: guest.token, body: {} });
    const all = async (query, { token } = {}) => {
      const ids = [];
      let cursor = '';
      do {
        const { body } = await stoa.api('GET', `/api/rooms?limit=2&${query}${cursor && `&cursor=${cursor}`}`, { token });
        ids.push(...body.items.map(({ id }) => id));
        cursor = body.nextCursor ?? '';
      } while (cursor);
      return ids.filter((id) => rooms.some((room) => room.id === id));
    };
    const of = (wanted) => rooms.filter(wanted).map(({ id }) => id);
    const isPublic = ({ roomType }) => roomType === 'public';
    const ofSubject = (room) => room.subjectId === subjectId;
    assert.deepEqual(await all(`subjectId=${subjectId}`, maker), of(ofSubject));
    assert.deepEqual(await all(`subjectId=${subjectId}`, guest), of((room) => ofSubject(room) && isPublic(room)));
    assert.deepEqual(await all(`subjectId=${subjectId}`), of((room) => ofSubject(room) && isPublic(room)));
    assert.deepEqual(await all(`subjectId=${subjectId}&type=public`, maker), of((room) => ofSubject(room) && isPublic(room)));
    assert.deepEqual(await all(`subjectId=${subjectId}&type=private`, maker), of((room) => ofSubject(room) && !isPublic(room)));
    assert.deepEqual(await all('q=both', maker), of(() => true));
    assert.deepEqual(await all('type=private', maker), of((room) => !isPublic(room)));
    assert.deepEqual(await all('type=private', guest), []);
    assert.deepEqual(await all('type=private'), []);
    assert.deepEqual(await all('mine=true', maker), of(() => true));
    assert.deepEqual(await all('mine=true&type=public', maker), of(isPublic));
    assert.deepEqual(await all('mine=true', guest), [rooms[0].id]);
  });

  test('a room is found by any part of a name that is written without spaces', async () => {
    const maker = await stoa.register('Maker');
    const open = await stoa.createRoom(maker.token, { name: '高等数学 C语言' });
    const hidden = await stoa.createRoom(maker.token, { name: '线性代数', roomType: 'private' });
    const ids = async (query, token) => {
      const { body } = await stoa.api('GET', `/api/rooms?q=${encodeURIComponent(query)}`, { token });
      return body.items.map((room) => room.id);
    };
    for (const part of ['数学', '等数', '学 c', 'c语', '言']) assert.deepEqual(await ids(part, maker.token), [open.id], part);
    assert.deepEqual(await ids('数', maker.token), [hidden.id, open.id]);
    assert.deepEqual(await ids('数', other.token), [open.id]);
    assert.deepEqual(await ids('学数', maker.token), []);
  });

  test('a private room is not found by strangers, whatever they ask', async () => {
    const room = await stoa.createRoom(owner.token, { roomType: 'private' });
    const unknown = randomUUID();
    for (const [method, rest] of [['GET', ''], ['PUT', ''], ['DELETE', ''], ['POST', '/join'], ['POST', '/leave'], ['GET', '/members'], ['GET', '/invites'], ['GET', '/bans'], ['GET', '/mutes']]) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const hidden = await stoa.api(method, `/api/rooms/${room.id}${rest}`, { token: other.token, body });
      const absent = await stoa.api(method, `/api/rooms/${unknown}${rest}`, { token: other.token, body });
      refused(hidden, 404, 'NOT_FOUND');
      assert.equal(hidden.body.error.message, absent.body.error.message, `${method} ${rest}`);
      assert.equal(absent.status, 404);
    }
    const guess = { inviteCode: 'ABCDEFGHJKLMNPQR' };
    refused(await join(room, other, guess), 403, 'INVITE_INVALID');
    refused(await join({ id: unknown }, other, guess), 403, 'INVITE_INVALID');
  });

  test('a room of 8 never has 9, even when 200 come at once', async () => {
    const room = await stoa.createRoom(owner.token, { maxParticipants: 8 });
    const all = await crowd(stoa, 200);
    const answers = await Promise.all(all.map((person) => join(room, person)));
    assert.equal(answers.filter((a) => a.status === 200).length, 7);
    for (const answer of answers.filter((a) => a.status !== 200)) refused(answer, 409, 'ROOM_FULL');
    assert.equal(answers.find((a) => a.status === 409).body.error.message, 'The room already has 8 of 8 participants');
    const [{ members, counted }] = await stoa.rows(`select (select count(*) from room_members where room_id = '${room.id}') as members,
      (select member_count from study_rooms where id = '${room.id}') as counted`);
    assert.equal(members, 8);
    assert.equal(counted, 8);

    const inside = all[answers.findIndex((a) => a.status === 200)];
    const again = await Promise.all(Array.from({ length: 5 }, () => join(room, inside)));
    for (const answer of again) {
      assert.equal(answer.status, 200, 'joining again is harmless');
      assert.equal(answer.body.room.memberCount, 8);
      assert.equal(answer.body.participants.length, 8);
    }
  });

  test('joining answers the room and its people', async () => {
    const room = await stoa.createRoom(owner.token);
    const { status, body } = await join(room, other);
    assert.equal(status, 200);
    assert.equal(body.room.id, room.id);
    assert.equal(body.room.memberCount, 2);
    assert.deepEqual(body.participants.map((p) => [p.userId, p.role, p.isOnline]), [[owner.id, 'owner', false], [other.id, 'member', false]]);
    assert.deepEqual(Object.keys(body.participants[0]).sort(), ['fullName', 'isOnline', 'joinedAt', 'mutedUntil', 'profilePictureUrl', 'role', 'userId', 'username']);
  });

  test('ownership passes to the oldest moderator, then the oldest member, and an empty room closes', async () => {
    const [a, b, c, d] = await people(stoa, 'Ann', 'Bea', 'Cid', 'Dan');
    const room = await makeRoom(stoa, a, { members: [b, c, d] });
    const promoted = await stoa.api('PUT', `/api/rooms/${room.id}/members/${c.id}`, { token: a.token, body: { role: 'moderator' } });
    assert.equal(promoted.body.role, 'moderator');

    const leave = (person) => stoa.api('POST', `/api/rooms/${room.id}/leave`, { token: person.token });
    const roles = async (person) => {
      const { body } = await stoa.api('GET', `/api/rooms/${room.id}/members`, { token: person.token });
      return Object.fromEntries(body.items.map((m) => [m.userId, m.role]));
    };
    assert.equal((await leave(a)).status, 204);
    assert.deepEqual(await roles(b), { [b.id]: 'member', [c.id]: 'owner', [d.id]: 'member' });
    refused(await leave(a), 403, 'NOT_A_MEMBER');
    assert.equal((await leave(c)).status, 204);
    assert.deepEqual(await roles(b), { [b.id]: 'owner', [d.id]: 'member' });
    assert.equal((await leave(d)).status, 204);
    assert.equal((await leave(b)).status, 204);
    refused(await stoa.api('GET', `/api/rooms/${room.id}`), 404, 'NOT_FOUND');
    const [{ is_active, member_count }] = await stoa.rows(`select is_active, member_count from study_rooms where id = '${room.id}'`);
    assert.equal(is_active, false);
    assert.equal(member_count, 0);
  });
});
