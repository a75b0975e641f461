// A part of the account's page.
import { h, newId } from '../ui/dom.js';

export function card(title, text, ...content) {
  const id = newId('card');
  return h('section', { class: 'card', 'aria-labelledby': id }, h('header', { class: 'card-head' }, h('h2', { id }, title), text && h('p', { class: 'muted' }, text)), content);
}
