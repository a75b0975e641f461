// The database and the configuration that Stoa and its durable peers are measured with.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.mjs';
import { settings } from './settings.mjs';

const kUsers = 1000;
const kRooms = 1000;

export const files = {
  tokens: join(settings.work, 'tokens'),
  onePath: join(settings.work, 'paths-one'),
  pagePath: join(settings.work, 'paths-page'),
};

const secret = randomBytes(48).toString('base64');
export const stoaEnvironment = { STOA_DATABASE_URL: settings.pgUrl };
export const tokenSecret = secret;

// One shard on one core; every limit that guards against strangers is out of the way, since here
// all the load comes from one address on purpose. All else is the default.
const configuration = `
[server]
shards = 1

[http]
max_connections_per_address = 20000
max_requests_per_connection = 1000000000

[realtime]
max_sessions_per_user = 100
max_sessions_per_address = 20000
events_per_second = 1000000
events_burst = 1000000

[auth]
bcrypt_cost = 4

[[auth.keys]]
kid = "bench"
secret = "${secret}"

[rate_limits]
enabled = false

[log]
level = "warn"
access = false
`;

const hex = (n) => n.toString(16).padStart(12, '0');
const userId = (n) => `00000000-0000-7000-9000-${hex(n)}`;
const roomId = (n) => `00000000-0000-7000-8000-${hex(n)}`;

function psql(input) {
  const command = ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', settings.pgUrl];
  return run([join(settings.pgBin, command[0]), ...command.slice(1)], { input });
}

function stoa(args) {
  const command = [settings.stoa, ...args, '--config', join(settings.work, 'stoa.toml')];
  return run(['env', `STOA_DATABASE_URL=${settings.pgUrl}`, ...command]);
}

export async function makeWorld() {
  writeFileSync(join(settings.work, 'stoa.toml'), configuration, { mode: 0o600 });
  await stoa(['migrate']);
  await psql(readFileSync(join(settings.root, 'bench/run/world.sql'), 'utf8'));
  const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);
  const users = join(settings.work, 'users');
  writeFileSync(users, range(0, kUsers).map((n) => `${userId(n)}\n`).join(''));
  const tokens = await stoa(['admin', 'token', '--users-file', users]);
  writeFileSync(files.tokens, tokens, { mode: 0o600 });
  writeFileSync(files.onePath, range(1, kRooms).map((n) => `/api/rooms/${roomId(n)}\n`).join(''));
  writeFileSync(files.pagePath, '/api/rooms?mine=true&limit=20\n');
}

// Every durable measurement begins with empty tables and a finished checkpoint.
export async function resetMessages() {
  await psql('TRUNCATE messages, message_reactions, peer_messages; UPDATE study_rooms SET last_seq = 0;');
  await psql('VACUUM study_rooms;');
  const command = ['psql', '-X', '-q', '-d', settings.pgSuperUrl, '-c', 'CHECKPOINT'];
  await run([join(settings.pgBin, command[0]), ...command.slice(1)]);
}
