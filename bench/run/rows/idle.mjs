// The memory that a connection costs that says nothing.
import { settings } from '../settings.mjs';
import { contenders } from './contenders.mjs';

const args = ['--connections', settings.idleConnections, '--threads', 1];

function idle(id, how, ours, peers) {
  return {
    id,
    title: `Idle connections${how}, ${settings.idleConnections.toLocaleString('en')} of them`,
    note: 'Resident memory that they add; the Node peers have collected their garbage before.',
    generators: 1,
    columns: [
      { key: 'bytes_a_connection', title: 'bytes a connection', better: 'less' },
      { key: 'resident_before', title: 'resident before', better: 'less' },
    ],
    contenders: {
      ...contenders(ours, 'idle', args),
      ...contenders(peers, 'idle', [...args, '--collect-garbage']),
    },
  };
}

export const idleRows = [
  idle('idle', '', ['stoa'], ['socketio', 'ws']),
  idle('idle-tls', ' over TLS 1.3', ['stoa-tls'], ['socketio-tls']),
];
