// A port is one server's.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runStoa, startStoa } from '../../support/stoa.mjs';

test('a second server on the port is refused at its start, instead of taking half of the connections', async () => {
  const stoa = await startStoa();
  try {
    const env = { STOA_DATABASE_URL: stoa.database, STOA_LISTEN: `127.0.0.1:${stoa.port}` };
    const { code, stdout, stderr } = await runStoa(['serve'], { env });
    assert.equal(code, 1);
    assert.match(stdout + stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${stoa.port}: .*is another server running`));
    assert.equal((await stoa.api('GET', '/healthz')).status, 200);
  } finally {
    await stoa.stop();
  }
});
