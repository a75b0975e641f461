// Where one writes: Enter sends, Shift+Enter starts a line, Arrow up edits the last own message.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';

const TYPING_EVERY_MS = 3_000;
const TYPING_STOPS_MS = 4_000;
const MAX_LENGTH = 4_000;

export function composer({ send, typing, editLast }) {
  const input = h('textarea', { class: 'composer-input', rows: '1', placeholder: 'Write a message', 'aria-label': 'Message', maxlength: MAX_LENGTH, enterkeyhint: 'send' });
  const button = h('button', { class: 'icon-button send', type: 'submit', 'aria-label': 'Send', disabled: true }, icon('send'));
  const replying = h('div', { class: 'replying', hidden: true });
  let replyTo = null;
  let told = 0;
  let stopTimer = null;

  function setReply(message) {
    replyTo = message;
    replying.hidden = !message;
    if (!message) return;
    replace(
      replying,
      icon('reply'),
      h('span', {}, 'Reply to ', h('b', {}, message.senderName), `: ${message.content}`),
      h('button', { class: 'icon-button small', type: 'button', 'aria-label': 'Do not reply', onclick: () => setReply(null) }, icon('close')),
    );
    input.focus();
  }

  function stopTyping() {
    clearTimeout(stopTimer);
    if (told) typing(false);
    told = 0;
  }

  function typed() {
    button.disabled = !input.value.trim();
    if (!input.value.trim()) return stopTyping();
    clearTimeout(stopTimer);
    stopTimer = setTimeout(stopTyping, TYPING_STOPS_MS);
    if (Date.now() - told < TYPING_EVERY_MS) return;
    told = Date.now();
    typing(true);
  }

  const form = h('form', { class: 'composer' }, replying, h('div', { class: 'composer-row' }, input, button));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const content = input.value.trim();
    if (!content) return;
    stopTyping();
    send(content, replyTo);
    input.value = '';
    button.disabled = true;
    setReply(null);
    input.focus();
  });
  input.addEventListener('input', typed);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === 'ArrowUp' && !input.value) {
      if (editLast()) event.preventDefault();
    } else if (event.key === 'Escape') {
      setReply(null);
    }
  });
  return { element: form, setReply, destroy: stopTyping };
}
