// Signing in, after the password: the code of the app, or a recovery code in its place.
import { h } from '../ui/dom.js';
import { field, form } from '../ui/form.js';
import { toast } from '../ui/toast.js';
import { ApiError } from '../api.js';

export const STEP_LEAD = 'Your account has a second factor.';
export const STEP_OVER = 'That took too long, or too many codes were wrong. Begin again with your password.';

const plain = (typed) => typed.replace(/[\s-]/g, '');

export const codeField = (props = {}) =>
  field({ name: 'code', label: 'Code of the app', type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', hint: 'Six digits, new every 30 seconds.', ...props });

export const complainOfCode = ({ code }) => (/^\d{6}$/.test(plain(code)) ? {} : { code: 'Enter the six digits that the app shows now.' });

// A wrong code, of who signs in and of who is signed in. It stands beside the field; codes are good once.
const isWrong = ({ code }) => code === 'INVALID_CODE' || code === 'WRONG_CODE';
export const aboutCode = (error) => (isWrong(error) ? ApiError.about('code', 'That code is not right, or was used before. Wait for the next one.') : error);

const WAYS = {
  code: {
    field: () => codeField({ autofocus: true }),
    check: complainOfCode,
    wrong: aboutCode,
    other: ['recoveryCode', 'Use a recovery code instead'],
  },
  recoveryCode: {
    field: () =>
      field({ name: 'recoveryCode', label: 'Recovery code', type: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', hint: 'One of those that you kept when you turned the second factor on.', autofocus: true }),
    check: ({ recoveryCode }) => (/^[a-z2-7]{16}$/i.test(plain(recoveryCode)) ? {} : { recoveryCode: 'A recovery code has 16 letters and digits, like ABCD-EFGH-2345-WXYZ.' }),
    wrong: (error) => (isWrong(error) ? ApiError.about('recoveryCode', 'That is none of your recovery codes, or it was used before.') : error),
    other: ['code', 'Use the code of the app instead'],
  },
};

// `show(shown)` sends {code} or {recoveryCode}; `over()` is called when the challenge is of no more use.
export function secondStep({ show, over }) {
  const element = h('div', { class: 'second-step' });
  use('code');
  return element;

  function use(way) {
    const { field: build, check, wrong, other } = WAYS[way];
    const [otherWay, label] = other;
    const swap = () => {
      use(otherWay);
      element.querySelector('[autofocus]').focus();
    };
    element.replaceChildren(
      form({
        fields: [build()],
        extra: [h('p', { class: 'aside small' }, h('button', { class: 'link-button', type: 'button', onclick: swap }, label))],
        action: 'Continue',
        check,
        submit: (values) => submit(way, values[way], wrong),
      }),
    );
  }

  async function submit(way, typed, wrong) {
    try {
      await show({ [way]: plain(typed) });
    } catch (error) {
      if (error.code === 'CODE_EXPIRED') return over();
      throw wrong(error);
    }
    if (way === 'recoveryCode') toast('That recovery code is used up. Your account page says how many are left.');
  }
}
