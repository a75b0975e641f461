// Finds the links in what people write. An address ends before white space, quotation marks, and the signs of scripts that write
// without spaces; what closes a sentence or a bracket that was opened before the address is not part of it.
import { h } from './dom.js';

const ADDRESS = /https?:\/\/[^\s<>"“”„«»。，、；：！？（）「」『』【】《》]+/g;
const ENDS = new Set('.,;:!?\'…*');
const CLOSING = { '(': ')', '[': ']', '{': '}' };

// `text` as pieces for an element: strings, and links.
export function linked(text) {
  const pieces = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    pieces.push(text.slice(at, match.index), h('a', { href: address, target: '_blank', rel: 'noopener noreferrer', dir: 'ltr' }, address));
    at = match.index + address.length;
  }
  pieces.push(text.slice(at));
  return pieces;
}

function trimmed(address) {
  const unopened = { ')': 0, ']': 0, '}': 0 };
  for (const sign of address) {
    if (sign in unopened) unopened[sign] += 1;
    else if (sign in CLOSING) unopened[CLOSING[sign]] -= 1;
  }
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1];
    if (unopened[last] > 0) unopened[last] -= 1;
    else if (!ENDS.has(last)) break;
  }
  return address.slice(0, end);
}
