// What the owner may change about the room, and its end.
import { h, newId } from '../ui/dom.js';
import { roomLogo } from '../ui/avatar.js';
import { form } from '../ui/form.js';
import { pictureField } from '../ui/picture_field.js';
import { confirmDialog, showDialog } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';
import { explain } from '../errors.js';
import { roomFields, roomOf } from './room_fields.js';

export function settingsDialog({ api }, room) {
  return showDialog('Room settings', (close) => {
    const { extra, fields, check } = roomFields(room);
    const logo = pictureField({
      name: 'logo',
      label: 'Logo',
      hint: 'A square from the middle of the picture, for whoever sees the room.',
      picture: room.logoUrl,
      face: (logoUrl) => roomLogo({ ...room, logoUrl }, { large: true }),
    });
    const effect = h('p', { class: 'hint', id: newId('effect'), role: 'status', hidden: true });
    const element = form({
      className: 'dialog-body',
      fields: [logo, ...fields],
      check,
      extra: [extra, effect],
      action: 'Save',
      submit: async (values) => {
        const changes = changesOf(room, roomOf(values));
        const shown = await logo.send(api, `/api/rooms/${room.id}/logo`);
        if (Object.keys(changes).length > 0) await api.put(`/api/rooms/${room.id}`, changes);
        if (shown || Object.keys(changes).length > 0) toast('The room was changed');
        close();
      },
    });
    extra.addEventListener('change', (event) => {
      effect.textContent = effectOf(room, event.target.value);
      effect.hidden = !effect.textContent;
    });
    return element;
  });
}

// What was changed here, so that what was changed elsewhere meanwhile stays.
function changesOf(room, wanted) {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== (room[name] ?? null)));
}

function effectOf(room, roomType) {
  if (roomType === room.roomType) return '';
  return roomType === 'private'
    ? 'Members stay. Others no longer see the room, and come in with an invite only.'
    : 'Everyone on this server will see the room, can join it, and can then read what was said before.';
}

// Whether it was closed.
export async function closeRoom({ api }, room) {
  const text = [
    h('b', {}, h('bdi', {}, room.name)),
    ' ends: its members are sent out, its call is over, and nobody can read any more what was said. This cannot be taken back.',
  ];
  if (!(await confirmDialog('Close this room for everybody?', text, 'Close room'))) return false;
  try {
    await api.delete(`/api/rooms/${room.id}`);
    toast('The room was closed');
    return true;
  } catch (error) {
    toast(explain(error));
    return false;
  }
}
