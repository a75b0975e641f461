// Shown instead of a room that one is not in (yet): join it, enter a code, or go back.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { field, form } from '../ui/form.js';
import { count } from '../ui/format.js';
import { explain } from '../errors.js';
import { codeIn } from '../pages/join_by_code.js';

const CLOSED = new Set(['NOT_A_MEMBER', 'FORBIDDEN', 'NOT_FOUND']);

// `enter` tries the room again after joining.
export function gate({ api }, roomId, error, enter) {
  const element = h('main', { class: 'empty gate', id: 'main', tabindex: '-1' });
  if (!CLOSED.has(error.code)) {
    replace(element, icon('alert'), h('h2', {}, 'The room could not be opened'), h('p', {}, explain(error)), h('button', { class: 'button primary', type: 'button', onclick: enter }, 'Try again'), back());
    return element;
  }
  api.get(`/api/rooms/${roomId}`).then(
    (room) => (room.roomType === 'public' ? showJoin(room) : showCode(room.name)),
    () => showCode('This room is private'),
  );

  function showJoin(room) {
    const complaint = h('p', { class: 'field-error', role: 'alert' });
    const join = async () => {
      try {
        await api.post(`/api/rooms/${roomId}/join`);
        enter();
      } catch (failure) {
        complaint.textContent = explain(failure);
      }
    };
    replace(
      element,
      icon('people'),
      h('h2', {}, room.name),
      h('p', {}, room.description || `${count(room.memberCount, 'member')}, ${room.maxParticipants} places`),
      h('button', { class: 'button primary', type: 'button', onclick: join }, 'Join this room'),
      complaint,
      back(),
    );
  }

  function showCode(title) {
    replace(
      element,
      icon('lock'),
      h('h2', {}, title),
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
      back(),
    );
  }
  return element;
}

// For a room that one was in a moment ago.
export function notice(title, text) {
  return h('main', { class: 'empty gate', id: 'main', tabindex: '-1' }, icon('people'), h('h2', {}, title), h('p', { role: 'alert' }, text), back());
}

const back = () => h('a', { href: '#/rooms' }, 'Back to the rooms');
