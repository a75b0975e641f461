// The people and rooms that most tests need, and the connections that they open.
import { randomUUID } from 'node:crypto';

// Accounts of those names: const [ada, ben] = await people(stoa, 'Ada', 'Ben').
export const people = (stoa, ...names) => Promise.all(names.map((name) => stoa.register(name)));

// An account whose address was confirmed, as by the link that was sent there.
export async function confirmed(stoa, name) {
  const person = await stoa.register(name);
  await stoa.sql(`update users set is_verified = true where id = '${person.id}'`);
  return person;
}

// `count` accounts, made a few at a time so that no queue of the server is full.
export async function crowd(stoa, count, name = 'crowd') {
  const made = [];
  while (made.length < count) {
    made.push(...await people(stoa, ...Array.from({ length: Math.min(20, count - made.length) }, (_, i) => `${name}${made.length + i}`)));
  }
  return made;
}

// When an access token ends, as Date.now() counts.
export const endOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp * 1000;

// An access token of that person that ends later than the one that `person` has: ends are whole seconds.
export async function laterToken(stoa, { token, refreshToken }) {
  for (;;) {
    const { body } = await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken } });
    if (endOf(body.accessToken) !== endOf(token)) return body.accessToken;
    ({ refreshToken } = body);
  }
}

// A room of `owner` with those people in it, who come in this order. Other fields are the room's own.
export async function makeRoom(stoa, owner, { moderators = [], members = [], muted = [], banned = [], ...fields } = {}) {
  const room = await stoa.createRoom(owner.token, fields);
  const as = async (person, method, target, body) => {
    const answer = await stoa.api(method, `/api/rooms/${room.id}${target}`, { token: person.token, body });
    if (answer.status >= 300) throw new Error(`${method} ${target} was answered ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const inside = [...moderators, ...members, ...muted];
  const entry = fields.roomType === 'private' && inside.length > 0 ? { inviteCode: (await as(owner, 'POST', '/invites', {})).code } : {};
  for (const person of inside) await as(person, 'POST', '/join', entry);
  for (const person of moderators) await as(owner, 'PUT', `/members/${person.id}`, { role: 'moderator' });
  for (const person of muted) await as(owner, 'PUT', `/members/${person.id}`, { mutedMinutes: 60 });
  for (const person of banned) await as(owner, 'POST', '/bans', { userId: person.id });
  return room;
}

// Somebody in every place that a person can have with regard to a room, and the room: {room, owner, moderator,
// secondModerator, member, muted, banned, other, nothing}. `other` has an account and nothing to do with the room;
// `nothing` has an id that is nobody's and nothing's.
export async function everyRole(stoa, fields = {}) {
  const [owner, moderator, secondModerator, member, muted, banned, other] = await people(
    stoa, 'Olga Owner', 'Mona Moderator', 'Mick Moderator', 'Max Member', 'Mia Muted', 'Ben Banned', 'Otto Other');
  const room = await makeRoom(stoa, owner, { moderators: [moderator, secondModerator], members: [member], muted: [muted], banned: [banned], ...fields });
  return { room, owner, moderator, secondModerator, member, muted, banned, other, nothing: { id: randomUUID() } };
}

// Connections that are ended together, by end(): native sockets, unless `open` makes others for a person and options.
export class Connections {
  #open;
  #opened = [];

  constructor(stoa, open = (person, options) => stoa.connect(person?.token, options)) { this.#open = open; }

  async open(person, options) {
    const connection = await this.#open(person, options);
    this.#opened.push(connection);
    return connection;
  }

  // One that is in the room.
  async enter(person, room, options) {
    const connection = await this.open(person, options);
    await connection.request('join_room', { roomId: room.id });
    return connection;
  }

  end() { for (const connection of this.#opened.splice(0)) connection.terminate(); }
}

export const oneTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

// An account that an operator has made an administrator's, with a sign-in from after that.
export async function administrator(stoa, name = 'Anna Administrator') {
  const person = await stoa.register(name);
  await stoa.sql(`update users set role = 'admin' where id = '${person.id}'`);
  return signInAgain(stoa, person);
}

// The same person with a new sign-in.
export async function signInAgain(stoa, person) {
  const { status, body, text } = await stoa.api('POST', '/api/auth/login', { body: { email: person.email, password: person.password } });
  if (status !== 200) throw new Error(`signing in was answered ${status} ${text}`);
  return { ...person, token: body.accessToken, refreshToken: body.refreshToken };
}

// As if the sign-in of that token had been begun so long ago.
export const ageSignIn = (stoa, { token }, interval = '1 hour') =>
  stoa.sql("update auth_sessions set created_at = created_at - :'interval'::interval where id = :'id'",
    { id: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sid, interval });
