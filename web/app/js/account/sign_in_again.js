// What the server does only for a sign-in that is fresh: the person says once more that it is them, and it is done then.
import { h, replace } from '../ui/dom.js';
import { showDialog } from '../ui/dialog.js';
import { field, form } from '../ui/form.js';
import { ApiError } from '../api.js';
import { STEP_LEAD, STEP_OVER, secondStep } from './second_step.js';

// Resolves with whether `work` was done: not where the person closed the dialog.
export async function freshly(context, work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (error.code !== 'SIGN_IN_AGAIN') throw error;
  }
  if (!(await signInAgain(context))) return false;
  await work();
  return true;
}

async function signInAgain({ api, session }) {
  let done = false;
  await showDialog('Is it you?', (close) => {
    const body = h('div', { class: 'dialog-body' });
    askPassword('This wants a sign-in of the last minutes. Enter your password once more.');
    return body;

    function askPassword(lead) {
      show(
        lead,
        form({
          fields: [field({ name: 'password', label: 'Your password', type: 'password', autocomplete: 'current-password', autofocus: true })],
          // For those who keep passwords: whose it is.
          extra: [h('input', { type: 'text', autocomplete: 'username', value: session.user.email ?? '', hidden: true, readonly: true })],
          action: 'Continue',
          check: ({ password }) => (password ? {} : { password: 'Enter your password.' }),
          submit: ({ password }) => step(() => api.signIn(session.user.email, password)).catch(refusePassword),
        }),
      );
    }

    function askCode(challenge) {
      show(STEP_LEAD, secondStep({ show: (shown) => step(() => api.showSecondFactor(challenge, shown)), over: () => askPassword(STEP_OVER) }));
    }

    async function step(work) {
      const challenge = await api.signInAnew(work);
      if (challenge) return askCode(challenge);
      done = true;
      close();
    }

    function show(lead, content) {
      replace(body, h('p', { class: 'muted', role: 'status' }, lead), content);
      body.querySelector('[autofocus]').focus();
    }
  });
  return done;
}

function refusePassword(error) {
  throw error.code === 'INVALID_CREDENTIALS' ? ApiError.about('password', 'That is not your password.') : error;
}
