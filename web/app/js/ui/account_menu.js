// The round button at the top right: who is signed in, and the way out.
import { h, newId } from './dom.js';
import { icon } from './icons.js';
import { avatar } from './avatar.js';

export function accountMenu({ session, api }) {
  const { user } = session;
  const id = newId('account');
  const button = h(
    'button',
    { class: 'avatar-button', type: 'button', 'aria-label': `Account of ${user.fullName}`, popovertarget: id },
    avatar({ userId: user.id, name: user.fullName, picture: user.profilePictureUrl }),
  );
  const menu = h(
    'div',
    { class: 'menu account-menu', id, popover: 'auto' },
    h('p', { class: 'menu-head' }, h('b', { dir: 'auto' }, user.fullName), h('span', { class: 'muted small' }, user.email)),
    h('a', { class: 'menu-item', href: '#/account' }, icon('person'), 'Your account'),
    h('a', { class: 'menu-item', href: '/docs' }, icon('book'), 'API documentation'),
    h('button', { class: 'menu-item', type: 'button', onclick: () => api.signOut() }, icon('signOut'), 'Sign out'),
  );
  return h('div', { class: 'account' }, button, menu);
}
