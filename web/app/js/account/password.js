// Change of password. The server ends the account's other sign-ins with it.
import { h } from '../ui/dom.js';
import { field, form } from '../ui/form.js';
import { toast } from '../ui/toast.js';
import { ApiError } from '../api.js';
import { PASSWORD_HINT, complainOfPassword } from './new_password.js';
import { card } from './card.js';

export function passwordCard({ api }, user, changed) {
  const element = form({
    className: 'card-form',
    fields: [
      field({ name: 'currentPassword', label: 'Present password', type: 'password', autocomplete: 'current-password' }),
      field({ name: 'newPassword', label: 'New password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT }),
    ],
    // For those who keep passwords: whose it is.
    extra: [h('input', { type: 'text', autocomplete: 'username', value: user.email ?? '', hidden: true, readonly: true })],
    action: 'Change password',
    check: ({ currentPassword, newPassword }) => ({
      ...(!currentPassword && { currentPassword: 'Enter the password that you have now.' }),
      ...complainOfPassword('newPassword', newPassword),
    }),
    submit: async (values) => {
      try {
        await api.put('/api/auth/password', { currentPassword: values.currentPassword, newPassword: values.newPassword });
      } catch (error) {
        throw error.code === 'INVALID_CREDENTIALS' ? ApiError.about('currentPassword', 'That is not your present password.') : error;
      }
      element.reset();
      toast('Your password is changed. Your other devices are signed out.');
      changed();
    },
  });
  return card('Password', 'With a new one your other devices are signed out.', element);
}
