// Messages that are acknowledged when they are committed, heard by their sender alone.
import { pgbench } from '../load.mjs';
import { pgbenchScripts } from '../queries.mjs';
import { contenders, oneThread } from './contenders.mjs';

const rate = { key: 'rate', title: 'acknowledged/s', better: 'more' };
const cpu = { key: 'server_cpu_us', title: 'CPU µs each', better: 'less' };
const database = { key: 'database_cpu_us', title: 'PostgreSQL µs each', better: 'less' };
const p50 = { key: 'p50_us', title: 'p50 µs', better: 'less' };
const p99 = { key: 'p99_us', title: 'p99 µs', better: 'less' };

// The number of connections at which single-row inserts are fastest, found once before the pairs.
let bestInserters = 0;
async function findBestInserters(cores) {
  let best = 0;
  for (const connections of [8, 16, 32, 64]) {
    const found = await pgbench(cores, pgbenchScripts.insertMessage, connections, 1);
    if (found.rate > best) [best, bestInserters] = [found.rate, connections];
  }
}

const sends = (connections, window) =>
  contenders(['stoa', 'socketio+pg'], 'sends', [
    ...['--connections', connections, '--rooms', connections, '--window', window, ...oneThread()],
  ]);

export const sendRows = [
  {
    id: 'sends',
    title: 'Acknowledged durable sends, 64 connections with 8 in flight each',
    note: 'pgbench inserts single rows into the same table, at its best number of connections.',
    generators: 1,
    columns: [rate, cpu, database, p50, p99],
    prepare: findBestInserters,
    contenders: {
      ...sends(64, 8),
      pgbench: (cores) => pgbench(cores, pgbenchScripts.insertMessage, bestInserters),
    },
  },
  {
    id: 'send-alone',
    title: 'One acknowledged durable send at a time',
    note: 'pgbench commits one row at a time on one connection.',
    generators: 1,
    columns: [p50, rate, p99],
    contenders: {
      ...sends(1, 1),
      pgbench: (cores) => pgbench(cores, pgbenchScripts.insertMessage, 1),
    },
  },
];
