// Answers that say no, on REST and on sockets.
import assert from 'node:assert/strict';

// An answer of the API that says no, in the one shape of errors. Returns the error.
export function refused({ status, body, text }, expectedStatus, code, what = '') {
  assert.equal(`${status} ${body?.error?.code}`, `${expectedStatus} ${code}`, `${what} ${text}`);
  assertErrorShape(body, what || text);
  return body.error;
}

export function assertErrorShape(body, what) {
  for (const member of ['code', 'message', 'requestId']) assert.equal(typeof body?.error?.[member], 'string', what);
}

// The paths that a 422 complains of, as "a.b".
export const badFields = (answer) => refused(answer, 422, 'VALIDATION_ERROR').details.validationErrors.map((e) => e.path.join('.'));

// A promise of a socket's request that is answered with an error.
export async function refusedEvent(request, code) {
  await assert.rejects(request, (error) => {
    assert.equal(error.code, code, error.message);
    return true;
  });
}
