// All rooms that one may see, the own ones first on request; create one, or join by code.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { roomLogo } from '../ui/avatar.js';
import { topBar } from '../ui/top_bar.js';
import { count } from '../ui/format.js';
import { explain } from '../errors.js';
import { createRoomDialog } from './create_room.js';
import { joinByCodeDialog } from './join_by_code.js';

const SEARCH_DELAY_MS = 250;

export function roomsPage(context) {
  const { api, session } = context;
  const list = h('ul', { class: 'room-list', 'aria-label': 'Rooms' });
  const status = h('p', { class: 'visually-hidden', role: 'status' });
  const note = h('div');
  const more = h('button', { class: 'button outline more', type: 'button', hidden: true, onclick: () => load(cursor) }, 'Show more');
  let filter = 'all';
  let query = '';
  let cursor = null;
  let latest = 0;
  let searchTimer = null;

  const filters = h('div', { class: 'segmented', role: 'group', 'aria-label': 'Which rooms' });
  for (const [value, label] of [['all', 'All rooms'], ['mine', 'My rooms']]) {
    filters.append(
      h('button', { type: 'button', 'aria-pressed': String(value === filter), onclick: (event) => choose(value, event.currentTarget) }, label),
    );
  }

  function choose(value, pressed) {
    filter = value;
    for (const button of filters.children) button.setAttribute('aria-pressed', String(button === pressed));
    load();
  }

  function search(event) {
    query = event.currentTarget.value.trim();
    clearTimeout(searchTimer);
    searchTimer = setTimeout(() => load(), SEARCH_DELAY_MS);
  }

  async function load(from = null) {
    const turn = ++latest;
    const parameters = new URLSearchParams({ limit: '24' });
    if (query) parameters.set('q', query);
    if (filter === 'mine') parameters.set('mine', 'true');
    if (from) parameters.set('cursor', from);
    try {
      const page = await api.get(`/api/rooms?${parameters}`);
      if (turn !== latest) return;
      const cards = page.items.map(roomCard);
      if (from) list.append(...cards);
      else list.replaceChildren(...cards);
      cursor = page.nextCursor;
      more.hidden = !cursor;
      replace(note, list.children.length === 0 && nothing());
      status.textContent = `${count(list.children.length, 'room')} shown`;
    } catch (error) {
      if (turn !== latest || !session.signedIn) return;
      list.replaceChildren();
      more.hidden = true;
      replace(
        note,
        h('div', { class: 'empty' }, icon('alert'), h('h2', {}, 'The rooms could not be loaded'), h('p', {}, explain(error)),
          h('button', { class: 'button', type: 'button', onclick: () => load() }, 'Try again')),
      );
    }
  }

  function nothing() {
    if (query) {
      return h('div', { class: 'empty' }, icon('search'), h('h2', {}, `Nothing found for “${query}”`), h('p', {}, 'Try another word, or create the room yourself.'));
    }
    const text = filter === 'mine' ? 'Join one of the public rooms, enter an invite code, or create your own.' : 'Create the first one and invite others with a link.';
    return h(
      'div',
      { class: 'empty' },
      icon('people'),
      h('h2', {}, filter === 'mine' ? 'You are in no room yet' : 'There are no rooms yet'),
      h('p', {}, text),
      h('button', { class: 'button primary', type: 'button', onclick: () => createRoomDialog(context) }, icon('plus'), 'Create a room'),
    );
  }

  const element = h(
    'div',
    { class: 'page' },
    topBar(context),
    h(
      'main',
      { class: 'rooms', id: 'main', tabindex: '-1' },
      h(
        'div',
        { class: 'rooms-head' },
        h('h1', {}, 'Rooms'),
        h(
          'div',
          { class: 'rooms-actions' },
          h('button', { class: 'button outline', type: 'button', onclick: () => joinByCodeDialog(context) }, icon('key'), 'Join by code'),
          h('button', { class: 'button primary', type: 'button', onclick: () => createRoomDialog(context) }, icon('plus'), 'Create a room'),
        ),
      ),
      h(
        'div',
        { class: 'rooms-tools' },
        h('div', { class: 'search' }, icon('search'), h('input', { class: 'input', type: 'search', dir: 'auto', placeholder: 'Search rooms', 'aria-label': 'Search rooms', oninput: search })),
        filters,
      ),
      status,
      list,
      note,
      more,
    ),
  );
  load();
  return {
    element,
    title: 'Rooms',
    destroy: () => {
      latest += 1;
      clearTimeout(searchTimer);
    },
  };
}

// Opening a room shows it; to join one is a step of its own.
function roomCard(room) {
  const full = room.memberCount >= room.maxParticipants;
  return h(
    'li',
    { class: 'room-card' },
    h(
      'div',
      { class: 'room-card-head' },
      roomLogo(room),
      h('h2', {}, h('a', { href: `#/rooms/${room.id}`, dir: 'auto' }, room.name)),
      room.roomType === 'private' && h('span', { class: 'badge' }, icon('lock'), 'Private'),
    ),
    h('p', { class: 'room-card-text', dir: 'auto' }, room.description || 'No description yet.'),
    h(
      'p',
      { class: 'room-card-foot' },
      h('span', {}, icon('people'), `${room.memberCount} of ${room.maxParticipants} places`),
      room.activeCount > 0 && h('span', { class: 'here-now' }, count(room.activeCount, 'person', 'people'), ' here now'),
      room.callParticipants > 0 && h('span', { class: 'badge live' }, icon('phone'), `${room.callParticipants} in the call`),
      full && h('span', { class: 'badge' }, 'Full'),
    ),
  );
}
