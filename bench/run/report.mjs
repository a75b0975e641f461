// What a run says: a table a row on the terminal, and the same in docs/PERFORMANCE.md between the
// markers. Facts of the machine that matter, no names of it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, isShared, plan } from './cores.mjs';
import { ratios, summary } from './stats.mjs';
import { settings } from './settings.mjs';

const kBegin = '<!-- bench:begin -->';
const kEnd = '<!-- bench:end -->';

export function number(value) {
  if (value >= 10000) return Math.round(value).toLocaleString('en');
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function spread({ median, lower, upper }) {
  return `${number(median)} (${number(lower)} to ${number(upper)})`;
}

// Which of Stoa's own a contender is compared with; undefined for those themselves.
function oursOf(row, name) {
  const isOurs = (other) => other.startsWith('stoa');
  return row.ours?.[name] ?? (isOurs(name) ? undefined : Object.keys(row.contenders).find(isOurs));
}

// `measured`: contender name -> list of measurements, one a pair.
export function rowTable(row, measured, titles) {
  const ratioTitle = `${row.subject ?? 'Stoa is'} … times as good (${row.columns[0].title})`;
  const head = ['', ...row.columns.map((column) => column.title), ratioTitle];
  const lines = Object.entries(measured).map(([name, results]) => {
    const cells = row.columns.map(({ key }) =>
      results.every((result) => Number.isFinite(result[key]))
        ? spread(summary(results.map((result) => result[key])))
        : '',
    );
    const { key, better } = row.columns[0];
    const ours = measured[oursOf(row, name)]?.map((result) => result[key]);
    const theirs = results.map((result) => result[key]);
    const compared = ours ? spread(ratios(ours, theirs, better)) : '';
    return [titles[name] ?? name, ...cells, compared];
  });
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

const median = (results, value) => summary(results.map(value)).median;
const withAll = (measured, key) =>
  Object.entries(measured).filter(([, results]) => results.every((result) => result[key] > 0));

// How many times as fast as the servers the generator was, all its cores together, by the CPU time
// that a piece of work cost on either side. Empty where nothing was measured through it.
export function headroomText(row, measured, titles) {
  const { threads } = plan(row);
  const parts = withAll(measured, 'headroom').map(
    ([name, results]) => `${number(median(results, ({ headroom }) => headroom * threads))} for ${titles[name]}`,
  );
  const cores = threads === 1 ? 'one core' : `${threads} cores`;
  return parts.length ? `Times as fast as the server was the generator, on ${cores}: ${parts.join(', ')}.` : '';
}

// Who was on which core, and how full the one was that the generator shares with PostgreSQL: once it is, it
// decides what comes a second, not the server.
const kFull = 0.95;
export function coresText(row, measured, titles) {
  const where = describe(plan(row));
  if (!isShared) return where;
  const percent = (share) => Math.round(share * 100);
  const parts = withAll(measured, 'generator_busy_share').map(([name, results]) => {
    const own = median(results, (result) => result.generator_busy_share);
    const database = median(results, (result) => result.database_cpu_share ?? 0);
    const full = own + database > kFull ? ': **full, it bounds what comes a second**' : '';
    return `${percent(own)}% and ${percent(database)}% for ${titles[name]}${full}`;
  });
  return parts.length ? `${where} Of that core these two used ${parts.join(', ')}.` : where;
}

// Says so when others used the server's core in spite of the repetitions.
export function disturbanceText(measured) {
  const results = Object.values(measured).flat();
  const disturbed = results.filter(({ others_share }) => others_share > 0.1).length;
  return disturbed
    ? `**Other processes had more than a tenth of the server's core in ${disturbed} of ${results.length} measurements.**`
    : '';
}

// How far the floor moved while something was measured, as a share.
export function drift(before, after) {
  return Math.max(...['one', 'eight'].map((key) => Math.abs(after[key] / before[key] - 1)));
}

export function floorText(before, after) {
  const both = (key) => [before, after].map((floor) => number(floor[key])).join(' before and ');
  return `A bare send() cost ${both('one')} µs after, one of eight frames gathered ${both('eight')} µs after.`;
}

// The line above all tables. Figures of two machines do not stand beside each other.
function machineText() {
  const model = cpus()[0].model.trim();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} CPUs (${model}), ${gibibytes} GiB, Node ${process.version}.`;
}

// Which state of the sources was measured, where git knows it.
function commit() {
  try {
    const git = (...args) => execFileSync('git', ['-C', settings.root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'include', 'migrations') !== '';
    return ` at ${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return '';
  }
}

// A row as it stands in the document: its tables, and when and how steadily they were measured.
export function section(row, tables, before, after) {
  const when =
    `Measured ${new Date().toISOString().slice(0, 10)}${commit()} on Linux ${release()}: ${settings.pairs} pairs, ` +
    `${settings.seconds} s a window. ${floorText(before, after)}`;
  return [`### ${row.title}`, ...(row.note ? [row.note] : []), tables, when].join('\n\n');
}

// Puts the row's section into the document, among those of the other rows in the order of `rows`. They stay as they are,
// unless they are another machine's.
export function keep(rows, row, text) {
  const path = join(settings.root, 'docs/PERFORMANCE.md');
  const page = readFileSync(path, 'utf8');
  const begin = page.indexOf(kBegin);
  const end = page.indexOf(kEnd);
  if (begin < 0 || end < begin) throw new Error('docs/PERFORMANCE.md has lost its markers');
  const [machine, ...known] = page.slice(begin + kBegin.length, end).trim().split(/\n\n(?=### )/);
  const sections = machine === machineText() ? known : [];
  const titled = ({ title }) => (one) => one.startsWith(`### ${title}\n`);
  const parts = rows.map((other) => (other === row ? text : sections.find(titled(other))));
  const kept = [kBegin, machineText(), ...parts.filter(Boolean), kEnd].join('\n\n');
  writeFileSync(path, page.slice(0, begin) + kept + page.slice(end + kEnd.length));
}
