// Where the time of a durable message goes: the server, PostgreSQL, the disk.
import { load } from '../load.mjs';
import { superPsql } from '../world.mjs';
import { fullWindow, spoken, withServer } from './contenders.mjs';

// pg_stat_statements is loaded all the time and watches nothing (scripts/bench), except for this row.
const watched = { 'pg_stat_statements.track': 'top', compute_query_id: 'on', track_wal_io_timing: 'on' };
const each = (make) => Object.entries(watched).map(make).join('\n');

// Read when the server has ended, since a backend tells the last of its figures at its own end.
const kFigures = `
WITH inserts AS (
  SELECT sum(total_exec_time) AS ms, sum(calls) AS calls FROM pg_stat_statements
   WHERE query ~* 'insert into (peer_)?messages'
), stored AS (
  SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM peer_messages) AS messages
)
SELECT json_build_object(
  'messages', messages, 'statement_us', ms * 1000 / messages, 'messages_a_statement', messages / calls,
  'wal_bytes', wal_bytes / messages, 'syncs_per_1000', wal_sync * 1000.0 / messages,
  'sync_us', wal_sync_time * 1000 / messages)
  FROM inserts, stored, pg_stat_wal;`;

function contender(name) {
  return async (cores) => {
    await superPsql(each(([key, value]) => `ALTER DATABASE :"DBNAME" SET ${key} = ${value};`));
    try {
      await superPsql("SELECT pg_stat_statements_reset(); SELECT pg_stat_reset_shared('wal');");
      const result = await withServer(name, cores, (_, at) =>
        load(cores, [
          ...['fanout', ...spoken(name), ...at, '--rooms', 200, '--members', 5, '--window', 10],
          ...fullWindow(cores),
        ]),
      );
      const deliveries = result.deliveries_per_s / result.messages_per_s; // of one message
      return {
        ...JSON.parse(await superPsql(kFigures)),
        others_share: result.others_share,
        generator_busy_share: result.generator_busy_share,
        database_cpu_share: result.database_cpu_share,
        server_us: result.server_cpu_us * deliveries,
        database_us: result.database_cpu_us * deliveries,
        messages_per_s: result.messages_per_s,
      };
    } finally {
      await superPsql(each(([key]) => `ALTER DATABASE :"DBNAME" RESET ${key};`));
    }
  };
}

export const messageCostRows = [
  {
    id: 'message-cost',
    title: 'Where the time of a durable message goes, 200 × 5 members, 10 messages in flight a room',
    note:
      "A message to five people. PostgreSQL's CPU time is that of all its processes; the statement's is the time " +
      'between its begin and its end, of which the flush of the log is no part; the log is what is written ahead (WAL).',
    generators: 2,
    columns: [
      { key: 'database_us', title: 'PostgreSQL CPU µs', better: 'less' },
      { key: 'server_us', title: 'server CPU µs', better: 'less' },
      { key: 'statement_us', title: 'in the statement, µs', better: 'less' },
      { key: 'messages_a_statement', title: 'messages a statement', better: 'more' },
      { key: 'wal_bytes', title: 'bytes of log', better: 'less' },
      { key: 'syncs_per_1000', title: 'flushes of the log, a thousand messages', better: 'less' },
      { key: 'sync_us', title: 'in flushes, µs', better: 'less' },
      { key: 'messages_per_s', title: 'messages/s', better: 'more' },
    ],
    prepare: () => superPsql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements;'),
    contenders: { stoa: contender('stoa'), 'socketio+pg': contender('socketio+pg') },
  },
];
