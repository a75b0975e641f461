import { h } from './dom.js';

// How long a text is, as the server counts: by characters (code points), not by what JavaScript keeps of them.
const number = new Intl.NumberFormat();

const lengthOf = (text) => [...text].length;

// What to say of a text that is near its limit or beyond it; null where it is well below. `over`: it cannot be sent.
function judgeLength(text, limit) {
  const length = lengthOf(text);
  if (length > limit) {
    const words = `${number.format(length)} of ${number.format(limit)} characters. Take out ${number.format(length - limit)}.`;
    return { over: true, words };
  }
  if (length < limit * 0.9) return null;
  return { over: false, words: `${number.format(length)} of ${number.format(limit)} characters` };
}

// The line under a field that says so. show() answers whether the text can be sent, as far as its length goes.
export function lengthLine(limit, attributes = {}) {
  const element = h('p', { class: 'length', role: 'status', hidden: true, ...attributes });
  const show = (text) => {
    const verdict = judgeLength(text.trim(), limit);
    element.hidden = !verdict;
    element.textContent = verdict?.words ?? '';
    element.classList.toggle('over', Boolean(verdict?.over));
    return !verdict?.over;
  };
  return { element, show };
}
