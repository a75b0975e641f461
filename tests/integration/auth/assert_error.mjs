// The one shape of errors.
import assert from 'node:assert/strict';

export function assertError(answer, status, code, what = '') {
  assert.equal(answer.status, status, `${what} ${answer.text}`);
  assert.equal(answer.body.error.code, code, what);
  assert.equal(typeof answer.body.error.message, 'string', what);
  assert.equal(typeof answer.body.error.requestId, 'string', what);
  return answer.body.error;
}

// The paths that a 422 complains of, as "a.b".
export const badFields = (answer) => assertError(answer, 422, 'VALIDATION_ERROR')
  .details.validationErrors.map((e) => e.path.join('.'));
