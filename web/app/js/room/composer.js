// Where one writes: Enter sends, Shift+Enter starts a line, Arrow up edits the last own message. What is too long stays whole and
// is not sent.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { isComposing } from '../ui/keys.js';
import { lengthLine } from '../ui/length.js';
import { attachments } from './attachments.js';

const TYPING_EVERY_MS = 3_000;
const TYPING_STOPS_MS = 4_000;
export const MAX_LENGTH = 4_000;

// `draft`: {text, replyTo} to begin with; `keep(text, replyTo)` is told of each change. The answer's isWaiting() says whether one
// stands in the empty box; setMuted(text) closes the box, keeps what is in it and shows why, until setMuted(null).
// `upload` is attachments()'s; send(content, replyTo, files) has what it brought.
export function composer({ draft, keep, send, typing, editLast, upload }) {
  const input = h('textarea', { class: 'composer-input', rows: '1', dir: 'auto', placeholder: 'Write a message', 'aria-label': 'Message', enterkeyhint: 'send', 'aria-describedby': 'composer-length composer-muted', value: draft.text });
  const button = h('button', { class: 'icon-button send', type: 'submit', 'aria-label': 'Send' }, icon('send'));
  const picker = h('input', { type: 'file', multiple: true, hidden: true, 'aria-hidden': 'true', tabindex: '-1' });
  const attach = h('button', { class: 'icon-button attach', type: 'button', 'aria-label': 'Attach files', title: 'Attach files', onclick: () => picker.click() }, icon('attach'));
  const files = attachments({ upload, changed: () => showLength() });
  const replying = h('div', { class: 'replying', hidden: true });
  const muted = h('p', { class: 'composer-muted', id: 'composer-muted', hidden: true });
  const length = lengthLine(MAX_LENGTH, { id: 'composer-length' });
  let replyTo = null;
  let told = 0;
  let stopTimer = null;

  function showReply(message) {
    replyTo = message;
    replying.hidden = !message;
    if (!message) return;
    replace(
      replying,
      icon('reply'),
      h('span', {}, 'Reply to ', h('b', { dir: 'auto' }, message.senderName), ': ', h('bdi', {}, message.content)),
      h('button', { class: 'icon-button small', type: 'button', 'aria-label': 'Do not reply', onclick: () => setReply(null) }, icon('close')),
    );
  }

  function setReply(message) {
    showReply(message);
    keep(input.value, replyTo);
    if (message) input.focus();
  }

  // Answers whether what is written can be sent.
  function showLength() {
    const fits = length.show(input.value);
    const isEmpty = !input.value.trim() && files.ready().length === 0;
    button.disabled = input.disabled || isEmpty || !fits || files.isWaiting();
    return !button.disabled;
  }

  function setMuted(text) {
    muted.hidden = !text;
    replace(muted, text && [icon('micOff'), h('span', {}, text)]);
    if (text) stopTyping();
    input.disabled = Boolean(text);
    attach.disabled = input.disabled;
    showLength();
  }

  function stopTyping() {
    clearTimeout(stopTimer);
    if (told) typing(false);
    told = 0;
  }

  function typed() {
    showLength();
    keep(input.value, replyTo);
    if (!input.value.trim()) return stopTyping();
    clearTimeout(stopTimer);
    stopTimer = setTimeout(stopTyping, TYPING_STOPS_MS);
    if (Date.now() - told < TYPING_EVERY_MS) return;
    told = Date.now();
    typing(true);
  }

  const form = h('form', { class: 'composer' }, muted, replying, files.element, h('div', { class: 'composer-row' }, attach, picker, input, button), length.element);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!showLength()) return;
    stopTyping();
    const brought = files.ready();
    const content = input.value.trim() || brought.map(({ name }) => name).join(', ').slice(0, MAX_LENGTH);
    const answered = replyTo;
    input.value = '';
    showReply(null);
    files.clear();
    send(content, answered, brought);
    keep('', null);
    input.focus();
  });
  picker.addEventListener('change', () => {
    files.add(picker.files);
    picker.value = '';
    input.focus();
  });
  input.addEventListener('input', typed);
  input.addEventListener('keydown', (event) => {
    if (isComposing(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (!button.disabled) form.requestSubmit();
    } else if (event.key === 'ArrowUp' && !input.value) {
      if (editLast()) event.preventDefault();
    } else if (event.key === 'Escape') {
      setReply(null);
    }
  });
  showReply(draft.replyTo);
  showLength();
  return { element: form, setReply, setMuted, isWaiting: () => document.activeElement === input && !input.value, destroy: stopTyping };
}
