// Chromium with fake devices, and people who use the pages in it.
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const EXECUTABLE = process.env.STOA_CHROMIUM ?? '/usr/bin/chromium';
export const OUT = new URL('../out/', import.meta.url).pathname;
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export function launchBrowser() {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--auto-select-desktop-capture-source=Entire screen',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
      // Calls among pages of one machine: real addresses in the candidates, and the loopback too.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--allow-loopback-in-peer-connection',
    ],
  });
}

// A browser profile of its own with one page, which records what must not happen: errors in the
// console, exceptions, requests to another host.
export async function openPage(browser, server, { path = '/', session = null, viewport = DESKTOP, scheme = 'light', prepare } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme: scheme,
    deviceScaleFactor: viewport === PHONE ? 2 : 1,
    hasTouch: viewport === PHONE,
    permissions: ['camera', 'microphone'],
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  await context.addInitScript(rememberConnections);
  if (session) await context.addInitScript(signInOnce, session);
  if (prepare) await context.addInitScript(prepare.script, prepare.argument);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.problems = [];
  page.foreign = [];
  page.on('console', (message) => {
    if (message.type() === 'error') page.problems.push(message.text());
  });
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== new URL(server.url).host) page.foreign.push(request.url());
  });
  await page.goto(server.url + path);
  return page;
}

export async function picture(page, name) {
  await mkdir(OUT, { recursive: true });
  await page.screenshot({ path: `${OUT}${name}.png` });
}

// Polls `probe` until it answers something true; never waits longer than the deadline.
export async function until(what, probe, { within = 20_000, every = 200 } = {}) {
  const deadline = Date.now() + within;
  let last;
  while (Date.now() < deadline) {
    last = await probe();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  throw new Error(`${what}: not within ${within / 1000} s`);
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

// In the page: as if this person had signed in earlier. Only once, so that signing out stays possible.
function signInOnce(session) {
  if (location.protocol === 'about:' || sessionStorage.getItem('prepared')) return;
  sessionStorage.setItem('prepared', 'yes');
  localStorage.setItem('stoa.session', JSON.stringify(session));
}
