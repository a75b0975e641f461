// Answers that say no, on REST and on sockets.
import assert from 'node:assert/strict';

// An answer of the API that says no.
export function refused({ status, body }, expectedStatus, code) {
  assert.equal(`${status} ${body?.error?.code}`, `${expectedStatus} ${code}`, JSON.stringify(body));
}

// A promise of a socket's request that is answered with an error.
export async function refusedEvent(request, code) {
  await assert.rejects(request, (error) => {
    assert.equal(error.code, code, error.message);
    return true;
  });
}
