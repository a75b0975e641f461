// The fields that say what a room is: of a new one, and of one that changes.
import { h } from '../ui/dom.js';
import { field } from '../ui/form.js';
import { count } from '../ui/format.js';

const MOST_PLACES = 500; // unless the server has let somebody choose more

// `room` as the server shows it, or what a new one begins with.
export function roomFields({ name = '', description, maxParticipants, roomType, memberCount = 0 }) {
  const most = Math.max(MOST_PLACES, maxParticipants);
  const least = Math.max(2, memberCount);
  const fields = [
    field({ name: 'name', label: 'Name', type: 'text', limit: 100, autocomplete: 'off', placeholder: 'Linear algebra, Tuesdays', autofocus: true, value: name }),
    field({ name: 'description', label: 'What is it about?', optional: true, multiline: true, limit: 2_000, value: description ?? '' }),
    field({ name: 'maxParticipants', label: 'Places', type: 'number', min: least, max: most, value: String(maxParticipants), inputmode: 'numeric', hint: 'Calls work best with up to 8 people.' }),
  ];
  const extra = h(
    'fieldset',
    { class: 'choices' },
    h('legend', {}, 'Who may join'),
    choice('public', 'Public', 'Everyone on this server', roomType === 'public'),
    choice('private', 'Private', 'Only with an invite', roomType === 'private'),
  );
  const check = (values) => ({
    ...(!values.name.trim() && { name: 'Give the room a name.' }),
    ...complainOfPlaces(Number(values.maxParticipants), { least, most, memberCount }),
  });
  return { fields, extra, check };
}

// What was filled in, as the server takes it.
export const roomOf = ({ name, description, maxParticipants, roomType }) => ({
  name: name.trim(),
  description: description.trim() || null,
  maxParticipants: Number(maxParticipants),
  roomType,
});

function complainOfPlaces(places, { least, most, memberCount }) {
  if (Number.isInteger(places) && places >= least && places <= most) return {};
  if (Number.isInteger(places) && places >= 2 && places < least) return { maxParticipants: `The room has ${count(memberCount, 'member')} already: choose at least ${least} places.` };
  return { maxParticipants: `Choose between ${least} and ${most} places.` };
}

function choice(value, title, text, checked) {
  return h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'roomType', value, checked }), h('b', {}, title), h('span', {}, text));
}
