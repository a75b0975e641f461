// PeerServer, as its package makes it.
import { ExpressPeerServer } from 'peer';
import express from 'express';
import { createServer } from 'node:http';
import { serve } from './messages.mjs';

const app = express();
const httpServer = createServer(app);
app.use('/', ExpressPeerServer(httpServer, { path: '/' }));

serve(httpServer);
