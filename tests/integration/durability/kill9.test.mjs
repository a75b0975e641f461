// The contract: an acknowledgement means committed; one gapless order a room; what is sent again is stored once;
// who resumes gets exactly what was missed. STOA_KILL_ROUNDS sets how often the server is killed.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';

import { oneTo } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';
import { Reader, Writer } from './checker.mjs';

const kRounds = Number(process.env.STOA_KILL_ROUNDS ?? 5);

test('kill -9 during a flood of sends loses and doubles nothing that was acknowledged', async () => {
  const stoa = await startStoa({
    // Answers so small that a resume takes several.
    config: { chat: { resume_limit: 40 } },
  });
  try {
    const owner = await stoa.register('owner');
    const room = await stoa.createRoom(owner.token, { roomType: 'public', maxParticipants: 50 });
    const writers = [];
    for (let i = 0; i < 4; i++) writers.push(new Writer(stoa, await stoa.register(`writer${i}`), room.id, `w${i}`));
    const readers = [];
    for (let i = 0; i < 2; i++) readers.push(new Reader(stoa, await stoa.register(`reader${i}`), room.id));
    const total = () => writers.reduce((sum, w) => sum + w.acknowledged.size, 0);

    for (let round = 0; round < kRounds; round++) {
      await Promise.all([...writers, ...readers].map((p) => p.connect()));
      await Promise.all(writers.map((w) => w.resendUnanswered()));
      const floods = writers.map((w) => w.flood(16));
      const enough = total() + randomInt(50, 500);
      await until(() => total() >= enough, { what: 'acknowledgements', every: 1 });
      await stoa.kill9();
      await Promise.all(floods);
      for (const reader of readers) reader.catchUp();
      await stoa.start();
    }
    await Promise.all([...writers, ...readers].map((p) => p.connect()));
    await Promise.all(writers.map((w) => w.resendUnanswered()));

    const stored = await stoa.rows(
      `select seq, client_message_id as "clientMessageId", content from messages where room_id = '${room.id}' order by seq`);
    assert.deepEqual(stored.map((m) => m.seq), oneTo(stored.length), 'one gapless sequence');
    assert.equal(new Set(stored.map((m) => m.clientMessageId)).size, stored.length, 'each message once');
    const byId = new Map(stored.map((m) => [m.clientMessageId, m]));
    for (const writer of writers) {
      assert.deepEqual(writer.refused, []);
      for (const [id, message] of writer.acknowledged) {
        assert.equal(byId.get(id)?.seq, message.seq, 'an acknowledged message is where its acknowledgement said');
        assert.equal(byId.get(id).content, message.content);
      }
    }
    assert.equal(total(), stored.length, 'every send was acknowledged in the end');
    for (const reader of readers) {
      await reader.reach(stored.length);
      assert.deepEqual(reader.seen, oneTo(stored.length), 'a reader saw each number once, in order');
      for (const { seq, content } of stored) assert.equal(reader.contents.get(seq), content);
    }
  } finally {
    await stoa.stop();
  }
});
