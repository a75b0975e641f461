// A person's picture, or a room's, or their initials on one of eight tones that stays theirs.
import { h } from './dom.js';

export function avatar({ userId, name, picture = null, online, large = false }) {
  const element = h(
    'span',
    {
      class: large ? 'avatar large' : 'avatar',
      'aria-hidden': 'true',
      dataset: { tone: tone(userId ?? name ?? '') },
    },
    isOwn(picture) ? image(large ? picture : small(picture), name) : initials(name),
  );
  if (online !== undefined) element.dataset.online = String(online);
  return element;
}

// Where it cannot be had, as when too many are asked for at once, the initials take its place.
function image(src, name) {
  const shown = h('img', { alt: '', onerror: () => shown.replaceWith(initials(name)) });
  shown.src = src;
  return shown;
}

export function roomLogo({ id, name, logoUrl }, { large = false } = {}) {
  const element = avatar({ userId: id, name, picture: logoUrl, large });
  element.classList.add('square');
  return element;
}

export function initials(name) {
  const words = (name || '?').trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? '').join('').toUpperCase();
}

// The policy of the page loads pictures from this server only. What somebody wrote for an address may be none.
function isOwn(picture) {
  return Boolean(picture) && URL.canParse(picture, location.href) && new URL(picture, location.href).origin === location.origin;
}

// Of what the server has made there is one of 128 pixels too.
function small(picture) {
  const url = new URL(picture, location.href);
  if (/^\/api\/(avatars|logos)\//.test(url.pathname)) url.searchParams.set('size', 'small');
  return url.href;
}

function tone(text) {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)) >>> 0;
  return sum % 8;
}
