// Forms (multipart/form-data) as real clients send them: what Node's fetch makes of FormData, and curl, also with the
// `Expect: 100-continue` that it has for what is large. Against /form of tests/conformance/body_rows.cpp.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { startTarget } from '../../conformance/support/target.mjs';
import { kPatience, within } from '../../support/until.mjs';

const kLarge = 5 << 20;
const kName = 'Übung "1" – 100%.pdf';
// Byte n is n % 251, so that line ends and dashes are among them.
const numbers = (count) => Buffer.from(Uint8Array.from({ length: count }, (_, n) => n % 251));

describe('forms', () => {
  let server;
  let folder;
  before(async () => {
    server = await startTarget('bodies');
    folder = await mkdtemp(path.join(tmpdir(), 'stoa-forms-'));
    await writeFile(path.join(folder, 'small.pdf'), numbers(1000));
    await writeFile(path.join(folder, 'large.pdf'), numbers(kLarge));
  });
  after(async () => {
    await rm(folder, { recursive: true });
    await server.stop();
  });

  const taken = (more) => ({ text: '', type: 'application/pdf', bytes: 1000, inOrder: true, ...more });
  async function send(form) {
    const response = await fetch(`${server.url}form`, { method: 'POST', body: form });
    return { status: response.status, body: await response.json() };
  }

  test('fetch sends fields and then a file', async () => {
    for (const count of [0, 1000, kLarge]) {
      const form = new FormData();
      form.append('text', 'grüße\r\n--');
      form.append('more', 'ignored');
      form.append('file', new File([numbers(count)], kName, { type: 'application/pdf' }));
      assert.deepEqual((await send(form)).body, taken({ text: 'grüße\r\n--', name: kName, bytes: count }));
    }
  });

  test('a field that was appended behind the file is refused, and the next request served', async () => {
    const form = new FormData();
    form.append('file', new Blob([numbers(1000)]), 'a');
    assert.deepEqual((await send(form)).body, taken({ name: 'a', type: 'application/octet-stream' }));
    form.append('text', 'late');
    const { status, body } = await send(form);
    assert.equal(status, 400);
    assert.equal(body.error.code, 'INVALID_FORM');
    assert.equal(body.error.details.reason, 'after_file');
  });

  // Processor time in ticks. Each byte of the form is a chunk of its own.
  async function costOf(form) {
    const head = 'POST /form HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n';
    const before_ = server.cpuTime();
    const socket = net.connect(server.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => { text += data; });
    socket.end(`${head}${Array.from(form, (byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`);
    await within(once(socket, 'close'));
    assert.match(text, /^HTTP\/1\.1 200 /);
    return server.cpuTime() - before_;
  }

  // Sixty times what may stand around a part at the most: what has come is not to be looked at anew for each byte.
  test('long heads and blanks of parts cost no more than content, however small the pieces are', async () => {
    const kParts = 60;
    const filler = (letter) => letter.repeat(8000);
    const part = ({ blanks = '', field = '', content = '' }, i) => `--b${blanks}\r\nContent-Disposition: form-data; name="f${i}"${field}\r\n\r\n${content}\r\n`;
    const form = (what, count = kParts) => `${Array.from({ length: count }, (_, i) => part(what, i)).join('')}--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${count < kParts ? filler('x').repeat(kParts) : ''}\r\n--b--\r\n`;
    const plain = await costOf(form({}, 0));
    for (const what of [{ blanks: filler(' ') }, { field: `\r\nX: ${filler('x')}` }]) {
      const cost = await costOf(form(what));
      assert.ok(cost < 3 * plain + 50, `${Object.keys(what)}: ${cost} ticks, and ${plain} for content`);
    }
  });

  // What curl says and does: the answer's body, what it was told and tells (-v), and how much of the form it sent.
  async function curl(target, ...options) {
    const { stdout, stderr } = await promisify(execFile)('curl', ['--silent', '--verbose', '--noproxy', '*', '--write-out', '\n%{http_code} %{size_upload}', ...options, `${server.url}${target}`], { timeout: kPatience });
    const [, body, status, sent] = /^([^]*)\n(\d+) (\d+)$/.exec(stdout);
    return { body: JSON.parse(body), status: Number(status), sent: Number(sent), told: stderr };
  }
  const file = (name, more = '') => ['--form', `file=@${path.join(folder, name)}${more}`];

  test('curl sends fields and then a file', async () => {
    const { body } = await curl('form', '--form', 'text=hello', ...file('small.pdf'));
    assert.deepEqual(body, taken({ text: 'hello', name: 'small.pdf', type: body.type }));
    const named = await curl('form', ...file('small.pdf', ';filename="Übung \\"1\\".pdf";type=application/pdf'));
    assert.deepEqual(named.body, taken({ name: 'Übung "1".pdf' }));
    const chunked = await curl('form', '--header', 'Transfer-Encoding: chunked', ...file('small.pdf', ';type=application/pdf'));
    assert.deepEqual(chunked.body, taken({ name: 'small.pdf' }));
  });

  for (const [what, options] of [['of known length', []], ['in chunks', ['--header', 'Transfer-Encoding: chunked']]]) {
    test(`curl waits for its invitation with a large file ${what}`, async () => {
      const { body, status, told } = await curl('form', '--header', 'Expect: 100-continue', ...options, ...file('large.pdf', ';type=application/pdf'));
      assert.equal(status, 200);
      assert.match(told, /^> Expect: 100-continue\r?\n[^]*^< HTTP\/1\.1 100 Continue\r?\n[^]*^< HTTP\/1\.1 200 OK\r?\n/m);
      assert.deepEqual(body, taken({ name: 'large.pdf', bytes: kLarge }));
    });
  }

  test('curl asks by itself before it uploads a large file as the body', async () => {
    for (const options of [[], ['--header', 'Transfer-Encoding: chunked']]) {
      const { body, sent, told } = await curl('sink', '--request', 'POST', ...options, '--upload-file', path.join(folder, 'large.pdf'));
      assert.match(told, /^> Expect: 100-continue\r?\n[^]*^< HTTP\/1\.1 100 Continue\r?\n[^]*^< HTTP\/1\.1 200 OK\r?\n/m);
      assert.deepEqual([body, sent >= kLarge], [{ bytes: kLarge }, true]);
    }
    const { status, sent } = await curl('nothing', '--request', 'POST', '--upload-file', path.join(folder, 'large.pdf'));
    assert.deepEqual([status, sent], [404, 0]);
  });

  test('curl asks by itself before it sends a large file, and sends nothing of what is refused', async () => {
    for (const [target, options, code] of [
      ['nothing', [], 404],
      ['form', ['--header', 'Content-Type: application/json'], 415],
    ]) {
      const { status, sent, told } = await curl(target, ...options, ...file('large.pdf'));
      assert.match(told, /^> Expect: 100-continue\r?\n/m);
      assert.equal(status, code);
      assert.doesNotMatch(told, /100 Continue/);
      assert.equal(sent, 0, `${target}: ${told}`);
    }
  });
});
