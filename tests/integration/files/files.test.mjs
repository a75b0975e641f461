// Files: brought, looked at, given out to whom they are for, and gone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { bring, fetchBytes, form, kForm, kPdf, kPng, zip } from '../../support/forms.mjs';
import { everyRole } from '../../support/people.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

const kInto = (fields, file) => ({ room }) => form({ kind: 'message', roomId: room.id, ...fields }, file);

describe('files', () => {
  const world = {};
  let stoa;
  before(async () => {
    stoa = await startStoa({ config: { files: { max_bytes: '300KiB' } } });
    world.stoa = stoa;
    Object.assign(world, await everyRole(stoa));
    world.file = await bring(stoa, world.member, { kind: 'message', roomId: world.room.id }, { name: 'plan.txt', bytes: 'The plan' });
    world.kept = await bring(stoa, world.member, { kind: 'message', roomId: world.room.id }, { name: 'sheet.pdf', bytes: kPdf });
    await say({ fileIds: [world.kept.id] });
  });
  after(() => stoa.stop());

  async function say(fields, person = world.member) {
    const { status, body, text } = await stoa.api('POST', `/api/messages/room/${world.room.id}`, { token: person.token, body: { content: 'See this', ...fields } });
    assert.equal(status, 201, text);
    return body;
  }

  scenarios(world, { request: 'POST /api/files', headers: kForm, body: kInto({}) }, [
    { name: 'members bring files', who: ['member', 'moderator', 'owner'], answer: 201,
      has: { kind: 'message', state: 'ready', name: 'notes.txt', mediaType: 'text/plain', size: 10, isKept: false, roomId: '{room}' } },
    { name: 'nobody else does', who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
    { name: 'who is muted brings none', who: 'muted', answer: '403 MUTED' },
    { name: 'strangers bring none', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'of kinds that there are', who: 'member', body: kInto({ kind: 'nonsense' }), answer: '422 VALIDATION_ERROR', invalid: ['kind'] },
    { name: 'all bad fields are told at once', who: 'member', body: () => form({ kind: '', roomId: 'x' }), answer: '422 VALIDATION_ERROR', invalid: ['kind', 'roomId'] },
    { name: 'a file of a message is for a room', who: 'member', body: () => form({ kind: 'message' }), answer: '422 VALIDATION_ERROR', invalid: ['roomId'] },
    { name: 'into a room that there is', who: 'member', body: ({ nothing }) => form({ kind: 'message', roomId: nothing.id }), answer: '404 NOT_FOUND' },
    { name: 'a form without a file is none', who: 'member', body: ({ room }) => form({ kind: 'message', roomId: room.id }).toString('latin1').replace('name="file"; filename="notes.txt"', 'name="more"'), answer: '422 VALIDATION_ERROR', invalid: ['file'] },
    { name: 'only forms are taken', who: 'member', headers: {}, body: { kind: 'message' }, answer: '415 UNSUPPORTED_MEDIA_TYPE' },
    { name: 'an empty file is one', who: 'member', body: kInto({}, { bytes: '' }), answer: 201, has: { size: 0, mediaType: 'text/plain' } },
    { name: 'as large as it may be', who: 'member', body: kInto({}, { bytes: 'x'.repeat(300 * 1024) }), answer: 201, has: { size: 300 * 1024 } },
    { name: 'and no larger', who: 'member', body: kInto({}, { bytes: 'x'.repeat(300 * 1024 + 1) }), answer: '413 TOO_LARGE' },
    { name: 'much larger is refused unread', who: 'member', body: kInto({}, { bytes: 'x'.repeat(400 * 1024) }), answer: '413 TOO_LARGE' },
  ]);

  scenarios(world, { request: 'POST /api/files', headers: kForm, who: 'member' }, [
    { name: 'bytes decide: a picture', body: kInto({}, { name: 'a.exe', type: 'application/x-dosexec', bytes: kPng }), answer: 201, has: { name: 'a.exe', mediaType: 'image/png' } },
    { name: 'bytes decide: a program', body: kInto({}, { name: 'a.png', type: 'image/png', bytes: Buffer.from(`MZ\x90${'\0'.repeat(300)}`, 'latin1') }), answer: '415 FILE_TYPE_REFUSED' },
    { name: 'a page is text', body: kInto({}, { type: 'text/html', bytes: '<!DOCTYPE html><script>alert(1)</script>' }), answer: 201, has: { mediaType: 'text/plain' } },
    { name: 'a picture with scripts is refused', body: kInto({}, { type: 'image/png', bytes: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>' }), answer: '415 FILE_TYPE_REFUSED' },
    { name: 'a document is told by its directory', body: kInto({}, { bytes: zip({ 'word/media/film': 'x'.repeat(100_000), '[Content_Types].xml': '', 'word/document.xml': '' }) }), answer: 201,
      has: { mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' } },
    { name: 'one with macros is refused', body: kInto({}, { bytes: zip({ '[Content_Types].xml': '', 'word/document.xml': '', 'word/vbaProject.bin': '' }) }), answer: '415 FILE_TYPE_REFUSED' },
    { name: 'an archive of Java is refused', body: kInto({}, { bytes: zip({ 'META-INF/MANIFEST.MF': 'x', 'A.class': 'x' }) }), answer: '415 FILE_TYPE_REFUSED' },
    { name: 'an archive that is cut short is refused', body: kInto({}, { bytes: zip({ a: 'a' }).subarray(0, 40) }), answer: '415 FILE_TYPE_REFUSED' },
    { name: 'names are for showing', body: kInto({}, { name: '../../etc/pass\u202ewd %22a%22.txt' }), answer: 201, has: { name: /^passwd "a".txt$/ }, hasNot: ['/etc', '\u202e'] },
  ]);

  scenarios(world, { request: 'GET /api/files/{file}' }, [
    { name: 'its owner sees it', who: 'member', answer: 200, has: { id: '{file}', isKept: false, sha256: createHash('sha256').update('The plan').digest('hex') }, hasNot: ['ownerId', 'heldBy'] },
    { name: 'what nothing keeps is for nobody else', who: ['owner', 'moderator', 'other', 'banned'], answer: '404 NOT_FOUND' },
    { name: 'nor for strangers', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'what a message has is for the room', request: 'GET /api/files/{kept}', who: ['owner', 'moderator', 'muted'], answer: 200, has: { isKept: true, expiresAt: null } },
    { name: 'and for nobody else', request: 'GET /api/files/{kept}', who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
    { name: 'one that there is not', request: 'GET /api/files/{nothing}', who: 'member', answer: '404 NOT_FOUND' },
  ]);
  for (const what of ['download', 'link']) {
    scenarios(world, { request: `GET /api/files/{kept}/${what}` }, [
      { name: `${what}: the room's people`, who: ['member', 'owner', 'muted'], answer: 200 },
      { name: `${what}: nobody else`, who: ['other', 'banned'], answer: '403 NOT_A_MEMBER' },
      { name: `${what}: no stranger`, who: 'stranger', answer: '401 UNAUTHORIZED' },
      { name: `${what}: what nothing keeps is its owner's`, request: `GET /api/files/{file}/${what}`, who: 'owner', answer: '404 NOT_FOUND' },
    ]);
  }
  scenarios(world, { request: 'GET /api/files/{kept}/content?token=AAAA' }, [
    { name: 'a link that was not given is none', who: ['stranger', 'other', 'member'], answer: '404 NOT_FOUND' },
    { name: 'without one', request: 'GET /api/files/{kept}/content', who: 'member', answer: '422 VALIDATION_ERROR', invalid: ['token'] },
  ]);
  scenarios(world, { request: 'DELETE /api/files/{kept}' }, [
    { name: 'what a message has is deleted with it', who: 'member', answer: '409 FILE_IN_USE' },
    { name: 'others delete none', who: ['owner', 'other'], answer: '404 NOT_FOUND' },
    { name: 'strangers neither', who: 'stranger', answer: '401 UNAUTHORIZED' },
  ]);
  scenarios(world, { who: 'stranger', answer: '401 UNAUTHORIZED' }, [
    { name: 'one\'s files are one\'s own', request: 'GET /api/files' },
    { name: 'and what they take', request: 'GET /api/files/usage' },
  ]);

  test('bytes are given out as a file, in ranges, and under conditions', async () => {
    const target = `/api/files/${world.kept.id}/download`;
    const whole = await fetchBytes(stoa, target, { token: world.owner.token });
    assert.equal(whole.status, 200);
    assert.deepEqual(whole.bytes, kPdf);
    const of = (name) => whole.headers.get(name);
    assert.equal(of('content-type'), 'application/pdf');
    assert.match(of('content-disposition'), /^attachment; filename="sheet.pdf"/);
    assert.equal(of('x-content-type-options'), 'nosniff');
    assert.match(of('content-security-policy'), /sandbox/);
    assert.equal(of('cache-control'), 'private, no-cache');
    assert.equal(of('vary'), 'Authorization');
    assert.equal(of('etag'), `"${world.kept.sha256}"`);
    const part = await fetchBytes(stoa, target, { token: world.owner.token, headers: { range: 'bytes=0-3' } });
    assert.equal(`${part.status} ${part.bytes}`, '206 %PDF');
    assert.equal(part.headers.get('content-range'), `bytes 0-3/${kPdf.length}`);
    assert.equal(part.headers.get('vary'), 'Authorization');
    const known = { 'if-none-match': of('etag') };
    const same = await fetchBytes(stoa, target, { token: world.owner.token, headers: known });
    assert.equal(`${same.status} ${same.headers.get('vary')} ${same.headers.get('cache-control')}`, '304 Authorization private, no-cache');
    assert.equal((await fetchBytes(stoa, target, { token: world.other.token, headers: known })).status, 403, 'who may is asked before');
    const beyond = await fetchBytes(stoa, target, { token: world.owner.token, headers: { range: 'bytes=99999-' } });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers.get('etag'), null);
  });

  test('text is shown as text, whatever is in it', async () => {
    const page = await bring(stoa, world.member, { kind: 'message', roomId: world.room.id }, { name: 'a.html', type: 'text/html', bytes: '<html><script>1</script>' });
    const { headers } = await fetchBytes(stoa, `/api/files/${page.id}/download`, { token: world.member.token });
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.match(headers.get('content-disposition'), /^attachment/);
  });

  test('a link is good for who asked, as long as that person may, and for that file alone', async () => {
    const guest = await stoa.register('gus');
    await stoa.api('POST', `/api/rooms/${world.room.id}/join`, { token: guest.token, body: {} });
    const { body: link } = await stoa.api('GET', `/api/files/${world.kept.id}/link`, { token: guest.token });
    assert.ok(Date.parse(link.expiresAt) > Date.now());
    assert.equal((await fetchBytes(stoa, link.url)).status, 200);
    assert.equal((await fetchBytes(stoa, link.url.replace(world.kept.id, world.file.id))).status, 404);
    assert.equal((await stoa.api('POST', `/api/rooms/${world.room.id}/leave`, { token: guest.token })).status, 204);
    assert.equal((await fetchBytes(stoa, link.url)).status, 403);
  });

  test('a link ends', async () => {
    await stoa.restart({ files: { link_ttl: '1s' } });
    const { body: link } = await stoa.api('GET', `/api/files/${world.kept.id}/link`, { token: world.owner.token });
    await until(async () => (await fetchBytes(stoa, link.url)).status === 403, { what: 'the link to end' });
    const { body } = await stoa.api('GET', link.url);
    assert.equal(body.error.code, 'LINK_EXPIRED');
    await stoa.restart({ files: { link_ttl: '5m' } });
  });

  test('one\'s own files are listed, the newest first, in pages and by kind', async () => {
    const ann = await stoa.register('ann');
    await stoa.api('POST', `/api/rooms/${world.room.id}/join`, { token: ann.token, body: {} });
    const ids = [];
    for (let i = 0; i < 3; ++i) ids.unshift((await bring(stoa, ann, { kind: 'message', roomId: world.room.id })).id);
    const first = await stoa.api('GET', '/api/files?limit=2', { token: ann.token });
    const rest = await stoa.api('GET', `/api/files?limit=2&cursor=${first.body.nextCursor}`, { token: ann.token });
    assert.deepEqual([...first.body.items, ...rest.body.items].map(({ id }) => id), ids);
    assert.equal(rest.body.nextCursor, null);
    assert.equal((await stoa.api('GET', '/api/files?kind=note', { token: ann.token })).body.items.length, 0);
    assert.equal((await stoa.api('GET', '/api/files?kind=message', { token: ann.token })).body.items.length, 3);
    assert.equal((await stoa.api('DELETE', `/api/files/${ids[0]}`, { token: ann.token })).status, 204);
    assert.equal((await stoa.api('GET', `/api/files/${ids[0]}`, { token: ann.token })).status, 404);
    assert.equal((await stoa.api('GET', '/api/files', { token: ann.token })).body.items.length, 2);
  });

  describe('that messages have', () => {
    const bringOne = (person = world.member, room = world.room) => bring(stoa, person, { kind: 'message', roomId: room.id });

    test('become attachments, in their order and after others', async () => {
      const [a, b] = [await bringOne(), await bringOne()];
      const link = { url: 'https://example.org/a', name: 'a', mediaType: 'text/html', size: 1 };
      const message = await say({ attachments: [link], fileIds: [b.id, a.id, b.id] });
      assert.deepEqual(message.attachments.map(({ url, fileId }) => fileId ?? url), [link.url, b.id, a.id]);
      assert.deepEqual(message.attachments[1], { url: message.attachments[1].url, name: 'notes.txt', mediaType: 'text/plain', size: 10, fileId: b.id });
      assert.ok(message.attachments[1].url.endsWith(`/api/files/${b.id}/download`));
      const { body: history } = await stoa.api('GET', `/api/messages/room/${world.room.id}?limit=1`, { token: world.owner.token });
      assert.deepEqual(history.items[0].attachments, message.attachments);
    });

    const refused = async (fields, answer, { person = world.member, room = world.room } = {}) => {
      const { status, body } = await stoa.api('POST', `/api/messages/room/${room.id}`, { token: person.token, body: { content: 'See this', ...fields } });
      assert.equal(`${status} ${body.error?.code}`, answer);
    };

    test('are one message\'s, brought by its sender into its room', async () => {
      const file = await bringOne();
      await refused({ fileIds: [file.id] }, '404 NOT_FOUND', { person: world.owner });
      const elsewhere = await stoa.createRoom(world.member.token);
      await refused({ fileIds: [file.id] }, '404 NOT_FOUND', { room: elsewhere });
      await refused({ fileIds: [world.nothing.id] }, '404 NOT_FOUND');
      await refused({ fileIds: [file.id, world.nothing.id] }, '404 NOT_FOUND');
      await say({ fileIds: [file.id] });
      await refused({ fileIds: [file.id] }, '409 FILE_IN_USE');
      const links = Array.from({ length: 8 }, () => ({ url: 'https://example.org/', name: 'a', mediaType: 'a/b', size: 1 }));
      await refused({ attachments: links, fileIds: Array(3).fill(file.id) }, '422 VALIDATION_ERROR');
    });

    test('of two messages that name it at once one has it', async () => {
      const file = await bringOne();
      const answers = await Promise.all(Array.from({ length: 8 }, () => stoa.api('POST', `/api/messages/room/${world.room.id}`, { token: world.member.token, body: { content: 'Mine', fileIds: [file.id] } })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
    });

    test('a message that is sent again is the same one', async () => {
      const [file, other] = [await bringOne(), await bringOne()];
      const again = { fileIds: [file.id], clientMessageId: world.nothing.id };
      const first = await say(again);
      assert.deepEqual(await say(again), first);
      await refused({ ...again, fileIds: [other.id] }, '409 CONFLICT');
    });

    test('go with it', async () => {
      const file = await bringOne();
      const { id } = await say({ fileIds: [file.id] });
      const socket = await stoa.connect(world.member.token);
      try {
        await socket.request('delete_message', { messageId: id });
      } finally {
        await socket.close();
      }
      assert.equal((await stoa.api('GET', `/api/files/${file.id}/download`, { token: world.member.token })).status, 404);
    });
  });
});
