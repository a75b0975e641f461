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
    const said = (stdout + stderr).split('\n').filter((line) => /"level":"(error|critical)"/.test(line));
    assert.equal(said.length, 1, stdout + stderr);
    assert.match(said[0], new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${stoa.port}: .*is another server running`));
    assert.equal((await stoa.api('GET', '/healthz')).status, 200);
  } finally {
    await stoa.stop();
  }
});

test('whoever wants two servers on a port says so', async () => {
  const first = await startStoa();
  try {
    const second = await startStoa({ config: { listener: [{ address: '127.0.0.1', port: first.port, shared: true }] } });
    try {
      assert.equal(second.port, first.port);
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
  }
});
