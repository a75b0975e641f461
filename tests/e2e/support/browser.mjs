// Chromium with fake devices, and pages that record what must not happen in them.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

import { kPatience } from '../../support/until.mjs';

const kExecutable = process.env.STOA_CHROMIUM ?? '/usr/bin/chromium';

export const out = new URL('../out/', import.meta.url).pathname;
export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

export function launchBrowser() {
  return chromium.launch({
    executablePath: kExecutable,
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
      // Calls among the pages of one machine: real addresses in the candidates, the loopback among them.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--allow-loopback-in-peer-connection',
    ],
  });
}

// A browser profile of its own with one page. `account`: what stoa.register() made; without it nobody is
// signed in. `script` runs in the page before the app does. The page's `problems` are errors in its
// console and exceptions, `foreign` its requests to any other host.
export async function openPage(browser, stoa, { path = '/', account, viewport = desktop, scheme = 'light', script } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme: scheme,
    deviceScaleFactor: viewport === phone ? 2 : 1,
    hasTouch: viewport === phone,
    permissions: ['camera', 'microphone'],
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  await context.addInitScript(rememberConnections);
  if (account) await context.addInitScript(signInOnce, sessionOf(account));
  if (script) await context.addInitScript(...script);
  const page = await context.newPage();
  page.setDefaultTimeout(kPatience);
  page.problems = [];
  page.foreign = [];
  page.on('console', (message) => {
    if (message.type() === 'error') page.problems.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && host !== new URL(stoa.url).host) page.foreign.push(request.url());
  });
  await page.goto(stoa.url + path);
  return page;
}

export async function openRoom(browser, stoa, room, options) {
  const page = await openPage(browser, stoa, { ...options, path: `/${options.query ?? ''}#/rooms/${room.id}` });
  await page.getByRole('heading', { name: room.name, exact: true }).waitFor();
  return page;
}

// Closes pages that had no problems but the expected ones: Chromium writes a line into the console for every answer of 400 and above.
export const closing = (expected) => async (...pages) => {
  for (const page of pages) {
    assert.deepEqual([page.problems.filter((problem) => !expected.test(problem)), page.foreign], [[], []]);
    await page.context().close();
  }
};

export async function picture(page, name) {
  await mkdir(out, { recursive: true });
  await page.screenshot({ path: `${out}${name}.png` });
}

// As the app keeps a sign-in.
export function sessionOf({ user, accessToken, refreshToken, expiresIn }) {
  return { user, accessToken, refreshToken, renewAt: Date.now() + expiresIn * 750 };
}

// In the page, once, so that signing out stays possible.
function signInOnce(session) {
  if (sessionStorage.getItem('prepared')) return;
  sessionStorage.setItem('prepared', 'yes');
  localStorage.setItem('stoa.session', JSON.stringify(session));
}

// In the page: every RTCPeerConnection that the app makes, so that a test can read its statistics.
function rememberConnections() {
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...parameters) {
      super(...parameters);
      window.connections.push(this);
    }
  };
}
