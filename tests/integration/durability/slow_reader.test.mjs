// Who does not read is closed with 4008; the others notice nothing, and memory stays within the queue's bound.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connections, oneTo, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

test('a reader that stops reading is closed with 4008 while the others get everything', async () => {
  const stoa = await startStoa({
    config: { realtime: { max_queue_bytes: '256KiB' }, chat: { answer_bytes: '128KiB' } },
  });
  const connections = new Connections(stoa);
  try {
    const [owner, other, slowOne] = await people(stoa, 'owner', 'reader', 'slow');
    const room = await stoa.createRoom(owner.token);
    const [writer, reader, slow] = await Promise.all([owner, other, slowOne].map((person) => connections.enter(person, room)));
    slow.pause();

    const before = stoa.memory();
    const content = 'x'.repeat(8000); // ten at a time stay well within everybody's queue
    let sent = 0;
    const closed = () => stoa.metric('stoa_realtime_slow_readers_total');
    await until(async () => {
      await Promise.all(Array.from({ length: 10 }, () => writer.request('send_message', { roomId: room.id, content })));
      sent += 10;
      return (await closed()) === 1;
    }, { what: 'the slow reader to be closed' });

    await until(() => reader.all('new_message').length === sent, { what: 'the other reader to have all' });
    assert.deepEqual(reader.all('new_message').map((m) => m.seq), oneTo(sent));
    slow.resume();
    const end = await slow.closed;
    assert.ok(end.code === 4008 || end.code === 1006, `closed with ${end.code}`);
    assert.ok(stoa.memory() - before < 64 * 1024 * 1024, 'memory stays bounded');

    const again = await connections.open(slowOne);
    const seen = slow.all('new_message').map((m) => m.seq);
    const entry = await again.request('join_room', { roomId: room.id, sinceSeq: seen.at(-1) ?? 0 });
    assert.equal(entry.lastSeq, sent);
    const missing = sent - (seen.at(-1) ?? 0);
    assert.equal(entry.complete, entry.messages.length === missing, 'an answer that is not whole says so');
    assert.deepEqual(entry.messages.map((m) => m.seq), Array.from({ length: entry.messages.length }, (_, i) => sent - entry.messages.length + 1 + i));
  } finally {
    connections.end();
    await stoa.stop();
  }
});
