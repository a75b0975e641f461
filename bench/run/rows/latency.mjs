// What somebody who does little waits for while others do much: an echo's latency, calm and beside a load.
import { load, startLoad, window } from '../load.mjs';
import { settings } from '../settings.mjs';
import { startLogins } from '../logins.mjs';
import { spoken, withServer } from './contenders.mjs';

// 20 people, each every 20 ms.
const calmClients = (name, at) => [
  ...['echo', ...spoken(name), ...at, '--connections', 20, '--every-ms', 20, '--threads', 1, ...window()],
];
const figures = (calm, loaded) => ({
  p99_us: loaded.p99_us,
  p50_us: loaded.p50_us,
  calm_p99_us: calm.p99_us,
  calm_p50_us: calm.p50_us,
});

const besideFlood = (name) => (cores) =>
  withServer(name, cores, async (_, at) => {
    const calm = await load(cores, calmClients(name, at));
    const flood = await startLoad(cores, [
      ...['fanout', ...spoken(name), ...at, '--rooms', 1, '--members', 1000, '--window', 10],
      ...['--threads', Math.max(1, cores.threads - 1), '--warmup', settings.warmup],
    ]);
    const loaded = await load(cores, calmClients(name, at));
    const { deliveries_per_s } = await flood.end();
    return { ...figures(calm, loaded), deliveries_per_s };
  });

const besideLogins = (name) => (cores) =>
  withServer(name, cores, async (server, at) => {
    const logins = await startLogins(server.port);
    const calm = await load(cores, calmClients(name, at));
    logins.begin();
    const loaded = await load(cores, calmClients(name, at));
    const { perSecond, aloneMs } = await logins.end();
    return { ...figures(calm, loaded), logins_per_s: perSecond, alone_ms: aloneMs };
  });

const columns = [
  { key: 'p99_us', title: 'p99 µs', better: 'less' },
  { key: 'p50_us', title: 'p50 µs', better: 'less' },
  { key: 'calm_p99_us', title: 'calm p99 µs', better: 'less' },
  { key: 'calm_p50_us', title: 'calm p50 µs', better: 'less' },
];
const echo = 'An echo is acknowledged and does nothing; 20 connections ask for one every 20 ms.';

export const latencyRows = [
  {
    id: 'echo-flood',
    title: "An echo's latency during a chat flood",
    note: `${echo} Meanwhile a room of 1,000 has 10 messages in flight, as fast as each server delivers them.`,
    generators: 2,
    columns: [...columns, { key: 'deliveries_per_s', title: 'deliveries/s of the flood', better: 'more' }],
    contenders: Object.fromEntries(
      ['stoa', 'socketio', 'socketio+pg'].map((name) => [name, besideFlood(name)]),
    ),
  },
  {
    id: 'echo-logins',
    title: "An echo's latency during a storm of logins",
    note: `${echo} Meanwhile 16 people sign in with their passwords again and again (bcrypt, cost 12, two threads).`,
    generators: 1,
    columns: [
      ...columns,
      { key: 'logins_per_s', title: 'logins/s', better: 'more' },
      { key: 'alone_ms', title: 'one login alone, ms', better: 'less' },
    ],
    contenders: { 'stoa-logins': besideLogins('stoa-logins') },
  },
];
