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
  pairTokens: join(settings.work, 'tokens-pairs'), // of the two of each pair, one after the other
  pairRooms: join(settings.work, 'rooms-pairs'),
  certificate: join(settings.work, 'certificate.pem'),
  key: join(settings.work, 'key.pem'),
};

// Two members of each of the rooms of five, which may be in a call.
export const kPairs = 199;

const secret = randomBytes(48).toString('base64');
export const stoaEnvironment = { STOA_DATABASE_URL: settings.pgUrl };
export const tokenSecret = secret;

// One shard on one core; every limit that guards against strangers is out of the way, since here
// all the load comes from one address on purpose. All else is the default.
export const configuration = `
[server]
shards = 1

[http]
max_connections_per_address = 20000
max_requests_per_connection = 1000000000

[realtime]
max_sessions_per_user = 100
max_sessions_per_address = 20000
max_guests_per_address = 20000
max_unknown_per_address = 20000
events_per_second = 1000000
events_burst = 1000000

[auth]
bcrypt_cost = 4

[[auth.keys]]
kid = "bench"
secret = "${secret}"

[rate_limits]
enabled = false

[peerserver]
messages_per_second = 1000000.0
messages_burst = 1000000

[log]
level = "warn"
access = false
`;

const hex = (n) => n.toString(16).padStart(12, '0');
const userId = (n) => `00000000-0000-7000-9000-${hex(n)}`;
const roomId = (n) => `00000000-0000-7000-8000-${hex(n)}`;

// What the statements answer, without decoration.
function psql(input, url = settings.pgUrl) {
  const options = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url];
  return run([join(settings.pgBin, 'psql'), ...options], { input });
}
export const superPsql = (input) => psql(input, settings.pgSuperUrl);

function stoa(args) {
  const command = [settings.stoa, ...args, '--config', join(settings.work, 'stoa.toml')];
  return run(['env', `STOA_DATABASE_URL=${settings.pgUrl}`, ...command]);
}

// For the servers with TLS: P-256, as most certificates are today.
function makeCertificate() {
  return run([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
    ...['-subj', '/CN=127.0.0.1', '-days', '2', '-keyout', files.key, '-out', files.certificate],
  ]);
}

export async function makeWorld() {
  writeFileSync(join(settings.work, 'stoa.toml'), configuration, { mode: 0o600 });
  await makeCertificate();
  await stoa(['migrate']);
  await psql(readFileSync(join(settings.root, 'bench/run/world.sql'), 'utf8'));
  const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);
  const users = join(settings.work, 'users');
  writeFileSync(users, range(0, kUsers).map((n) => `${userId(n)}\n`).join(''));
  const tokens = await stoa(['admin', 'token', '--users-file', users]);
  writeFileSync(files.tokens, tokens, { mode: 0o600 });
  const lines = tokens.trim().split('\n');
  const rooms = range(2, kPairs); // room n has users n - 1 and n + 199, see world.sql
  writeFileSync(files.pairTokens, rooms.map((n) => `${lines[n - 1]}\n${lines[n + 199]}\n`).join(''), {
    mode: 0o600,
  });
  writeFileSync(files.pairRooms, rooms.map((n) => `${roomId(n)}\n`).join(''));
  writeFileSync(files.onePath, range(1, kRooms).map((n) => `/api/rooms/${roomId(n)}\n`).join(''));
  writeFileSync(files.pagePath, '/api/rooms?mine=true&limit=20\n');
}

// Every durable measurement begins with empty tables and a finished checkpoint.
export async function resetMessages() {
  await psql('TRUNCATE messages, message_reactions, peer_messages; UPDATE study_rooms SET last_seq = 0;');
  await psql('VACUUM study_rooms;');
  await superPsql('CHECKPOINT');
}
