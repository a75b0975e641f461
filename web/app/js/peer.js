// One other person in the call: an RTCPeerConnection with perfect negotiation.
//
// Every connection has three lines in a fixed order: microphone, camera, screen. Switching one on or off
// only replaces a track, so nothing is negotiated again in mid-call but an ICE restart.
import { toSimplePeer } from './simple_peer.js';

const KINDS = ['audio', 'video', 'screen'];

export class Peer {
  #send;
  #local;
  #onChange;
  #connection;
  #lines = {};
  #makingOffer = false;
  #ignoredOffer = false;
  #queue = Promise.resolve();
  #stream = new MediaStream();

  constructor({ description, iceServers, relayOnly, local, send, onChange }) {
    this.id = description.peerId;
    this.userId = description.userId;
    this.name = description.name;
    this.polite = description.polite;
    this.media = { audio: false, video: false, screen: false, handRaised: false, ...description.media };
    this.#send = description.initiates ? sendBySignal(send) : send;
    this.#local = local;
    this.#onChange = onChange;
    this.#connection = new RTCPeerConnection({
      iceServers,
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    });
    this.#listen();
  }

  // 'connecting', 'connected', 'interrupted'
  get link() {
    const state = this.#connection.connectionState;
    if (state === 'connected') return 'connected';
    return state === 'disconnected' || state === 'failed' ? 'interrupted' : 'connecting';
  }

  get connection() {
    return this.#connection;
  }

  // What arrives from them, or null before it was negotiated.
  remoteTrack(kind) {
    return this.#lines[kind]?.receiver.track ?? null;
  }

  get audioLevel() {
    return this.#lines.audio?.receiver.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  // The newcomer calls this; the lines make the browser ask for an offer.
  offer() {
    for (const kind of KINDS) {
      this.#lines[kind] = this.#connection.addTransceiver(kind === 'audio' ? 'audio' : 'video', {
        direction: 'sendrecv',
        streams: [this.#stream],
      });
      this.#replace(kind);
    }
  }

  update(kind) {
    this.#replace(kind);
  }

  // Signals are handled one after another, in the order in which they came.
  receive(signal) {
    this.#queue = this.#queue.then(() => this.#handle(signal)).catch((error) => {
      console.warn(`call: signal from ${this.name} failed`, error);
    });
  }

  renewIce(iceServers) {
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers });
  }

  close() {
    this.#connection.close();
  }

  #listen() {
    const pc = this.#connection;
    pc.addEventListener('negotiationneeded', () => this.#negotiate());
    pc.addEventListener('icecandidate', ({ candidate }) => {
      this.#send('ice_candidate', { candidate: candidate ? candidate.toJSON() : null });
    });
    pc.addEventListener('connectionstatechange', () => {
      if (pc.connectionState === 'failed') pc.restartIce();
      this.#onChange(this);
    });
  }

  async #negotiate() {
    const pc = this.#connection;
    try {
      this.#makingOffer = true;
      await pc.setLocalDescription();
      this.#send(pc.localDescription.type, { description: pc.localDescription.toJSON() });
    } catch (error) {
      if (pc.signalingState !== 'closed') console.warn(`call: no offer for ${this.name}`, error);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #handle({ description, candidate }) {
    const pc = this.#connection;
    if (pc.signalingState === 'closed') return;
    if (!description) {
      try {
        await pc.addIceCandidate(candidate ?? undefined);
      } catch (error) {
        if (!this.#ignoredOffer) throw error;
      }
      return;
    }
    const collision = description.type === 'offer' && (this.#makingOffer || pc.signalingState !== 'stable');
    this.#ignoredOffer = !this.polite && collision;
    if (this.#ignoredOffer) return;
    await pc.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    this.#adoptLines();
    await pc.setLocalDescription();
    this.#send(pc.localDescription.type, { description: pc.localDescription.toJSON() });
    this.#onChange(this);
  }

  // The side that answers finds the lines in the offer: first audio, first video, second video.
  #adoptLines() {
    const lines = this.#connection.getTransceivers().filter((line) => line.mid !== null && !line.stopped);
    const videos = lines.filter((line) => line.receiver.track.kind === 'video');
    const found = {
      audio: lines.find((line) => line.receiver.track.kind === 'audio'),
      video: videos[0],
      screen: videos[1],
    };
    for (const kind of KINDS) {
      const line = found[kind];
      if (!line || this.#lines[kind] === line) continue;
      this.#lines[kind] = line;
      line.direction = 'sendrecv';
      line.sender.setStreams?.(this.#stream);
      this.#replace(kind);
    }
  }

  #replace(kind) {
    this.#lines[kind]?.sender.replaceTrack(this.#local.tracks[kind]).catch((error) => {
      if (this.#connection.signalingState !== 'closed') console.warn(`call: ${kind} not replaced`, error);
    });
  }
}

// For a page that came by join-room.
function sendBySignal(send) {
  return (type, payload) => {
    const signal = toSimplePeer(payload);
    if (signal) send('signal', { signal });
  };
}
