// The two measured reads on Fastify, as its manual advises for speed: a schema for every answer, by which
// fast-json-stringify writes it, and no logger.
import { parseArgs } from 'node:util';
import Fastify from 'fastify';
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

const text = { type: 'string' };
const textOrNull = { type: 'string', nullable: true };
const whole = { type: 'integer' };
const room = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    description: textOrNull,
    subjectId: textOrNull,
    roomType: text,
    maxParticipants: whole,
    logoUrl: textOrNull,
    createdBy: textOrNull,
    isActive: { type: 'boolean' },
    memberCount: whole,
    activeCount: whole,
    createdAt: { type: 'string', format: 'date-time' },
    updatedAt: { type: 'string', format: 'date-time' },
  },
};
const problem = {
  type: 'object',
  properties: { error: { type: 'object', properties: { code: text } } },
};
const page = { type: 'object', properties: { items: { type: 'array', items: room }, nextCursor: textOrNull } };
const limited = { type: 'object', properties: { mine: { type: 'boolean' }, limit: { ...whole, default: 20 } } };

const app = Fastify({ logger: false });

app.get(
  '/api/rooms',
  { schema: { querystring: limited, response: { 200: page, 401: problem } } },
  async (request, reply) => {
    const user = userOfHeader(values.secret, request.headers.authorization);
    if (!user) return reply.code(401).send({ error: { code: 'UNAUTHORIZED' } });
    return listRooms(pool, user, request.query.limit);
  },
);

app.get(
  '/api/rooms/:id',
  { schema: { response: { 200: room, 404: problem } } },
  async (request, reply) => {
    const found = await findRoom(pool, request.params.id);
    return found ?? reply.code(404).send({ error: { code: 'NOT_FOUND' } });
  },
);

await app.ready();
serve(app.server);
