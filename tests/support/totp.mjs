// What an app with codes does (RFC 6238), and accounts that have one.
//
//   const { secret, recoveryCodes } = await turnOn(stoa, ada);
//   const tokens = await signInWithBoth(stoa, ada, secret);
import { createHmac } from 'node:crypto';

const kAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const kStep = 30_000; // milliseconds

function bytesOf(base32) {
  const bits = [...base32].map((c) => kAlphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

export const presentStep = () => Math.floor(Date.now() / kStep);

// The code of a step.
export function codeOf(secret, step = presentStep()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// A code that is none of the steps around the present one.
export function wrongCode(secret) {
  const near = [-2, -1, 0, 1, 2].map((off) => codeOf(secret, presentStep() + off));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code));
}

// Runs `attempt` with the present step, and again when another one has begun meanwhile.
export async function withinAStep(attempt) {
  for (;;) {
    const step = presentStep();
    let failure;
    const value = await attempt(step).catch((error) => { failure = error; });
    if (step !== presentStep()) continue;
    if (failure) throw failure;
    return value;
  }
}

// As if no code had been shown for a while.
export const forgetSteps = (stoa, { id }) =>
  stoa.sql("update user_totp set last_step = 0, failures = 0, not_before = '-infinity' where user_id = :'id'", { id });

export const login = (stoa, { email, password }) => stoa.api('POST', '/api/auth/login', { body: { email, password } });
export const show = (stoa, body) => stoa.api('POST', '/api/auth/login/totp', { body });

export async function challengeOf(stoa, person) {
  const { status, body } = await login(stoa, person);
  if (status !== 200 || !body.challenge) throw new Error(`login answered ${status} ${JSON.stringify(body)}`);
  return body.challenge;
}

export async function turnOn(stoa, { token }) {
  const { body: { secret } } = await stoa.api('POST', '/api/auth/totp', { token });
  const { status, body } = await stoa.api('POST', '/api/auth/totp/confirm', { token, body: { code: codeOf(secret) } });
  if (status !== 200) throw new Error(`confirming answered ${status} ${JSON.stringify(body)}`);
  return { secret, recoveryCodes: body.recoveryCodes };
}

export async function signInWithBoth(stoa, person, secret) {
  const challenge = await challengeOf(stoa, person);
  await forgetSteps(stoa, person);
  const { status, body } = await show(stoa, { challenge, code: codeOf(secret) });
  if (status !== 200) throw new Error(`signing in answered ${status} ${JSON.stringify(body)}`);
  return { ...person, ...body, token: body.accessToken };
}
