// What is demanded of every answer that stoa.api() sees.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiDocument } from '../../support/openapi.mjs';

const json = (schema) => ({ description: 'x', content: { 'application/json': { schema } } });
const kThing = { type: 'object', required: ['id'], properties: { id: { type: 'string', format: 'uuid' }, parts: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } } } };
const kNamed = (name) => ({ $ref: `#/components/headers/${name}` });
const kHeader = (type) => ({ description: 'x', schema: { type } });
const kError = { type: 'object', required: ['error'], properties: { error: { type: 'object', required: ['code'], properties: { code: { type: 'string', 'x-statuses': { GONE: 410, BUSY: 503 } } } } } };
const document = new ApiDocument({
  paths: {
    '/api/things/{id}': {
      get: { responses: { 200: json({ $ref: '#/components/schemas/Thing' }), 304: { description: 'x', headers: { ETag: kNamed('ETag') } }, default: { $ref: '#/components/responses/Error' } } },
      delete: { responses: { 204: { description: 'x' }, 410: { $ref: '#/components/responses/Error' } } },
    },
    '/api/things/mine': {
      get: {
        responses: {
          200: { description: 'x', headers: { Left: kNamed('Left') }, content: { '*/*': { schema: { type: 'string' } } } },
          206: { description: 'x', headers: { 'Content-Range': kNamed('Content-Range') }, content: { '*/*': { schema: { type: 'string' } } } },
          302: { description: 'x' },
        },
      },
    },
  },
  components: {
    headers: { ETag: kHeader('string'), 'Content-Range': kHeader('string'), Left: kHeader('integer') },
    schemas: { Thing: kThing, Error: kError }, responses: { Error: json({ $ref: '#/components/schemas/Error' }) },
  },
});

const kId = '0190b6d8-6f2c-7000-8000-000000000000';
const error = (code) => ({ error: { code } });
// [request, status, body, what is said of it: nothing where it fits], its type where that is not JSON's, and its other headers.
const kAnswers = [
  ['GET /api/things/1', 200, { id: kId, parts: [{ n: 1 }] }], ['GET /api/things/1?x=1/2', 200, { id: kId }],
  ['GET /api/things/1', 200, { id: 'x' }, /GET \/api\/things\/\{id\} was answered 200: \/id must match format "uuid"/],
  ['GET /api/things/1', 200, {}, /the body must have required property 'id'/],
  ['GET /api/things/1', 200, { id: kId, secret: 1 }, /additional properties secret/], ['GET /api/things/1', 200, { id: kId, parts: [{ m: 1 }] }, /\/parts\/0 .* m\n/],
  ['GET /api/things/1', 201, { id: kId }, /has only 200, 304, default/], ['GET /api/things/1', 302, undefined, /has only/],
  ['GET /api/things/1', 200, 'x', /its type is text\/plain, in the document application\/json/, 'text/plain'], ['GET /api/things/1', 200, undefined, /its type is none/, ''],
  ['GET /api/things/1', 304, undefined, undefined, '', { etag: '"x"' }], ['GET /api/things/1', 304, { id: kId }, /has a body/, undefined, { etag: '"x"' }],
  ['GET /api/things/1', 304, undefined, /the header ETag is missing/],
  ['HEAD /api/things/1', 200, undefined], ['HEAD /api/things/1', 201, undefined, /has only/], ['HEAD /api/things/1', 200, { id: kId }, /has a body/],
  ['GET /api/things/1', 503, error('BUSY')], ['GET /api/things/1', 500, error('BUSY'), /BUSY has another status/], ['GET /api/things/1', 503, error('NEW'), /another status/],
  ['GET /api/things/1', 503, { oops: 1 }, /'error'/],
  ['DELETE /api/things/1', 204, undefined], ['DELETE /api/things/1', 204, {}, /has no content/], ['DELETE /api/things/1', 503, error('BUSY'), /has only 204, 410/],
  ['DELETE /api/things/1', 410, error('GONE')],
  ['GET /api/things/mine', 200, 'x', undefined, 'image/png'], ['GET /api/things/mine', 503, error('BUSY'), /GET \/api\/things\/mine .* has only 200/],
  ['GET /api/things/mine', 200, 'x', undefined, 'image/png', { left: '7' }], ['GET /api/things/mine', 200, 'x', /the header Left is seven/, 'image/png', { left: 'seven' }],
  ['GET /api/things/mine', 206, 'x', undefined, 'image/png', { 'content-range': 'bytes 0-0/9' }], ['GET /api/things/mine', 206, 'x', /Content-Range is missing/, 'image/png'],
  ['GET /api/things/mine', 302, undefined, /does not name the header Location/, '', { location: '/' }],
  ['DELETE /api/things/mine', 204, undefined],
  ['PUT /api/things/1', 503, error('BUSY')], ['PUT /api/things/1', 200, {}, /no such operation/], ['PUT /api/things/1', 503, {}, /'error'/],
  ['GET /api/other', 410, error('GONE')], ['GET /api/other', 200, {}, /GET \/api\/other .* no such operation/], ['OPTIONS /api/things/1', 204, undefined],
  ['GET /page', 200, 'x', undefined, 'text/html'], ['GET /page', 404, {}],
];
for (const [request, status, body, fault, type = body === undefined ? '' : 'application/json; charset=utf-8', more = {}] of kAnswers) {
  test(`${request} answered ${status} ${JSON.stringify(body) ?? 'nothing'} ${[type.split(';')[0], ...Object.entries(more).flat()].join(' ')} ${fault ? 'is a misfit' : 'fits'}`, () => {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const check = () => document.check(...request.split(' '), { status, headers: new Headers({ ...(type && { 'content-type': type }), ...more }), text, body });
    if (fault) assert.throws(check, { name: 'AssertionError', message: fault });
    else check();
  });
}
