// The files that are to go with the next message: brought as soon as they are chosen, each with a line that shows how far it is, why
// it failed, and a way to take it out.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { sizeOf } from '../ui/format.js';
import { explainFile } from '../errors.js';

export const MOST_FILES = 10;

// `upload(file, {progress, signal})` answers the file as the server has it; `changed()` is told of each change.
export function attachments({ upload, changed }) {
  const element = h('ul', { class: 'chosen', 'aria-label': 'Files to send', hidden: true });
  let chosen = []; // {file, brought, failed, element}

  function show() {
    element.hidden = chosen.length === 0;
    changed();
  }

  function remove(one) {
    one.stop.abort();
    one.element.remove();
    chosen = chosen.filter((other) => other !== one);
    show();
  }

  async function add(file) {
    const one = { brought: null, failed: false, stop: new AbortController() };
    const progress = h('progress', { max: '1', value: 0, 'aria-label': `Sending ${file.name}` });
    const state = h('span', { class: 'chosen-state', role: 'status' }, progress);
    one.element = h(
      'li',
      { class: 'chosen-file' },
      icon('file'),
      h('bdi', { class: 'chosen-name' }, file.name),
      state,
      h('button', { class: 'icon-button small', type: 'button', 'aria-label': `Take out ${file.name}`, onclick: () => remove(one) }, icon('close')),
    );
    chosen.push(one);
    element.append(one.element);
    show();
    try {
      one.brought = await upload(file, { progress: (part) => { progress.value = part; }, signal: one.stop.signal });
      replace(state, sizeOf(one.brought.size));
    } catch (error) {
      if (one.stop.signal.aborted) return;
      one.failed = true;
      one.element.classList.add('failed');
      replace(state, explainFile(error));
    }
    show();
  }

  return {
    element,
    // No more than a message may have.
    add: (files) => [...files].slice(0, MOST_FILES - chosen.length).forEach(add),
    // Those that are there; what failed is not sent.
    ready: () => chosen.filter(({ brought }) => brought).map(({ brought }) => brought),
    isWaiting: () => chosen.some(({ brought, failed }) => !brought && !failed),
    clear() {
      for (const one of chosen) one.element.remove();
      chosen = [];
      show();
    },
  };
}
