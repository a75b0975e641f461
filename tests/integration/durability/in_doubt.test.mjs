// The answer to a commit is lost on its way: nobody is told that it happened or that it did not, yet everybody
// hears the message, once and in its place.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { createDatabase, dropDatabase } from '../../support/database.mjs';
import { DatabaseProxy } from '../../support/database_proxy.mjs';
import { Connections, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

test('a message whose commit is in doubt is told before what comes after it, and once', async () => {
  const database = await createDatabase();
  const proxy = await DatabaseProxy.start(database);
  let stoa;
  let connections;
  try {
    stoa = await startStoa({ database: proxy.url });
    const [owner, other] = await people(stoa, 'owner', 'reader');
    const room = await stoa.createRoom(owner.token);
    connections = new Connections(stoa);
    const [writer, reader] = await Promise.all([owner, other].map((person) => connections.enter(person, room)));
    const say = (content, clientMessageId = randomUUID()) => writer.request('send_message', { roomId: room.id, content, clientMessageId });
    await say('first');

    const id = randomUUID();
    proxy.loseAnswerTo('the lost one');
    await assert.rejects(say('the lost one', id), { code: 'DB_UNAVAILABLE' });
    let third;
    await until(async () => { third = await say('third').catch(() => undefined); return third; }, { what: 'the database to be back' });
    assert.equal(third.seq, 3, 'the lost one has its place');
    await until(() => reader.all('new_message').length >= 3, { what: 'three messages' });
    const heard = () => reader.all('new_message').map((m) => `${m.seq} ${m.content}`);
    assert.deepEqual(heard(), ['1 first', '2 the lost one', '3 third']);

    const resent = await say('the lost one', id);
    assert.equal(resent.seq, 2);
    await say('fourth');
    await reader.next('new_message', (m) => m.content === 'fourth');
    assert.deepEqual(heard().slice(2), ['3 third', '4 fourth']);
  } finally {
    connections?.end();
    await stoa?.stop();
    await proxy.stop();
    await dropDatabase(database);
  }
});
