// The account's address: whether it is confirmed, and another one.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { complainOfEmail } from '../ui/email.js';
import { field, form } from '../ui/form.js';
import { explain } from '../errors.js';
import { card } from './card.js';
import { freshly } from './sign_in_again.js';

export function emailCard(context, user) {
  const news = h('div', { role: 'status' });
  const say = (symbol, style, ...words) => replace(news, h('div', { class: style }, icon(symbol), h('span', {}, words)));
  return card('E-mail', 'Nobody else sees it. By it you sign in, and come back when you have forgotten your password.', present(context.api, user, say), news, change(context, user, say));
}

function present(api, user, say) {
  const state = h('span', { class: user.isVerified ? 'badge live' : 'badge warn' }, icon(user.isVerified ? 'check' : 'alert'), user.isVerified ? 'Confirmed' : 'Not confirmed yet');
  const again = h('button', { class: 'button outline', type: 'button', onclick: resend }, 'Send the mail again');
  return h('div', { class: 'email-present' }, h('p', {}, h('b', { class: 'address' }, h('bdi', {}, user.email)), ' ', state), !user.isVerified && again);

  async function resend() {
    again.disabled = true;
    try {
      const { sent } = await api.post('/api/auth/email/resend');
      if (sent) say('mail', 'banner info', 'A mail is on its way. Open the link in it to confirm your address.');
      else say('alert', 'banner warn', 'No mail was sent: one went to this address a moment ago, or several within the hour. Look among the unwanted mail too, or try again later.');
    } catch (error) {
      if (error.code === 'ALREADY_VERIFIED') {
        again.remove();
        state.className = 'badge live';
        replace(state, icon('check'), 'Confirmed');
      } else {
        say('alert', 'banner', explain(error));
      }
    } finally {
      again.disabled = false;
    }
  }
}

function change(context, user, say) {
  const element = form({
    className: 'card-form',
    fields: [field({ name: 'email', label: 'New address', type: 'email', autocomplete: 'email' })],
    action: 'Change the address',
    check: ({ email }) => complainOfEmail('email', email),
    submit: async ({ email }) => {
      const wanted = email.trim();
      if (await freshly(context, () => context.api.put('/api/auth/email', { email: wanted }))) done(wanted);
    },
  });
  return element;

  function done(wanted) {
    element.reset();
    const present = user.email ? ['; until then it stays ', h('bdi', {}, user.email)] : '';
    say('mail', 'banner info', 'Look into the mailbox of ', h('b', { class: 'address' }, h('bdi', {}, wanted)), '. Your address changes when you open the link in the mail and confirm it', present, '. If no mail comes, several went there within the hour: try again later.');
  }
}
