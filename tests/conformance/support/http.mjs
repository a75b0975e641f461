// HTTP requests as a test of a protocol wants them: nothing added, nothing decoded, and what is sent in one's hand.
import http from 'node:http';

import { within } from '../../support/until.mjs';

// A request that has been begun: `answer` resolves to {status, headers, bytes, text} or rejects when the connection
// goes before one came.
export function begin(url, { method = 'GET', headers = {}, agent } = {}) {
  const request = http.request(url, { method, headers, agent });
  const answer = new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode, headers: response.headers, bytes, text: bytes.toString('utf8') });
      });
    });
  });
  const timely = within(answer, { what: `the answer to ${method} ${url.slice(0, 200)}` });
  timely.catch(() => {}); // a test may look only later, or not at all
  return { request, answer: timely };
}

export function send(url, { body, ...options } = {}) {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const { request, answer } = begin(url, { ...options, headers: { ...length, ...options.headers } });
  request.end(body);
  return answer;
}

export const get = (url, options) => send(url, options);
export const post = (url, body, options) => send(url, { method: 'POST', body, headers: { 'content-type': 'text/plain;charset=UTF-8' }, ...options });

export const json = (answer) => JSON.parse(answer.text);
