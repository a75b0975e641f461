// What lies in the server's storage.
import { readdir } from 'node:fs/promises';
import path from 'node:path';

// The names of its files; with `all` also of those that are half written.
export async function stored(stoa, { all = false } = {}) {
  const folder = path.join(stoa.folder, stoa.config.storage?.folder ?? 'var/files');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map(({ name, path: at }) => path.relative(folder, path.join(at, name)));
  return files.filter((name) => all || !/(^|\/)\./.test(name));
}
