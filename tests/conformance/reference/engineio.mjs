// `wire_echo engineio` on the npm package engine.io: every message comes back, text as text and bytes as bytes.
import { createServer } from 'node:http';
import { Server } from 'engine.io';

import { engineOptions, listen } from './options.mjs';

const server = createServer((_, response) => response.writeHead(404).end());
const engine = new Server(engineOptions);
engine.attach(server, { path: '/engine.io/' });
engine.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
listen(server);
