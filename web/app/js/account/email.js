// The account's address: whether it is confirmed, and another one.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { complainOfEmail } from '../ui/email.js';
import { field, form } from '../ui/form.js';
import { ApiError } from '../api.js';
import { explain } from '../errors.js';
import { card } from './card.js';

export function emailCard({ api }, user) {
  const news = h('div', { role: 'status' });
  const say = (symbol, style, ...words) => replace(news, h('div', { class: style }, icon(symbol), h('span', {}, words)));
  return card('E-mail', 'Nobody else sees it. By it you sign in, and come back when you have forgotten your password.', present(api, user, say), news, change(api, user, say));
}

function present(api, user, say) {
  const state = h('span', { class: user.isVerified ? 'badge live' : 'badge warn' }, icon(user.isVerified ? 'check' : 'alert'), user.isVerified ? 'Confirmed' : 'Not confirmed yet');
  const again = h('button', { class: 'button outline', type: 'button', onclick: resend }, 'Send the mail again');
  return h('div', { class: 'email-present' }, h('p', {}, h('b', { class: 'address' }, h('bdi', {}, user.email)), ' ', state), !user.isVerified && again);

  async function resend() {
    again.disabled = true;
    try {
      await api.post('/api/auth/email/resend');
      say('mail', 'banner info', 'A mail is on its way. Open the link in it to confirm your address.');
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

// The server wants a sign-in that is fresh, so the password is asked for where this one is not.
function change(api, user, say) {
  const email = field({ name: 'email', label: 'New address', type: 'email', autocomplete: 'email' });
  const password = field({ name: 'password', label: 'Your password', type: 'password', autocomplete: 'current-password', hint: 'You signed in some time ago. Say once more that it is you.' });
  password.element.hidden = true;
  const element = form({
    className: 'card-form',
    fields: [email, password],
    action: 'Change the address',
    check: (values) => ({
      ...complainOfEmail('email', values.email),
      ...(!password.element.hidden && !values.password && { password: 'Enter your password.' }),
    }),
    submit: async (values) => {
      const wanted = values.email.trim();
      if (!password.element.hidden) await signInAgain(values.password);
      try {
        await api.put('/api/auth/email', { email: wanted });
      } catch (error) {
        if (error.code !== 'SIGN_IN_AGAIN') throw error;
        password.element.hidden = false;
        password.control.focus();
        return;
      }
      done(wanted);
    },
  });
  return element;

  async function signInAgain(given) {
    try {
      await api.signInAgain(given);
    } catch (error) {
      throw error.code === 'INVALID_CREDENTIALS' ? ApiError.about('password', 'That is not your password.') : error;
    }
  }

  function done(wanted) {
    element.reset();
    password.element.hidden = true;
    say('mail', 'banner info', 'A mail is on its way to ', h('b', { class: 'address' }, h('bdi', {}, wanted)), '. Your address changes when you open the link in it; until then it stays ', h('bdi', {}, user.email), '.');
  }
}
