// Reads over HTTP/1.1, connections kept.
import { load, pgbench } from '../load.mjs';
import { pgbenchScripts } from '../queries.mjs';
import { servers } from '../servers.mjs';
import { files } from '../world.mjs';
import { oneThread, withServer } from './contenders.mjs';

const kConnections = 16;

function rest(id, title, pathsFile, script, bare) {
  const contender = (name) => (cores) =>
    withServer(name, cores, (_, at) =>
      load(cores, [
        ...['rest', ...at, '--paths-file', pathsFile, '--tokens-file', files.tokens],
        ...['--connections', kConnections, ...oneThread()],
      ]),
    );
  return {
    id,
    title: `${title}, ${kConnections} connections`,
    note:
      'pgbench stands where the server stands, on its core, and is its own client. The last row looks at no request and no' +
      ' row: its CPU time is what nothing above these system calls and libpq goes below.',
    titles: { bare: servers[bare].title },
    generators: 1,
    columns: [
      { key: 'rate', title: 'requests/s', better: 'more' },
      { key: 'server_cpu_us', title: 'CPU µs a request', better: 'less' },
      { key: 'database_cpu_us', title: 'PostgreSQL µs a request', better: 'less' },
      { key: 'p50_us', title: 'p50 µs', better: 'less' },
      { key: 'p99_us', title: 'p99 µs', better: 'less' },
      { key: 'answer_bytes', title: 'bytes an answer', better: 'less' },
    ],
    contenders: {
      stoa: contender('stoa'),
      fastify: contender('fastify'),
      express: contender('express'),
      pgbench: (cores) => pgbench(cores, script, kConnections),
      bare: contender(bare),
    },
  };
}

export const restRows = [
  rest('rest-one', 'GET of one room', files.onePath, pgbenchScripts.oneRoom, 'bare-one'),
  rest('rest-page', "GET of a page of 20 of one's rooms, a join", files.pagePath, pgbenchScripts.myRooms, 'bare-page'),
];
