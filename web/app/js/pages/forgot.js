// Somebody has forgotten their password: a link is sent to their address. The answer is the same whoever has that address.
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { field, form } from '../ui/form.js';
import { complainOfEmail } from '../ui/email.js';
import { welcome } from '../ui/welcome.js';

const TITLE = 'Forgotten password';

export function forgotPage(context) {
  const element = h('div', { class: 'screen' });
  ask();
  return { element, title: TITLE };

  function show(title, lead, ...content) {
    element.replaceChildren(welcome(title, lead, content, h('p', { class: 'muted switch' }, h('a', { href: '#/sign-in' }, 'Back to signing in'))));
  }

  function ask() {
    show(
      TITLE,
      'We send you a link by which you choose a new one.',
      form({
        fields: [field({ name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username', autofocus: true })],
        action: 'Send me a link',
        check: ({ email }) => complainOfEmail('email', email),
        submit: async ({ email }) => {
          await context.api.post('/api/auth/password/forgot', { email: email.trim() }, { anonymous: true });
          sent(email.trim());
        },
      }),
    );
  }

  function sent(email) {
    const lead = ['If ', h('b', { class: 'address' }, h('bdi', {}, email)), ' belongs to an account here, a link is on its way to it.'];
    show(
      'Look into your mail',
      lead,
      h(
        'ul',
        { class: 'steps' },
        h('li', {}, icon('mail'), 'It may take a few minutes. Look among the unwanted mail too.'),
        h('li', {}, icon('key'), 'The link is good for a few minutes, and once.'),
      ),
      h('button', { class: 'button outline wide', type: 'button', onclick: again }, 'Use another address'),
    );
    element.querySelector('#main').focus();
  }

  function again() {
    ask();
    element.querySelector('[autofocus]').focus();
  }
}
