// Two servers on one database: what one commits, the other's sequence goes on from; a send that reaches both
// is stored once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { oneTo } from '../../support/people.mjs';
import { runStoa, startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const config = { jobs: { poll: '50ms' }, auth: { keys: [{ kid: 'shared', secret: 'a secret that both servers know, 32 bytes or more' }] } };

describe('two servers on one database', () => {
  let first;
  let second;
  let owner;
  let room;

  before(async () => {
    first = await startStoa({ config });
    second = await startStoa({ config, database: first.database });
    owner = await first.register('owner');
    room = await first.createRoom(owner.token, { roomType: 'public', maxParticipants: 50 });
  });
  after(async () => {
    await second?.stop();
    await first?.stop();
  });

  test('know of each other, and say so', async () => {
    const said = await second.log((line) => line.event === 'other_servers');
    assert.equal(said.level, 'warn');
    assert.equal(said.count, 1);
    await first.log((line) => line.event === 'other_servers');
    for (const stoa of [first, second]) assert.equal(await stoa.metric('stoa_other_servers'), 1);
    const third = await startStoa({ config, database: first.database });
    await third.stop();
    await until(async () => await first.metric('stoa_other_servers') === 1, { what: 'the third to be gone' });
    const { code } = await runStoa(['jobs', 'list', '--config', first.configFile]);
    assert.equal(code, 0);
    assert.equal(await first.metric('stoa_other_servers'), 1, 'commands are no servers');
  });

  const enter = async (stoa) => {
    const socket = await stoa.connect(owner.token);
    await socket.request('join_room', { roomId: room.id });
    return socket;
  };

  test('give a room that both flood one gapless sequence', async () => {
    const each = 400;
    const flood = async (stoa, name) => {
      const socket = await enter(stoa);
      const lane = async (k) => {
        for (let i = 0; i < each / 8; i++) await socket.request('send_message', { roomId: room.id, content: `${name} ${k} ${i}` });
      };
      await Promise.all(Array.from({ length: 8 }, (_, k) => lane(k)));
    };
    await Promise.all([flood(first, 'first'), flood(second, 'second')]);
    const stored = await first.rows(`select seq from messages where room_id = '${room.id}' order by seq`);
    assert.deepEqual(stored.map((m) => m.seq), oneTo(2 * each));
    const [{ lastSeq }] = await first.rows(`select last_seq as "lastSeq" from study_rooms where id = '${room.id}'`);
    assert.equal(lastSeq, 2 * each);
  });

  test('store a message once that is sent to both at the same time, and answer it alike', async () => {
    const sockets = [await enter(first), await enter(second)];
    for (let i = 0; i < 50; i++) {
      const message = { roomId: room.id, content: `to both ${i}`, clientMessageId: randomUUID() };
      const [one, other] = await Promise.all(sockets.map((socket) => socket.request('send_message', message)));
      assert.deepEqual(one, other);
    }
    const [{ count }] = await first.rows(`select count(*)::int as count from messages where content like 'to both %'`);
    assert.equal(count, 50);
  });
});
