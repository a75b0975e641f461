// Reads a ZIP file by its central directory, as unpackers do: {name: text}. Throws for what is not whole.
import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';

export function unzip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.ok(end >= 0, 'the archive has no end');
  const files = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [method, crc, packed, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 16), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const [nameSize, extraSize, commentSize, start] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameSize);
    const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const raw = bytes.subarray(data, data + packed);
    const content = method === 8 ? zlib.inflateRawSync(raw) : raw;
    assert.deepEqual([content.length, zlib.crc32 ? zlib.crc32(content) : crc], [size, crc], name);
    assert.ok(!(name in files), `${name} is there twice`);
    files[name] = content.toString();
    at += 46 + nameSize + extraSize + commentSize;
  }
  return files;
}

export const linesOf = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
