// How a row's contenders are measured, each on a fresh server.
import { load, window } from '../load.mjs';
import { servers } from '../servers.mjs';
import { settings } from '../settings.mjs';
import { files } from '../world.mjs';

// Starts the server, and stops it whatever happens. `at`: what the load generator is to know of it.
export async function withServer(name, cores, measure) {
  const server = await servers[name].start(cores);
  const isAlone = cores.server !== null && !cores.server.includes(',');
  try {
    return await measure(server, [
      ...['--port', server.port, '--pid', server.pid, '--database-pid', settings.pgPid],
      ...(isAlone ? ['--server-core', cores.server] : []),
    ]);
  } catch (error) {
    throw new Error(`${name}: ${error.message}\n${server.tail()}`);
  } finally {
    await server.stop();
  }
}

// The options by which the generator speaks as that server wants. `tokens`: the file with them.
export function spoken(name, tokens = files.tokens) {
  const { dialect, hasTokens, hasTls } = servers[name];
  return [
    ...['--dialect', dialect],
    ...(hasTokens ? ['--tokens-file', tokens] : []),
    ...(hasTls ? ['--tls'] : []),
  ];
}

// One scenario on each of the servers. `args`: its options, or what makes them of the cores.
export function contenders(names, scenario, args, tokens) {
  const contender = (name) => (cores) =>
    withServer(name, cores, (_, at) => {
      const options = typeof args === 'function' ? args(cores) : args;
      return load(cores, [scenario, ...spoken(name, tokens), ...at, ...options]);
    });
  return Object.fromEntries(names.map((name) => [name, contender(name)]));
}

// A window on all the threads that the generator has.
export const fullWindow = (cores) => ['--threads', cores.threads, ...window()];
export const oneThread = () => ['--threads', 1, ...window()];
