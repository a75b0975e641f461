// Servers that a measurement starts and ends, and commands that answer with text. Whatever is
// started here ends with this process.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const running = new Set();

export function endAll() {
  for (const child of running) child.kill('SIGKILL');
}
process.on('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// Runs a command to its end, within a time limit; answers its stdout, throws with its stderr.
export function run([program, ...args], { seconds = 120, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(child);
    let out = '';
    let error = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (error += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      if (code === 0) resolve(out);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${error.trim().slice(0, 800)}`));
    });
    child.stdin.end(input);
  });
}

// Starts a server and waits for the first line of output in which `ready` finds what it looks for
// (it answers null for the others); answers that with the process, a way to stop it and a promise of its exit
// code. Without `ready` it does not wait.
export function start([program, ...args], { ready, seconds = 30, env = {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    running.add(child);
    let tail = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} ${args.join(' ')} was not ready in ${seconds} s: ${tail}`));
    }, seconds * 1000);
    const ended = new Promise((done) =>
      child.on('close', (code) => {
        clearTimeout(timer);
        running.delete(child);
        reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${tail}`));
        done(code);
      }),
    );
    child.on('error', reject);
    const answer = (found) => {
      clearTimeout(timer);
      resolve({ pid: child.pid, found, stop: () => stop(child, ended), ended, tail: () => tail });
    };
    const onLine = (line) => {
      tail = `${tail}\n${line}`.slice(-2000);
      const found = ready?.(line) ?? null;
      if (found !== null) answer(found);
    };
    if (!ready) answer(null);
    createInterface({ input: child.stdout }).on('line', onLine);
    createInterface({ input: child.stderr }).on('line', onLine);
  });
}

async function stop(child, ended) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
