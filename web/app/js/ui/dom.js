// Elements without a framework: h('button', {class: 'button', onclick: save}, 'Save').
// Text is always set as text, never parsed as HTML.
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'muted', 'srcObject', 'autoplay', 'playsInline', 'htmlFor']);

export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else if (PROPERTIES.has(name)) element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
}

let nextId = 1;
export const newId = (prefix) => `${prefix}-${nextId++}`;
