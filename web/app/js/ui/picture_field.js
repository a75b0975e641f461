// A picture among the fields of a form: chosen, shown as it will be, or taken away. It goes to the server with the form, by send().
import { ApiError } from '../api.js';
import { explainFile } from '../errors.js';
import { h, newId, replace } from './dom.js';

// What is wrong with the picture is said beside it; anything else concerns the form.
const ABOUT_IT = new Set(['NOT_A_PICTURE', 'PICTURE_TOO_LARGE', 'TOO_LARGE', 'QUOTA_EXCEEDED']);

// `face(picture)` shows one, or what stands for none; `picture` is the address of the present one.
export function pictureField({ name, label, hint, picture, face }) {
  const id = newId(name);
  let wanted; // a File; null: none; undefined: what is there
  let preview = null;
  const place = h('span', {});
  const picker = h('input', { type: 'file', accept: 'image/*', hidden: true, 'aria-hidden': 'true', tabindex: '-1', onchange: () => picker.files[0] && want(picker.files[0]) });
  const control = h('button', { class: 'button outline', type: 'button', 'aria-describedby': `${id}-hint ${id}-error`, onclick: () => picker.click() }, 'Choose a picture');
  const away = h('button', { class: 'button outline', type: 'button', onclick: () => want(null) }, 'Remove');
  const error = h('p', { class: 'field-error', id: `${id}-error`, role: 'status', hidden: true });
  const element = h(
    'div',
    { class: 'field picture-field', role: 'group', 'aria-label': label },
    place,
    h('div', { class: 'picture-acts' }, control, away, picker),
    h('p', { class: 'hint', id: `${id}-hint` }, hint),
    error,
  );

  function show() {
    if (preview) URL.revokeObjectURL(preview);
    preview = wanted ? URL.createObjectURL(wanted) : null;
    const shown = wanted === undefined ? picture : preview;
    replace(place, face(shown));
    away.hidden = !shown;
  }

  function want(next) {
    wanted = next;
    picker.value = '';
    setError(null);
    show();
    if (next === null) control.focus();
  }

  function setError(text) {
    error.hidden = !text;
    error.textContent = text ?? '';
  }

  // The answer of `path`, or null where nothing was changed. What has gone does not go again with the form's next try.
  async function send(api, path) {
    if (wanted === undefined) return null;
    try {
      const answer = await (wanted ? api.upload(path, formOf(wanted)) : api.delete(path));
      wanted = undefined;
      return answer;
    } catch (failure) {
      if (ABOUT_IT.has(failure.code)) throw ApiError.about(name, explainFile(failure));
      throw failure;
    }
  }

  show();
  return { element, control, name, setError, complaint: () => null, send };
}

function formOf(file) {
  const form = new FormData();
  form.append('file', file, file.name);
  return form;
}
