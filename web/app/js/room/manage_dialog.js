// What owners and moderators may do about a member.
import { h } from '../ui/dom.js';
import { showDialog } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';
import { explain } from '../errors.js';
import { isMuted } from './people_panel.js';

const MUTE_MINUTES = 10;

export function manageDialog({ api }, roomId, person, myRole) {
  const member = `/api/rooms/${roomId}/members/${person.userId}`;
  const change = (body) => api.put(member, body);
  const actions = [
    isMuted(person)
      ? ['Unmute', 'They can write again.', () => change({ mutedUntil: null }), 'can write again']
      : [`Mute for ${MUTE_MINUTES} minutes`, 'They can read along but not write.', () => change({ mutedMinutes: MUTE_MINUTES }), 'is muted'],
    myRole === 'owner' && person.role === 'member' && ['Make moderator', 'They can invite, mute and remove others.', () => change({ role: 'moderator' }), 'is a moderator now'],
    myRole === 'owner' && person.role === 'moderator' && ['Take the moderator role back', 'They stay a member.', () => change({ role: 'member' }), 'is a member again'],
    ['Remove from the room', 'They can join again.', () => api.delete(member), 'was removed'],
    ['Ban from the room', 'They cannot come back.', () => api.post(`/api/rooms/${roomId}/bans`, { userId: person.userId }), 'was banned'],
  ];
  return showDialog(h('bdi', {}, person.fullName), (close) =>
    h(
      'div',
      { class: 'dialog-body action-list' },
      actions.filter(Boolean).map(([label, text, act, done]) => {
        const run = async () => {
          close();
          try {
            await act();
            toast(h('bdi', {}, person.fullName), ` ${done}`);
          } catch (error) {
            toast(explain(error));
          }
        };
        return h('button', { class: 'action', type: 'button', onclick: run }, h('b', {}, label), h('span', { class: 'small muted' }, text));
      }),
    ),
  );
}
