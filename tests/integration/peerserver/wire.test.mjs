// The PeerServer protocol line by line, against Stoa itself.
import '../../conformance/peerserver.test.mjs';
