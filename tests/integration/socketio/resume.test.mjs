// Hundreds of clients that lose their connections and come back at the same time: what each missed, and what it costs the
// database.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createDatabase, dropDatabase } from '../../support/database.mjs';
import { DatabaseProxy } from '../../support/database_proxy.mjs';
import { Connections, crowd, makeRoom, oneTo } from '../../support/people.mjs';
import { openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kPeople = 60;
const kClientsEach = 5;
const kRooms = 10;
const kMissed = 3; // messages in each room

let database;
let proxy;
let stoa;
let connections;
before(async () => {
  database = await createDatabase();
  proxy = await DatabaseProxy.start(database);
  stoa = await startStoa({ database: proxy.url });
  connections = new Connections(stoa, (person, options) => openSocketIo(stoa, person.token, options));
});
after(async () => {
  proxy?.releaseAnswers();
  connections?.end();
  await stoa?.stop();
  await proxy?.stop();
  await dropDatabase(database);
});

const statements = async () => await stoa.metric('stoa_db_pipeline_statements_total') + await stoa.metric('stoa_db_transactions_total');
const sessions = () => stoa.metric('stoa_realtime_sessions');

function cut(client) {
  client.socket.io.reconnection(false);
  client.engine.transport.ws.terminate();
  client.engine.close();
}

test('clients that come back at once get what they missed, for a few statements a room', async () => {
  const [owner, ...members] = await crowd(stoa, kPeople + 1);
  const rooms = await Promise.all(oneTo(kRooms).map(() => makeRoom(stoa, owner, { maxParticipants: kPeople + 1 })));
  const writer = await stoa.connect(owner.token);
  for (const { id } of rooms) await writer.request('join_room', { roomId: id });
  const sayEverywhere = (content) => Promise.all(rooms.map(({ id }) => writer.request('send_message', { roomId: id, content })));

  const clients = [];
  for (const [p, person] of members.entries()) {
    clients.push(...await Promise.all(oneTo(kClientsEach).map(async (c) => {
      const client = await connections.open(person, { transports: ['websocket'] });
      client.rooms = [p + c, p + c + 1].map((n) => rooms[n % kRooms].id);
      for (const roomId of client.rooms) await client.request('join_room', { roomId });
      return client;
    })));
  }
  await sayEverywhere('seen');
  await until(() => clients.every((client) => client.all('new_message').length === 2), { what: 'everybody to hear' });

  for (const client of clients) cut(client);
  await until(async () => await sessions() === 1, { what: 'the server to see them go' });
  for (const n of oneTo(kMissed)) await sayEverywhere(`missed ${n}`);

  // However slowly this process brings them back, they ask at the same time.
  const before = await statements();
  proxy.keepAnswers();
  const back = clients.map((client) => new Promise((resolve) => { client.socket.once('connect', resolve); }));
  for (const { socket } of clients) {
    socket.io.reconnection(true);
    socket.connect();
  }
  await until(async () => await sessions() === 1 + clients.length, { what: 'all to be back' });
  proxy.releaseAnswers();
  await Promise.all(back);

  const cost = await statements() - before;
  assert.ok(cost <= 5 * kRooms, `${cost} statements for ${clients.length} clients in ${kRooms} rooms`);
  assert.equal(clients.filter(({ socket }) => socket.recovered).length, clients.length);
  await sayEverywhere('after');
  const heard = (client, roomId) => client.all('new_message').filter((m) => m.roomId === roomId).map(({ seq }) => seq);
  for (const client of clients) {
    await until(() => client.all('new_message').length >= 2 * (kMissed + 2), { what: 'the last message' });
    for (const roomId of client.rooms) assert.deepEqual(heard(client, roomId), oneTo(kMissed + 2));
  }
  writer.terminate();
});
