// Forms with a file (multipart/form-data), and files of several kinds.
const kBoundary = 'between-the-parts';

export const kForm = { 'content-type': `multipart/form-data; boundary=${kBoundary}` };

// The fields, then the file: {name, type, bytes}. A field that is undefined is left out.
export function form(fields, { name = 'notes.txt', type = 'text/plain', bytes = 'Some words' } = {}) {
  const parts = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([key, value]) => Buffer.from(`--${kBoundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`));
  const head = `--${kBoundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.concat([...parts, Buffer.from(head), Buffer.from(bytes), Buffer.from(`\r\n--${kBoundary}--\r\n`)]);
}

// The same without the file's bytes: what goes before and behind them.
export function formAround(fields, file = {}) {
  const none = form(fields, { ...file, bytes: '' });
  const end = none.lastIndexOf(`\r\n--${kBoundary}--`);
  return [none.subarray(0, end), none.subarray(end)];
}

export const kPng = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
export const kPdf = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n', 'latin1');

// A ZIP whose entries are not packed: {name: content}.
export function zip(entries) {
  const number = (value, size) => { const bytes = Buffer.alloc(size); bytes.writeUIntLE(value, 0, size); return bytes; };
  const files = [];
  const directory = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const sizes = [number(0, 4), number(content.length, 4), number(content.length, 4), number(name.length, 2), number(0, 2)];
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), number(20, 2), Buffer.alloc(8), ...sizes, Buffer.from(name), Buffer.from(content)]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), number(20, 2), number(20, 2), Buffer.alloc(8), ...sizes, Buffer.alloc(10), number(offset, 4), Buffer.from(name)]));
    files.push(file);
    offset += file.length;
  }
  const end = Buffer.concat(directory);
  return Buffer.concat([...files, end, Buffer.from('PK\x05\x06'), Buffer.alloc(4), number(files.length, 2), number(files.length, 2), number(end.length, 4), number(offset, 4), number(0, 2)]);
}

// Brings a file of that kind and returns it as the API shows it.
export async function bring(stoa, person, fields, file) {
  const { status, text, body } = await stoa.api('POST', '/api/files', { token: person.token, body: form(fields, file), headers: kForm });
  if (status !== 201) throw new Error(`bringing a file was answered ${status} ${text}\n${stoa.tail()}`);
  return body;
}

// The bytes, as they come: {status, headers, bytes}.
export const fetchBytes = (stoa, target, asked) => stoa.bytes('GET', target, asked);
