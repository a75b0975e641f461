// The include graph of the sources, and the check itself on small trees that break it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function check(tree) {
  return new Promise((resolve) => {
    execFile(path.join(root, 'scripts/check_includes.py'), [tree], (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, text: stdout + stderr });
    });
  });
}

// Checks a tree of these files under the real list of allowed edges.
async function checkFiles(files) {
  const tree = mkdtempSync(path.join(tmpdir(), 'stoa-includes-'));
  try {
    const all = { 'include/stoa/core/ids.hpp': '', 'src/core/ids.cpp': '#include <stoa/core/ids.hpp>\n', ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
      writeFileSync(path.join(tree, name), text);
    }
    cpSync(path.join(root, 'scripts/allowed_includes.txt'), path.join(tree, 'scripts/allowed_includes.txt'));
    return await check(tree);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

test('the sources include only what they may', async () => {
  const { code, text } = await check(root);
  assert.equal(code, 0, text);
});

const cases = [
  ['downwards is allowed', { 'src/features/rooms/a.cpp': '#include <stoa/core/ids.hpp>\n' }, null],
  ['core includes nothing above it', { 'src/core/a.cpp': '#include <stoa/http/route.hpp>\n', 'include/stoa/http/route.hpp': '' },
    /core may not include http/],
  ['http never includes a feature', { 'src/http/a.cpp': '#include <stoa/rooms/rooms.hpp>\n' }, /http may not include features\/rooms/],
  ['a feature reaches another by its public header', { 'src/features/chat/a.cpp': '#include <stoa/rooms/rooms.hpp>\n' }, null],
  ['a feature does not reach into another', {
    'src/features/chat/a.cpp': '#include "features/rooms/rooms_store.hpp"\n', 'src/features/rooms/rooms_store.hpp': '',
  }, /private to features\/rooms/],
  ['features do not include the composition root', { 'src/features/chat/a.cpp': '#include "app/routes.hpp"\n', 'src/app/routes.hpp': '' },
    /private to app/],
  ['a circle of features', {
    'include/stoa/chat/chat.hpp': '#include <stoa/rooms/rooms.hpp>\n', 'include/stoa/rooms/rooms.hpp': '#include <stoa/chat/chat.hpp>\n',
  }, /features\/chat -> features\/rooms -> features\/chat/],
  ['a folder that nobody listed', { 'src/misc/a.cpp': '#include <stoa/core/ids.hpp>\n' }, /misc may not include core/],
];

for (const [name, files, problem] of cases) {
  test(name, async () => {
    const { code, text } = await checkFiles(files);
    assert.equal(code, problem ? 1 : 0, text);
    if (problem) assert.match(text, problem);
  });
}
