// Stands between a server and PostgreSQL's Unix socket, and loses an answer, or keeps all of them back, when a test wants it.
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export class DatabaseProxy {
  url; // for the server
  #folder = mkdtempSync(path.join(tmpdir(), 'pg-'));
  #marker; // what the client says when its answer is to be lost
  #sentence; // what the client says in the transaction whose commit is to be lost
  #kept; // answers, while they are kept back: functions that give them
  #links = new Set();
  #server;

  // `url`: of the real database, with the socket's folder as its `host`.
  static async start(url) {
    const proxy = new DatabaseProxy();
    const folder = decodeURIComponent(/[?&]host=([^&]*)/.exec(url)[1]);
    const name = `.s.PGSQL.${/[?&]port=(\d+)/.exec(url)?.[1] ?? 5432}`;
    proxy.#server = net.createServer((client) => proxy.#link(client, net.connect(path.join(folder, name))));
    await new Promise((resolve) => { proxy.#server.listen(path.join(proxy.#folder, name), resolve); });
    proxy.url = url.replace(/([?&]host=)[^&]*/, `$1${encodeURIComponent(proxy.#folder)}`);
    return proxy;
  }

  #link(client, database) {
    const link = { client, database, doomed: false, says: false };
    this.#links.add(link);
    const end = () => {
      client.destroy();
      database.destroy();
      this.#links.delete(link);
    };
    client.on('data', (data) => {
      if (this.#marker && data.includes(this.#marker)) {
        this.#marker = undefined;
        link.doomed = true;
      }
      if (data.includes('BEGIN')) link.says = false;
      if (this.#sentence && data.includes(this.#sentence)) link.says = true;
      if (link.says && data.includes('COMMIT')) {
        this.#sentence = undefined;
        link.doomed = true;
      }
      database.write(data);
    });
    database.on('data', (data) => {
      if (link.doomed) end(); // PostgreSQL has answered, so it has committed
      else if (this.#kept) this.#kept.push(() => client.write(data));
      else client.write(data);
    });
    for (const socket of [client, database]) socket.on('error', end).on('close', end);
  }

  // The answer to the next statement that holds `text` is lost, with its connection.
  loseAnswerTo(text) { this.#marker = text; }

  // The same for the COMMIT of the next transaction that says `text` in one of its statements.
  loseCommitOf(text) { this.#sentence = text; }
  get hasLost() { return !this.#marker && !this.#sentence; }

  // PostgreSQL gets what it is asked, and its answers come once they are released.
  keepAnswers() { this.#kept = []; }
  releaseAnswers() {
    for (const give of this.#kept ?? []) give();
    this.#kept = undefined;
  }

  async stop() {
    for (const { client, database } of this.#links) {
      client.destroy();
      database.destroy();
    }
    await new Promise((resolve) => { this.#server.close(resolve); });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
