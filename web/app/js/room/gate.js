// Shown instead of a room that one is not in: enter a code, try again, or go back.
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { field, form } from '../ui/form.js';
import { count } from '../ui/format.js';
import { explain, explainWait } from '../errors.js';
import { codeIn } from '../pages/join_by_code.js';

// What the server answers about a private room to those outside it.
const PRIVATE = new Set(['NOT_A_MEMBER', 'FORBIDDEN', 'NOT_FOUND']);

// `enter` tries the room again.
export function gate({ api }, roomId, error, enter) {
  if (!PRIVATE.has(error.code)) {
    return plate(icon('alert'), h('h2', {}, 'The room could not be opened'), h('p', {}, explain(error)), h('button', { class: 'button primary', type: 'button', onclick: enter }, 'Try again'));
  }
  return plate(
    icon('lock'),
    h('h2', {}, 'This room is private, or not there'),
    h('p', {}, 'You need an invite to come in. Ask someone in the room for a code.'),
    form({
      fields: [field({ name: 'inviteCode', label: 'Invite code or link', type: 'text', autocomplete: 'off' })],
      action: 'Join room',
      check: ({ inviteCode }) => (codeIn(inviteCode) ? {} : { inviteCode: 'Paste the code or the link that you were sent.' }),
      submit: async ({ inviteCode }) => {
        await api.post(`/api/rooms/${roomId}/join`, { inviteCode: codeIn(inviteCode) });
        enter();
      },
    }),
  );
}

// A public room as those see it who are not in it: nothing is said or taken by looking.
export function preview({ api }, room, enter) {
  const { description, memberCount, maxParticipants, activeCount, callParticipants } = room;
  const full = memberCount >= maxParticipants;
  const join = async () => {
    await api.post(`/api/rooms/${room.id}/join`);
    await enter();
  };
  return plate(
    icon('people'),
    h('h2', {}, 'You are not in this room yet'),
    description && h('p', { class: 'preview-text', dir: 'auto' }, description),
    h(
      'ul',
      { class: 'preview-facts' },
      h('li', {}, `${memberCount} of ${maxParticipants} places taken`),
      h('li', {}, activeCount ? `${count(activeCount, 'person', 'people')} here now` : 'Nobody here now'),
      callParticipants > 0 && h('li', {}, `${count(callParticipants, 'person', 'people')} in a call`),
    ),
    h('p', { class: 'muted small' }, 'Members read and write here. Joining takes one of the places, and the others see that you came.'),
    full ? h('p', { class: 'badge' }, 'Full') : form({ fields: [], action: 'Join room', submit: join }),
  );
}

// While the page tries again by itself.
export function waitingRoom(error) {
  return plate(h('span', { class: 'spinner' }), h('h2', {}, 'The room cannot be opened yet'), h('p', { role: 'status' }, explainWait(error)));
}

// For a room that one was in a moment ago.
export function notice(title, text) {
  return plate(icon('people'), h('h2', {}, title), h('p', { role: 'alert' }, text));
}

function plate(...content) {
  return h('main', { class: 'empty gate', id: 'main', tabindex: '-1' }, content, h('a', { href: '#/rooms' }, 'Back to the rooms'));
}
