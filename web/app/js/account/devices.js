// The devices that are signed in, and their ends.
import { h, newId, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { confirmDialog } from '../ui/dialog.js';
import { count, momentOf } from '../ui/format.js';
import { deviceName, isHandheld } from '../ui/device.js';
import { toast } from '../ui/toast.js';
import { explain } from '../errors.js';
import { card } from './card.js';

const PAGE = 100;

export class DevicesCard {
  #api;
  #latest = 0;
  #others = [];
  #list = h('ul', { class: 'device-list' });
  #note = h('p', { class: 'field-error', role: 'alert', hidden: true });
  #everywhere = h('button', { class: 'button outline', type: 'button', hidden: true, onclick: () => this.#endOthers() }, icon('signOut'), 'Sign out everywhere else');

  constructor({ api }) {
    this.#api = api;
    this.element = card(
      'Signed-in devices',
      'Do you not know one of them? Sign it out and change your password.',
      this.#note,
      this.#list,
      h('div', { class: 'card-actions' }, this.#everywhere),
    );
  }

  async load() {
    const turn = ++this.#latest;
    try {
      const devices = await this.#all();
      if (turn === this.#latest) this.#show(devices);
    } catch (error) {
      if (turn === this.#latest) this.#complain(error);
    }
  }

  destroy() {
    this.#latest += 1;
  }

  async #all() {
    const devices = [];
    for (let cursor = null; ; ) {
      const page = await this.#api.get(`/api/auth/sessions?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      devices.push(...page.items);
      cursor = page.nextCursor;
      if (!cursor) return devices;
    }
  }

  // This one first; then those that were used last.
  #show(devices) {
    this.#complain(null);
    devices.sort((a, b) => b.current - a.current || new Date(b.lastUsedAt) - new Date(a.lastUsedAt));
    this.#others = devices.filter(({ current }) => !current);
    this.#everywhere.hidden = this.#others.length === 0;
    replace(this.#list, devices.map((device) => this.#row(device)));
  }

  #row(device) {
    const { device: agent, current, ip, createdAt, lastUsedAt } = device;
    const id = newId('device');
    const used = current ? 'Used now' : `Last used ${momentOf(lastUsedAt)}`;
    return h(
      'li',
      { class: 'device' },
      h('span', { class: 'device-icon' }, icon(isHandheld(agent) ? 'handheld' : 'computer')),
      h(
        'div',
        { class: 'device-text' },
        h('p', { class: 'device-name', title: agent }, h('b', { id, dir: 'auto' }, deviceName(agent)), current && h('span', { class: 'badge live' }, 'This device')),
        h('p', { class: 'small muted' }, `${used} from ${ip}`),
        h('p', { class: 'small muted' }, `Signed in ${momentOf(createdAt)}`),
      ),
      h('button', { class: 'button outline', type: 'button', 'aria-describedby': id, onclick: () => (current ? this.#api.signOut() : this.#end([device])) }, 'Sign out'),
    );
  }

  async #endOthers() {
    const others = this.#others;
    const text = 'They have to sign in again with the password. This device stays signed in.';
    if (!(await confirmDialog(`Sign out ${count(others.length, 'other device')}?`, text, 'Sign out everywhere else'))) return;
    await this.#end(others);
  }

  async #end(devices) {
    try {
      for (const { id } of devices) await this.#endOne(id);
      toast(devices.length === 1 ? `${deviceName(devices[0].device)} is signed out` : `${count(devices.length, 'device')} are signed out`);
      await this.load();
    } catch (error) {
      await this.load();
      this.#complain(error);
    }
  }

  // One that has signed out by itself meanwhile is what was wanted.
  async #endOne(id) {
    try {
      await this.#api.delete(`/api/auth/sessions/${id}`);
    } catch (error) {
      if (error.code !== 'NOT_FOUND') throw error;
    }
  }

  #complain(error) {
    this.#note.hidden = !error;
    this.#note.textContent = error ? explain(error) : '';
  }
}
