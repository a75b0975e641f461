// Small pictures of files in messages. Each is asked for once it comes near what is in sight; its place has its size before.
import { h } from '../ui/dom.js';

const SIDE = 320;
const NEAR = '400px';
// A link is good for minutes; with so little left another one is asked for.
const SPARE_MS = 30_000;
const MOST_LINKS = 200;

// `api` gets the links, `scroller` is what the messages scroll in.
export class SmallPictures {
  #api;
  #links = new Map(); // by file: a promise of { url, expiresAt }
  #failed = new WeakMap(); // by image: what to do where there is none
  #observer;

  constructor(api, scroller) {
    this.#api = api;
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) this.#load(target);
    }, { root: scroller, rootMargin: NEAR });
  }

  // An image of that attachment, as large as it will be. `failed(image)` where it cannot be shown.
  show({ fileId, name, width, height }, failed) {
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const side = (pixels) => String(Math.max(1, Math.round(pixels * scale)));
    const image = h('img', { width: side(width), height: side(height), alt: name, decoding: 'async', dataset: { file: fileId } });
    this.#failed.set(image, failed);
    this.#observer.observe(image);
    return image;
  }

  destroy() {
    this.#observer.disconnect();
  }

  async #load(image) {
    this.#observer.unobserve(image);
    const failed = () => this.#failed.get(image)(image);
    image.addEventListener('error', failed, { once: true });
    try {
      image.src = (await this.#link(image.dataset.file)).url;
    } catch {
      failed();
    }
  }

  async #link(fileId) {
    const known = await this.#links.get(fileId)?.catch(() => null);
    if (known && Date.parse(known.expiresAt) > Date.now() + SPARE_MS) return known;
    const asked = this.#api.get(`/api/files/${fileId}/link?size=${SIDE}`);
    this.#links.delete(fileId);
    this.#links.set(fileId, asked);
    if (this.#links.size > MOST_LINKS) this.#links.delete(this.#links.keys().next().value);
    return asked;
  }
}
