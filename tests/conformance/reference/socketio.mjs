// `wire_echo socketio` on the npm package socket.io.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

import { connectTimeout, engineOptions, listen } from './options.mjs';

const server = createServer((_, response) => response.writeHead(404).end());
const io = new Server(server, { ...engineOptions, connectTimeout });

// Without the function that answers an event which wants an acknowledgement.
const plain = (args) => (typeof args.at(-1) === 'function' ? args.slice(0, -1) : args);

function serve(socket) {
  socket.emit('auth', socket.handshake.auth);
  socket.on('message', (...args) => socket.emit('message-back', ...plain(args)));
  socket.on('message-with-ack', (...args) => {
    if (typeof args.at(-1) === 'function') args.pop()(...args);
  });
  socket.on('ask', (...args) => socket.emit('question', ...plain(args), (...answer) => socket.emit('answer-back', ...answer)));
}

io.on('connection', serve);
io.of('/custom').on('connection', serve);
listen(server);
