// People made over REST, and ones without a browser who speak the native protocol.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

export async function rest(server, method, path, { token, body } = {}) {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return value;
}

// The session as the app keeps it; `email` and `password` beside it for the forms.
export async function createPerson(server, fullName) {
  const email = `${fullName.toLowerCase().replace(/\W+/g, '.')}.${randomUUID().slice(0, 8)}@example.org`;
  const password = `${randomUUID()}`;
  const answer = await rest(server, 'POST', '/api/auth/register', { body: { email, password, fullName } });
  return {
    email,
    password,
    token: answer.accessToken,
    user: answer.user,
    session: {
      user: answer.user,
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken,
      expiresAt: Date.now() + answer.expiresIn * 1000,
    },
  };
}

export const createRoom = (server, person, room) =>
  rest(server, 'POST', '/api/rooms', { token: person.token, body: { roomType: 'public', maxParticipants: 8, ...room } });

export const joinRoom = (server, person, room) => rest(server, 'POST', `/api/rooms/${room.id}/join`, { token: person.token, body: {} });

// A person at a terminal: request(type, payload) resolves with the ack.
export async function connect(server, person) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, ['stoa.v1', `bearer.${person.token}`]);
  const waiting = new Map();
  let nextId = 1;
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (text) => {
    const { type, id, payload } = JSON.parse(text);
    const waiter = waiting.get(id);
    if (!waiter) return;
    waiting.delete(id);
    if (type === 'ack') waiter.resolve(payload);
    else waiter.reject(new Error(`${payload.code}: ${payload.message}`));
  });
  return {
    request(type, payload) {
      const id = String(nextId++);
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ type, payload, id }));
      });
    },
    close() {
      socket.close();
      return new Promise((resolve) => socket.once('close', resolve));
    },
  };
}
