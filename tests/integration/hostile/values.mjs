// Bodies and values that no form would send.

// [what it is, the raw body, the statuses that are right]. None of them may be answered 2xx or 5xx.
export const kBadBodies = [
  ['nothing at all', '', [400, 415, 422]],
  ['not JSON', 'not json', [400]],
  ['cut off', '{"a":', [400]],
  ['two values', '{} {}', [400]],
  ['a comment', '{/* */}', [400]],
  ['a trailing comma', '{"a":1,}', [400]],
  ['nested 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), [400]],
  ['objects nested 1,000 deep', '{"a":'.repeat(1000) + '1' + '}'.repeat(1000), [400]],
  ['a number beyond double', '{"a":1e400}', [400]],
  ['a member twice', '{"name":"a","name":"b"}', [400]],
  ['a lone surrogate', '{"name":"\\ud800"}', [400]],
  ['NUL', '{"name":"a\\u0000b"}', [400]],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), [400]],
  ['an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22]), [400]],
  ['fifty thousand values', `[${'1,'.repeat(50_000)}1]`, [400]],
  ['an array', '[]', [422]],
  ['a string', '"text"', [422]],
  ['a number', '5', [422]],
  ['null', 'null', [422]],
  ['a body over the limit', `{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`, [413]],
];

// Values for any one field.
export const kBadValues = [
  null, true, 5, -1, 1.5, 1e300, -9223372036854775808, 18446744073709551615, '', ' ', '\t\n', 'toString', '__proto__', 'constructor',
  'x'.repeat(70_000), '😀'.repeat(20_000), '\u202e', '../../etc/passwd', "'; drop table users; --", '%00', '${jndi:ldap://x}',
  [], ['a'], [[[[]]]], {}, { $regex: '.*' }, { length: 1e9 }, { toString: 'x' },
];
