// What the server is called, as its operator says; "Stoa" until it has said so.
import { h } from './dom.js';

let name = 'Stoa';

export const serverName = () => h('span', { class: 'server-name', dataset: { serverName: '' }, dir: 'auto' }, name);
export const titleOf = (title) => `${title} · ${name}`;

export async function learnServerName(api) {
  const said = await api.request('GET', '/api/health', undefined, { anonymous: true }).catch(() => null);
  if (!said?.name || said.name === name) return;
  const end = titleOf('');
  const title = document.title.endsWith(end) ? document.title.slice(0, -end.length) : null;
  name = said.name;
  for (const element of document.querySelectorAll('[data-server-name]')) element.textContent = name;
  if (title !== null) document.title = titleOf(title);
}
