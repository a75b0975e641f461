// REST calls with the access token, renewed before it runs out and once more when the server refuses it.

import { deviceTokenOf } from './session.js';

export class ApiError extends Error {
  constructor(status, { code, message, details } = {}, retryAfter = null) {
    super(message || 'Something went wrong on the server.');
    this.status = status;
    this.code = code || 'UNKNOWN';
    this.details = details || {};
    this.retryAfter = retryAfter;
  }

  // One that a form shows beside that field.
  static about(field, message) {
    return new ApiError(422, { code: 'VALIDATION_ERROR', message, details: { validationErrors: [{ path: [field], message }] } });
  }

  // {email: 'must be ...'} for a form; the first complaint about each field.
  get fields() {
    const byField = {};
    for (const { path, message } of this.details.validationErrors ?? []) byField[path?.[0]] ??= message;
    return byField;
  }
}

export class Api {
  #session;
  #refreshing = null;

  constructor(session) {
    this.#session = session;
  }

  get(path) {
    return this.request('GET', path);
  }

  post(path, body = {}, options) {
    return this.request('POST', path, body, options);
  }

  put(path, body) {
    return this.request('PUT', path, body);
  }

  delete(path) {
    return this.request('DELETE', path);
  }

  // Resolves with null, or with the challenge that a second factor has to meet before anybody is signed in.
  async signIn(email, password) {
    const form = { email, password, deviceToken: deviceTokenOf(email) };
    return this.#enter(await this.post('/api/auth/login', form, { anonymous: true }));
  }

  // `shown` is {code} of the app or {recoveryCode}.
  async showSecondFactor(challenge, shown) {
    return this.#enter(await this.post('/api/auth/login/totp', { challenge, ...shown }, { anonymous: true }));
  }

  // Of whoever is signed in, for what wants a fresh sign-in: `step` is one of the two above. The sign-in before ends when there is
  // a new one, and is as good as it was until then.
  async signInAnew(step) {
    const before = await this.accessToken();
    const challenge = await step();
    if (before && !challenge) await send('POST', '/api/auth/logout', {}, before).catch(() => {});
    return challenge;
  }

  #enter(answer) {
    if (!answer.accessToken) return answer.challenge;
    this.#session.keep(answer);
    return null;
  }

  async register(form) {
    this.#session.keep(await this.post('/api/auth/register', form, { anonymous: true }));
  }

  async signOut() {
    this.#session.beginSignOut();
    await this.post('/api/auth/logout').catch(() => {});
    this.#session.clear('signed-out');
  }

  // A form with a file. `progress` is told which part of it has gone.
  async upload(path, form, { progress, signal } = {}) {
    const token = await this.accessToken();
    return this.#heed(await sendForm(path, form, token, progress, signal), true);
  }

  // The account is gone for good then, and with it the sign-in.
  async deleteAccount(password) {
    await this.request('DELETE', '/api/users/me', password ? { password } : undefined);
    this.#session.clear('signed-out');
  }

  // A file, as a Blob.
  async download(path) {
    const answer = await send('GET', path, undefined, await this.accessToken());
    return answer.ok ? answer.blob() : this.#heed(answer, true);
  }

  async request(method, path, body, { anonymous = false } = {}) {
    const token = anonymous ? null : await this.accessToken();
    let answer = await send(method, path, body, token);
    if (token && (await refusesToken(answer))) {
      const renewed = await this.#refresh(token);
      if (renewed) answer = await send(method, path, body, renewed);
      const refused = await refusesToken(answer);
      // Whoever signed in meanwhile is not who was refused.
      if (refused && this.#session.tokens()?.accessToken === (renewed ?? token)) this.#session.clear('expired');
    }
    return this.#heed(answer, !anonymous);
  }

  // A suspended account's session is over, whatever was asked for.
  async #heed(answer, signedIn) {
    try {
      return await parse(answer);
    } catch (error) {
      if (signedIn && error.code === 'ACCOUNT_SUSPENDED') this.#session.clear('suspended');
      throw error;
    }
  }

  // A token good for a while longer, or null when nobody is signed in.
  async accessToken() {
    const tokens = this.#session.tokens();
    if (!tokens) return null;
    if (Date.now() < tokens.renewAt) return tokens.accessToken;
    return this.#refresh(tokens.accessToken);
  }

  // Milliseconds until accessToken() has a newer one.
  renewsIn() {
    return (this.#session.tokens()?.renewAt ?? 0) - Date.now();
  }

  #refresh(stale) {
    this.#refreshing ??= alone(() => this.#renew(stale)).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #renew(stale) {
    const tokens = this.#session.tokens();
    if (!tokens) return null;
    // Another tab was faster. Sending the old refresh token now would look like a theft and end the session.
    if (tokens.accessToken !== stale) return tokens.accessToken;
    const answer = await send('POST', '/api/auth/refresh', { refreshToken: tokens.refreshToken });
    if (answer.status === 401) {
      // Meanwhile somebody signed in.
      const now = this.#session.tokens();
      if (now && now.accessToken !== stale) return now.accessToken;
      this.#session.clear('expired');
      return null;
    }
    const renewed = await this.#heed(answer, true);
    this.#session.keep(renewed);
    return renewed.accessToken;
  }
}

// One tab at a time, where the browser can lock across tabs (secure contexts only).
function alone(work) {
  return navigator.locks ? navigator.locks.request('stoa.refresh', work) : work();
}

async function send(method, path, body, token) {
  const headers = { Accept: 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, { code: 'NETWORK', message: 'The server cannot be reached.' });
  }
}

// fetch() does not say how far it is.
function sendForm(path, form, token, progress, signal) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', path);
    call.setRequestHeader('Accept', 'application/json');
    if (token) call.setRequestHeader('Authorization', `Bearer ${token}`);
    call.upload.addEventListener('progress', ({ loaded, total }) => total > 0 && progress?.(loaded / total));
    call.addEventListener('load', () => resolve(new Response(call.responseText, { status: call.status, headers: { 'Retry-After': call.getResponseHeader('Retry-After') ?? '' } })));
    for (const end of ['error', 'abort', 'timeout']) {
      call.addEventListener(end, () => reject(new ApiError(0, { code: 'NETWORK', message: 'The server cannot be reached.' })));
    }
    signal?.addEventListener('abort', () => call.abort());
    call.send(form);
  });
}

// What somebody typed may be refused by the same status.
const TYPED = new Set(['INVALID_CREDENTIALS', 'INVALID_CODE']);

async function refusesToken(answer) {
  if (answer.status !== 401) return false;
  const body = await answer.clone().json().catch(() => null);
  return !TYPED.has(body?.error?.code);
}

async function parse(answer) {
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    if (answer.ok) throw new ApiError(answer.status, { message: 'The server sent an answer that is not JSON.' });
  }
  if (answer.ok) return value;
  throw new ApiError(answer.status, value?.error, Number(answer.headers.get('Retry-After')) || null);
}
