// What is answered to a message that was stored and is sent again, when its sender may do less by now: the same whether the server looks
// for such messages just now or not.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { makeRoom, people } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('a message that is sent again', () => {
  let stoa;
  let owner;
  let member;
  let room;

  const api = (person, request, body) => stoa.api(...request.split(' '), { token: person.token, body });
  const say = (person, body) => api(person, `POST /api/messages/room/${room.id}`, body);
  const mute = (mutedMinutes) => api(owner, `PUT /api/rooms/${room.id}/members/${member.id}`, { mutedMinutes });
  const message = (fields = {}) => ({ content: 'said in time', clientMessageId: randomUUID(), ...fields });

  before(async () => {
    stoa = await startStoa();
    [owner, member] = await people(stoa, 'Olga Owner', 'Max Member');
  });
  after(() => stoa.stop());

  // The first way needs a server that has met no resend yet, so it stands first.
  const ways = [
    ['while none are expected', async () => {}],
    ['while they are looked for', async () => {
      const own = message();
      const { body: sent } = await say(owner, own);
      assert.deepEqual((await say(owner, own)).body, sent); // from now on, for some seconds
    }],
  ];
  for (const [way, begin] of ways) {
    describe(way, () => {
      before(async () => { room = await makeRoom(stoa, owner, { members: [member] }); });

      test('is answered as stored to its sender who is muted by now; another one of its id is a conflict', async () => {
        const body = message();
        const { body: sent } = await say(member, body);
        assert.equal((await mute(10)).status, 200);
        await begin();
        const again = await say(member, body);
        assert.equal(again.status, 201);
        assert.deepEqual(again.body, sent);
        refused(await say(member, { ...body, content: 'something else' }), 409, 'CONFLICT');
        refused(await say(member, message()), 403, 'MUTED');
        assert.equal((await mute(0)).status, 200);
      });

      test('is answered as stored where what it replies to is gone', async () => {
        const { body: question } = await say(owner, message());
        const body = message({ replyTo: question.id });
        const { body: sent } = await say(member, body);
        await stoa.sql(`DELETE FROM messages WHERE id = '${question.id}'`);
        await begin();
        assert.deepEqual((await say(member, body)).body, { ...sent, replyTo: null });
        refused(await say(member, message({ replyTo: question.id })), 404, 'NOT_FOUND');
      });

      test('is refused to who was removed, the same and another one', async () => {
        const body = message();
        await say(member, body);
        assert.equal((await api(owner, `DELETE /api/rooms/${room.id}/members/${member.id}`)).status, 204);
        await begin();
        refused(await say(member, body), 403, 'NOT_A_MEMBER');
        refused(await say(member, { ...body, content: 'something else' }), 403, 'NOT_A_MEMBER');
      });

      test('is refused where the room has closed', async () => {
        const body = message();
        await say(owner, body);
        await begin();
        assert.equal((await api(owner, `DELETE /api/rooms/${room.id}`)).status, 204);
        refused(await say(owner, body), 404, 'NOT_FOUND');
      });
    });
  }
});
