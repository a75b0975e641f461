// Starts the app: one session, one API, one socket; the address's fragment chooses the page.
import { Session } from './session.js';
import { Api } from './api.js';
import { StoaSocket } from './socket.js';
import { signInPage } from './pages/sign_in.js';
import { roomsPage } from './pages/rooms.js';
import { roomPage } from './pages/room.js';
import { invitePage } from './pages/invite.js';
import { forgotPage } from './pages/forgot.js';
import { resetPage } from './pages/reset.js';
import { verifyPage } from './pages/verify.js';
import { accountPage } from './pages/account.js';
import { nowherePage } from './pages/nowhere.js';
import { closeDialogs } from './ui/dialog.js';
import { learnServerName, titleOf } from './ui/server_name.js';
import { followKeyboard } from './ui/viewport.js';

// A page is (context, parameters) -> {element, title, destroy?}.
// The first route that fits: an open one is for those who are not signed in, one for anyone needs no account.
const ROUTES = [
  { pattern: /^\/sign-in$/, page: signInPage, open: true, parameters: () => ({ mode: 'sign-in' }) },
  { pattern: /^\/register$/, page: signInPage, open: true, parameters: () => ({ mode: 'register' }) },
  { pattern: /^\/forgot$/, page: forgotPage, anyone: true, parameters: () => ({}) },
  { pattern: /^\/reset(?:\?(.*))?$/, page: resetPage, anyone: true, parameters: tokenOf },
  { pattern: /^\/verify(?:\?(.*))?$/, page: verifyPage, anyone: true, parameters: tokenOf },
  { pattern: /^\/rooms$/, page: roomsPage, parameters: () => ({}) },
  { pattern: /^\/rooms\/([\w-]+)$/, page: roomPage, parameters: ([, roomId]) => ({ roomId }) },
  { pattern: /^\/join\/([\w-]+)$/, page: invitePage, parameters: ([, code]) => ({ code }) },
  { pattern: /^\/account$/, page: accountPage, parameters: () => ({}) },
  { pattern: /^\/?$/, page: roomsPage, parameters: () => ({}) },
  { pattern: /^/, page: nowherePage, anyone: true, parameters: () => ({}) },
];

function tokenOf([, query]) {
  return { token: new URLSearchParams(query).get('token') };
}

const session = new Session();
const api = new Api(session);
const socket = new StoaSocket(api);
const root = document.getElementById('app');
let current = null;
let person; // whose pages are shown: an id
// Where somebody wanted to go before they were asked to sign in: {path, userId}. Of those whose session ended there, only they
// themselves are brought back.
const WANTED = 'stoa.wanted';

const context = {
  session,
  api,
  socket,
  relayOnly: new URLSearchParams(location.search).get('ice') === 'relay',
  go: (path) => {
    location.hash = `#${path}`;
  },
};

function show() {
  const path = location.hash.slice(1) || '/rooms';
  const route = ROUTES.find(({ pattern }) => pattern.test(path));
  if (!route.open && !route.anyone && !session.signedIn) {
    const { reason, userId } = session.ended ?? {};
    sessionStorage.setItem(WANTED, JSON.stringify({ path, userId: reason === 'signed-out' ? null : userId }));
    return context.go('/sign-in');
  }
  if (route.open && session.signedIn) return leaveSignIn();
  closeDialogs();
  current?.destroy?.();
  current = route.page(context, route.parameters(path.match(route.pattern)));
  document.title = titleOf(current.title);
  root.replaceChildren(current.element);
  // Whoever uses a keyboard or a screen reader goes on from the new page, not from the old one's link.
  (root.querySelector('[autofocus]') ?? root.querySelector('#main'))?.focus();
  scrollTo(0, 0);
}

function leaveSignIn() {
  const { path, userId } = JSON.parse(sessionStorage.getItem(WANTED)) ?? {};
  sessionStorage.removeItem(WANTED);
  context.go(path && (!userId || userId === session.user.id) ? path : '/rooms');
}

function followSession() {
  person = session.user?.id;
  if (session.signedIn) socket.connect();
  else socket.disconnect();
  show();
}

function sessionChanged() {
  // Who signs out is done here; whoever comes next begins at the rooms.
  if (session.ended?.reason === 'signed-out') history.replaceState(null, '', '#/sign-in');
  // Another tab may have signed out and in again before this one was told.
  if (person && session.signedIn && person !== session.user.id) {
    socket.disconnect();
    history.replaceState(null, '', '#/rooms');
  }
  followSession();
}

document.querySelector('[data-skip]').addEventListener('click', (event) => {
  event.preventDefault();
  document.getElementById('main')?.focus();
});
addEventListener('hashchange', show);
addEventListener('pagehide', () => current?.destroy?.());
addEventListener('pageshow', (event) => event.persisted && show());
session.addEventListener('change', sessionChanged);
followKeyboard();
followSession();
learnServerName(api);
