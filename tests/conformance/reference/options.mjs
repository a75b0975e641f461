// What the two reference servers have in common: their command line, which is wire_echo's, and their timings.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'ping-interval': { type: 'string', default: '300' },
    'ping-timeout': { type: 'string', default: '200' },
    'connect-timeout': { type: 'string', default: '1000' },
    'upgrade-timeout': { type: 'string', default: '10000' },
  },
});

export const port = Number(values.port);
export const connectTimeout = Number(values['connect-timeout']);
export const engineOptions = {
  pingInterval: Number(values['ping-interval']),
  pingTimeout: Number(values['ping-timeout']),
  upgradeTimeout: Number(values['upgrade-timeout']),
  maxHttpBufferSize: 1_000_000,
  cors: { origin: true, credentials: true },
};

export function listen(server) {
  server.listen(port, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
}
