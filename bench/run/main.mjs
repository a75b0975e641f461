// The order of things: the floor, a row with its contenders in turn (A B B A ...), the floor, the next row, the floor ...
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, isPinned, pin, plan } from './cores.mjs';
import { floor } from './load.mjs';
import {
  coresText,
  disturbanceText,
  drift,
  floorText,
  headroomText,
  keep,
  number,
  rowTable,
  section,
} from './report.mjs';
import { rows } from './rows/index.mjs';
import { servers } from './servers.mjs';
import { settings } from './settings.mjs';
import { makeWorld } from './world.mjs';

const say = (text) => process.stderr.write(`==> ${text}\n`);
const titles = Object.fromEntries(
  Object.entries(servers).map(([name, server]) => [name, server.title]),
);

function contendersOf(row) {
  const { against, peersOnly } = settings;
  return Object.keys(row.contenders).filter((name) =>
    name.startsWith('stoa') ? !peersOnly : against.length === 0 || against.includes(name),
  );
}

// Another process on the server's core makes a measurement worthless: it is made again, twice at most.
async function measureUndisturbed(measure) {
  for (let attempt = 1; ; ++attempt) {
    const result = await measure();
    if (!(result.others_share > 0.1) || attempt === 3) return result;
    say(`  others had ${Math.round(result.others_share * 100)}% of the server's core: once more`);
  }
}

async function measureRow(row) {
  const cores = plan(row);
  pin(settings.pgPid, cores.database);
  pin(process.pid, cores.database); // and what it starts for its own ends
  const names = contendersOf(row);
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  await row.prepare?.(cores);
  for (let pair = 0; pair < settings.pairs; ++pair) {
    for (const name of pair % 2 === 0 ? names : [...names].reverse()) {
      const result = await measureUndisturbed(() => row.contenders[name](cores));
      measured[name].push(result);
      const figures = row.columns
        .filter(({ key }) => key in result)
        .map(({ key, title }) => `${number(result[key])} ${title}`);
      say(`  ${pair + 1}/${settings.pairs} ${name}: ${figures.join(', ')}`);
    }
  }
  return measured;
}

function tablesOf(row, measured) {
  const names = { ...titles, ...row.titles };
  const parts = [
    rowTable(row, measured, names),
    coresText(row, measured, names),
    headroomText(row, measured, names),
    disturbanceText(measured),
  ];
  return parts.filter(Boolean).join('\n\n');
}

const kDrift = 0.25; // A floor that moved by more says that the machine was busy with something else.

if (!isPinned) say('There is one core: nothing is pinned, and the figures are worth little');
const began = Date.now();
const chosen = rows.filter(({ id }) => settings.only.length === 0 || settings.only.includes(id));
if (chosen.length === 0) throw new Error(`--only knows ${rows.map(({ id }) => id).join(', ')}`);
await makeWorld();
say('Measuring the floor');
let before = await floor(plan({ generators: 2 }));

// Measures a row and the floor after it. What was measured on a floor that moved does not count, and is measured again, once.
async function measureSteadily(row) {
  for (let attempt = 1; ; ++attempt) {
    const measured = await measureRow(row);
    const tables = tablesOf(row, measured);
    console.log(`\n${row.title}\n\n${tables}`);
    const after = await floor(plan({ generators: 2 }));
    const result = { before, after, measured, tables, isSteady: drift(before, after) <= kDrift };
    before = after;
    say(`  ${floorText(result.before, result.after)}`);
    if (result.isSteady || settings.quick || attempt === 2) return result;
    say('  The floor moved by more than a quarter: once more');
  }
}

const all = {};
const unsteady = [];
for (const row of chosen) {
  say(`${row.title} [${row.id}]. ${describe(plan(row))}`);
  const result = await measureSteadily(row);
  all[row.id] = result;
  writeFileSync(join(settings.work, 'result.json'), JSON.stringify(all, null, 1));
  if (!result.isSteady) unsteady.push(row.id);
  else if (settings.write) keep(rows, row, section(row, result.tables, result.before, result.after));
}
say(`Took ${Math.round((Date.now() - began) / 60_000)} min`);
if (settings.write) say('Kept in docs/PERFORMANCE.md what was measured on a floor that held');
if (unsteady.length > 0) {
  say(`The floor moved by more than a quarter during ${unsteady.join(', ')}: measure again with --only ${unsteady.join(',')}`);
  process.exitCode = 3;
}
