// The address names no page: a link that was cut off or typed wrongly.
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';

export function nowherePage() {
  return {
    element: h(
      'main',
      { class: 'empty', id: 'main', tabindex: '-1' },
      icon('search'),
      h('h2', {}, 'There is no such page'),
      h('p', {}, 'The link may have been cut off. Look at its end, or go on from the rooms.'),
      h('a', { class: 'button primary', href: '#/rooms' }, 'Go to the rooms'),
    ),
    title: 'No such page',
  };
}
