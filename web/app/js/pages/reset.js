// The link of a mail: choose a new password. It ends all sign-ins of the account; the one who did it is signed in anew.
import { h } from '../ui/dom.js';
import { field, form } from '../ui/form.js';
import { toast } from '../ui/toast.js';
import { welcome } from '../ui/welcome.js';
import { STEP_LEAD, STEP_OVER, secondStep } from '../account/second_step.js';
import { PASSWORD_HINT, complainOfPassword } from '../account/new_password.js';
import { forgetMailedToken, mailedToken } from '../mailed_token.js';
import { rememberDevice } from '../session.js';

const PATH = '/reset';
const TITLE = 'Choose a new password';
// Of a sign-in that waits for its second factor, and how the page asks for that. It may be shown anew meanwhile, as the sign-in that
// was here has ended.
let challenge = null;
let askNow;

export function resetPage(context, parameters) {
  const { api, go, session } = context;
  const token = mailedToken(PATH, parameters.token);
  const element = h('div', { class: 'screen' });
  askNow = askCode;
  if (parameters.token) challenge = null;
  if (challenge) askCode();
  else if (token) ask();
  else refuse('This link is not complete', 'Open it from the mail once more, or have a new one sent.');
  return { element, title: TITLE };

  function ask() {
    element.replaceChildren(
      welcome(
        TITLE,
        'All devices of your account are signed out with it; you go on here.',
        form({
          fields: [field({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT, autofocus: true })],
          action: 'Set the password',
          check: ({ password }) => complainOfPassword('password', password),
          submit: ({ password }) => submit(password),
        }),
      ),
    );
  }

  async function submit(password) {
    let done;
    try {
      done = await api.post('/api/auth/password/reset', { token, password }, { anonymous: true });
    } catch (error) {
      if (error.code !== 'CODE_EXPIRED') throw error;
      forgetMailedToken(PATH);
      return refuse('This link no longer works', 'It was used, its time is over, or a newer one was sent.');
    }
    rememberDevice(done.email, done.deviceToken);
    const other = session.user && session.user.email?.toLowerCase() !== done.email.toLowerCase();
    if (other) askWho(done.email, password);
    else await enter(done.email, password);
    forgetMailedToken(PATH); // until here this page may be shown anew, as the sign-in that was here has ended
  }

  // Nobody takes the place of somebody else who is signed in here without a word.
  function askWho(email, password) {
    const { user } = session;
    const address = h('b', { class: 'address' }, h('bdi', {}, email));
    const present = [h('b', {}, h('bdi', {}, user.fullName)), user.email && [' (', h('bdi', {}, user.email), ')']];
    const swap = async () => {
      await api.signOut();
      await enter(email, password);
    };
    element.replaceChildren(
      welcome(
        'Your password is changed',
        ['It is the password of ', address, '. In this browser somebody else is signed in: ', present, '. Who do you want to be here?'],
        h('button', { class: 'button primary wide next', type: 'button', onclick: swap }, 'Sign in to that account'),
        h('p', { class: 'switch' }, h('a', { href: '#/rooms' }, 'Stay signed in as ', h('bdi', {}, user.fullName))),
      ),
    );
    element.querySelector('#main').focus();
  }

  // Whatever keeps somebody from signing in now, the password is changed.
  async function enter(email, password) {
    toast('Your password is changed');
    try {
      challenge = await api.signIn(email, password);
    } catch {
      return go('/sign-in');
    }
    if (!challenge) return go('/rooms');
    askNow();
  }

  function askCode() {
    const leave = (path) => {
      challenge = null;
      go(path);
    };
    const show = async (shown) => {
      await api.showSecondFactor(challenge, shown);
      leave('/rooms');
    };
    const over = () => {
      toast(STEP_OVER);
      leave('/sign-in');
    };
    element.replaceChildren(welcome('One more step', ['Your password is changed. ', STEP_LEAD], secondStep({ show, over })));
    element.querySelector('[autofocus]').focus();
  }

  function refuse(title, lead) {
    element.replaceChildren(
      welcome(
        title,
        lead,
        h('a', { class: 'button primary wide next', href: '#/forgot' }, 'Send me a new link'),
        h('p', { class: 'muted switch' }, h('a', { href: '#/sign-in' }, 'Back to signing in')),
      ),
    );
  }
}
