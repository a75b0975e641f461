// What one message costs that everybody in a room hears.
import { isShared } from '../cores.mjs';
import { contenders, fullWindow } from './contenders.mjs';

const columns = [
  { key: 'server_cpu_us', title: 'CPU µs a delivery', better: 'less' },
  { key: 'deliveries_per_s', title: 'deliveries/s', better: 'more' },
  { key: 'p50_us', title: 'p50 µs', better: 'less' },
  { key: 'p99_us', title: 'p99 µs', better: 'less' },
  { key: 'bytes_a_delivery', title: 'bytes a delivery', better: 'less' },
];

function fanout(id, rooms, members, inFlight, { names, how = '', ...more } = {}) {
  const inFlightText = inFlight === 1 ? 'one message' : `${inFlight} messages`;
  const args = (cores) => [
    ...['--rooms', rooms, '--members', members, '--window', inFlight],
    ...fullWindow(cores),
  ];
  return {
    id,
    title: `Fan-out${how}, ${rooms} × ${members.toLocaleString('en')} members, ${inFlightText} in flight a room`,
    generators: 2,
    columns,
    contenders: contenders(names ?? ['stoa', 'socketio', 'socketio+pg', 'ws'], 'fanout', args),
    ...more,
  };
}

const [cpu, rate, ...others] = columns;

export const fanoutRows = [
  fanout('fanout-big-1', 1, 1000, 1),
  fanout('fanout-big-10', 1, 1000, 10),
  fanout('fanout-small-10', 200, 5, 10),
  fanout('fanout-socketio', 1, 1000, 10, {
    names: ['stoa-socketio', 'socketio'],
    how: ' to clients of Socket.IO',
    note: 'The same clients on both: Socket.IO 5 on Engine.IO 4, WebSocket from the start. The address is all that differs.',
  }),
  fanout('fanout-tls', 1, 1000, 10, {
    names: ['stoa-tls', 'socketio-tls'],
    how: ' over TLS 1.3',
  }),
  fanout('shards', 1, 1000, 10, {
    names: ['stoa-2', 'stoa'],
    how: ' with two shards',
    servers: 2,
    ours: { stoa: 'stoa-2' },
    subject: 'Two shards are',
    columns: isShared ? [cpu, rate, ...others] : [rate, cpu, ...others],
    note: isShared
      ? 'On fewer than four cores the second shard shares its core with the generator and PostgreSQL, so that ' +
        'CPU time is the figure here: what a delivery costs more because two threads share the work. Deliveries ' +
        'a second say something on four cores or more only.'
      : 'The single shard has the same two cores for its threads.',
  }),
];
