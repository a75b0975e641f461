// How long a text is, as the server counts: by characters (code points), not by what JavaScript keeps of them.
const number = new Intl.NumberFormat();

export const lengthOf = (text) => [...text].length;

// What to say of a text that is near its limit or beyond it; null where it is well below. `over`: it cannot be sent.
export function judgeLength(text, limit) {
  const length = lengthOf(text);
  if (length > limit) {
    const words = `${number.format(length)} of ${number.format(limit)} characters. Take out ${number.format(length - limit)}.`;
    return { over: true, words };
  }
  if (length < limit * 0.9) return null;
  return { over: false, words: `${number.format(length)} of ${number.format(limit)} characters` };
}
