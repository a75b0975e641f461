// The call in a room: the invitation to join, then the tiles and their controls.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { avatar } from '../ui/avatar.js';
import { toast } from '../ui/toast.js';
import { count } from '../ui/format.js';
import { explain } from '../errors.js';
import { Call } from '../call.js';
import { canShareScreen } from '../media.js';
import { Tile } from './tile.js';

const LEVEL_EVERY_MS = 250;
const LOUD = 0.02;
const FACES = 5;
const WISHES = 'stoa.call';

export class CallPanel {
  #context;
  #people;
  #joining = false;
  #call;
  #tiles = new Map();
  #levels = null;
  #wishes = readWishes();
  #onState;

  #screens = h('div', { class: 'stage-screens' });
  #faces = h('div', { class: 'stage-people' });
  // Renewed by themselves, and in places that they do not stretch: a button that is being pressed stays where it is.
  #lobbyFaces = h('div', { class: 'lobby-faces' });
  #live = h('p', { class: 'lobby-live', hidden: true });
  #stage = h('div', { class: 'stage' }, this.#screens, this.#faces);
  #alone = h('p', { class: 'stage-note', role: 'status' });
  #controls = h('div', { class: 'controls', role: 'toolbar', 'aria-label': 'Call controls' });
  #news = h('p', { class: 'visually-hidden', role: 'status' });

  constructor({ context, roomId, people, onState }) {
    this.#context = context;
    this.#people = people;
    this.#onState = onState;
    this.#call = new Call({ api: context.api, socket: context.socket, roomId, relayOnly: context.relayOnly });
    this.element = h('div', { class: 'call' });
    this.#call.addEventListener('state', () => this.#stateChanged());
    this.#call.addEventListener('peers', () => this.#draw());
    this.#call.addEventListener('peer', () => this.#draw());
    this.#call.addEventListener('local', () => {
      this.#draw();
      this.#drawControls();
    });
    this.#call.addEventListener('ended', ({ detail }) => toast(`The call ended. ${explain(detail)}`));
    this.#drawLobby();
  }

  get state() {
    return this.#call.state;
  }

  // Someone came to the room or went.
  peopleChanged() {
    const others = this.#people.othersHere.slice(0, FACES);
    replace(this.#lobbyFaces, others.map((person) => avatar({ userId: person.userId, name: person.fullName })));
  }

  // How many are in the call, for those who are not.
  setOthers(number) {
    this.#live.hidden = number === 0;
    this.#live.textContent = `${count(number, 'person is', 'people are')} in the call`;
  }

  destroy() {
    clearInterval(this.#levels);
    this.#call.destroy();
  }

  // ---- before the call ----

  #drawLobby() {
    const joining = this.#joining;
    const wish = (kind, on, off, label) => {
      const button = h('button', { class: 'round', type: 'button', 'aria-label': label, title: label, 'aria-pressed': String(this.#wishes[kind]) }, icon(this.#wishes[kind] ? on : off));
      button.addEventListener('click', () => {
        this.#wishes[kind] = !this.#wishes[kind];
        localStorage.setItem(WISHES, JSON.stringify(this.#wishes));
        this.#drawLobby();
        this.element.querySelector(`[aria-label="${label}"]`).focus();
      });
      return button;
    };
    replace(
      this.element,
      h(
        'div',
        { class: 'lobby' },
        this.#lobbyFaces,
        h('div', { class: 'lobby-head' }, h('h2', {}, 'Call'), this.#live),
        h('p', { class: 'muted small' }, 'See and hear each other. Nothing is recorded.'),
        h(
          'div',
          { class: 'lobby-row' },
          wish('audio', 'mic', 'micOff', 'Join with microphone'),
          wish('video', 'camera', 'cameraOff', 'Join with camera'),
          h('button', { class: 'button primary', type: 'button', disabled: joining, onclick: () => this.join() }, joining ? h('span', { class: 'spinner' }) : icon('phone'), 'Join call'),
        ),
      ),
    );
  }

  async join() {
    if (this.#joining || this.#call.state !== 'out') return;
    this.#joining = true;
    this.#drawLobby();
    try {
      const failures = await this.#startWished();
      await this.#call.join();
      for (const failure of failures) toast(failure.message);
    } catch (error) {
      this.#call.media.stopAll();
      toast(explain(error));
    } finally {
      this.#joining = false;
      if (this.#call.state === 'out') this.#drawLobby();
    }
  }

  // A missing camera is no reason to stay outside.
  async #startWished() {
    const kinds = ['audio', 'video'].filter((kind) => this.#wishes[kind]);
    const results = await Promise.allSettled(kinds.map((kind) => this.#call.media.start(kind)));
    return results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  }

  // ---- in the call ----

  #stateChanged() {
    const { state } = this.#call;
    if (state === 'out') {
      clearInterval(this.#levels);
      for (const tile of this.#tiles.values()) tile.close();
      this.#tiles.clear();
      this.#drawLobby();
    } else if (state === 'in' && !this.#stage.isConnected) {
      replace(this.element, this.#stage, this.#alone, this.#controls, this.#news);
      this.#drawControls();
      this.#levels = setInterval(() => this.#drawLevels(), LEVEL_EVERY_MS);
    }
    this.#draw();
    this.#onState(state);
  }

  #draw() {
    const { state, peers, media, handRaised } = this.#call;
    if (state === 'out' || state === 'joining') return;
    const wanted = new Map();
    const want = (key, fixed, changing) => wanted.set(key, { fixed: { key, ...fixed }, changing });
    const { user } = this.#context.session;
    for (const peer of peers.values()) {
      if (peer.media.screen) {
        want(`${peer.id}/screen`, { userId: peer.userId, name: peer.name, screen: true }, { tracks: [peer.remoteTrack('screen')], video: true, label: peer.name, behind: '’s screen' });
      }
    }
    if (media.tracks.screen) {
      want('own/screen', { userId: user.id, name: user.fullName, own: true, screen: true }, { tracks: [media.tracks.screen], video: true, label: 'Your screen' });
    }
    for (const peer of peers.values()) {
      want(peer.id, { userId: peer.userId, name: peer.name }, {
        tracks: [peer.remoteTrack('audio'), peer.remoteTrack('video')],
        video: peer.media.video && peer.link !== 'connecting',
        audio: peer.media.audio,
        handRaised: peer.media.handRaised,
        note: { connecting: 'Connecting…', interrupted: 'Connection interrupted' }[peer.link] ?? null,
        label: peer.name,
      });
    }
    want('own', { userId: user.id, name: user.fullName, own: true }, {
      tracks: [media.tracks.video],
      video: Boolean(media.tracks.video),
      audio: Boolean(media.tracks.audio),
      handRaised,
      label: 'You',
    });
    this.#place(wanted);
    const alone = peers.size === 0;
    replace(this.#alone, state === 'reconnecting' ? 'The connection was lost. Coming back to the call…' : alone && 'You are the only one in the call. Others in the room can join any time.');
    this.#alone.hidden = state !== 'reconnecting' && !alone;
    const said = `${count(peers.size + 1, 'person', 'people')} in the call`;
    if (this.#news.textContent !== said) this.#news.textContent = said;
  }

  #place(wanted) {
    for (const [key, tile] of this.#tiles) {
      if (wanted.has(key)) continue;
      tile.close();
      this.#tiles.delete(key);
    }
    for (const [key, { fixed, changing }] of wanted) {
      if (!this.#tiles.has(key)) this.#tiles.set(key, new Tile(fixed));
      this.#tiles.get(key).update(changing);
    }
    const shown = [...wanted.keys()].map((key) => this.#tiles.get(key));
    inOrder(this.#screens, shown.filter(({ screen }) => screen));
    inOrder(this.#faces, shown.filter(({ screen }) => !screen));
    this.#stage.dataset.count = String(Math.min(wanted.size, 10));
    this.#stage.dataset.layout = shown.some(({ screen }) => screen) ? 'screen' : 'grid';
  }

  #drawLevels() {
    for (const peer of this.#call.peers.values()) this.#tiles.get(peer.id)?.speaking(peer.media.audio && peer.audioLevel > LOUD);
  }

  #drawControls() {
    if (this.#call.state === 'out') return;
    const { tracks } = this.#call.media;
    const focused = document.activeElement?.dataset?.control;
    const { handRaised } = this.#call;
    replace(
      this.#controls,
      this.#toggle('audio', tracks.audio, 'mic', 'micOff', ['Mute', 'Unmute']),
      this.#toggle('video', tracks.video, 'camera', 'cameraOff', ['Turn camera off', 'Turn camera on']),
      canShareScreen() && this.#toggle('screen', tracks.screen, 'screen', 'screen', ['Stop sharing', 'Share your screen']),
      this.#control('hand', 'hand', handRaised ? 'Lower your hand' : 'Raise your hand', handRaised, () => this.#call.raiseHand(!handRaised)),
      h('button', { class: 'round hang-up', type: 'button', 'aria-label': 'Leave call', title: 'Leave call', onclick: () => this.#call.leave() }, icon('hangUp')),
    );
    if (focused) this.#controls.querySelector(`[data-control="${focused}"]`)?.focus();
  }

  #toggle(kind, track, on, off, [stop, start]) {
    return this.#control(kind, track ? on : off, track ? stop : start, Boolean(track), async () => {
      try {
        if (track) this.#call.media.stop(kind);
        else await this.#call.media.start(kind);
      } catch (error) {
        toast(error.message);
      }
    });
  }

  #control(name, symbol, label, on, onclick) {
    return h('button', { class: 'round', type: 'button', 'aria-label': label, title: label, dataset: { control: name, on: String(on) }, onclick }, icon(symbol));
  }
}

function inOrder(place, tiles) {
  tiles.forEach(({ element }, at) => {
    if (place.children[at] !== element) place.insertBefore(element, place.children[at] ?? null);
  });
}

function readWishes() {
  try {
    return { audio: true, video: true, ...JSON.parse(localStorage.getItem(WISHES)) };
  } catch {
    return { audio: true, video: true };
  }
}
