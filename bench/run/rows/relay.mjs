// Signals from one peer of a call to another: nothing is kept, nobody else hears them.
import { load } from '../load.mjs';
import { files, kPairs } from '../world.mjs';
import { contenders, fullWindow, oneThread, spoken, withServer } from './contenders.mjs';

const ours = { socketio: 'stoa', peerserver: 'stoa-peerjs' };
const titles = { stoa: 'Stoa', socketio: 'Socket.IO 4.8' };
const names = ['stoa', 'socketio', 'stoa-peerjs', 'peerserver'];
const pairs = (count, window) => ['--rooms', count, '--window', window, '--rooms-file', files.pairRooms];
const note =
  'One of a pair sends an ICE candidate of 250 bytes, the other gives one back for each that it hears. Over the native ' +
  "protocol by `signal` within a call; over Socket.IO by `io.to(id).emit`; over PeerServer's by `CANDIDATE`.";

// Alone on the server: the way there and back, and an acknowledgement of nothing on the same server.
const alone = (name) => (cores) =>
  withServer(name, cores, async (_, at) => {
    const there = await load(cores, [
      ...['relay', ...spoken(name, files.pairTokens), ...at, ...pairs(1, 1), ...oneThread()],
    ]);
    // PeerServer's protocol acknowledges nothing: on Stoa the native one stands for it.
    if (name === 'peerserver') return there;
    const speaker = name === 'stoa-peerjs' ? 'stoa' : name;
    const echo = await load(cores, ['echo', ...spoken(speaker), ...at, '--connections', 1, ...oneThread()]);
    return { ...there, echo_us: echo.p50_us, in_echoes: there.p50_us / 2 / echo.p50_us };
  });

export const relayRows = [
  {
    id: 'relay',
    title: `Signals relayed, ${kPairs} pairs with 8 in flight each`,
    note,
    generators: 2,
    ours,
    titles,
    columns: [
      { key: 'server_cpu_us', title: 'CPU µs a relay', better: 'less' },
      { key: 'relays_per_s', title: 'relays/s', better: 'more' },
      { key: 'p50_us', title: 'there and back, p50 µs', better: 'less' },
      { key: 'p99_us', title: 'p99 µs', better: 'less' },
    ],
    contenders: contenders(
      names,
      'relay',
      (cores) => [...pairs(kPairs, 8), ...fullWindow(cores)],
      files.pairTokens,
    ),
  },
  {
    id: 'relay-alone',
    title: 'One signal at a time, of one pair',
    note:
      'An echo is an event that the server acknowledges and does nothing about (`leave_room` of a room that one is not in). ' +
      'One way is half of there and back.',
    generators: 1,
    ours,
    titles,
    columns: [
      { key: 'p50_us', title: 'there and back, p50 µs', better: 'less' },
      { key: 'p99_us', title: 'p99 µs', better: 'less' },
      { key: 'echo_us', title: 'an echo, p50 µs', better: 'less' },
      { key: 'in_echoes', title: 'one way, in echoes', better: 'less' },
    ],
    contenders: Object.fromEntries(names.map((name) => [name, alone(name)])),
  },
];
