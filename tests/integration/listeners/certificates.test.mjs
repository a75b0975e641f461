// What an operator hears of the certificates that listeners have.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { runStoa, startStoa } from '../../support/stoa.mjs';

describe('a listener with TLS', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'certificates-'));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
  const make = (days) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate,
    '-days', String(days), '-subj', '/CN=localhost'], { stdio: 'ignore' });
  const listener = (more = {}) => ({ address: '127.0.0.1', port: 0, tls_certificate: certificate, tls_key: key, ...more });
  before(() => make(2));
  after(() => rmSync(folder, { recursive: true }));

  test('a file that is not there, or is no key, is a wrong configuration, which no supervisor tries again', async () => {
    const file = path.join(folder, 'stoa.toml');
    for (const [name, wrong] of [['certificate', { tls_certificate: `${certificate}.gone` }], ['key', { tls_key: certificate }]]) {
      const { tls_certificate: chain, tls_key: secret } = listener(wrong);
      writeFileSync(file, `[[listener]]\naddress = "127.0.0.1"\nport = 0\ntls_certificate = "${chain}"\ntls_key = "${secret}"\n`);
      for (const command of ['config', 'serve']) {
        const { code, stdout, stderr } = await runStoa([command, '--config', file]);
        assert.deepEqual([code, stdout], [2, ''], stderr);
        assert.match(stderr, new RegExp(`^stoa: listener\\.tls_certificate: cannot use the TLS ${name} ${name === 'key' ? secret : chain}: `));
      }
    }
  });

  test('SIGHUP: the log says when the new one ends, and what is wrong with one that cannot be used', async () => {
    const stoa = await startStoa({ config: { listener: [{ address: '127.0.0.1', port: 0 }, listener()] } });
    try {
      make(30);
      stoa.signal('SIGHUP');
      const { port, ends } = await stoa.log(({ event }) => event === 'certificates_reloaded');
      assert.equal(port, stoa.ports[1]);
      const days = (Date.parse(ends) - Date.now()) / (24 * 60 * 60 * 1000);
      assert.ok(days > 29 && days <= 30, ends);
      writeFileSync(certificate, 'broken');
      stoa.signal('SIGHUP');
      await stoa.log(({ event, reason }) => event === 'reload_failed' && reason.includes(certificate));
    } finally {
      await stoa.stop();
    }
  });
});
