// Labelled fields with their errors beside them, and a form that says what went wrong and what to do.
import { h, newId, replace } from './dom.js';
import { icon } from './icons.js';
import { lengthLine } from './length.js';
import { explain, explainWait } from '../errors.js';
import { patiently } from '../patience.js';

// `limit`: characters that it may have. More can be written, is counted, and not sent.
export function field({ name, label, optional = false, hint = null, multiline = false, limit = null, ...input }) {
  const id = newId(name);
  const errorId = `${id}-error`;
  const hintId = `${id}-hint`;
  const control = h(multiline ? 'textarea' : 'input', {
    id,
    name,
    class: 'input',
    dir: multiline || input.type === 'text' ? 'auto' : null,
    'aria-describedby': hint ? `${hintId} ${errorId}` : errorId,
    ...input,
  });
  const length = lengthLine(limit ?? Infinity);
  const error = h('p', { class: 'field-error', id: errorId, hidden: true });
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label, optional && h('span', { class: 'optional' }, ' (optional)')),
    input.type === 'password' ? h('div', { class: 'with-action' }, control, revealButton(control)) : control,
    hint && h('p', { class: 'hint', id: hintId }, hint),
    length.element,
    error,
  );
  const setError = (text) => {
    error.hidden = !text;
    error.textContent = text ?? '';
    if (text) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  };
  control.addEventListener('input', () => {
    length.show(control.value);
    setError(null);
  });
  // What is wrong with it whatever the form is about; null where nothing is.
  const complaint = () => (length.show(control.value) ? null : `That is too long: at most ${limit} characters.`);
  return { element, control, name, setError, complaint };
}

function revealButton(control) {
  const button = h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Show password', 'aria-pressed': 'false' }, icon('eye'));
  button.addEventListener('click', () => {
    const shown = control.type === 'text';
    control.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
  });
  return button;
}

// `check(values)` answers {field: complaint}; `submit(values)` does the work and may throw an ApiError. A busy server is asked again
// while the form is there.
export function form({ fields, extra = [], action, check = () => ({}), submit, className = 'form' }) {
  const banner = h('div', { class: 'banner', role: 'alert', hidden: true });
  const button = h('button', { class: 'button primary wide', type: 'submit' }, action);
  const element = h('form', { class: className, novalidate: true }, banner, fields.map((each) => each.element), extra, button);
  const complain = (text, { waiting = false } = {}) => {
    banner.hidden = !text;
    banner.classList.toggle('warn', waiting);
    replace(banner, text && [icon('alert'), h('span', {}, text)]);
  };
  const mark = (complaints) => {
    let first = null;
    for (const each of fields) {
      each.setError(complaints[each.name] ?? null);
      if (complaints[each.name]) first ??= each;
    }
    first?.control.focus();
    return first !== null;
  };
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    complain(null);
    const values = Object.fromEntries(new FormData(element));
    const tooLong = fields.map((each) => [each.name, each.complaint()]).filter(([, complaint]) => complaint);
    if (mark({ ...check(values), ...Object.fromEntries(tooLong) })) return;
    button.disabled = true;
    replace(button, h('span', { class: 'spinner', 'aria-hidden': 'true' }), action);
    try {
      await patiently(() => submit(values), { waiting: (error) => complain(explainWait(error), { waiting: true }), wanted: () => element.isConnected });
    } catch (error) {
      complain(null);
      if (!mark(error.fields ?? {})) complain(explain(error));
    } finally {
      button.disabled = false;
      replace(button, action);
    }
  });
  return element;
}
