// Modal dialogs on the browser's own <dialog>: focus stays inside, Escape closes, focus goes back after.
import { h, newId } from './dom.js';
import { icon } from './icons.js';

// `content` gets a close function and returns elements. Resolves when the dialog is closed.
export function showDialog(title, content) {
  const titleId = newId('dialog');
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': titleId });
  const close = () => dialog.close();
  dialog.append(
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: titleId }, title),
      h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Close', onclick: close }, icon('close')),
    ),
  );
  dialog.append(...[content(close)].flat());
  // A click on the backdrop lands on the dialog itself.
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector('[autofocus]')?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
  });
}

// What they were about is no more.
export function closeDialogs() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
}

// Resolves with true only when the person agreed.
export async function confirmDialog(title, text, action) {
  let agreed = false;
  await showDialog(title, (close) =>
    h(
      'div',
      { class: 'dialog-body' },
      h('p', { class: 'muted' }, text),
      h(
        'div',
        { class: 'dialog-actions' },
        h('button', { class: 'button outline', type: 'button', onclick: close }, 'Cancel'),
        h(
          'button',
          {
            class: 'button danger',
            type: 'button',
            onclick: () => {
              agreed = true;
              close();
            },
          },
          action,
        ),
      ),
    ),
  );
  return agreed;
}
