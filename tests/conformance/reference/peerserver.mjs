// The npm package peer with the options of peerserver.test.mjs, given as JSON in the first argument.
import { PeerServer } from 'peer';

const options = JSON.parse(process.argv[2] ?? '{}');
const app = PeerServer({ host: '127.0.0.1', port: 0, ...options }, (server) => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
app.on('error', () => {}); // without a listener, text that is not JSON would end the process
