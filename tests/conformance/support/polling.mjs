// A session over HTTP polling, one request at a time, as a test steers it.
import assert from 'node:assert/strict';

import { begin, get, post } from './http.mjs';

export const kSeparator = '\x1e';

export class Polling {
  sid;
  open; // what the server said at the beginning

  #target;

  static async open(target, query) {
    const session = new Polling();
    const answer = await get(target.address(query));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.text[0], '0');
    session.#target = target;
    session.open = JSON.parse(answer.text.slice(1));
    session.sid = session.open.sid;
    return session;
  }

  address(query) { return this.#target.address({ sid: this.sid, ...query }); }
  wsAddress() { return this.#target.address({ sid: this.sid }, { ws: true }); }

  get(options) { return get(this.address(), options); }
  // A GET that can be aborted: {request, answer}.
  begin() {
    const started = begin(this.address());
    started.request.end();
    return started;
  }
  post(body, options) { return post(this.address(), body, options); }

  // The packets of one answer.
  async packets() {
    const answer = await this.get();
    assert.equal(answer.status, 200, answer.text);
    return answer.text.split(kSeparator);
  }

  async send(...packets) {
    const answer = await this.post(packets.join(kSeparator));
    assert.deepEqual([answer.status, answer.text], [200, 'ok']);
  }

  // Polls until `count` messages came (answering pings) and returns them in order, without their type.
  async messages(count) {
    const messages = [];
    while (messages.length < count) {
      for (const packet of await this.packets()) {
        if (packet === '2') await this.send('3');
        else if (packet !== '6') messages.push(packet);
      }
    }
    return messages;
  }

  // The session works: a message comes back.
  async assertOpen() {
    await this.send('4still here');
    assert.deepEqual(await this.messages(1), ['4still here']);
  }

  // The session whose goodbye was POSTed is gone. The first poll after it may come over another kept
  // connection, which may be another thread's, and is then answered as if it had waited.
  async assertLeft() {
    const answer = await this.get();
    if (answer.status === 200) assert.equal(answer.text, '6');
    await this.assertClosed();
  }

  async assertClosed() {
    const answer = await this.get();
    assert.deepEqual([answer.status, answer.text], [400, '{"code":1,"message":"Session ID unknown"}']);
  }
}
