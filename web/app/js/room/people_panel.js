// Who belongs to the room and who is here now.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { avatar } from '../ui/avatar.js';
import { linked } from '../ui/links.js';

const RANKS = ['member', 'moderator', 'owner'];
const LONGEST_WAIT_MS = 24 * 3600_000; // timers of browsers take 24 days at most
const DOORS = { public: ['people', 'Public: everyone on this server may join'], private: ['lock', 'Private: people join with an invite'] };
const ROLES = { owner: 'Owner', moderator: 'Moderator' };

export class PeoplePanel {
  #people = new Map();
  #me;
  #about = h('div', { class: 'about', hidden: true });
  #heading = h('h2', { class: 'people-title' }, 'People');
  #list = h('ul', { class: 'people-list' });
  #onChange;
  #onManage;
  #muteEnds = null;

  constructor({ me, onChange, onManage }) {
    this.#me = me;
    this.#onManage = onManage;
    this.#onChange = onChange;
    this.element = h('div', { class: 'people' }, this.#about, this.#heading, this.#list);
  }

  // Here now, and all.
  get counts() {
    const all = [...this.#people.values()];
    return { here: all.filter((person) => person.isOnline).length, all: all.length };
  }

  get othersHere() {
    return [...this.#people.values()].filter((person) => person.isOnline && person.userId !== this.#me.id);
  }

  // Until when one may not write, or null.
  get myMute() {
    const me = this.#people.get(this.#me.id);
    return me && isMuted(me) ? me.mutedUntil : null;
  }

  get myRole() {
    return this.#people.get(this.#me.id)?.role ?? 'member';
  }

  nameOf(userId) {
    return this.#people.get(userId)?.fullName ?? 'someone';
  }

  // What the room is about and who may join it.
  showRoom({ description, roomType }) {
    const [symbol, words] = DOORS[roomType];
    this.#about.hidden = false;
    replace(this.#about, description && h('p', { class: 'about-text', dir: 'auto' }, linked(description)), h('p', { class: 'about-door' }, icon(symbol), words));
  }

  set(participants) {
    this.#people = new Map(participants.map((person) => [person.userId, { ...person }]));
    const me = this.#people.get(this.#me.id);
    if (me) me.isOnline = true;
    this.#render();
  }

  came(user) {
    this.#people.set(user.userId, { role: 'member', ...this.#people.get(user.userId), ...user, isOnline: true });
    this.#render();
  }

  // Away keeps the place; every other reason gives it up.
  went(userId, reason) {
    const person = this.#people.get(userId);
    if (!person) return;
    if (reason === 'away') person.isOnline = false;
    else this.#people.delete(userId);
    this.#render();
  }

  changed(userId, news) {
    const person = this.#people.get(userId);
    if (!person) return;
    Object.assign(person, news);
    this.#render();
  }

  destroy() {
    clearTimeout(this.#muteEnds);
  }

  // The server says nothing at the end of a mute.
  #awaitEnd() {
    clearTimeout(this.#muteEnds);
    const ends = [...this.#people.values()].filter(isMuted).map(({ mutedUntil }) => new Date(mutedUntil) - Date.now());
    if (ends.length > 0) this.#muteEnds = setTimeout(() => this.#render(), Math.min(...ends, LONGEST_WAIT_MS) + 1);
  }

  #render() {
    this.#awaitEnd();
    const all = [...this.#people.values()].sort((a, b) => b.isOnline - a.isOnline || a.fullName.localeCompare(b.fullName));
    replace(this.#heading, 'People ', h('span', { class: 'badge' }, `${this.counts.here} of ${all.length} here`));
    replace(
      this.#list,
      all.map((person) =>
        h(
          'li',
          { class: person.isOnline ? 'person' : 'person away', dataset: { user: person.userId } },
          avatar({ userId: person.userId, name: person.fullName, picture: person.profilePictureUrl, online: Boolean(person.isOnline) }),
          h(
            'span',
            { class: 'person-name' },
            h('span', { title: person.fullName }, h('bdi', {}, person.fullName), person.userId === this.#me.id && h('span', { class: 'muted' }, ' (you)')),
            h('span', { class: 'visually-hidden' }, person.isOnline ? ', here now' : ', away'),
          ),
          isMuted(person) && h('span', { class: 'badge' }, icon('micOff'), 'Muted'),
          ROLES[person.role] && h('span', { class: 'badge' }, ROLES[person.role]),
          outranks(this.myRole, person.role) &&
            h('button', { class: 'icon-button small', type: 'button', 'aria-label': `Manage ${person.fullName}`, title: 'Manage', onclick: () => this.#onManage(person, this.myRole) }, icon('more')),
        ),
      ),
    );
    this.#onChange();
  }
}

const outranks = (one, other) => RANKS.indexOf(one) > RANKS.indexOf(other);

export const isMuted = ({ mutedUntil }) => Boolean(mutedUntil) && new Date(mutedUntil) > new Date();
