// The pages of those who are not signed in: what Stoa is, beside a card with what is to be done.
import { h } from './dom.js';
import { colonnade, logo } from './icons.js';
import { serverName } from './server_name.js';

export function welcome(title, lead, ...content) {
  return h(
    'div',
    { class: 'welcome' },
    h(
      'section',
      { class: 'welcome-pitch' },
      colonnade(),
      h('p', { class: 'brand' }, logo(), serverName()),
      h('div', {}, h('p', { class: 'pitch' }, 'Learn together, in rooms that are yours.'),
      h('p', { class: 'pitch-more' }, 'Chat that never loses a message, and calls that go straight from browser to browser.')),
    ),
    h(
      'main',
      { class: 'welcome-main', id: 'main', tabindex: '-1' },
      h('div', { class: 'welcome-card' }, h('h1', {}, title), h('p', { class: 'muted' }, lead), content),
    ),
  );
}
