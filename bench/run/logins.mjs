// People who sign in with their passwords, over and over: what a school's first lesson does to a server.
import { quantile } from './stats.mjs';

const kPeople = 16;

async function post(port, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
}

// Makes the accounts and signs in some times alone. Then begin() and end(), which answers logins a second and
// the median of one alone.
export async function startLogins(port) {
  const run = Date.now();
  const people = Array.from({ length: kPeople }, (_, i) => ({
    email: `storm-${run}-${i}@example.org`,
    password: 'correct horse 42',
  }));
  const alone = [];
  for (const person of people) {
    await post(port, '/api/auth/register', { ...person, fullName: 'In the storm' });
  }
  for (const person of people.slice(0, 5)) {
    const began = performance.now();
    await post(port, '/api/auth/login', person);
    alone.push(performance.now() - began);
  }
  let running = true;
  let count = 0;
  let began = 0;
  let loops = [];
  let failure = null;
  const loop = async (person) => {
    while (running) {
      await post(port, '/api/auth/login', person);
      ++count;
    }
  };
  // A server that ends because something else failed must not hide what that was.
  const stopAt = (error) => {
    running = false;
    failure ??= error;
  };
  return {
    begin() {
      began = performance.now();
      loops = people.map((person) => loop(person).catch(stopAt));
    },
    async end() {
      const perSecond = (count * 1000) / (performance.now() - began);
      running = false;
      await Promise.all(loops);
      if (failure) throw failure;
      return { perSecond, aloneMs: quantile(alone, 0.5) };
    },
  };
}
