// The page at /docs: reads the server's own OpenAPI and AsyncAPI documents and lays them out.
import { h, replace } from '/js/ui/dom.js';
import { icon, logo } from '/js/ui/icons.js';
import { readOpenApi } from './openapi.js';
import { readAsyncApi } from './asyncapi.js';
import { entryDetails } from './view.js';

const SOURCES = [
  { name: 'REST', url: '/api/openapi.json', read: readOpenApi },
  { name: 'Realtime', url: '/api/asyncapi.json', read: readAsyncApi },
];

const root = document.getElementById('docs');
const content = h('main', { class: 'docs-main', id: 'main', tabindex: '-1' });
const menu = h('nav', { class: 'docs-menu', 'aria-label': 'Operations' });
const found = h('p', { class: 'docs-found', role: 'status' });
const search = h('input', { class: 'input', type: 'search', placeholder: 'Filter', 'aria-label': 'Filter by path, event or word', oninput: () => filter() });
const views = []; // {entry, element, link, words}

start();

async function start() {
  root.append(
    h(
      'header',
      { class: 'docs-side' },
      h('a', { class: 'docs-brand', href: '/' }, logo(), 'Stoa', h('span', {}, 'API')),
      h('div', { class: 'search' }, icon('search'), search),
      found,
      h('details', { class: 'docs-contents', open: matchMedia('(min-width: 900px)').matches }, h('summary', {}, 'Contents'), menu),
    ),
    content,
  );
  replace(content, h('p', { class: 'docs-loading' }, h('span', { class: 'spinner' }), 'Reading the documents…'));
  const parts = await Promise.all(SOURCES.map(load));
  replace(content, intro(parts), parts.map(part));
  filter();
  follow();
  addEventListener('hashchange', follow);
  document.querySelector('[data-skip]').addEventListener('click', (event) => {
    event.preventDefault();
    content.focus();
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, textarea')) return;
    event.preventDefault();
    search.focus();
  });
}

async function load(source) {
  try {
    const answer = await fetch(source.url, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return { ...source, ...source.read(await answer.json()) };
  } catch (error) {
    return { ...source, error };
  }
}

function intro(parts) {
  const [{ info = {} }] = parts;
  const counts = parts.filter(({ entries }) => entries).map(({ name, entries }) => `${entries.length} ${name === 'REST' ? 'operations' : 'events'}`);
  return h(
    'section',
    { class: 'docs-intro' },
    h('h1', {}, info.title ?? 'Stoa', info.version && h('span', { class: 'badge' }, info.version)),
    h('p', { class: 'entry-text' }, 'Everything this server offers over HTTP and WebSocket, described by the server itself.'),
    h('p', { class: 'muted small' }, counts.join(', '), '. Raw documents: ', SOURCES.map(({ url }, at) => [at > 0 && ', ', h('a', { href: url }, url.split('/').at(-1))]), '.'),
  );
}

function part({ name, url, entries, schemas, codes, info, error }) {
  const section = h('section', { class: 'docs-part', 'aria-label': name }, h('h2', {}, name));
  menu.append(h('p', { class: 'menu-part' }, name));
  if (error) {
    section.append(h('div', { class: 'banner' }, icon('alert'), h('span', {}, `${url} could not be read: ${error.message}. Reload the page once the server is up.`)));
    return section;
  }
  if (info.description) section.append(h('p', { class: 'entry-text' }, info.description));
  if (codes.length) section.append(errorCodes(codes));
  const groups = Map.groupBy ? Map.groupBy(entries, ({ tag }) => tag) : groupByTag(entries);
  for (const [tag, members] of groups) {
    const list = h('ul', { class: 'menu-list' });
    menu.append(h('div', { class: 'menu-group' }, h('p', { class: 'menu-tag' }, tag), list));
    const group = h('section', { class: 'docs-group' }, h('h3', {}, tag));
    for (const entry of members) {
      const view = show(entry, schemas);
      list.append(view.link);
      group.append(view.element);
      views.push(view);
    }
    section.append(group);
  }
  return section;
}

function errorCodes(codes) {
  const shape = { error: { code: 'ROOM_FULL', message: 'The room already has 8 of 8 participants', details: {}, requestId: '…' } };
  return h(
    'details',
    { class: 'codes' },
    h('summary', {}, `Errors have one shape and ${codes.length} codes`),
    h('pre', { tabindex: '0', 'aria-label': 'An error' }, h('code', {}, JSON.stringify(shape, null, 2))),
    h('ul', {}, codes.map((code) => h('li', {}, h('code', {}, code)))),
  );
}

function groupByTag(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.tag, [...(groups.get(entry.tag) ?? []), entry]);
  return groups;
}

function show(entry, schemas) {
  const badge = () => h('span', { class: 'method', dataset: { tone: entry.tone } }, entry.label);
  const element = h(
    'details',
    { class: entry.deprecated ? 'entry deprecated' : 'entry', id: entry.id, dataset: { kind: entry.kind } },
    h(
      'summary',
      { class: 'entry-head' },
      badge(),
      h('code', { class: 'entry-title' }, breakable(entry.title)),
      h('span', { class: 'entry-summary' }, entry.summary),
      entry.who && h('span', { class: 'entry-who' }, icon(entry.who.startsWith('anyone') ? 'people' : 'lock'), entry.who),
    ),
  );
  // Drawn when opened: most of the page is never looked at.
  const draw = () => element.childElementCount === 1 && element.append(entryDetails(entry, schemas));
  element.addEventListener('toggle', () => {
    if (element.open) draw();
    if (element.open && location.hash !== `#${entry.id}`) history.replaceState(null, '', `#${entry.id}`);
  });
  const link = h('li', {}, h('a', { href: `#${entry.id}` }, badge(), h('span', {}, breakable(entry.title))));
  link.firstChild.addEventListener('click', () => reveal(entry.id));
  const words = `${entry.label} ${entry.title} ${entry.summary} ${entry.tag} ${entry.who ?? ''}`.toLowerCase();
  return { entry, element, link, words, draw };
}

// Long paths may be broken after a slash only.
function breakable(path) {
  return path.split(/(?<=\/)/).flatMap((step) => [step, h('wbr')]);
}

function filter() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { element, link, words } of views) {
    const hidden = !wanted.every((word) => words.includes(word));
    element.hidden = hidden;
    link.hidden = hidden;
    if (!hidden) shown += 1;
  }
  for (const box of document.querySelectorAll('.docs-group, .menu-group')) box.hidden = !box.querySelector('details.entry:not([hidden]), li:not([hidden])');
  if (!wanted.length) found.textContent = '';
  else found.textContent = shown ? `${shown} of ${views.length} shown` : 'Nothing matches. Try a shorter word.';
}

function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id && id !== 'main') reveal(id);
}

function reveal(id) {
  const view = views.find(({ entry }) => entry.id === id);
  if (!view) return;
  if (view.element.hidden) {
    search.value = '';
    filter();
  }
  // Before scrolling: the last entries are only then far enough from the page's end.
  view.draw();
  view.element.open = true;
  for (const { link } of views) link.firstChild.removeAttribute('aria-current');
  view.link.firstChild.setAttribute('aria-current', 'true');
  view.element.scrollIntoView({ block: 'start' });
}
