// What a run of scripts/bench was asked for. The shell script names the parts of the world
// (binaries, PostgreSQL) in the environment, the person says the rest.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    against: { type: 'string', default: '' },
    'peers-only': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

function inEnvironment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start this by scripts/bench`);
  return value;
}

const quick = values.quick;
export const settings = {
  quick,
  pairs: Number(values.pairs ?? (quick ? 2 : 7)),
  only: values.only ? values.only.split(',') : [],        // rows by id, all when empty
  against: values.against ? values.against.split(',') : [], // contenders by name, all when empty
  peersOnly: values['peers-only'],
  write: values.write || (!quick && !values['peers-only'] && !values.against && !values.pairs),
  warmup: quick ? 1 : 2, // seconds; also the time that V8 has to compile what is hot
  seconds: quick ? 1.5 : 4,
  idleConnections: quick ? 1000 : 5000,
  root: inEnvironment('BENCH_ROOT'),
  load: inEnvironment('BENCH_LOAD'),
  bare: inEnvironment('BENCH_BARE'),
  stoa: inEnvironment('BENCH_STOA'),
  work: inEnvironment('BENCH_WORK'),
  pgBin: inEnvironment('BENCH_PG_BIN'),
  pgUrl: inEnvironment('BENCH_PG_URL'),
  pgSuperUrl: inEnvironment('BENCH_PG_SUPER_URL'),
  pgPid: Number(inEnvironment('BENCH_PG_PID')),
};
if (!(settings.pairs >= 1 && settings.pairs <= 50)) throw new Error('--pairs wants 1 to 50');
