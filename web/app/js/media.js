// The person's own microphone, camera and screen. A track that is switched off is stopped, so that the
// browser's recording light goes out too.
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 } };

export class LocalMedia extends EventTarget {
  tracks = { audio: null, video: null, screen: null };

  get state() {
    const { audio, video, screen } = this.tracks;
    return { audio: Boolean(audio), video: Boolean(video), screen: Boolean(screen) };
  }

  // Rejects with a MediaError when the device cannot be had.
  async start(kind) {
    if (this.tracks[kind]) return;
    const stream = await capture(kind);
    const [track] = kind === 'audio' ? stream.getAudioTracks() : stream.getVideoTracks();
    if (this.tracks[kind]) {
      track.stop();
      return;
    }
    this.tracks[kind] = track;
    // Unplugged, or ended by the browser's own "stop sharing" button.
    track.addEventListener('ended', () => {
      if (this.tracks[kind] === track) this.stop(kind);
    });
    this.#changed(kind);
  }

  stop(kind) {
    const track = this.tracks[kind];
    if (!track) return;
    this.tracks[kind] = null;
    track.stop();
    this.#changed(kind);
  }

  stopAll() {
    for (const kind of Object.keys(this.tracks)) this.stop(kind);
  }

  #changed(kind) {
    this.dispatchEvent(new CustomEvent('change', { detail: kind }));
  }
}

export class MediaError extends Error {}

export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

async function capture(kind) {
  const devices = navigator.mediaDevices;
  if (!devices) throw new MediaError('Calls need a secure address. Open this page over https or on localhost.');
  try {
    if (kind === 'screen') return await devices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    return await devices.getUserMedia(kind === 'audio' ? { audio: AUDIO } : { video: VIDEO });
  } catch (error) {
    throw new MediaError(reason(kind, error.name));
  }
}

function reason(kind, name) {
  if (kind === 'screen') return 'Your screen is not shared. Choose a window or screen to share it.';
  const device = kind === 'audio' ? 'microphone' : 'camera';
  if (name === 'NotAllowedError') {
    return `This page may not use your ${device}. Allow it in the browser's site settings, then switch it on again.`;
  }
  if (name === 'NotFoundError') return `No ${device} was found. Plug one in, then switch it on again.`;
  return `Your ${device} could not be started. Close other apps that use it, then try again.`;
}
