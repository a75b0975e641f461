// What a process takes, as the kernel counts it (proc(5)).
import { readFileSync } from 'node:fs';

// Resident memory, in bytes.
export const memoryOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

// Processor time so far, in ticks of the kernel (10 ms).
export function cpuTimeOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]); // utime and stime, which follow "pid (name)" at 14 and 15
}

// The most that the server's memory grows by while `work` goes on, in bytes; `server` has memory().
export async function growth(server, work) {
  const calm = server.memory();
  let most = calm;
  const watch = setInterval(() => { most = Math.max(most, server.memory()); }, 20);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return Math.max(most, server.memory()) - calm;
}
