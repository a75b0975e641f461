// The two measured reads as the REST peers answer them: the same SQL as Stoa's, prepared.
import { myRooms, oneRoom } from '../run/queries.mjs';

function roomView(row) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    subjectId: row.subject_id,
    roomType: row.room_type,
    maxParticipants: row.max_participants,
    logoUrl: row.logo_url,
    createdBy: row.created_by,
    isActive: row.is_active,
    memberCount: row.member_count,
    activeCount: row.active_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

// Or undefined.
export async function findRoom(pool, id) {
  const { rows } = await pool.query({ name: 'one_room', text: oneRoom('$1'), values: [id] });
  return rows.map(roomView)[0];
}

export async function listRooms(pool, user, limit) {
  const { rows } = await pool.query({
    name: 'my_rooms',
    text: myRooms('$1', '$2'),
    values: [user, limit + 1],
  });
  const items = rows.slice(0, limit).map(roomView);
  const nextCursor = rows.length > limit ? Buffer.from(items.at(-1).id).toString('base64url') : null;
  return { items, nextCursor };
}
