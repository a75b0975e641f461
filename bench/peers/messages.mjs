// What the peers share: the message that Stoa broadcasts, field by field, its table, and the ways
// in which scripts/bench talks to a server it started.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { insertMessage } from '../run/queries.mjs';

// The payload of new_message. `seq` is gapless within a room, as Stoa's is.
export function makeMessage(room, sender, payload) {
  return {
    id: randomUUID(),
    roomId: room.id,
    seq: ++room.lastSeq,
    senderId: sender.id,
    senderName: sender.name,
    content: payload.content,
    messageType: 'text',
    attachments: [],
    reactions: [],
    replyTo: null,
    isEdited: false,
    createdAt: new Date().toISOString(),
  };
}

// Without accounts, a connection is one of the 1,000 people of bench/run/world.sql in turn.
let connections = 0;
export function nextSender() {
  const n = (connections++ % 1000).toString(16).padStart(12, '0');
  return { id: `00000000-0000-7000-9000-${n}`, name: `Learner Number ${n}` };
}

// Inserts the message and answers when PostgreSQL has committed it. The statement is prepared by
// its name, once a connection.
const insert = {
  name: 'insert_message',
  text: insertMessage('$1', '$2', '$3', '$4', '$5', '$6', '$7'),
};
export function store(pool, message, clientMessageId) {
  const { id, roomId, seq, senderId, content, createdAt } = message;
  return pool.query({
    ...insert,
    values: [id, roomId, seq, senderId, clientMessageId, content, createdAt],
  });
}

export async function openPool(url, size) {
  const pool = new pg.Pool({ connectionString: url, max: size });
  await pool.query('SELECT 1');
  return pool;
}

export function rooms() {
  const byId = new Map();
  return (id) => {
    let room = byId.get(id);
    if (!room) byId.set(id, (room = { id, lastSeq: 0, members: new Set(), broadcast: null }));
    return room;
  };
}

// Listens on an ephemeral port of the loopback and says which; ends at SIGTERM. SIGUSR2 asks for
// a full collection, so that memory is read without garbage.
export function serve(server) {
  server.listen(0, '127.0.0.1', 4096, () => {
    console.log(JSON.stringify({ port: server.address().port }));
  });
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    globalThis.gc?.();
  });
  process.on('SIGTERM', () => process.exit(0));
}
