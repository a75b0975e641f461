// The order of things: the floor, each row with its contenders in turn (A B B A ...), the floor.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, isPinned, pin, plan } from './cores.mjs';
import { floor } from './load.mjs';
import {
  coresText,
  disturbanceText,
  document,
  drift,
  headroomText,
  number,
  rowTable,
  writeDocument,
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

if (!isPinned) say('There is one core: nothing is pinned, and the figures are worth little');
const began = Date.now();
const chosen = rows.filter(({ id }) => settings.only.length === 0 || settings.only.includes(id));
if (chosen.length === 0) throw new Error(`--only knows ${rows.map(({ id }) => id).join(', ')}`);
await makeWorld();
say('Measuring the floor');
const before = await floor(plan({ generators: 2 }));
const all = {};
const tables = {};
for (const row of chosen) {
  say(`${row.title} [${row.id}]. ${describe(plan(row))}`);
  all[row.id] = await measureRow(row);
  const names = { ...titles, ...row.titles };
  const parts = [
    rowTable(row, all[row.id], names),
    coresText(row, all[row.id], names),
    headroomText(row, all[row.id], names),
    disturbanceText(all[row.id]),
  ];
  tables[row.id] = parts.filter(Boolean).join('\n\n');
  console.log(`\n${row.title}\n\n${tables[row.id]}`);
}
say('Measuring the floor again');
const after = await floor(plan({ generators: 2 }));
const text = document(chosen, tables, before, after);
writeFileSync(join(settings.work, 'result.json'), JSON.stringify({ before, after, all }, null, 1));
writeFileSync(join(settings.work, 'result.md'), `${text}\n`);
console.log(
  `\nFloor: ${number(before.one)} -> ${number(after.one)} µs a send(), ` +
    `${number(before.eight)} -> ${number(after.eight)} µs a frame of eight gathered`,
);
say(`Took ${Math.round((Date.now() - began) / 60_000)} min`);
if (drift(before, after) > 0.25) {
  say('The floor moved by more than a quarter: this run does not count and is not kept');
  process.exitCode = 3;
} else if (settings.write && settings.only.length === 0) {
  writeDocument(text);
  say('Kept in docs/PERFORMANCE.md');
}
