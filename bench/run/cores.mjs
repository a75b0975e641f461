// Who runs on which core. The server under test has core 0 to itself (a row with two shards: 0 and 1).
//   four cores or more   the generator has the next one or two, PostgreSQL the rest
//   two or three         the generator and PostgreSQL share core 1
//   one                  nothing is pinned: the figures are then worth little, and say so
// What serves one row only changes between rows, never inside one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const count = availableParallelism();

export const isPinned = count >= 2;
// The generator shares a core with PostgreSQL, and so sleeps where it has nothing to read.
export const isShared = count < 4;

const range = (from, size) => Array.from({ length: size }, (_, i) => from + i);

// `generators`: as many cores as the load generator may use, 1 or 2. `servers`: those of the server.
export function plan({ generators = 1, servers = 1 } = {}) {
  if (!isPinned) return { server: null, generator: null, database: null, threads: generators };
  if (isShared) {
    return { server: range(0, servers).join(','), generator: '1', database: '1', threads: 1 };
  }
  const left = count - servers;
  const threads = Math.max(1, Math.min(generators, left - 1));
  return {
    server: range(0, servers).join(','),
    generator: range(servers, threads).join(','),
    database: range(servers + threads, left - threads).join(','),
    threads,
  };
}

// One sentence for whoever reads the table.
export function describe({ server, generator, database }) {
  if (server === null) return 'Nothing was pinned: there is one core for everything.';
  const cores = (list) => (list.includes(',') ? `cores ${list.replaceAll(',', ', ')}` : `core ${list}`);
  if (generator !== database) {
    return `The server had ${cores(server)}, the generator ${cores(generator)}, PostgreSQL ${cores(database)}.`;
  }
  const too = server.split(',').includes(generator) ? ' with it' : '';
  return `The server had ${cores(server)}; the generator and PostgreSQL shared core ${generator}${too}.`;
}

// A command line that starts pinned.
export function pinned(cores, command) {
  return cores === null ? command : ['taskset', '--cpu-list', cores, ...command];
}

// Moves a process and what it has started; what it starts later inherits from it.
export function pin(pid, cores) {
  if (cores === null) return;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  for (const one of [String(pid), ...children].filter(Boolean)) {
    try {
      execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, one], { stdio: 'ignore' });
    } catch {
      // One that ended between listing and moving needs no core.
    }
  }
}
