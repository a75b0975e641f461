// Short news at the bottom of the page, read out by screen readers.
import { h, replace } from './dom.js';

const SHOWN_MS = 6_000;

export function toast(...content) {
  const box = document.getElementById('toasts');
  const text = h('span', {}, ...content);
  for (const old of box.children) if (old.textContent === text.textContent) old.remove();
  const element = h('div', { class: 'toast' });
  box.append(element);
  replace(element, text);
  setTimeout(() => element.remove(), SHOWN_MS);
}
