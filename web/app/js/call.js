// The mesh call of one room: joins and leaves over the socket, keeps one Peer for each other person, and
// tells the page through events: 'state', 'peers', 'peer' (one changed, in detail), 'local'.
import { Peer } from './peer.js';
import { fromSimplePeer } from './simple_peer.js';
import { LocalMedia } from './media.js';
import { Pace } from './pace.js';
import { isUnable, patiently } from './patience.js';

// TURN credentials run out; those who come into a long call, and restarts of ICE, need fresh ones.
const RENEW_ICE_MS = 15 * 60_000;

export class Call extends EventTarget {
  #api;
  #socket;
  #roomId;
  #relayOnly;
  #off = [];
  #iceServers = [];
  #renewing = null;
  #pace = new Pace();
  // Counts joins and leaves, so that an answer which comes late for an older join is not taken for this one.
  #turn = 0;
  // Counts the ways back after a lost connection, of which the last one matters.
  #comings = 0;
  // What arrives while the join is not answered yet, in order; null at other times.
  #early = null;

  state = 'out'; // 'out', 'joining', 'in', 'reconnecting'
  media = new LocalMedia();
  peers = new Map();
  handRaised = false;

  constructor({ api, socket, roomId, relayOnly }) {
    super();
    this.#api = api;
    this.#socket = socket;
    this.#roomId = roomId;
    this.#relayOnly = relayOnly;
    this.media.addEventListener('change', (event) => this.#mediaChanged(event.detail));
  }

  async join() {
    if (this.state !== 'out') return;
    this.#setState('joining');
    this.#listen();
    try {
      await this.#enter();
    } catch (error) {
      this.#reset('out');
      throw error;
    }
  }

  async leave() {
    if (this.state === 'out') return;
    this.handRaised = false;
    this.#reset('out');
    this.media.stopAll();
    await this.#socket.request('call_leave', { roomId: this.#roomId }).catch(() => {});
  }

  raiseHand(raised) {
    this.handRaised = raised;
    this.#announce();
    this.#tell('local');
  }

  // Perhaps the page is going away: no waiting for answers.
  destroy() {
    if (this.state !== 'out') this.#socket.notify('call_leave', { roomId: this.#roomId });
    this.#reset('out');
    this.media.stopAll();
  }

  async #enter() {
    const turn = ++this.#turn;
    this.#early = [];
    const ack = await this.#socket.request('call_join', { roomId: this.#roomId, media: { ...this.media.state, handRaised: this.handRaised } });
    if (turn !== this.#turn) return;
    const early = this.#early;
    this.#early = null;
    this.#iceServers = ack.iceServers;
    clearInterval(this.#renewing);
    this.#renewing = setInterval(() => this.#renewIce(), RENEW_ICE_MS);
    this.peerId = ack.peerId;
    for (const description of ack.peers) {
      const peer = this.#addPeer(description);
      if (!description.initiates) peer.offer();
    }
    this.#setState('in');
    for (const [handle, payload] of early) handle(payload);
    this.#announce();
    this.#tell('peers');
  }

  async #renewIce() {
    try {
      ({ iceServers: this.#iceServers } = await this.#api.get('/api/rtc/ice-servers'));
      for (const peer of this.peers.values()) peer.renewIce(this.#iceServers);
    } catch {
      // The next turn tries again; what is connected stays connected.
    }
  }

  #addPeer(description) {
    const peer = new Peer({
      description,
      iceServers: this.#iceServers,
      relayOnly: this.#relayOnly,
      local: this.media,
      send: (type, payload) => this.#pace.push(() => this.#socket.notify(type, { roomId: this.#roomId, to: peer.id, ...payload })),
      onChange: () => this.#tell('peer', peer),
    });
    this.peers.set(peer.id, peer);
    return peer;
  }

  #listen() {
    const here = (type, handle) =>
      this.#off.push(this.#socket.on(type, (payload) => {
        if (payload.roomId !== this.#roomId) return;
        if (this.#early) this.#early.push([handle, payload]);
        else handle(payload);
      }));
    here('peer_joined', ({ peer }) => {
      if (this.peers.has(peer.peerId) || peer.peerId === this.peerId) return;
      this.#addPeer(peer);
      this.#tell('peers');
    });
    here('peer_left', ({ peerId }) => this.#removePeer(peerId));
    for (const type of ['offer', 'answer', 'ice_candidate']) {
      here(type, (signal) => this.peers.get(signal.from)?.receive(signal));
    }
    here('signal', ({ from, signal }) => {
      const received = fromSimplePeer(signal);
      if (received) this.peers.get(from)?.receive(received);
    });
    here('media_state', ({ from, audio, video, screen, handRaised }) => {
      const peer = this.peers.get(from);
      if (!peer) return;
      peer.media = { audio, video, screen, handRaised: Boolean(handRaised) };
      this.#tell('peer', peer);
    });
    here('removed_from_call', ({ peerId }) => {
      if (peerId === this.peerId) this.#end({ message: 'You joined it on more devices or in more tabs than one person may, and this was the first.' });
    });
    this.#off.push(this.#socket.on('state', (state) => this.#connectionChanged(state)));
    this.#off.push(this.#socket.on('ready', () => this.#comeBack()));
  }

  // The server forgets a peer with its connection; what came over it is gone with it.
  #connectionChanged(state) {
    if (state === 'open' || this.state === 'out' || this.state === 'reconnecting') return;
    this.#turn += 1;
    this.#early = null;
    this.#closePeers();
    this.#setState('reconnecting');
    this.#tell('peers');
  }

  async #comeBack() {
    if (this.state !== 'reconnecting') return;
    const coming = ++this.#comings;
    const wanted = () => this.state === 'reconnecting' && this.#comings === coming;
    try {
      await patiently(() => this.#enter(), { wanted, waiting: () => {}, again: isUnable });
    } catch (error) {
      if (error.code === 'DISCONNECTED' || error.code === 'TIMEOUT' || !wanted()) return;
      this.#end(error);
    }
  }

  #end(reason) {
    this.handRaised = false;
    this.#reset('out');
    this.media.stopAll();
    this.#tell('ended', reason);
  }

  #removePeer(peerId) {
    const peer = this.peers.get(peerId);
    if (!peer) return;
    peer.close();
    this.peers.delete(peerId);
    this.#tell('peers');
  }

  #mediaChanged(kind) {
    for (const peer of this.peers.values()) peer.update(kind);
    this.#announce();
    this.#tell('local');
  }

  #announce() {
    if (this.state !== 'in') return;
    const payload = { roomId: this.#roomId, ...this.media.state, handRaised: this.handRaised };
    this.#socket.notify('media_state', payload);
  }

  #closePeers() {
    this.#pace.clear();
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
  }

  #reset(state) {
    clearInterval(this.#renewing);
    this.#turn += 1;
    this.#early = null;
    for (const off of this.#off.splice(0)) off();
    this.#closePeers();
    this.#setState(state);
    this.#tell('peers');
  }

  #setState(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell('state');
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
