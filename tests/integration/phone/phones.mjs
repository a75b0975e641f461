// What people do with codes that come to their telephones.
import { randomInt } from 'node:crypto';

// Of a block of its own each, so that no test takes another's share.
let block = randomInt(10_000_000);
export const newNumber = () => `+4915${String(++block).padStart(8, '0').slice(-8)}${String(randomInt(1000)).padStart(3, '0')}`;

export const ask = (stoa, phone, headers) => stoa.api('POST', '/api/auth/phone/send-otp', { body: { phone }, headers });
export const enter = (stoa, phone, code, { headers, ...more } = {}) => stoa.api('POST', '/api/auth/phone/verify', { body: { phone, code, ...more }, headers });
export const setOwn = (stoa, { token }, phone, code, more) => stoa.api('PUT', '/api/auth/phone', { token, body: { phone, code, ...more } });
export const removeOwn = (stoa, { token }) => stoa.api('DELETE', '/api/auth/phone', { token });
export const ownOf = async (stoa, { token }) => (await stoa.api('GET', '/api/auth/phone', { token })).body;
export const wrongOf = (code) => (code === '000000' ? '111111' : '000000');

// Of a server that writes codes to its log: the newest, once there are so many.
export async function codeFrom(stoa, phone, nth = 1) {
  const all = () => stoa.logs().filter(({ event, to }) => event === 'phone_code' && to === phone);
  await stoa.log(() => all().length >= nth);
  return all().at(-1).code;
}

// As if all codes, messages and confirmations so far were older.
export const age = (stoa, interval) => stoa.sql(`update one_time_codes set expires_at = expires_at - interval '${interval}';`
  + ` update code_sends set at = at - interval '${interval}'; update users set phone_confirmed_at = phone_confirmed_at - interval '${interval}'`);
// Once no message waits.
export const settled = async (stoa, until) => until(async () => await stoa.sql("select count(*) from jobs where kind = 'send_phone_code'") === '0', { what: 'all messages to be sent' });
