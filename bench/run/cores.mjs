// Who runs on which core. The server under test has one core to itself, the generator the next
// ones, PostgreSQL the last ones; what serves one row only changes between rows, never inside one.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const count = availableParallelism();

// With fewer than four cores nothing is pinned: the figures are then worth little, and say so.
export const isPinned = count >= 4;

// `generators`: 1 or 2 cores for the load generator.
export function plan(generators) {
  if (!isPinned) return { server: null, generator: null, database: null };
  const rest = Array.from({ length: count - 1 - generators }, (_, i) => 1 + generators + i);
  return {
    server: '0',
    generator: generators === 1 ? '1' : '1,2',
    database: rest.join(','),
  };
}

// A command line that starts pinned.
export function pinned(cores, command) {
  return cores === null ? command : ['taskset', '--cpu-list', cores, ...command];
}

function childrenOf(pid) {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false; // it ended while we looked
    }
  });
}

// Moves PostgreSQL: its first process and what it has started; later backends inherit from it.
export function pinDatabase(pid, cores) {
  if (cores === null) return;
  for (const one of [String(pid), ...childrenOf(pid)]) {
    try {
      execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, one], { stdio: 'ignore' });
    } catch {
      // A backend that ended between listing and moving needs no core.
    }
  }
}
