// The SQL that Stoa runs for the measured requests, for its peers to run as well, word for word in
// what matters to PostgreSQL. Changes with src/features/rooms/rooms_store.cpp.

const columns =
  'r.id, r.name, r.description, r.subject_id, r.room_type, r.max_participants, r.logo_url,' +
  ' r.created_by, r.is_active, r.member_count, 0 AS active_count, r.created_at, r.updated_at';

// GET /api/rooms/{id}
export const oneRoom = (id) =>
  `SELECT ${columns} FROM study_rooms r WHERE r.id = ${id} AND r.is_active`;

// GET /api/rooms?mine=true&limit=20: one row more than asked for tells whether there is a next page.
export const myRooms = (user, limit) =>
  `SELECT ${columns} FROM room_members m JOIN study_rooms r ON r.id = m.room_id` +
  ` WHERE m.user_id = ${user} AND r.is_active ORDER BY r.id DESC LIMIT ${limit}`;

// One message, acknowledged when it is committed.
export const insertMessage = (id, room, seq, sender, clientId, content, createdAt) =>
  'INSERT INTO peer_messages (id, room_id, seq, sender_id, client_message_id, content, created_at)' +
  ` VALUES (${[id, room, seq, sender, clientId, content, createdAt].join(', ')})`;

const uuid = (kind, n) => `('00000000-0000-7000-${kind}-' || lpad(to_hex(${n}::bigint), 12, '0'))::uuid`;

export const pgbenchScripts = {
  oneRoom: `\\set n random(1, 1000)\n${oneRoom(uuid('8000', ':n'))};\n`,
  // The limit is a parameter, as everywhere: PostgreSQL plans a known one otherwise.
  myRooms: `\\set n random(0, 999)\n\\set limit 21\n${myRooms(uuid('9000', ':n'), ':limit')};\n`,
  insertMessage:
    '\\set n random(1, 1000)\n\\set u random(0, 999)\n\\set seq random(1, 9000000000000000000)\n' +
    insertMessage(
      ...['gen_random_uuid()', uuid('8000', ':n'), ':seq', uuid('9000', ':u')],
      ...['gen_random_uuid()', "'0000000001 all things flow all t'", 'now()'],
    ) +
    ';\n',
};
