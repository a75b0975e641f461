// Calls of the load generator and of pgbench. Each answers one measurement as an object.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isShared, pinned } from './cores.mjs';
import { run, start } from './processes.mjs';
import { settings } from './settings.mjs';
import { quantile } from './stats.mjs';

function commandOf(cores, args) {
  const sleep = isShared ? ['--sleeps'] : [];
  return pinned(cores.generator, [settings.load, ...args.map(String), ...sleep]);
}

// A measurement with errors, lost or misordered deliveries is none.
function resultOf(command, text) {
  const result = JSON.parse(text);
  result.rate = result.acks_per_s ?? result.requests_per_s;
  for (const fault of ['errors', 'closed', 'missing', 'misordered']) {
    if (result[fault] > 0) throw new Error(`${command.join(' ')}: ${JSON.stringify(result)}`);
  }
  return result;
}

// `args`: the scenario and its own options.
export async function load(cores, args) {
  const command = commandOf(cores, args);
  return resultOf(command, await run(command));
}

// The same beside something else: answers when its connections are ready. end() closes its window and answers
// its result, so that it lasts as long as what it stands beside.
const kLongest = 100; // seconds
export async function startLoad(cores, args) {
  const command = commandOf(cores, [...args, '--seconds', kLongest]);
  const child = await start(command, { ready: (line) => (line === 'ready' ? true : null) });
  return {
    async end() {
      process.kill(child.pid, 'SIGUSR1');
      await child.ended;
      return resultOf(command, child.tail().trim().split('\n').at(-1));
    },
  };
}

export function window() {
  return ['--warmup', settings.warmup, '--seconds', settings.seconds];
}

// pgbench stands where the server would: on the server's core, one thread, `connections` of them.
export async function pgbench(cores, script, connections, seconds = settings.seconds) {
  const folder = mkdtempSync(join(settings.work, 'pgbench-'));
  try {
    writeFileSync(join(folder, 'script.sql'), script);
    const command = [
      ...[join(settings.pgBin, 'pgbench'), '--no-vacuum', '--protocol=prepared', '--jobs=1'],
      ...[`--client=${connections}`, `--time=${Math.ceil(seconds)}`],
      ...['--log', `--log-prefix=${join(folder, 'log')}`, '--sampling-rate=0.2'],
      ...[`--file=${join(folder, 'script.sql')}`, settings.pgUrl],
    ];
    const text = await run(pinned(cores.server, command));
    const latencies = readdirSync(folder)
      .filter((name) => name.startsWith('log.'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
      .map((line) => Number(line.split(' ')[2]));
    return {
      rate: Number(/tps = ([\d.]+)/.exec(text)[1]),
      p50_us: quantile(latencies, 0.5),
      p99_us: quantile(latencies, 0.99),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// The price of one bare send() of 128 bytes, and of eight gathered, to 1,000 connections.
export async function floor(cores) {
  const readings = { one: [], eight: [], ceiling: [] };
  for (let i = 0; i < (settings.quick ? 3 : 5); ++i) {
    for (const [name, gathered] of [['one', 1], ['eight', 8]]) {
      const result = await load(cores, [
        ...['self', '--connections', 1000, '--gathered', gathered, '--threads', cores.threads],
        ...['--warmup', 0.3, '--seconds', 1, '--sender-cpu', cores.server ?? -1],
      ]);
      readings[name].push(result.send_cpu_us_a_frame);
      if (name === 'eight') readings.ceiling.push(result.generator_ceiling_per_core);
    }
  }
  return {
    one: quantile(readings.one, 0.5),
    eight: quantile(readings.eight, 0.5),
    ceiling: quantile(readings.ceiling, 0.5),
  };
}
