// Pictures of several formats, with what cameras write into them, and what comes back.
import { deflateSync, crc32 } from 'node:zlib';

// What stands in the EXIF of those that have one: nobody else may find it.
export const kPlace = 'GPS 52.5200N 13.4050E';

const u16 = (value) => { const bytes = Buffer.alloc(2); bytes.writeUInt16LE(value); return bytes; };
const u32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };

// TIFF with two fields: how the camera was held (1 upright, 6 to be turned a quarter clockwise), and a text.
function exif(orientation) {
  const text = Buffer.from(`${kPlace}\0`);
  const field = (tag, type, count, value) => Buffer.concat([u16(tag), u16(type), u16(count), u16(0), value]);
  const at = 8 + 2 + 2 * 12 + 4;
  return Buffer.concat([Buffer.from('II*\0'), u16(8), u16(0), u16(2),
    field(0x0112, 3, 1, Buffer.concat([u16(orientation), u16(0)])), field(0x013b, 2, text.length, Buffer.concat([u16(at), u16(0)])), Buffer.alloc(4), text]);
}

const chunk = (name, data) => Buffer.concat([u32(data.length), Buffer.from(name), data, u32(crc32(Buffer.concat([Buffer.from(name), data])))]);

// Of even colour. `says`: the size that its header claims.
export function png(width, height, { says = [width, height], turned, noise = false } = {}) {
  const line = Buffer.alloc(1 + 3 * width, 180);
  line[0] = 0;
  const lines = Buffer.alloc(line.length * height, line);
  let seed = 1;
  if (noise) for (let i = 0; i < lines.length; ++i) if (i % line.length !== 0) lines[i] = (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16;
  const header = Buffer.concat([u32(says[0]), u32(says[1]), Buffer.from([8, 2, 0, 0, 0])]);
  const more = turned ? [chunk('eXIf', exif(6)), chunk('tEXt', Buffer.from(`Comment\0${kPlace}`))] : [];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), ...more, chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}

// 48 x 32, red in its left half and blue in its right.
const kJpeg = Buffer.from('/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAgADADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAABgUH/8QAGREBAAMBAQAAAAAAAAAAAAAAAAWBwUJD/9oADAMBAAIRAxEAPwCGAnmImKaYQQfpWoczxeABChKYDPjkTFNMIIP0rUOZ4vAAhQn/2Q==', 'base64');

// That one as a telephone that is held upright takes it.
export function photo() {
  const data = Buffer.concat([Buffer.from('Exif\0\0'), exif(6)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length + 2);
  return Buffer.concat([kJpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, data, kJpeg.subarray(2)]);
}

// With as many frames, each of one colour.
export function gif(width, height, frames = 2) {
  const bits = [];
  const put = (code) => { for (let i = 0; i < 3; ++i) bits.push((code >> i) & 1); };
  // Cleared so often that a code never has more than three bits.
  const image = (colour) => {
    bits.length = 0;
    for (let i = 0; i < width * height; ++i) {
      if (i % 2 === 0) put(4);
      put(colour);
    }
    put(5);
    const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
    bits.forEach((bit, i) => { bytes[i >> 3] |= bit << (i & 7); });
    const blocks = [];
    for (let i = 0; i < bytes.length; i += 255) blocks.push(Buffer.from([Math.min(255, bytes.length - i)]), bytes.subarray(i, i + 255));
    return Buffer.concat([Buffer.from([0x21, 0xf9, 4, 0, 50, 0, 0, 0, 0x2c, 0, 0, 0, 0]), u16(width), u16(height), Buffer.from([0, 2]), ...blocks, Buffer.from([0])]);
  };
  const colours = Buffer.from([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]);
  return Buffer.concat([Buffer.from('GIF89a'), u16(width), u16(height), Buffer.from([0x91, 0, 0]), colours, ...Array.from({ length: frames }, (_, i) => image(i % 4)), Buffer.from(';')]);
}

// {type, width, height} by the bytes.
export function look(bytes) {
  if (bytes.subarray(1, 4).equals(Buffer.from('PNG'))) return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (bytes.subarray(0, 3).equals(Buffer.from('GIF'))) return { type: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at + 1] >= 0xc0 && bytes[at + 1] <= 0xc2) return { type: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  throw new Error('no picture that is known here');
}
