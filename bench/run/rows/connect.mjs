// Connections a second: connect, sign in with a token, one answer, close, and again.
import { contenders, fullWindow } from './contenders.mjs';

export const connectRows = [
  {
    id: 'connect',
    title: 'Connections with a sign-in by token, 32 at once',
    note:
      "Up to the answer to a first event (`leave_room`), then the end; the tokens are those of 1,000 people in turn. The peers verify " +
      "the token's signature (HS256) and end; Stoa also knows whether that sign-in was revoked, from PostgreSQL once a minute a person.",
    generators: 2,
    columns: [
      { key: 'server_cpu_us', title: 'CPU µs a connection', better: 'less' },
      { key: 'connections_per_s', title: 'connections/s', better: 'more' },
      { key: 'p50_us', title: 'to the answer, p50 µs', better: 'less' },
      { key: 'p99_us', title: 'p99 µs', better: 'less' },
    ],
    titles: { stoa: 'Stoa' },
    contenders: contenders(['stoa', 'socketio-tokens', 'ws-tokens'], 'connect', (cores) => [
      ...['--connections', 32, ...fullWindow(cores)],
    ]),
  },
];
