// A client of one room's whiteboard that keeps what the protocol promises: a board is what its join answered, and
// every change after that in the order of the versions, those of others and one's own.
import assert from 'node:assert/strict';

export class Board {
  #from = 0; // frames of the socket before the join
  #mine = []; // acknowledged changes of this client
  entry;

  constructor(socket, roomId) {
    this.socket = socket;
    this.roomId = roomId;
  }

  static async join(socket, roomId) {
    const board = new Board(socket, roomId);
    await board.join();
    return board;
  }

  async join() {
    this.#from = this.socket.received.length;
    this.#mine = [];
    this.entry = await this.socket.request('whiteboard_join', { roomId: this.roomId });
    return this.entry;
  }

  async #change(type, payload) {
    const answer = await this.socket.request(type, { roomId: this.roomId, ...payload });
    this.#mine.push({ type, ...payload, ...answer });
    return answer;
  }
  add(object) { return this.#change('whiteboard_add', { object }); }
  update(object) { return this.#change('whiteboard_update', { object }); }
  remove(objectId) { return this.#change('whiteboard_remove', { objectId }); }
  clear() { return this.#change('whiteboard_clear', {}); }

  // What the others did since the join, in the order in which it came.
  heard() {
    const kinds = ['whiteboard_add', 'whiteboard_update', 'whiteboard_remove', 'whiteboard_clear'];
    return this.socket.received.slice(this.#from)
      .filter((f) => kinds.includes(f.type) && f.payload.roomId === this.roomId)
      .map((f) => ({ type: f.type, ...f.payload }));
  }

  // The newest version that this client knows of.
  get version() {
    return Math.max(this.entry.version, ...this.heard().map((c) => c.version), ...this.#mine.map((c) => c.version));
  }

  // The objects, the lowest first: [{id, version, place, object}].
  objects() {
    const heard = this.heard();
    for (const [i, change] of heard.entries()) {
      assert.ok(change.version > (heard[i - 1]?.version ?? this.entry.version), 'the versions that come grow');
    }
    const changes = [...heard, ...this.#mine].sort((a, b) => a.version - b.version);
    assert.equal(new Set(changes.map((c) => c.version)).size, changes.length, 'each version is of one change');
    const objects = new Map(this.entry.objects.map((o) => [o.id, o]));
    for (const { type, version, place, object, objectId } of changes) {
      if (type === 'whiteboard_clear') objects.clear();
      else if (type === 'whiteboard_remove') objects.delete(objectId);
      else objects.set(object.id, { id: object.id, version, place, object });
    }
    return [...objects.values()].sort((a, b) => a.place - b.place);
  }
}

// As Fabric.js writes them.
export const rect = (id, fields = {}) => ({
  type: 'Rect', version: '7.4.0', id, left: 10.5, top: -20.25, width: 100, height: 50, fill: 'rgb(255,0,0)',
  stroke: null, strokeWidth: 1, scaleX: 1, scaleY: 0.75, angle: 0, opacity: 1, visible: true, ...fields,
});
