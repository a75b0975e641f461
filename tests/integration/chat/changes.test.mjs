// How much is told of changes of long messages.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { Connections, makeRoom, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kLong = 'long '.repeat(3200); // 16,000 bytes

describe('changes of long messages', () => {
  let stoa;
  let owner;
  let member;
  let other;
  let room;
  let connections;

  const say = async (content) => (await stoa.api('POST', `/api/messages/room/${room.id}`, { token: owner.token, body: { content } })).body;
  const lengthOf = (updates) => updates.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0);

  async function start(chat) {
    stoa = await startStoa({ config: { chat } });
    connections = new Connections(stoa);
    [owner, member, other] = await people(stoa, 'Olga Owner', 'Max Member', 'Otto Other');
    room = await makeRoom(stoa, owner, { members: [member, other] });
  }
  async function stop() {
    connections.end();
    await stoa.stop();
  }

  describe('of one message', () => {
    const kPerMessage = 64 * 1024;

    before(() => start({ changed_bytes_per_message: '64KiB', changed_bytes_per_user: '64MiB' }));
    after(stop);

    test('a member receives bytes within a bound, and how it is in the end', async () => {
      const [a, b] = [await connections.enter(member, room), await connections.enter(other, room)];
      const { id: messageId } = await say(kLong);
      const begin = performance.now();
      let last;
      for (let i = 0; i < 101; i++) last = await a.request(i % 2 ? 'remove_reaction' : 'add_reaction', { messageId, emoji: '👍' });
      await until(() => b.all('message_updated').at(-1)?.reactions.length === 1, { what: 'the last change' });
      assert.deepEqual(b.all('message_updated').at(-1), last);
      const seconds = (performance.now() - begin) / 1000;
      const most = kPerMessage * (seconds + 1) + 17_000;
      const received = lengthOf(b.all('message_updated'));
      assert.ok(received <= most, `${received} bytes in ${seconds} s`);
    });

    test('nothing of a message is told after its deletion', async () => {
      const [a, b] = [await connections.enter(member, room), await connections.enter(other, room)];
      const [deleted, kept] = [await say(kLong), await say(kLong)];
      const react = async ({ id: messageId }) => {
        for (let i = 0; i < 20; i++) await a.request(i % 2 ? 'remove_reaction' : 'add_reaction', { messageId, emoji: '👍' });
        return a.request('add_reaction', { messageId, emoji: '🎉' });
      };
      await react(deleted);
      assert.equal((await stoa.rows(`select count(*)::int as n from message_reactions where message_id = '${deleted.id}'`))[0].n, 1);
      const owners = await connections.enter(owner, room);
      await owners.request('delete_message', { messageId: deleted.id });
      await react(kept);
      // Is told later than what waited of the other one would have been.
      await b.next('message_updated', (m) => m.id === kept.id && m.reactions[0]?.emoji === '🎉');
      const heard = b.all('message_updated').filter(({ id }) => id === deleted.id);
      assert.ok(heard.length > 1);
      assert.equal(heard.findIndex((m) => m.isDeleted), heard.length - 1);
    });
  });

  describe('of many messages', () => {
    before(() => start({ changed_bytes_per_message: '64MiB', changed_bytes_per_user: '4KiB' }));
    after(stop);

    test('one person causes so many bytes and is refused then, and nobody else is', async () => {
      const [a, b] = [await connections.enter(member, room), await connections.enter(other, room)];
      const messages = [];
      for (let i = 0; i < 12; i++) messages.push(await say(kLong));
      const begin = performance.now();
      const reacting = async () => {
        for (let i = 0; i < 120; i++) {
          const messageId = messages[i % messages.length].id;
          await a.request(i % 24 < 12 ? 'add_reaction' : 'remove_reaction', { messageId, emoji: '👍' });
        }
      };
      await assert.rejects(reacting(), (error) => error.code === 'RATE_LIMITED' && error.details.retryAfter >= 1);
      const seconds = (performance.now() - begin) / 1000;
      const received = lengthOf(b.all('message_updated'));
      assert.ok(received <= 4096 * (seconds + 16) + 17_000, `${received} bytes in ${seconds} s`);
      await b.request('add_reaction', { messageId: messages[0].id, emoji: '🎉' });
      const owners = await connections.enter(owner, room);
      await owners.request('delete_message', { messageId: messages[1].id });
    });

    test('what one person has under way at once is no way around', async () => {
      const eager = (await people(stoa, 'Emma Eager'))[0];
      const sockets = [];
      for (let i = 0; i < 4; i++) sockets.push(await connections.enter(eager, room));
      const b = await connections.enter(other, room);
      const messages = [];
      for (let i = 0; i < 60; i++) messages.push(await say(kLong));
      const begin = performance.now();
      const release = await hold(stoa.database, `SELECT 1 FROM messages WHERE id = '${messages[0].id}' FOR UPDATE`);
      const answers = [];
      try {
        for (const [i, emoji] of ['👍', '🎉', '👀', '🚀'].entries()) {
          for (const { id: messageId } of messages) answers.push(sockets[i].request('add_reaction', { messageId, emoji }));
        }
        await until(async () => await waitingForLocks(stoa.database) === 1, { what: 'the first change to wait for its message' });
        for (const socket of sockets) await socket.request('heartbeat'); // is answered after what was sent before has been taken
      } finally {
        await release();
      }
      const refusals = (await Promise.allSettled(answers)).filter(({ reason }) => reason?.code === 'RATE_LIMITED');
      const { id: last } = await say('the end');
      await b.next('new_message', ({ id }) => id === last);
      const seconds = (performance.now() - begin) / 1000;
      const received = lengthOf(b.all('message_updated'));
      const batch = 64;
      assert.ok(received <= 4096 * (seconds + 16) + (batch + 1) * 17_000, `${received} bytes in ${seconds} s`);
      assert.ok(refusals.length > 0);
    });
  });
});
