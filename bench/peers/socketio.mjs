// The chat of Stoa's native protocol on Socket.IO: rooms, join, broadcast, acknowledgement, and signals
// from one to another.
//   --pg URL         commits each message before it is broadcast, as Stoa does; without it nothing is kept
//   --secret TEXT    lets in only who comes with a token (HS256)
//   --tls-certificate FILE --tls-key FILE
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import { makeMessage, nextSender, openPool, rooms, serve, store } from './messages.mjs';
import { userOf } from './tokens.mjs';

const { values } = parseArgs({
  options: {
    pg: { type: 'string' },
    'pool-size': { type: 'string', default: '16' },
    secret: { type: 'string' },
    'tls-certificate': { type: 'string' },
    'tls-key': { type: 'string' },
  },
});
const pool = values.pg ? await openPool(values.pg, Number(values['pool-size'])) : null;
const httpServer = values['tls-key']
  ? createTlsServer({ cert: readFileSync(values['tls-certificate']), key: readFileSync(values['tls-key']) })
  : createServer();
const io = new Server(httpServer, {
  transports: ['websocket'],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
});
const roomOf = rooms();

if (values.secret) {
  io.use((socket, next) => {
    const user = userOf(values.secret, socket.handshake.auth.token);
    if (!user) return next(new Error('UNAUTHORIZED'));
    socket.data.user = user;
    next();
  });
}

io.on('connection', (socket) => {
  const sender = nextSender();

  socket.on('join_room', (payload, ack) => {
    socket.join(payload.roomId);
    ack?.({ roomId: payload.roomId });
  });

  socket.on('leave_room', (payload, ack) => {
    socket.leave(payload.roomId);
    ack?.({});
  });

  socket.on('signal', ({ roomId, to, signal }) => {
    io.to(to).emit('signal', { roomId, from: socket.id, signal });
  });

  socket.on('send_message', async (payload, ack) => {
    if (!socket.rooms.has(payload.roomId)) return socket.emit('error', { code: 'FORBIDDEN' });
    const room = roomOf(payload.roomId);
    const message = makeMessage(room, sender, payload);
    if (pool) {
      // The inserts of a room run side by side; only the broadcasts wait for their turn, so that
      // every member sees the room's order.
      const earlier = room.broadcast;
      const stored = store(pool, message, payload.clientMessageId);
      await (room.broadcast = earlier ? Promise.all([earlier, stored]) : stored);
    }
    io.to(room.id).emit('new_message', message);
    ack?.(message);
  });
});

serve(httpServer);
