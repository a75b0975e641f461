// Twenty people draw at once, on the same objects, and late joiners come in: everybody ends with the same board,
// and so does who comes after a restart.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';

import { crowd, makeRoom } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { Board, rect } from './board.mjs';

const kPeople = 20;
const kLate = 5;
const kChanges = 60;
const kShared = 12; // objects that all of them fight for

test('twenty people who draw at once, late joiners and a restart end with one board', async () => {
  const stoa = await startStoa({
    config: { server: { shards: 4 }, whiteboard: { batch: 16 } },
  });
  try {
    const accounts = await crowd(stoa, kPeople + kLate);
    const room = await makeRoom(stoa, accounts[0], { members: accounts.slice(1), maxParticipants: 50 });
    const come = async (account) => Board.join(await stoa.connect(account.token), room.id);

    let done = 0;
    let refused = 0;
    async function draw(board, name) {
      for (let i = 0; i < kChanges; i++) {
        const id = randomInt(4) === 0 ? `${name}-${randomInt(4)}` : `shared-${randomInt(kShared)}`;
        const object = rect(id, { left: randomInt(1000) / 8, by: name, turn: i });
        const dice = randomInt(100);
        const change = dice < 40 ? board.add(object) : dice < 80 ? board.update(object) : dice < 98 ? board.remove(id) : board.clear();
        try {
          // Several are under way at once, as when something is dragged.
          if (randomInt(3) === 0) await change;
          else change.catch(() => { refused++; });
        } catch (error) {
          assert.equal(error.code, 'NOT_FOUND');
          refused++;
        }
        done++;
      }
    }

    // All at once: one of them reads the board, the others share it.
    const boards = await Promise.all(accounts.slice(0, kPeople).map(come));
    const drawing = boards.map((board, i) => draw(board, `p${i}`));
    for (let i = 0; i < kLate; i++) {
      await until(() => done > (i + 1) * 150, { what: 'changes', every: 1 });
      const late = await come(accounts[kPeople + i]);
      boards.push(late);
      drawing.push(draw(late, `late${i}`));
    }
    await Promise.all(drawing);
    await Promise.all(boards.map((board, i) => board.add(rect(`last-${i}`))));
    assert.ok(refused > 0, 'some came too late for an object');

    const fresh = await come(accounts[0]);
    boards.push(fresh);
    const truth = fresh.entry;
    await until(() => boards.every((board) => board.version === truth.version), { what: 'all to hear all' });
    assert.ok(truth.objects.length > kPeople);
    assert.deepEqual(truth.objects.map((o) => o.place), truth.objects.map((o) => o.place).sort((a, b) => a - b));
    for (const board of boards) assert.deepEqual(board.objects(), truth.objects);
    assert.deepEqual(boards.map((board) => board.socket.all('whiteboard_reset').length), boards.map(() => 0));

    await stoa.restart();
    assert.deepEqual((await come(accounts[1])).entry, truth);
    const [kept] = await stoa.rows(`select count(*) as count from whiteboard_objects where room_id = '${room.id}'`);
    assert.equal(kept.count, truth.objects.length);
  } finally {
    await stoa.stop();
  }
});
