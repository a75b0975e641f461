// The two measured reads on Express: one room, and a page of the caller's rooms. The same SQL as
// Stoa's, prepared; the fastest settings of Express that keep its meaning (no ETag, no powered-by).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import express from 'express';
import { myRooms, oneRoom } from '../run/queries.mjs';
import { openPool, serve } from './messages.mjs';

const { values } = parseArgs({
  options: {
    pg: { type: 'string' },
    'pool-size': { type: 'string', default: '8' },
    secret: { type: 'string' },
  },
});
const pool = await openPool(values.pg, Number(values['pool-size']));

const app = express();
app.disable('etag');
app.disable('x-powered-by');

// The user of a bearer token, or null. HS256 alone, as Stoa pins it.
function userOf(header) {
  const [head, body, signature] = (header ?? '').replace(/^Bearer /, '').split('.');
  if (!signature) return null;
  const expected = createHmac('sha256', values.secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  return claims.exp * 1000 > Date.now() ? claims.sub : null;
}

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

app.get('/api/rooms', async (request, response) => {
  const user = userOf(request.get('authorization'));
  if (!user) return response.status(401).json({ error: { code: 'UNAUTHORIZED' } });
  const limit = Number(request.query.limit ?? 20);
  const { rows } = await pool.query({
    name: 'my_rooms',
    text: myRooms('$1', '$2'),
    values: [user, limit + 1],
  });
  const items = rows.slice(0, limit).map(roomView);
  const nextCursor = rows.length > limit ? Buffer.from(items.at(-1).id).toString('base64url') : null;
  response.json({ items, nextCursor });
});

app.get('/api/rooms/:id', async (request, response) => {
  const { rows } = await pool.query({
    name: 'one_room',
    text: oneRoom('$1'),
    values: [request.params.id],
  });
  if (rows.length === 0) return response.status(404).json({ error: { code: 'NOT_FOUND' } });
  response.json(roomView(rows[0]));
});

serve(createServer(app));
