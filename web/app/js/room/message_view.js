// One message as a list item: who, when, what, its reactions, and what one can do with it.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { avatar } from '../ui/avatar.js';
import { timeOf, names, sizeOf } from '../ui/format.js';
import { isComposing } from '../ui/keys.js';
import { lengthLine } from '../ui/length.js';
import { linked } from '../ui/links.js';
import { MAX_LENGTH } from './composer.js';

export const EMOJI = ['👍', '❤️', '😂', '🎉', '🤔', '👀'];
// What each body shows, or will once its editor is closed.
const shown = new WeakMap();
// How each body's files are had and shown.
const ways = new WeakMap();

// `actions`: open(file), picture(file, failed) is its image, react(message, emoji, on), reply(message), edit(message, content), remove(message); `who(userId)` names a person.
export function messageView({ message, continued, me, mayDelete, quoted, who, actions }) {
  const mine = message.senderId === me.id;
  const classes = ['message', continued && 'continued', mine && 'mine', message.isDeleted && 'deleted'].filter(Boolean);
  const body = h('div', { class: 'message-body' });
  const element = h(
    'li',
    { class: classes.join(' '), dataset: { seq: message.seq, id: message.id } },
    continued ? h('time', { class: 'message-gutter', datetime: message.createdAt }, timeOf(message.createdAt)) : avatar({ userId: message.senderId, name: message.senderName }),
    h(
      'div',
      { class: 'message-main' },
      continued
        ? h('span', { class: 'visually-hidden' }, message.senderName)
        : h('p', { class: 'message-head' }, h('b', { dir: 'auto' }, message.senderName), h('time', { datetime: message.createdAt }, timeOf(message.createdAt))),
      quoted && quote(quoted),
      body,
    ),
  );
  showText(body, message, actions);
  if (message.isDeleted) return element;
  element.querySelector('.message-main').append(reactions(message, me, who, actions) ?? '');
  element.append(toolbar({ message, mayDelete, me, body, actions }));
  // Touch screens have no hover: a tap shows the tools.
  element.addEventListener('click', (event) => {
    if (event.target.closest('a, button, textarea')) return;
    for (const other of element.parentElement.querySelectorAll('.tools-open')) if (other !== element) other.classList.remove('tools-open');
    element.classList.toggle('tools-open');
  });
  return element;
}

export const isEdited = (element) => Boolean(element.querySelector('.message-editor'));

// Shows what has changed around the open editor of a message, which stays as it is.
export function renewAroundEditor(element, { message, me, mayDelete, who, actions }) {
  const body = element.querySelector('.message-body');
  shown.set(body, message);
  element.querySelector('.reactions')?.remove();
  element.querySelector('.message-main').append(reactions(message, me, who, actions) ?? '');
  element.querySelector('.tools').replaceWith(toolbar({ message, mayDelete, me, body, actions }));
}

export function pendingView({ entry, me, retry, discard }) {
  return h(
    'li',
    { class: entry.failed ? 'message pending failed' : 'message pending' },
    avatar({ userId: me.id, name: me.fullName }),
    h(
      'div',
      { class: 'message-main' },
      h('p', { class: 'message-head' }, h('b', { dir: 'auto' }, me.fullName), h('span', { class: 'small' }, entry.failed ? 'not sent' : 'sending…')),
      h('div', { class: 'message-body' }, h('p', { class: 'message-text', dir: 'auto' }, entry.content)),
      entry.failed &&
        h(
          'p',
          { class: 'message-failed' },
          entry.error,
          ' ',
          h('button', { class: 'link-button', type: 'button', onclick: () => retry(entry) }, 'Try again'),
          h('button', { class: 'link-button', type: 'button', onclick: () => discard(entry) }, 'Discard'),
        ),
    ),
  );
}

function quote(message) {
  return h('p', { class: 'quote' }, icon('reply'), h('b', { dir: 'auto' }, message.senderName), h('span', { dir: 'auto' }, message.isDeleted ? 'Message deleted' : message.content));
}

const linkTo = (file) => file.url && h('a', { class: 'attachment', href: file.url, target: '_blank', rel: 'noopener noreferrer' }, icon('link'), h('bdi', {}, file.name ?? file.url));

// It lies here, where a link without a token leads nowhere.
const attached = (file, open) => h('button', { class: 'attachment file', type: 'button', onclick: () => open(file) }, icon('file'), h('bdi', {}, file.name), h('span', { class: 'small muted' }, sizeOf(file.size)));

// As large as it will be before it is there, and a file like others where it cannot be shown.
function pictured(file, { open, picture }) {
  const image = picture(file, () => button.replaceWith(attached(file, open)));
  const button = h('button', { class: 'attachment picture', type: 'button', title: file.name, onclick: () => open(file) }, image);
  return button;
}

function attachment(file, ways) {
  if (!file.fileId) return linkTo(file);
  return file.width && file.height ? pictured(file, ways) : attached(file, ways.open);
}

function showText(body, message, way = ways.get(body)) {
  shown.set(body, message);
  ways.set(body, way);
  if (message.isDeleted) return replace(body, h('p', { class: 'message-text' }, 'Message deleted'));
  replace(
    body,
    h('p', { class: 'message-text', dir: 'auto' }, linked(message.content), message.isEdited && h('span', { class: 'edited' }, ' (edited)')),
    (message.attachments ?? []).map((file) => attachment(file, way)),
  );
}

function reactions(message, me, who, actions) {
  if (!message.reactions?.length) return null;
  return h(
    'ul',
    { class: 'reactions', 'aria-label': 'Reactions' },
    message.reactions.map(({ emoji, count, userIds = [] }) => {
      const mine = userIds.includes(me.id);
      const people = names(userIds.map(who));
      return h(
        'li',
        {},
        h(
          'button',
          {
            class: 'reaction',
            type: 'button',
            'aria-pressed': String(mine),
            'aria-label': `${emoji} ${count}, from ${people}`,
            title: people,
            onclick: () => actions.react(message, emoji, !mine),
          },
          h('span', { class: 'emoji' }, emoji),
          String(count),
        ),
      );
    }),
  );
}

function toolbar({ message, mayDelete, me, body, actions }) {
  const mine = message.senderId === me.id;
  const palette = h('div', { class: 'palette', role: 'group', 'aria-label': 'Choose a reaction', hidden: true });
  const open = h('button', { class: 'icon-button small', type: 'button', 'aria-label': 'React', title: 'React', 'aria-expanded': 'false' }, icon('smile'));
  open.addEventListener('click', () => {
    palette.hidden = !palette.hidden;
    open.setAttribute('aria-expanded', String(!palette.hidden));
    if (!palette.hidden) palette.firstElementChild.focus();
  });
  for (const emoji of EMOJI) {
    const has = message.reactions?.some((reaction) => reaction.emoji === emoji && reaction.userIds?.includes(me.id));
    palette.append(h('button', { class: 'emoji-button', type: 'button', 'aria-label': `React with ${emoji}`, onclick: () => actions.react(message, emoji, !has) }, emoji));
  }
  palette.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    palette.hidden = true;
    open.focus();
  });
  return h(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'Message tools' },
    palette,
    open,
    tool('reply', 'Reply', () => actions.reply(message)),
    mine && tool('edit', 'Edit', () => editor(body, actions)),
    (mine || mayDelete) && tool('trash', 'Delete', () => actions.remove(message)),
  );
}

const tool = (name, label, onclick) => h('button', { class: 'icon-button small', type: 'button', 'aria-label': label, title: label, onclick }, icon(name));

// Opens where the body's text stands, or goes back to the one that is open.
export function editor(body, actions) {
  const open = body.querySelector('.message-editor');
  if (open) return open.focus();
  const input = h('textarea', { class: 'input message-editor', dir: 'auto', 'aria-label': 'Edit message', rows: '2', value: shown.get(body).content });
  const length = lengthLine(MAX_LENGTH);
  const done = () => showText(body, shown.get(body));
  const judge = () => length.show(input.value);
  const save = async () => {
    const content = input.value.trim();
    const message = shown.get(body);
    if (!judge()) return;
    if (!content || content === message.content) return done();
    if (await actions.edit(message, content)) done();
  };
  input.addEventListener('input', judge);
  input.addEventListener('keydown', (event) => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') done();
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  });
  replace(
    body,
    input,
    length.element,
    h(
      'p',
      { class: 'edit-actions' },
      h('button', { class: 'link-button', type: 'button', onclick: save }, 'Save'),
      h('button', { class: 'link-button', type: 'button', onclick: done }, 'Cancel'),
      h('span', { class: 'small muted' }, 'Enter saves, Escape cancels'),
    ),
  );
  input.focus();
  input.setSelectionRange(input.value.length, input.value.length);
}
