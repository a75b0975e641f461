// Access tokens as an attacker makes them, each from a good one or from nothing.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const read = (text) => JSON.parse(Buffer.from(text, 'base64url'));

export function hs256(header, payload, secret) {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

// [what it is, the token] from a good token and the server's own key.
export function forgedTokens(good, secret) {
  const [headerText, payloadText, signature] = good.split('.');
  const header = read(headerText);
  const payload = read(payloadText);
  const seconds = Math.floor(Date.now() / 1000);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rs = `${part({ ...header, alg: 'RS256' })}.${payloadText}`;
  const hs512 = `${part({ ...header, alg: 'HS512' })}.${payloadText}`;
  const without = (name) => Object.fromEntries(Object.entries(payload).filter(([key]) => key !== name));
  return [
    ['nothing like a token', 'garbage'],
    ['two dots', '..'],
    ['alg none', `${part({ ...header, alg: 'none' })}.${payloadText}.`],
    ['alg None with the signature', `${part({ ...header, alg: 'None' })}.${payloadText}.${signature}`],
    ['no signature', `${headerText}.${payloadText}.`],
    ['another signature', `${headerText}.${payloadText}.${'A'.repeat(signature.length)}`],
    ['a changed payload', `${headerText}.${part({ ...payload, role: 'admin' })}.${signature}`],
    ['another key', hs256(header, payload, 'x'.repeat(32))],
    ['an empty key', hs256(header, payload, '')],
    ['HS512 with the right key', `${hs512}.${createHmac('sha512', secret).update(hs512).digest('base64url')}`],
    ['RS256', `${rs}.${sign('sha256', Buffer.from(rs), privateKey).toString('base64url')}`],
    ['an unknown kid', hs256({ ...header, kid: '../../dev/null' }, payload, secret)],
    ['a key of its own', hs256({ ...header, jwk: { kty: 'oct', k: part('x'.repeat(32)) } }, payload, 'x'.repeat(32))],
    ['expired', hs256(header, { ...payload, exp: seconds - 3600, iat: seconds - 7200 }, secret)],
    ['not valid yet', hs256(header, { ...payload, nbf: seconds + 3600 }, secret)],
    ['no expiry', hs256(header, without('exp'), secret)],
    ['no jti', hs256(header, without('jti'), secret)],
    ['no subject', hs256(header, without('sub'), secret)],
    ['another issuer', hs256(header, { ...payload, iss: 'somebody' }, secret)],
    ['another audience', hs256(header, { ...payload, aud: 'somebody' }, secret)],
    ['another type', hs256({ ...header, typ: 'refresh' }, payload, secret)],
    ['a subject that is no id', hs256(header, { ...payload, sub: "' or 1=1 --" }, secret)],
    ['exp as text', hs256(header, { ...payload, exp: String(payload.exp) }, secret)],
    ['a payload that is no object', hs256(header, '"text"', secret)],
    ['bytes that are no JSON', `${part('\u0000\u0001')}.${part('{')}.${signature}`],
    ['sixty-four kilobytes', `${headerText}.${'A'.repeat(65536)}.${signature}`],
  ];
}
