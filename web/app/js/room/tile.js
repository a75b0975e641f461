// One picture of the call: a person's camera (with their sound), or the screen they share.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { avatar } from '../ui/avatar.js';

export class Tile {
  #video;
  #note = h('span', { class: 'tile-note' });
  #caption = h('figcaption', { class: 'tile-name' });
  #hand = h('span', { class: 'tile-hand', hidden: true }, icon('hand'), h('span', { class: 'visually-hidden' }, 'Hand raised'));
  #stream = new MediaStream();
  #shown = '';

  constructor({ key, userId, name, own = false, screen = false }) {
    this.key = key;
    this.name = name;
    this.screen = screen;
    this.#video = h('video', { autoplay: true, playsInline: true, muted: own || screen, srcObject: this.#stream });
    this.element = h(
      'figure',
      { class: ['tile', own && !screen && 'own', screen && 'screen'].filter(Boolean).join(' '), dataset: { tile: key } },
      this.#video,
      !screen && h('span', { class: 'tile-face' }, avatar({ userId, name, large: true })),
      this.#note,
      this.#hand,
      this.#caption,
    );
  }

  // `tracks` are those that may play now; null ones are skipped. `label` is mostly a name, with what stands `behind` it.
  update({ tracks, video, audio, note = null, handRaised = false, label, behind = '' }) {
    const wanted = tracks.filter(Boolean);
    for (const track of this.#stream.getTracks()) if (!wanted.includes(track)) this.#stream.removeTrack(track);
    for (const track of wanted) if (!this.#stream.getTracks().includes(track)) this.#stream.addTrack(track);
    this.element.dataset.video = video ? 'on' : 'off';
    this.#hand.hidden = !handRaised;
    const shown = JSON.stringify([audio, note, label]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#note.textContent = note ?? '';
    this.#note.title = note ?? '';
    replace(this.#caption, audio === false && [icon('micOff'), h('span', { class: 'visually-hidden' }, 'Microphone off. ')], h('span', { title: label + behind }, h('bdi', {}, label), behind));
  }

  speaking(loud) {
    this.element.classList.toggle('speaking', loud);
  }

  close() {
    this.#video.srcObject = null;
    this.element.remove();
  }
}
