// Who is signed in, kept in localStorage so that every tab of this browser shares one session.
// Tokens rotate: whoever refreshes must write here before anyone else tries (see api.js).
const KEY = 'stoa.session';
// Tokens that say that somebody signed in here before, by address; they outlive the sign-in.
const DEVICES_KEY = 'stoa.devices';
const DEVICES = 8;
// Why nobody is signed in any more: {reason: 'expired', 'suspended' or 'signed-out', userId}.
const ENDED_KEY = 'stoa.ended';
// An access token is renewed this long before its end, or in the last quarter of a short life.
const RENEW_BEFORE_MS = 30_000;

export class Session extends EventTarget {
  // As the page was told of it: whatever else reads the tokens leaves it alone, or a change would be told to nobody.
  #value = read();

  constructor() {
    super();
    addEventListener('storage', (event) => {
      if (event.key !== KEY) return;
      const before = this.user;
      this.#value = read();
      if (before?.id !== this.user?.id) this.dispatchEvent(new Event('change'));
    });
  }

  get user() {
    return this.#value?.user ?? null;
  }

  get signedIn() {
    return this.#value !== null;
  }

  get ended() {
    return this.signedIn ? null : parse(localStorage.getItem(ENDED_KEY));
  }

  // The tokens as another tab may have written them a moment ago, before this one is told.
  tokens() {
    return read();
  }

  // `answer` is what register, login and refresh send; a refresh brings no user.
  keep(answer) {
    const was = this.user;
    const life = answer.expiresIn * 1000;
    this.#value = {
      user: answer.user ?? read()?.user ?? was,
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken,
      renewAt: Date.now() + Math.max(life - RENEW_BEFORE_MS, life * 0.75),
    };
    localStorage.setItem(KEY, JSON.stringify(this.#value));
    localStorage.removeItem(ENDED_KEY);
    if (answer.user?.email && answer.deviceToken) rememberDevice(answer.user.email, answer.deviceToken);
    if (was?.id !== this.user?.id) this.dispatchEvent(new Event('change'));
  }

  // The person changed something about themselves.
  update(user) {
    const value = read() ?? this.#value;
    if (value?.user.id !== user.id) return;
    this.#value = { ...value, user };
    localStorage.setItem(KEY, JSON.stringify(this.#value));
  }

  // Before the server hears of it: whatever tab notices the end first, it was wished.
  beginSignOut() {
    this.#remember('signed-out');
  }

  clear(reason) {
    if (!this.#value && !localStorage.getItem(KEY)) return;
    // First, for the other tabs, which hear of the sign-in's end.
    this.#remember(reason);
    this.#value = null;
    localStorage.removeItem(KEY);
    this.dispatchEvent(new Event('change'));
  }

  #remember(reason) {
    if (localStorage.getItem(ENDED_KEY)) return;
    localStorage.setItem(ENDED_KEY, JSON.stringify({ reason, userId: this.user?.id ?? null }));
  }
}

// With it, wrong passwords that others try elsewhere do not slow this sign-in down. Undefined for a stranger here.
export function deviceTokenOf(email) {
  return readDevices().find(([address]) => address === email.trim().toLowerCase())?.[1];
}

export function rememberDevice(email, token) {
  const address = email.toLowerCase();
  const others = readDevices().filter(([known]) => known !== address);
  localStorage.setItem(DEVICES_KEY, JSON.stringify([[address, token], ...others].slice(0, DEVICES)));
}

function readDevices() {
  const devices = parse(localStorage.getItem(DEVICES_KEY));
  return Array.isArray(devices) ? devices.filter(Array.isArray) : [];
}

function read() {
  const value = parse(localStorage.getItem(KEY));
  return value?.accessToken ? value : null;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
