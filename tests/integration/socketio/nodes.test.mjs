// Ids and offsets name their node: what another one gave, or this one before it was started again, is not misread.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Connections } from '../../support/people.mjs';
import { openSocketIo } from '../../support/socketio.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const auth = { keys: [{ kid: 'shared', secret: 'a secret that both servers know, 32 bytes or more' }] };

describe('two nodes on one database', () => {
  let first;
  let second;
  let ada;
  let connections;

  before(async () => {
    first = await startStoa({ config: { auth, server: { node: 'north' } } });
    second = await startStoa({ config: { auth, server: { node: 'south-2' } }, database: first.database });
    connections = new Connections(first, ({ stoa, token }, options) => openSocketIo(stoa, token, options));
    ada = await first.register('Ada');
  });
  after(async () => {
    connections?.end();
    await second?.stop();
    await first?.stop();
  });

  const poll = (stoa, sid = '') => fetch(`${stoa.url}/socket.io/?EIO=4&transport=polling${sid && `&sid=${sid}`}`);
  const open = async (stoa) => JSON.parse((await (await poll(stoa)).text()).slice(1)).sid;

  test('a session id begins with its node\'s name, and is unknown to the other one', async () => {
    const [here, there] = [await open(first), await open(second)];
    assert.match(here, /^north_[A-Za-z0-9_-]{24}$/);
    assert.match(there, /^south-2_[A-Za-z0-9_-]{24}$/);
    for (const [stoa, sid] of [[first, there], [second, here], [first, here.replace('north', 'south-2')], [first, here.replace('north_', '')]]) {
      const answer = await poll(stoa, sid);
      assert.deepEqual([answer.status, await answer.text()], [400, '{"code":1,"message":"Session ID unknown"}']);
    }
  });

  test('the log and the metrics name the node', async () => {
    assert.equal((await first.log((line) => line.event === 'ready')).node, 'north');
    assert.equal(await second.metric('stoa_node_info', { node: 'south-2' }), 1);
  });

  // The pid and offset of a session on `first` that was lost.
  async function lost() {
    const client = await connections.open({ ...ada, stoa: first }, { reconnection: false, transports: ['websocket'] });
    const { id: roomId } = await first.createRoom(ada.token);
    await client.request('join_room', { roomId });
    const writer = await first.connect(ada.token);
    await writer.request('send_message', { roomId, content: 'seen' });
    await client.next('new_message');
    const session = { pid: client.socket._pid, offset: client.socket._lastOffset };
    client.engine.close();
    await until(() => !client.open, { what: 'the disconnect' });
    writer.terminate();
    return { session };
  }
  const comeBack = async (stoa, session) => {
    const client = await connections.open({ stoa }, { auth: { token: ada.token, ...session }, reconnection: false, transports: ['websocket'] });
    const { _pid: pid } = client.socket;
    client.close();
    return { pid };
  };

  test('an offset of another node begins anew there, and serves at home', async () => {
    const { session } = await lost();
    assert.notEqual((await comeBack(second, session)).pid, session.pid);
    const mixed = { pid: (await comeBack(second, {})).pid, offset: session.offset };
    assert.notEqual((await comeBack(first, mixed)).pid, mixed.pid);
    await until(async () => (await comeBack(first, session)).pid === session.pid, { what: 'the session' });
  });

  test('an offset of a node that has been started again begins anew', async () => {
    const { session } = await lost();
    await first.restart();
    assert.notEqual((await comeBack(first, session)).pid, session.pid);
  });
});
