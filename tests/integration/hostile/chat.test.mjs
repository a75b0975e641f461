// Messages that are made to keep the database busy, within the limits that everybody has.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Connections, makeRoom, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';

describe('hostile messages', () => {
  let stoa;
  let sender;
  let room;
  let connections;

  before(async () => {
    stoa = await startStoa({ config: { chat: { changed_bytes_per_user: '1MiB' } } }); // three times 30 long edits in a row
    connections = new Connections(stoa);
    [sender] = await people(stoa, 'Mallory');
    room = await makeRoom(stoa, sender);
  });
  after(async () => {
    connections.end();
    await stoa.stop();
  });

  // PostgreSQL's parser takes 3 s for 16 KiB of these signs, and a statement may take 30 s here: 30 messages would fail
  // together, and whoever's stands in their batch with them.
  for (const sign of ['_1', 'a_', '/.']) {
    test(`text of nothing but ${sign} is stored and changed as quickly as any other`, async () => {
      const socket = await connections.enter(sender, room);
      const content = sign.repeat(16384 / sign.length);
      const sent = await Promise.all(
        Array.from({ length: 30 }, () => socket.request('send_message', { roomId: room.id, content })),
      );
      const changed = await Promise.all(
        sent.map(({ id }) => socket.request('edit_message', { messageId: id, content: content.slice(sign.length) })),
      );
      assert.ok(changed.every(({ isEdited }) => isEdited));
    });
  }
});
