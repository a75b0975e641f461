// The two measured reads on Express, with its fastest settings that keep its meaning (no ETag, no
// powered-by).
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import express from 'express';
import { openPool, serve } from './messages.mjs';
import { findRoom, listRooms } from './rooms.mjs';
import { userOfHeader } from './tokens.mjs';

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

app.get('/api/rooms', async (request, response) => {
  const user = userOfHeader(values.secret, request.get('authorization'));
  if (!user) return response.status(401).json({ error: { code: 'UNAUTHORIZED' } });
  response.json(await listRooms(pool, user, Number(request.query.limit ?? 20)));
});

app.get('/api/rooms/:id', async (request, response) => {
  const room = await findRoom(pool, request.params.id);
  if (!room) return response.status(404).json({ error: { code: 'NOT_FOUND' } });
  response.json(room);
});

serve(createServer(app));
