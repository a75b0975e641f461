// Services that speak S3: s3rver of npm, and one in memory that fails as told. Before both, signatures are checked as the
// official SDK makes them: s3rver knows none of version 4.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import S3rver from 's3rver';

import { isSigned, kKeys } from './s3_signatures.mjs';

const kBucket = 'stoa-files';

const configFor = (port, more) => ({
  storage: { engine: 's3' },
  s3: { endpoint: `http://127.0.0.1:${port}`, bucket: kBucket, access_key: kKeys.accessKeyId, secret_key: kKeys.secretAccessKey, prefix: 'school/', first_wait: '1ms', ...more },
  fetch: { private_networks: ['127.0.0.1'] },
});

export async function startS3rver() {
  const directory = mkdtempSync(path.join(tmpdir(), 'stoa-s3-'));
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, resetOnClose: true, configureBuckets: [{ name: kBucket }] });
  const handle = server.callback();
  server.callback = () => async (request, response) => {
    if (await isSigned(request)) handle(request, response);
    else request.resume().on('end', () => response.writeHead(403).end(xml('SignatureDoesNotMatch')));
  };
  const { port } = await server.run();
  return {
    port,
    bucket: kBucket,
    config: (more) => configFor(port, more),
    // An object of a link's path, as if the service had taken it.
    put(at, bytes) {
      const file = path.join(directory, at);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}._S3rver_object`, bytes);
      writeFileSync(`${file}._S3rver_metadata.json`, JSON.stringify({ 'content-type': 'application/octet-stream' }));
      writeFileSync(`${file}._S3rver_object.md5`, createHash('md5').update(bytes).digest('hex'));
    },
    has: (key) => existsSync(path.join(directory, kBucket, `${key}._S3rver_object`)),
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const xml = (code) => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>No</Message></Error>`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

// Keeps objects and uploads in parts, each with when it was `begun`; `fail(request, response, url)` may answer instead: then it returns true.
export async function startFakeS3() {
  const objects = new Map();
  const uploads = new Map();
  const seen = [];
  const fake = { objects, uploads, seen, fail: () => false };
  const tagOf = (bytes) => `"${createHash('md5').update(bytes).digest('hex')}"`;

  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const url = new URL(request.url, 'http://s3');
    const hash = request.headers['x-amz-content-sha256'];
    const key = decodeURIComponent(url.pathname).replace(`/${kBucket}/`, '');
    seen.push({ method: request.method, key, query: url.search, headers: request.headers, size: body.length });
    const answer = (status, text = '', headers = {}) => response.writeHead(status, headers).end(text);
    if (fake.fail(request, answer, url, body)) return;
    if (!(await isSigned(request))) return answer(403, xml('SignatureDoesNotMatch'));
    if (hash && hash !== createHash('sha256').update(body).digest('hex')) return answer(400, xml('XAmzContentSHA256Mismatch'));
    const upload = url.searchParams.get('uploadId');
    if (request.method === 'POST' && url.searchParams.has('uploads')) {
      const id = `upload ${uploads.size + 1}&<`;
      uploads.set(id, { key, parts: [], begun: new Date() });
      answer(200, `<InitiateMultipartUploadResult><UploadId>${escaped(id)}</UploadId></InitiateMultipartUploadResult>`);
    } else if (request.method === 'GET' && url.searchParams.has('uploads')) {
      const wanted = [...uploads].filter(([, one]) => one.key.startsWith(url.searchParams.get('prefix') ?? '')).slice(0, Number(url.searchParams.get('max-uploads')));
      const listed = wanted.map(([id, one]) => `<Upload><Key>${escaped(one.key)}</Key><UploadId>${escaped(id)}</UploadId><Initiated>${one.begun.toISOString()}</Initiated></Upload>`);
      answer(200, `<?xml version="1.0" encoding="UTF-8"?>\n<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join('')}</ListMultipartUploadsResult>`);
    } else if (request.method === 'GET' && url.searchParams.has('list-type')) {
      const listed = [...objects.keys()].filter((one) => one.startsWith(url.searchParams.get('prefix') ?? '')).map((one) => `<Contents><Key>${escaped(one)}</Key></Contents>`);
      answer(200, `<ListBucketResult>${listed.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`);
    } else if (upload !== null && !uploads.has(upload)) {
      answer(404, xml('NoSuchUpload'));
    } else if (request.method === 'PUT' && upload !== null) {
      uploads.get(upload).parts[Number(url.searchParams.get('partNumber')) - 1] = body;
      answer(200, '', { etag: tagOf(body) });
    } else if (request.method === 'POST' && upload !== null) {
      objects.set(key, Buffer.concat(uploads.get(upload).parts));
      uploads.delete(upload);
      answer(200, '<CompleteMultipartUploadResult><ETag>"x-1"</ETag></CompleteMultipartUploadResult>');
    } else if (request.method === 'DELETE' && upload !== null) {
      uploads.delete(upload);
      answer(204);
    } else if (request.method === 'PUT') {
      objects.set(key, body);
      const source = request.headers['x-amz-copy-source'];
      objects.set(key, source ? objects.get(decodeURIComponent(source).replace(`/${kBucket}/`, '')) : body);
      answer(200, source ? '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>' : '', { etag: tagOf(body) });
    } else if (request.method === 'DELETE') {
      objects.delete(key);
      answer(204);
    } else if (!objects.has(key)) {
      answer(404, request.method === 'HEAD' ? '' : xml('NoSuchKey'));
    } else {
      const bytes = objects.get(key);
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      const part = range ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes;
      answer(range ? 206 : 200, request.method === 'HEAD' ? '' : part, { etag: tagOf(bytes), 'content-length': part.length });
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  return Object.assign(fake, {
    port,
    config: (more) => configFor(port, more),
    refusal: xml,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  });
}
