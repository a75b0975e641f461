// A frontend's own web server: what a page of another origin is served from. Its `url` is what openPage() wants of a
// server.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const kModules = new URL('../node_modules/', import.meta.url);

// `files`: path -> text of a page, or {module}: a script out of node_modules.
export async function startSite(files) {
  const known = new Map(Object.entries({ '/favicon.ico': '', ...files }).map(([path, file]) => [path, load(file)]));
  const server = createServer((request, response) => {
    const file = known.get(new URL(request.url, 'http://site').pathname);
    if (!file) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': file.type }).end(file.body);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

function load(file) {
  if (typeof file === 'string') return { type: 'text/html; charset=utf-8', body: file };
  return { type: 'text/javascript; charset=utf-8', body: moduleFile(file.module) };
}

export function moduleFile(path) { return readFileSync(new URL(path, kModules)); }
