// Someone opened an invite link: join with its code and go to the room.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { explain } from '../errors.js';

export function invitePage({ api, go }, { code }) {
  const element = h('main', { class: 'empty', id: 'main', tabindex: '-1' }, h('span', { class: 'spinner' }), h('p', {}, 'Opening your invite…'));
  let gone = false;
  api.post('/api/rooms/join-by-code', { inviteCode: code }).then(
    ({ room }) => !gone && go(`/rooms/${room.id}`),
    (error) =>
      replace(
        element,
        icon('key'),
        h('h2', {}, 'This invite did not work'),
        h('p', {}, explain(error)),
        h('a', { class: 'button primary', href: '#/rooms' }, 'Go to the rooms'),
      ),
  );
  return {
    element,
    title: 'Invite',
    destroy: () => {
      gone = true;
    },
  };
}
