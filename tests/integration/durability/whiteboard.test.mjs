// A whiteboard's contract: what was acknowledged is kept, whatever happens to the process, to the database or to who
// holds the board; and when memory and database may differ, those on the board are told to read it again.
// STOA_KILL_ROUNDS sets how often the server is killed.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';

import { createDatabase, dropDatabase } from '../../support/database.mjs';
import { DatabaseProxy } from '../../support/database_proxy.mjs';
import { crowd, makeRoom, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { Board, rect } from '../whiteboard/board.mjs';

const kRounds = Number(process.env.STOA_KILL_ROUNDS ?? 5);

// Draws objects of its own, several changes under way at once, until the connection breaks. Knows of each object
// what was acknowledged last, and what it may be instead: what was asked for after that.
class Painter {
  acknowledged = 0;
  last = 0; // the newest version that was acknowledged
  #objects = new Map(); // id -> {version, states: [the acknowledged one, then those without an answer]}
  #turn = 0;

  constructor(name) { this.name = name; }

  async come(stoa, account, roomId) {
    this.board = await Board.join(await stoa.connect(account.token), roomId);
    return this.board;
  }

  paint(lanes) {
    const lane = async (n) => {
      const id = `${this.name}-${n}`;
      const object = this.#objects.get(id) ?? { version: 0, states: [null] };
      this.#objects.set(id, object);
      try {
        while (this.board.socket.open) {
          const drawn = randomInt(5) === 0 && object.states[0] ? null : rect(id, { turn: ++this.#turn });
          object.states.push(drawn);
          const { version } = drawn ? await this.board.add(drawn) : await this.board.remove(id);
          assert.ok(version > object.version);
          Object.assign(object, { version, states: [drawn] });
          this.acknowledged++;
          this.last = Math.max(this.last, version);
        }
      } catch (error) {
        if (error.code && error.code !== 'SHUTTING_DOWN') throw error;
      }
    };
    return Promise.all(Array.from({ length: lanes }, (_, n) => lane(n)));
  }

  // Each object is as it was acknowledged, or as something later that had no answer; from there it goes on.
  check(entry) {
    const there = new Map(entry.objects.map((o) => [o.id, o]));
    for (const [id, object] of this.#objects) {
      const found = there.get(id)?.object ?? null;
      const may = object.states.map((state) => JSON.stringify(state && sorted(state)));
      assert.ok(may.includes(JSON.stringify(found && sorted(found))), `${id} is ${JSON.stringify(found)}, and may be ${may}`);
      object.states = [found];
      object.version = there.get(id)?.version ?? 0;
    }
  }
}
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

test('kill -9 while people draw loses nothing that was acknowledged', async () => {
  const stoa = await startStoa();
  try {
    const accounts = await crowd(stoa, 4, 'painter');
    const room = await makeRoom(stoa, accounts[0], { members: accounts.slice(1) });
    const painters = accounts.map((_, i) => new Painter(`p${i}`));
    const total = () => painters.reduce((sum, p) => sum + p.acknowledged, 0);
    for (let round = 0; round <= kRounds; round++) {
      const boards = await Promise.all(painters.map((painter, i) => painter.come(stoa, accounts[i], room.id)));
      for (const { last } of painters) assert.ok(boards[0].entry.version >= last, 'versions go on');
      for (const [i, painter] of painters.entries()) painter.check(boards[i].entry);
      if (round === kRounds) break;
      const painting = painters.map((painter) => painter.paint(8));
      const enough = total() + randomInt(50, 500);
      await until(() => total() >= enough, { what: 'acknowledgements', every: 1 });
      await stoa.kill9();
      await Promise.all(painting);
      await stoa.start();
    }
  } finally {
    await stoa.stop();
  }
});

test('SIGTERM while people draw keeps what was acknowledged, and ends with 0', async () => {
  const stoa = await startStoa();
  try {
    const account = await stoa.register('painter');
    const room = await stoa.createRoom(account.token);
    const painter = new Painter('p');
    await painter.come(stoa, account, room.id);
    const painting = painter.paint(16);
    await until(() => painter.acknowledged > 100, { what: 'acknowledgements', every: 1 });
    assert.deepEqual(await stoa.end(), { code: 0, signal: null });
    await painting;
    await stoa.start();
    painter.check((await painter.come(stoa, account, room.id)).entry);
  } finally {
    await stoa.stop();
  }
});

test('a change whose commit is in doubt makes everybody read the board again', async () => {
  const database = await createDatabase();
  const proxy = await DatabaseProxy.start(database);
  let stoa;
  try {
    stoa = await startStoa({ database: proxy.url });
    const [ann, ben] = await people(stoa, 'Ann', 'Ben');
    const room = await makeRoom(stoa, ann, { members: [ben] });
    const a = await Board.join(await stoa.connect(ann.token), room.id);
    const b = await Board.join(await stoa.connect(ben.token), room.id);
    await a.add(rect('kept'));

    proxy.loseAnswerTo('the lost one');
    await assert.rejects(a.add(rect('doubt', { text: 'the lost one' })), { code: 'DB_UNAVAILABLE' });
    for (const board of [a, b]) assert.deepEqual(await board.socket.next('whiteboard_reset'), { roomId: room.id });
    await assert.rejects(b.add(rect('too early')), { code: 'INVALID_MESSAGE' });
    await assert.rejects(b.add(rect('early')), { code: 'NOT_ON_BOARD' });

    const again = (board) => until(() => board.join().catch(() => undefined), { what: 'the board to be back' });
    await again(a);
    await again(b);
    assert.deepEqual(a.entry.objects.map((o) => o.id), ['kept', 'doubt'], 'it was committed, only nobody knew');
    assert.deepEqual(b.entry, a.entry);
    await b.add(rect('next'));
    assert.equal((await a.socket.next('whiteboard_add', (e) => e.object.id === 'next')).version, a.entry.version + 1);
    assert.deepEqual(a.objects(), b.objects());
  } finally {
    await stoa?.stop();
    await proxy.stop();
    await dropDatabase(database);
  }
});

test('a board that another server has taken over is written by that one alone', async () => {
  const config = { auth: { keys: [{ kid: 'shared', secret: 'a secret that both servers know, 32 bytes or more' }] } };
  const first = await startStoa({ config });
  let second;
  try {
    second = await startStoa({ config, database: first.database });
    const account = await first.register('person');
    const room = await first.createRoom(account.token);
    const here = await Board.join(await first.connect(account.token), room.id);
    await here.add(rect('a'));
    const there = await Board.join(await second.connect(account.token), room.id);
    assert.deepEqual(there.entry.objects.map((o) => o.id), ['a']);
    await assert.rejects(here.add(rect('b')), { code: 'CONFLICT' });
    await here.socket.next('whiteboard_reset');
    await there.add(rect('c'));
    await here.join();
    assert.deepEqual(here.entry.objects.map((o) => o.id), ['a', 'c']);
    await here.remove('a');
    await assert.rejects(there.clear(), { code: 'CONFLICT' });
    await there.join();
    assert.deepEqual(there.entry.objects.map((o) => o.id), ['c']);
  } finally {
    await second?.stop();
    await first.stop();
  }
});
