// Whoever reads slowly: a person has so many downloads, and of an address, and of all, who has most gives way.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { bring } from '../../support/forms.mjs';
import { makeRoom, people } from '../../support/people.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('downloads that are not read', () => {
  const sockets = [];
  let stoa;
  let ada;
  let ben;
  let eve;
  let file;
  before(async () => {
    stoa = await startStoa({ config: { files: { max_bytes: '32MiB', downloads_per_user: 2, downloads_per_address: 3, downloads: 5 }, disk: { keep_free_bytes: '1MiB' }, server: { trusted_proxies: ['127.0.0.1'] } } });
    [ada, ben, eve] = await people(stoa, 'Ada', 'Ben', 'Eve');
    const room = await makeRoom(stoa, ada, { members: [ben, eve] });
    file = await bring(stoa, ada, { kind: 'message', roomId: room.id }, { bytes: Buffer.alloc(30 << 20, 'a line of text\n') });
    await stoa.api('POST', `/api/messages/room/${room.id}`, { token: ada.token, body: { content: 'x', fileIds: [file.id] } });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await stoa.stop();
  });

  const open = async () => stoa.metric('stoa_files_downloads');
  // Asks for it and takes nothing of what comes.
  const hold = async (person, at, target = `/api/files/${file.id}/download`) => {
    const before = await open();
    const socket = net.connect(new URL(stoa.url).port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${at}\r\nAuthorization: Bearer ${person.token}\r\n\r\n`);
    await until(async () => (await open()) === before + 1, { what: 'the download to begin' });
  };
  // When the server has ended it: what came.
  const cutShort = (socket) =>
    new Promise((resolve) => {
      let bytes = 0;
      socket.on('data', (piece) => {
        bytes += piece.length;
      });
      socket.on('close', () => resolve(bytes));
      socket.resume();
    });
  const ask = async (person, at, target = `/api/files/${file.id}/download`) => {
    const answer = await fetch(`${stoa.url}${target}`, { headers: { authorization: `Bearer ${person.token}`, 'x-forwarded-for': at } });
    const { status, headers } = answer;
    const body = status === 200 ? await answer.body.cancel() : await answer.json();
    if (status === 429) assert.ok(Number(headers.get('retry-after')) > 0);
    return `${status} ${body?.error.code ?? ''}`.trim();
  };

  test('a person has so many from wherever he is, by links too, of which one gives way to himself; where an address or all are full, who has most gives way', async () => {
    const { body: link } = await stoa.api('GET', `/api/files/${file.id}/link`, { token: ada.token });
    await hold(ada, '10.0.0.1');
    await hold(ada, '10.0.0.2', link.url);
    assert.equal(await ask(ada, '10.0.0.3', link.url), '429 TOO_MANY_DOWNLOADS');
    assert.equal(await ask(ada, '10.0.0.3'), '200', 'whoever else has the link');
    assert.ok((await cutShort(sockets.pop())) < file.size, 'what was taken by the link was cut short');
    await until(async () => (await open()) === 1, { what: 'his own to end' });
    await hold(ada, '10.0.0.2');
    assert.equal(await ask(ada, '10.0.0.3'), '429 TOO_MANY_DOWNLOADS');
    assert.equal(await ask(ben, '10.0.0.1'), '200');
    await until(async () => (await open()) === 2, { what: 'that one to end' });
    await hold(ben, '10.0.0.1');
    await hold(ben, '10.0.0.1');
    assert.equal(await ask(eve, '10.0.0.1'), '200', 'who has fewer than another at a full address');
    await until(async () => (await open()) === 3, { what: 'that one to end' });
    await hold(eve, '10.0.0.4');
    await hold(eve, '10.0.0.5');
    assert.equal(await ask(ben, '10.0.0.6'), '200', 'who has fewer where all are taken');
    await until(async () => (await open()) === 4, { what: 'that one to end' });
    const got = await Promise.race(sockets.map(cutShort));
    assert.ok(got < file.size, 'what gave way was cut short, though nobody read it');
    for (const socket of sockets.splice(0)) socket.destroy();
    await until(async () => (await open()) === 0, { what: 'their places to be free' });
    assert.equal(await ask(ada, '10.0.0.1'), '200');
  });
});
