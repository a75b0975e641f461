// The chat of Stoa's native protocol on Socket.IO: rooms, join, broadcast, acknowledgement.
// --pg URL commits each message before it is broadcast, as Stoa does; without it nothing is kept.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import { makeMessage, nextSender, openPool, rooms, serve, store } from './messages.mjs';

const { values } = parseArgs({
  options: { pg: { type: 'string' }, 'pool-size': { type: 'string', default: '16' } },
});
const pool = values.pg ? await openPool(values.pg, Number(values['pool-size'])) : null;
const httpServer = createServer();
const io = new Server(httpServer, {
  transports: ['websocket'],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
});
const roomOf = rooms();

io.on('connection', (socket) => {
  const sender = nextSender();

  socket.on('join_room', (payload, ack) => {
    socket.join(payload.roomId);
    ack?.({ roomId: payload.roomId });
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
