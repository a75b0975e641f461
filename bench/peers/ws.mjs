// The same chat on the bare `ws` library, in Stoa's own envelopes: the least that a Node server
// can do. One serialisation a broadcast, one send a member.
//   --secret TEXT    lets in only who comes with a token (HS256)
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { makeMessage, nextSender, rooms, serve } from './messages.mjs';
import { userOf } from './tokens.mjs';

const { values } = parseArgs({ options: { secret: { type: 'string' } } });

function isSignedIn({ req }) {
  const token = new URL(req.url, 'ws://127.0.0.1').searchParams.get('token');
  return userOf(values.secret, token) !== null;
}

const httpServer = createServer();
const server = new WebSocketServer({
  server: httpServer,
  perMessageDeflate: false,
  ...(values.secret ? { verifyClient: isSignedIn } : {}),
});
const roomOf = rooms();

function answer(socket, id, payload) {
  if (id !== undefined) socket.send(JSON.stringify({ type: 'ack', id, payload }));
}

server.on('connection', (socket) => {
  const sender = nextSender();
  const joined = new Set();

  socket.on('message', (data) => {
    const { type, payload, id } = JSON.parse(data);
    const room = roomOf(payload.roomId);
    if (type === 'join_room') {
      room.members.add(socket);
      joined.add(room);
      answer(socket, id, { roomId: room.id });
    } else if (type === 'leave_room') {
      room.members.delete(socket);
      joined.delete(room);
      answer(socket, id, {});
    } else if (type === 'send_message' && joined.has(room)) {
      const message = makeMessage(room, sender, payload);
      const text = JSON.stringify({ type: 'new_message', payload: message, timestamp: Date.now() });
      for (const member of room.members) member.send(text, { binary: false });
      answer(socket, id, message);
    }
  });

  socket.on('close', () => {
    for (const room of joined) room.members.delete(socket);
  });
});

serve(httpServer);
