// The dialog that takes an invite code, or a whole invite link.
import { field, form } from '../ui/form.js';
import { showDialog } from '../ui/dialog.js';

export function joinByCodeDialog({ api, go }) {
  return showDialog('Join by code', (close) =>
    form({
      className: 'dialog-body',
      fields: [
        field({ name: 'inviteCode', label: 'Invite code or link', type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', autofocus: true }),
      ],
      action: 'Join room',
      check: ({ inviteCode }) => (codeIn(inviteCode) ? {} : { inviteCode: 'Paste the code or the link that you were sent.' }),
      submit: async ({ inviteCode }) => {
        const { room } = await api.post('/api/rooms/join-by-code', { inviteCode: codeIn(inviteCode) });
        close();
        go(`/rooms/${room.id}`);
      },
    }),
  );
}

export const codeIn = (text) => text.trim().split('/').at(-1);
