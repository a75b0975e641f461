// Someone opened an invite link: join with its code and go to the room.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { explain, explainWait } from '../errors.js';
import { patiently } from '../patience.js';

export function invitePage({ api, go }, { code }) {
  const news = h('p', { role: 'status' }, 'Opening your invite…');
  const element = h('main', { class: 'empty', id: 'main', tabindex: '-1' }, h('span', { class: 'spinner' }), news);
  let gone = false;
  const waiting = (error) => replace(news, explainWait(error));
  patiently(() => api.post('/api/rooms/join-by-code', { inviteCode: code }), { waiting, wanted: () => !gone }).then(
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
