// The signals of simple-peer, which pages of PeerNet's frontend speak, and what they are in our words.

export function toSimplePeer({ description, candidate }) {
  if (description) return { type: description.type, sdp: description.sdp };
  return candidate ? { type: 'candidate', candidate } : null;
}

// Null for what has no counterpart: its requests for lines, which the side that offers gets.
export function fromSimplePeer(signal) {
  if (typeof signal !== 'object' || signal === null) return null;
  const { type, sdp, candidate } = signal;
  if (typeof sdp === 'string' && (type === 'offer' || type === 'answer')) return { description: { type, sdp } };
  return typeof candidate === 'object' && candidate !== null ? { candidate } : null;
}
