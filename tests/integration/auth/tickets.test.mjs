// One-time tickets: one socket each, for a short time, and never longer than the sign-in behind them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { endOf } from '../../support/people.mjs';
import { refused, refusedEvent } from '../../support/refused.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { atAnyPace, inTime, until } from '../../support/until.mjs';

async function ticketOf(stoa, token) {
  const { status, body } = await stoa.api('POST', '/api/auth/tickets', { token });
  assert.equal(status, 201);
  return body;
}
const withTicket = (stoa, ticket) => stoa.connect(undefined, { query: { ticket } });
const refusedUpgrade = (attempt, status) => assert.rejects(attempt, (error) => error.status === status);

describe('tickets', () => {
  let stoa;
  let ada;
  before(async () => {
    stoa = await startStoa({ config: { auth: { max_tickets_per_user: 3 } } });
    ada = await stoa.register('ada');
  });
  after(() => stoa.stop());

  test('a ticket opens one socket, in whatever way a token could', async () => {
    const ways = [
      (ticket) => withTicket(stoa, ticket),
      ...['query', 'header', 'subprotocol', 'event'].map((via) => (ticket) => stoa.connect(ticket, { via })),
    ];
    for (const [i, open] of ways.entries()) {
      const asked = Date.now();
      const { ticket, expiresAt } = await ticketOf(stoa, ada.token);
      assert.match(ticket, /^stk_[A-Za-z0-9_-]{86}$/);
      const made = Date.parse(expiresAt) - 60_000;
      assert.ok(made >= asked - 1000 && made <= Date.now() + 1000, `made at ${made}, asked for at ${asked}`);
      const socket = await open(ticket);
      const room = await stoa.createRoom(ada.token);
      await socket.request('join_room', { roomId: room.id });
      await refusedUpgrade(ways[0](ticket), 401);
      await refusedUpgrade(ways[1](ticket), 401);
      if (i === 0) await refusedEvent(ways.at(-1)(ticket), 'INVALID_TOKEN');
      await socket.close();
    }
  });

  test('of many that use it at once one gets in', async () => {
    const { ticket } = await ticketOf(stoa, ada.token);
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => withTicket(stoa, ticket)));
    const opened = tries.filter((t) => t.status === 'fulfilled');
    assert.equal(opened.length, 1);
    assert.ok(tries.every((t) => t.status === 'fulfilled' || t.reason.status === 401));
    await opened[0].value.close();
  });

  test('it is for sockets alone, and says who it is', async () => {
    refused(await stoa.api('POST', '/api/auth/tickets'), 401, 'UNAUTHORIZED');
    const { ticket } = await ticketOf(stoa, ada.token);
    refused(await stoa.api('GET', '/api/users/me', { token: ticket }), 401, 'INVALID_TOKEN');
    refused(await stoa.api('POST', '/api/auth/tickets', { token: ticket }), 401, 'INVALID_TOKEN');
    const bob = await stoa.register('bob');
    const ofBob = await stoa.connect(bob.token);
    await refusedEvent(ofBob.request('authenticate', { token: ticket }), 'FORBIDDEN');
    const another = await ticketOf(stoa, ada.token);
    const nobody = await stoa.connect();
    assert.deepEqual(await nobody.request('authenticate', { token: another.ticket }), { userId: ada.id });
    for (const forged of [`stk_${'A'.repeat(86)}`, 'stk_', `${another.ticket}A`, `STK_${another.ticket.slice(4)}`]) {
      await refusedUpgrade(withTicket(stoa, forged), 401);
    }
    await ofBob.close();
    await nobody.close();
  });

  test('only so many wait; the oldest gives way; the database knows none of them', async () => {
    const tickets = [];
    for (let i = 0; i < 5; i++) tickets.push((await ticketOf(stoa, ada.token)).ticket);
    const kept = await stoa.rows("select hash from socket_tickets where user_id = :'id'", { id: ada.id });
    assert.equal(kept.length, 3);
    for (const ticket of tickets) assert.ok(!JSON.stringify(kept).includes(ticket.slice(4)));
    await refusedUpgrade(withTicket(stoa, tickets[1]), 401);
    for (const ticket of tickets.slice(2)) await (await withTicket(stoa, ticket)).close();
  });

  test('when the sign-in ends, its sockets and its unused tickets end', async () => {
    const { email, password } = ada;
    const { body: { accessToken: token } } = await stoa.api('POST', '/api/auth/login', { body: { email, password } });
    const socket = await withTicket(stoa, (await ticketOf(stoa, token)).ticket);
    const left = await ticketOf(stoa, token);
    const other = await withTicket(stoa, (await ticketOf(stoa, ada.token)).ticket);
    assert.equal((await stoa.api('POST', '/api/auth/logout', { token })).status, 204);
    assert.equal((await socket.closed).code, 4401);
    await refusedUpgrade(withTicket(stoa, left.ticket), 401);
    assert.ok(other.open, 'another sign-in\'s stays');
    await other.close();
  });

  test('it is good on another node, and once on all of them', async () => {
    const second = await startStoa({ database: stoa.database, config: { auth: stoa.config.auth } });
    try {
      const { ticket } = await ticketOf(stoa, ada.token);
      const tries = await Promise.allSettled([stoa, second, stoa, second].map((node) => withTicket(node, ticket)));
      assert.deepEqual(tries.map((t) => t.status).sort(), ['fulfilled', 'rejected', 'rejected', 'rejected']);
      await tries.find((t) => t.status === 'fulfilled').value.close();
    } finally {
      await second.stop();
    }
  });
});

test('a ticket expires, and so does the connection that it opened', () => atAnyPace(1000, async (life) => {
  const stoa = await startStoa({ config: { auth: { ticket_ttl: `${life}ms`, access_token_ttl: `${4 * life}ms` } } });
  try {
    const ada = await stoa.register('ada');
    const end = endOf(ada.token);
    const late = await inTime(end, () => ticketOf(stoa, ada.token));
    await until(() => Date.now() > Date.parse(late.expiresAt) + 5, { what: 'the end of the ticket' });
    await refusedUpgrade(withTicket(stoa, late.ticket), 401);
    const asked = Date.now();
    const socket = await inTime(Math.min(asked + life, end - life / 4), async () => withTicket(stoa, (await ticketOf(stoa, ada.token)).ticket));
    const swept = await stoa.rows('select hash from socket_tickets');
    assert.equal(swept.length, 0, 'what has expired is gone');
    assert.equal(Date.parse((await socket.next('token_expiring')).expiresAt), end);
    assert.equal((await socket.closed).code, 4401);
    assert.ok(Date.now() >= end);
  } finally {
    await stoa.stop();
  }
}));

test('nothing that stands in an address is logged', async () => {
  const stoa = await startStoa({ config: { log: { level: 'trace' } } });
  const ada = await stoa.register('ada');
  const { ticket } = await ticketOf(stoa, ada.token);
  await (await stoa.connect(ada.token, { via: 'query' })).close();
  await (await withTicket(stoa, ticket)).close();
  await refusedUpgrade(withTicket(stoa, ticket), 401);
  const forged = 'stk_forged-forged-forged-forged-forged-forged-forg';
  await refusedUpgrade(withTicket(stoa, forged), 401);
  for (const path of ['/ws', '/', '/api/users/me', '/nowhere', '/socket.io/', '/peerjs/peerjs', '/%zz', '/ws//x', '/api/rooms/x']) {
    for (const name of ['token', 'access_token', 'ticket', 'key']) {
      for (const secret of [ada.token, forged]) {
        for (const method of ['GET', 'POST', 'OPTIONS']) await stoa.api(method, `${path}?${name}=${secret}&x=%zz`);
        await stoa.api('GET', `${path}?${name}=${secret}`, { headers: { referer: `http://a.example/?token=${secret}` } });
      }
    }
  }
  await stoa.stop(); // the log is written out
  const log = stoa.logs().map((line) => JSON.stringify(line)).join('\n') + stoa.stderr;
  assert.match(log, /"event":"request".*"path":"\/ws"/);
  for (const secret of [ada.token, ticket, forged]) {
    assert.ok(!log.includes(secret), log.split('\n').find((line) => line.includes(secret)));
    assert.ok(!log.includes(secret.slice(-20)), 'nor a part of it');
  }
  assert.doesNotMatch(log, /"path":"[^"]*\?/);
});
