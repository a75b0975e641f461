// A copy of everything that is held about a person, and the end of the account.
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { showDialog } from '../ui/dialog.js';
import { field, form } from '../ui/form.js';
import { toast } from '../ui/toast.js';
import { ApiError } from '../api.js';
import { explain } from '../errors.js';
import { card } from './card.js';
import { freshly } from './sign_in_again.js';

export function leavingCard(context, user) {
  const { api } = context;
  const note = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const copy = h('button', { class: 'button outline', type: 'button', onclick: download }, 'Download a copy');
  return card(
    'Your data',
    'A copy has everything that is held about you: your profile, what you said and reacted to, your rooms and devices.',
    note,
    h('div', { class: 'card-actions' }, copy, h('button', { class: 'button outline', type: 'button', onclick: leave }, icon('signOut'), 'Delete the account')),
  );

  async function download() {
    copy.disabled = true;
    note.hidden = true;
    try {
      let file;
      const work = async () => { file = await api.download('/api/users/me/export'); };
      if (await freshly(context, work)) save(file);
    } catch (error) {
      note.hidden = false;
      note.textContent = explain(error);
    } finally {
      copy.disabled = false;
    }
  }

  function save(file) {
    const url = URL.createObjectURL(file);
    h('a', { href: url, download: 'stoa.zip' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    toast('Your copy is downloaded');
  }

  function leave() {
    return showDialog('Delete your account?', (close) =>
      h(
        'div',
        { class: 'dialog-body' },
        h('p', { class: 'muted' }, 'Nobody can undo this. Your profile, devices and skills are deleted and your rooms pass on to others. What you said stays in its rooms without your name; delete first what should not stay.'),
        form({
          className: 'form danger',
          fields: [field({ name: 'password', label: 'Your password', hint: 'Leave it empty if you sign in without one.', type: 'password', autocomplete: 'current-password', autofocus: true })],
          // For those who keep passwords: whose it is.
          extra: [h('input', { type: 'text', autocomplete: 'username', value: user.email ?? '', hidden: true, readonly: true })],
          action: 'Delete for good',
          submit: ({ password }) => remove(password, close),
        }),
      ),
    );
  }

  async function remove(password, close) {
    try {
      if (await freshly(context, () => api.deleteAccount(password))) close();
    } catch (error) {
      if (error.code === 'INVALID_CREDENTIALS') throw ApiError.about('password', 'That is not your password.');
      throw error.code === 'VALIDATION_ERROR' && !password ? ApiError.about('password', 'Enter your password.') : error;
    }
  }
}
