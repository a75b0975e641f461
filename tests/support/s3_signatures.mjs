// Signatures of requests to S3 (version 4), as the official SDK makes them.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

export const kKeys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

const signer = new SignatureV4({ service: 's3', region: 'us-east-1', credentials: kKeys, sha256: Sha256, uriEscapePath: false, applyChecksum: false });
const kOfTheSignature = /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)$/;

function dateOf(text) {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const requestOf = (method, url, headers, query) => ({ protocol: 'http:', method, hostname: url.hostname, port: Number(url.port), path: url.pathname, headers: { ...headers }, query,
  body: {} }); // of any kind: links sign none, requests say its hash

// The query of a link to the same: {'X-Amz-Signature': ..., ...}.
export async function signedQuery(link, method, headers = {}) {
  const url = new URL(link);
  const query = Object.fromEntries([...url.searchParams].filter(([name]) => !kOfTheSignature.test(name)));
  const signed = await signer.presign(requestOf(method, url, { host: url.host, ...headers }, query), {
    expiresIn: Number(url.searchParams.get('X-Amz-Expires')),
    signingDate: dateOf(url.searchParams.get('X-Amz-Date')),
  });
  return signed.query;
}

// Whether a request of node:http is signed, in its header or in its link, with the headers that came.
export async function isSigned({ method, url: target, headers }) {
  const url = new URL(target, `http://${headers.host}`);
  const named = (names) => Object.fromEntries(names.split(';').filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]));
  if (url.searchParams.has('X-Amz-Signature')) {
    const theirs = await signedQuery(url, method, named(url.searchParams.get('X-Amz-SignedHeaders')));
    return theirs['X-Amz-Signature'] === url.searchParams.get('X-Amz-Signature');
  }
  const names = /, SignedHeaders=([^,]+), /.exec(headers.authorization ?? '')?.[1];
  if (names === undefined) return false;
  const signed = await signer.sign(requestOf(method, url, named(names), Object.fromEntries(url.searchParams)), { signingDate: dateOf(headers['x-amz-date']) });
  return signed.headers.authorization === headers.authorization;
}
