// Finds the links in what people write. An address ends before white space, quotation marks, and the signs of scripts that write
// without spaces; what closes a sentence or a bracket that was opened before the address is not part of it.
import { h } from './dom.js';

const ADDRESS = /https?:\/\/[^\s<>"“”„«»。，、；：！？（）「」『』【】《》]+/g;
const ENDS = new Set('.,;:!?\'…*');
const OPENING = { ')': '(', ']': '[', '}': '{' };

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
  let end = address.length;
  while (end > 0 && (ENDS.has(address[end - 1]) || isUnopened(address.slice(0, end)))) end -= 1;
  return address.slice(0, end);
}

// Whether it ends with a bracket that it did not open.
function isUnopened(address) {
  const closing = address.at(-1);
  const opening = OPENING[closing];
  return opening !== undefined && times(address, closing) > times(address, opening);
}

const times = (text, sign) => text.split(sign).length - 1;
