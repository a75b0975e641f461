// The rows of docs/PERFORMANCE.md: what is measured, on how many generator cores, and who is
// compared. The first column of a row is the one by which its ratio is formed.
import { load, pgbench, window } from './load.mjs';
import { pgbenchScripts } from './queries.mjs';
import { servers } from './servers.mjs';
import { settings } from './settings.mjs';
import { files } from './world.mjs';

// A fresh server for each measurement, stopped whatever happens.
async function withServer(name, cores, measure) {
  const server = await servers[name].start(cores);
  try {
    return await measure(server, [
      ...['--port', server.port, '--pid', server.pid],
      ...(cores.server === null ? [] : ['--server-core', cores.server]),
    ]);
  } catch (error) {
    throw new Error(`${name}: ${error.message}\n${server.tail()}`);
  } finally {
    await server.stop();
  }
}

function spoken(name) {
  const { dialect, hasTokens } = servers[name];
  return ['--dialect', dialect, ...(hasTokens ? ['--tokens-file', files.tokens] : [])];
}

function chat(names, scenario, args) {
  const contender = (name) => (cores) =>
    withServer(name, cores, (_, at) => load(cores, [scenario, ...spoken(name), ...at, ...args]));
  return Object.fromEntries(names.map((name) => [name, contender(name)]));
}

function fanout(id, rooms, members, inFlight, note) {
  const inFlightText = inFlight === 1 ? 'one message' : `${inFlight} messages`;
  return {
    id,
    title: `Fan-out, ${rooms} × ${members.toLocaleString('en')} members, ${inFlightText} in flight a room`,
    note,
    generators: 2,
    columns: [
      { key: 'server_cpu_us', title: 'CPU µs a delivery', better: 'less' },
      { key: 'deliveries_per_s', title: 'deliveries/s', better: 'more' },
      { key: 'p50_us', title: 'p50 µs', better: 'less' },
      { key: 'p99_us', title: 'p99 µs', better: 'less' },
      { key: 'bytes_a_delivery', title: 'bytes a delivery', better: 'less' },
    ],
    contenders: chat(['stoa', 'socketio', 'socketio+pg', 'ws'], 'fanout', [
      ...['--rooms', rooms, '--members', members, '--window', inFlight],
      ...['--threads', 2, ...window()],
    ]),
  };
}

const idleArgs = ['--connections', settings.idleConnections, '--threads', 1];
const kRestConnections = 16;

function rest(id, title, pathsFile, script) {
  const contender = (name) => (cores) =>
    withServer(name, cores, (_, at) =>
      load(cores, [
        ...['rest', ...at, '--paths-file', pathsFile, '--tokens-file', files.tokens],
        ...['--connections', kRestConnections, '--threads', 1, ...window()],
      ]),
    );
  return {
    id,
    title: `${title}, ${kRestConnections} connections`,
    note: 'pgbench stands where the server stands, on its core, and is its own client.',
    generators: 1,
    columns: [
      { key: 'rate', title: 'requests/s', better: 'more' },
      { key: 'server_cpu_us', title: 'CPU µs a request', better: 'less' },
      { key: 'p50_us', title: 'p50 µs', better: 'less' },
      { key: 'p99_us', title: 'p99 µs', better: 'less' },
      { key: 'answer_bytes', title: 'bytes an answer', better: 'less' },
    ],
    contenders: {
      stoa: contender('stoa'),
      express: contender('express'),
      pgbench: (cores) => pgbench(cores, script, kRestConnections),
    },
  };
}

// The number of connections at which single-row inserts are fastest, found once before the pairs.
let bestInserters = 0;
async function findBestInserters(cores) {
  let best = 0;
  for (const connections of [8, 16, 32, 64]) {
    const { rate } = await pgbench(cores, pgbenchScripts.insertMessage, connections, 1);
    if (rate > best) [best, bestInserters] = [rate, connections];
  }
}

const sendColumns = [
  { key: 'rate', title: 'acknowledged/s', better: 'more' },
  { key: 'server_cpu_us', title: 'CPU µs each', better: 'less' },
  { key: 'p50_us', title: 'p50 µs', better: 'less' },
  { key: 'p99_us', title: 'p99 µs', better: 'less' },
];

export const rows = [
  fanout('fanout-big-1', 1, 1000, 1),
  fanout('fanout-big-10', 1, 1000, 10),
  fanout('fanout-small-10', 200, 5, 10),
  {
    id: 'idle',
    title: `Idle connections, ${settings.idleConnections.toLocaleString('en')} of them`,
    note: 'Resident memory that they add; the Node peers have collected their garbage before.',
    generators: 1,
    columns: [
      { key: 'bytes_a_connection', title: 'bytes a connection', better: 'less' },
      { key: 'resident_before', title: 'resident before', better: 'less' },
    ],
    contenders: {
      ...chat(['stoa'], 'idle', idleArgs),
      ...chat(['socketio', 'ws'], 'idle', [...idleArgs, '--collect-garbage']),
    },
  },
  rest('rest-one', 'GET of one room', files.onePath, pgbenchScripts.oneRoom),
  rest('rest-page', "GET of a page of 20 of one's rooms, a join", files.pagePath, pgbenchScripts.myRooms),
  {
    id: 'sends',
    title: 'Acknowledged durable sends, 64 connections with 8 in flight each',
    note: 'pgbench inserts single rows into the same table, at its best number of connections.',
    generators: 1,
    columns: sendColumns,
    prepare: findBestInserters,
    contenders: {
      ...chat(['stoa', 'socketio+pg'], 'sends', [
        ...['--connections', 64, '--rooms', 64, '--window', 8, '--threads', 1, ...window()],
      ]),
      pgbench: (cores) => pgbench(cores, pgbenchScripts.insertMessage, bestInserters),
    },
  },
  {
    id: 'send-alone',
    title: 'One acknowledged durable send at a time',
    note: 'pgbench commits one row at a time on one connection.',
    generators: 1,
    columns: [sendColumns[2], sendColumns[0], sendColumns[3]],
    contenders: {
      ...chat(['stoa', 'socketio+pg'], 'sends', [
        ...['--connections', 1, '--rooms', 1, '--window', 1, '--threads', 1, ...window()],
      ]),
      pgbench: (cores) => pgbench(cores, pgbenchScripts.insertMessage, 1),
    },
  },
];
