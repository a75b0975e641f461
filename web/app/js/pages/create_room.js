// The dialog that creates a room and goes there.
import { h } from '../ui/dom.js';
import { field, form } from '../ui/form.js';
import { showDialog } from '../ui/dialog.js';

export function createRoomDialog({ api, go }) {
  return showDialog('Create a room', (close) =>
    form({
      className: 'dialog-body',
      fields: [
        field({ name: 'name', label: 'Name', type: 'text', limit: 100, autocomplete: 'off', placeholder: 'Linear algebra, Tuesdays', autofocus: true }),
        field({ name: 'description', label: 'What is it about?', optional: true, multiline: true, limit: 2_000 }),
        field({ name: 'maxParticipants', label: 'Places', type: 'number', min: 2, max: 500, value: '8', inputmode: 'numeric', hint: 'Calls work best with up to 8 people.' }),
      ],
      extra: [
        h(
          'fieldset',
          { class: 'choices' },
          h('legend', {}, 'Who may join'),
          choice('public', 'Public', 'Everyone on this server', true),
          choice('private', 'Private', 'Only with an invite', false),
        ),
      ],
      action: 'Create room',
      check: ({ name, maxParticipants }) => ({
        ...(!name.trim() && { name: 'Give the room a name.' }),
        ...(!(maxParticipants >= 2 && maxParticipants <= 500) && { maxParticipants: 'Choose between 2 and 500 places.' }),
      }),
      submit: async ({ name, description, maxParticipants, roomType }) => {
        const body = { name: name.trim(), roomType, maxParticipants: Number(maxParticipants) };
        if (description.trim()) body.description = description.trim();
        const room = await api.post('/api/rooms', body);
        close();
        go(`/rooms/${room.id}`);
      },
    }),
  );
}

function choice(value, title, text, checked) {
  return h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'roomType', value, checked }), h('b', {}, title), h('span', {}, text));
}
