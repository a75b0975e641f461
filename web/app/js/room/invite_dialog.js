// Makes an invite and shows it as a link and a code.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { showDialog } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';
import { explain } from '../errors.js';

const WEEK_SECONDS = 7 * 24 * 3600;

export function inviteDialog({ api }, room, mayInvite) {
  return showDialog(['Invite to ', h('bdi', {}, room.name)], () => {
    const body = h('div', { class: 'dialog-body' });
    if (mayInvite) makeInvite(api, room, body);
    else if (room.roomType === 'public') {
      replace(body, h('p', { class: 'muted' }, 'Everyone with an account on this server can join with this link.'), copyable('Link', linkTo(`/rooms/${room.id}`)));
    } else {
      replace(body, h('p', { class: 'muted' }, 'This room is private. Ask its owner or a moderator to invite someone.'));
    }
    return body;
  });
}

async function makeInvite(api, room, body) {
  replace(body, h('p', { class: 'muted' }, h('span', { class: 'spinner' }), ' Making an invite…'));
  try {
    const { code } = await api.post(`/api/rooms/${room.id}/invites`, { expiresInSeconds: WEEK_SECONDS });
    replace(
      body,
      h('p', { class: 'muted' }, 'Send the link, or say the code. Both work for a week.'),
      copyable('Link', linkTo(`/join/${code}`)),
      copyable('Code', code),
    );
  } catch (error) {
    replace(body, h('p', { class: 'field-error', role: 'alert' }, explain(error)));
  }
}

function copyable(label, text) {
  const input = h('input', { class: 'input', readonly: true, value: text, 'aria-label': label, onfocus: (event) => event.currentTarget.select() });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(`${label} copied`);
    } catch {
      input.focus();
      toast('Press Ctrl+C to copy what is selected');
    }
  };
  return h(
    'div',
    { class: 'field' },
    h('span', { class: 'label' }, label),
    h('div', { class: 'with-action' }, input, h('button', { class: 'icon-button', type: 'button', 'aria-label': `Copy ${label.toLowerCase()}`, onclick: copy }, icon('copy'))),
  );
}

const linkTo = (path) => `${location.origin}/#${path}`;
