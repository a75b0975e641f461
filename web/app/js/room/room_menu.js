// The menu at the end of the room's bar; what it offers depends on who one is in the room.
import { h, newId, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';

export function roomMenu({ settings, close, leave }) {
  const id = newId('room-menu');
  const menu = h('div', { class: 'menu room-menu', id, popover: 'auto' });
  const item = (symbol, label, act, style = 'menu-item') => h('button', { class: style, type: 'button', onclick: act }, icon(symbol), label);
  const show = (role) =>
    replace(
      menu,
      role === 'owner' && item('edit', 'Room settings', settings),
      item('signOut', 'Leave this room', leave, role === 'owner' ? 'menu-item' : 'menu-item danger'),
      role === 'owner' && item('trash', 'Close this room', close, 'menu-item danger'),
    );
  show('member');
  const button = h('button', { class: 'icon-button', type: 'button', 'aria-label': 'More', title: 'More', popovertarget: id }, icon('more'));
  return { element: h('div', { class: 'account' }, button, menu), show };
}
