// Runs test files, so many at a time: node run.mjs REPORT CONCURRENCY FILE...
// The results go to stdout; the counts ("# pass 12") and the files that took longest to REPORT, what failed and why to
// REPORT.failed.
// `node --test` would do, but for two things: on two cores it runs one file at a time, though tests mostly wait (for
// the disk, for timers, for the server), and where it can be told otherwise depends on its version.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

// Milliseconds: some times what the longest file was seen to take when asked for much (STOA_KILL_ROUNDS=50: a thousand
// seconds). Every wait in a test ends long before; this only ends a file that hangs outside of one.
const kFileTimeout = 1_800_000;
const kErrorCharacters = 1_500; // of one failure in the list; all of it is in the results

const [report, concurrency, ...files] = process.argv.slice(2);
const counts = {};
const times = new Map(); // file -> milliseconds of its tests
const failed = [];

const stream = run({ files: files.map((file) => path.resolve(file)), concurrency: Number(concurrency), timeout: kFileTimeout });
stream.on('test:fail', ({ name, file, details: { error } }) => {
  process.exitCode = 1;
  if (error.failureType === 'subtestsFailed') return; // the tests within it are listed
  const why = inspect(error.cause ?? error).slice(0, kErrorCharacters);
  failed.push(`${path.relative(process.cwd(), file ?? '')}: ${name}\n${why.replace(/^/gm, '    ')}\n`);
});
for (const end of ['test:pass', 'test:fail']) {
  stream.on(end, ({ file, nesting, details }) => {
    if (file && nesting === 0) times.set(file, (times.get(file) ?? 0) + details.duration_ms);
  });
}
stream.on('test:diagnostic', ({ message }) => {
  const [, name, count] = /^(pass|fail|cancelled|skipped|todo) (\d+)$/.exec(message) ?? [];
  if (name) counts[name] = count;
});
stream.on('end', () => {
  const slowest = [...times].sort(([, a], [, b]) => b - a).slice(0, 10);
  const lines = [
    ...Object.entries(counts).map(([name, count]) => `# ${name} ${count}`),
    ...slowest.map(([file, ms]) => `# ${(ms / 1000).toFixed(1)} s in ${path.relative(process.cwd(), file)}`),
  ];
  writeFileSync(report, `${lines.join('\n')}\n`);
  writeFileSync(`${report}.failed`, failed.join(''));
});
stream.compose(new spec()).pipe(process.stdout);
