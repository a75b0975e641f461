// Every route has been asked by somebody who may not: a row of some table of scenarios says what they are answered.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startStoa } from '../../support/stoa.mjs';

const kFolder = fileURLToPath(new URL('..', import.meta.url));

// What anybody may ask, and is answered alike.
const kPublic = [
  'GET /api/asyncapi.json', 'GET /api/group/{groupId}', 'GET /api/health', 'GET /api/openapi.json', 'GET /api/stats', 'GET /healthz', 'GET /metrics', 'GET /readyz',
  'GET /api/notes', 'GET /api/rooms', // of which strangers see the public ones
  'GET /api/subjects', 'GET /api/subjects/{id}',
  'POST /api/auth/register', 'POST /api/auth/password/forgot', 'POST /api/auth/phone/send-otp',
];

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(file);
    else if (entry.name.endsWith('.test.mjs') && file !== fileURLToPath(import.meta.url)) yield file;
  }
}

// The rows of all tables, as the files declare them when they are loaded. Without the variables that scripts/test sets no
// server is started, and the process ends before a test could want one.
function rowsOf(files) {
  const load = `
    import { writeSync } from 'node:fs';
    const { declared } = await import(${JSON.stringify(new URL('../../support/scenarios.mjs', import.meta.url))});
    for (const file of ${JSON.stringify(files)}) await import(file);
    writeSync(3, JSON.stringify(declared.map(({ who, request, answer }) => ({ who, request, answer }))));
    process.exit(0);`;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(STOA_|NODE_TEST)/.test(name)));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', load], { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    let [rows, stderr] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (data) => { stderr += data; });
    child.stdio[3].setEncoding('utf8').on('data', (data) => { rows += data; });
    child.on('error', reject).on('close', (code) => (code === 0 ? resolve(JSON.parse(rows)) : reject(new Error(stderr))));
  });
}

test('every route has refused somebody who may not', async () => {
  const files = [...filesOf(kFolder)].filter((file) => readFileSync(file, 'utf8').includes('support/scenarios.mjs'));
  const rows = await rowsOf(files);
  assert.ok(files.length > 5 && rows.length > 200, `${rows.length} rows of ${files.length} files`);
  const stoa = await startStoa();
  try {
    const refusing = new Set();
    const forPeople = new Set(); // refused somebody who is signed in, and may not all the same
    for (const { who, request, answer } of rows.filter((row) => /^4(0[134]|10)\b/.test(row.answer))) {
      const [method, target] = request.split(' ');
      const operation = stoa.document.operationOf(method, target);
      refusing.add(operation);
      if ([who].flat().some((one) => one !== 'stranger')) forPeople.add(operation);
    }
    const left = stoa.document.operations.filter((operation) => !kPublic.includes(operation));
    assert.deepEqual(left.filter((operation) => !refusing.has(operation)), [], 'routes of which no row says who may not');
    const ofOthers = left.filter((operation) => operation.includes('{'));
    assert.deepEqual(ofOthers.filter((operation) => !forPeople.has(operation)), [], 'routes of things of which no row says which people may not');
    assert.deepEqual(kPublic.filter((operation) => !stoa.document.operations.includes(operation)), [], 'public routes that are not there');
  } finally {
    await stoa.stop();
  }
});
