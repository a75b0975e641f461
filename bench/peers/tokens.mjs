// The access tokens that Stoa issues, verified as a Node server would.
import { createHmac, timingSafeEqual } from 'node:crypto';

// The user of a token, or null. HS256 alone, as Stoa pins it.
export function userOf(secret, token) {
  const [head, body, signature] = (token ?? '').split('.');
  if (!signature) return null;
  const expected = createHmac('sha256', secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  return claims.exp * 1000 > Date.now() ? claims.sub : null;
}

// The same of an Authorization header.
export const userOfHeader = (secret, header) => userOf(secret, (header ?? '').replace(/^Bearer /, ''));
