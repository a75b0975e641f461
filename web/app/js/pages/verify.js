// The link of a mail: an address is its owner's. Only a click confirms it, since programs that look through mails open their links.
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { form } from '../ui/form.js';
import { welcome } from '../ui/welcome.js';
import { forgetMailedToken, mailedToken } from '../mailed_token.js';

const PATH = '/verify';
const TITLE = 'Confirm your address';

export function verifyPage({ api, session }, parameters) {
  const token = mailedToken(PATH, parameters.token);
  const element = h('div', { class: 'screen' });
  if (token) ask();
  else refuse('This link is not complete', 'Open it from the mail once more, or have a new one sent.');
  return { element, title: TITLE };

  function ask() {
    const confirm = form({ fields: [], action: 'Confirm', submit });
    element.replaceChildren(welcome(TITLE, 'It is the address of your account then: by it you sign in, and come back when you have forgotten your password.', confirm));
  }

  async function submit() {
    try {
      const { email } = await api.post('/api/auth/email/verify', { token }, { anonymous: true });
      forgetMailedToken(PATH);
      await showAccount();
      done(email);
    } catch (error) {
      if (error.code === 'CODE_EXPIRED') refuse('This link no longer works', 'It was used, its time is over, or a newer one was sent.');
      else if (error.code === 'EMAIL_TAKEN') refuse('This address is taken', 'Another account here has it by now. Yours keeps the address that it had.');
      else throw error;
      forgetMailedToken(PATH);
    }
  }

  // Of whoever is signed in here, who may be somebody else. The address is confirmed in any case.
  async function showAccount() {
    if (session.signedIn) await api.get('/api/users/me').then((user) => session.update(user), () => {});
  }

  function done(email) {
    const lead = [h('b', { class: 'address' }, h('bdi', {}, email)), ' is confirmed.'];
    element.replaceChildren(
      welcome('Thank you', lead, h('a', { class: 'button primary wide next', href: '#/rooms' }, session.signedIn ? 'Go to the rooms' : 'Sign in')),
    );
    element.querySelector('#main').focus();
  }

  function refuse(title, lead) {
    element.replaceChildren(
      welcome(
        title,
        lead,
        h('a', { class: 'button primary wide next', href: '#/account' }, icon('person'), 'Go to your account'),
        h('p', { class: 'muted switch' }, 'There you see whether your address is confirmed, and have the mail sent again.'),
      ),
    );
  }
}
