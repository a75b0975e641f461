// Sign in and register: one page with two forms.
import { h } from '../ui/dom.js';
import { complainOfEmail } from '../ui/email.js';
import { icon } from '../ui/icons.js';
import { field, form } from '../ui/form.js';
import { welcome } from '../ui/welcome.js';
import { STEP_LEAD, STEP_OVER, secondStep } from '../account/second_step.js';
import { PASSWORD_HINT, complainOfPassword } from '../account/new_password.js';

const MODES = {
  'sign-in': {
    title: 'Sign in',
    lead: 'Welcome back. Your rooms are waiting.',
    build: signInForm,
    other: ['New here? ', 'Create an account', '#/register'],
  },
  register: {
    title: 'Create an account',
    lead: 'A name, an address, a password. That is all.',
    build: registerForm,
    other: ['Already have an account? ', 'Sign in', '#/sign-in'],
  },
};

// Whoever signed out asked for it and is told nothing.
const ENDED = {
  expired: 'Your session has ended. Sign in to go on where you were; what you wrote and did not send is kept.',
  suspended: 'This account is suspended. Ask the people who run this server. What you wrote and did not send is kept.',
};

export function signInPage({ api, session }, { mode }) {
  const { title, lead, build, other } = MODES[mode];
  const element = h('div', { class: 'screen' });
  ask(ENDED[session.ended?.reason]);
  return { element, title };

  function ask(why, email = '') {
    element.replaceChildren(
      welcome(title, lead, why && notice(why), build(api, { email, challenged }), h('p', { class: 'muted switch' }, other[0], h('a', { href: other[2] }, other[1]))),
    );
  }

  // The password was right, and nobody is signed in yet.
  function challenged(challenge, email) {
    const again = (why) => {
      ask(why, email);
      element.querySelector(why ? '[name="password"]' : '[autofocus]').focus();
    };
    const step = secondStep({ show: (shown) => api.showSecondFactor(challenge, shown), over: () => again(STEP_OVER) });
    const back = h('button', { class: 'link-button', type: 'button', onclick: () => again() }, 'Back to signing in');
    element.replaceChildren(welcome('One more step', STEP_LEAD, step, h('p', { class: 'switch' }, back)));
    element.querySelector('[autofocus]').focus();
  }
}

// Of the browser, for the mails; nothing where it has no tag that is one.
function language() {
  try {
    return { locale: new Intl.Locale(navigator.language).baseName };
  } catch {
    return {};
  }
}

function notice(text) {
  return h('div', { class: 'banner warn', role: 'status' }, icon('alert'), h('span', {}, text));
}

function signInForm(api, { email: known, challenged }) {
  return form({
    fields: [
      field({ name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username', value: known, autofocus: true }),
      field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }),
    ],
    extra: [h('p', { class: 'aside small' }, h('a', { href: '#/forgot' }, 'Forgotten your password?'))],
    action: 'Sign in',
    check: ({ email, password }) => ({
      ...complainOfEmail('email', email),
      ...(!password && { password: 'Enter your password.' }),
    }),
    submit: async ({ email, password }) => {
      const challenge = await api.signIn(email.trim(), password);
      if (challenge) challenged(challenge, email);
    },
  });
}

function registerForm(api) {
  return form({
    fields: [
      field({ name: 'fullName', label: 'Your name', type: 'text', limit: 100, autocomplete: 'name', autofocus: true }),
      field({ name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' }),
      field({
        name: 'password',
        label: 'Password',
        type: 'password',
        autocomplete: 'new-password',
        hint: PASSWORD_HINT,
      }),
    ],
    action: 'Create account',
    check: ({ fullName, email, password }) => ({
      ...(!fullName.trim() && { fullName: 'Enter the name that others will see.' }),
      ...complainOfEmail('email', email),
      ...complainOfPassword('password', password),
    }),
    submit: ({ fullName, email, password }) => api.register({ fullName: fullName.trim(), email: email.trim(), password, ...language() }),
  });
}
