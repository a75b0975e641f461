// The dialog that creates a room and goes there.
import { form } from '../ui/form.js';
import { showDialog } from '../ui/dialog.js';
import { roomFields, roomOf } from '../room/room_fields.js';

export function createRoomDialog({ api, go }) {
  return showDialog('Create a room', (close) =>
    form({
      className: 'dialog-body',
      ...roomFields({ maxParticipants: 8, roomType: 'public' }),
      action: 'Create room',
      submit: async (values) => {
        const { description, ...body } = roomOf(values);
        const room = await api.post('/api/rooms', description ? { ...body, description } : body);
        close();
        go(`/rooms/${room.id}`);
      },
    }),
  );
}
