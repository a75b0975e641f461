// Short news at the bottom of the page, read out by screen readers.
import { h, replace } from './dom.js';

const SHOWN_MS = 6_000;
// What people write and press: news stands above it.
const KEEP_CLEAR = '.composer, .controls';
const GAP_PX = 12;
const AGAIN_MS = 100;
let placing = null;

export function toast(...content) {
  const box = document.getElementById('toasts');
  const text = h('span', {}, ...content);
  for (const old of box.children) if (old.textContent === text.textContent) old.remove();
  const element = h('div', { class: 'toast' });
  box.append(element);
  replace(element, text);
  keepPlace(box);
  setTimeout(() => element.remove(), SHOWN_MS);
}

// As long as there is news: what people write in grows meanwhile, and moves where the rest of its page comes later.
function keepPlace(box) {
  box.style.bottom = bottomOf(box);
  clearTimeout(placing);
  placing = box.childElementCount > 0 ? setTimeout(keepPlace, AGAIN_MS, box) : null;
}

// Above the highest of what stands under it in the lower half of the page; as the style says where nothing does.
function bottomOf(box) {
  const { left, right } = box.getBoundingClientRect();
  const tops = [...document.querySelectorAll(KEEP_CLEAR)]
    .map((element) => element.getBoundingClientRect())
    .filter((seen) => seen.height > 0 && seen.left < right && seen.right > left && seen.top > innerHeight / 2)
    .map(({ top }) => top);
  return tops.length > 0 ? `${innerHeight - Math.min(...tops) + GAP_PX}px` : '';
}
