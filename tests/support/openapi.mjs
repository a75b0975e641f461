// Holds the answers of a server against the OpenAPI document that it serves: the route is one of the document's, which has
// the status, the headers and the type of content, and the body fits its schema and has no member that the schema does not name.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';

import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const kDocument = '/api/openapi.json';
const kShownErrors = 5;
const kShownText = 500; // characters of a body

// Of the headers that the document names for an answer, those that it must have; others are there where they have something to say.
const kNeeded = { 206: ['Content-Range'], 302: ['Location'], 304: ['ETag'], 401: ['WWW-Authenticate'] };
const kHeaderForms = { integer: /^\d+$/, boolean: /^(true|false)$/, string: /./ };

// The document of the server at that address. It is asked for from an address of its own, so that neither limits nor
// connections of those whom a test watches have a part in it.
export async function readDocument(url) {
  const { get } = url.startsWith('https:') ? https : http;
  const text = await new Promise((resolve, reject) => {
    const request = get(url + kDocument, { localAddress: '127.0.0.250', agent: false, rejectUnauthorized: false }, (answer) => {
      let read = '';
      answer.setEncoding('utf8').on('data', (data) => { read += data; }).on('error', reject);
      answer.on('end', () => (answer.statusCode === 200 ? resolve(read) : reject(new Error(`${kDocument} was answered ${answer.statusCode} ${read}`))));
    });
    request.on('error', reject);
  });
  if (!known.has(text)) known.set(text, new ApiDocument(JSON.parse(text)));
  return known.get(text);
}

const known = new Map(); // text -> document: most servers of a file serve the same one

export class ApiDocument {
  #document;
  #routes; // the templates of paths: [{template, pattern, operations}], those with most literals first
  #ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  #fits = new Map(); // JSON pointer of a schema -> its compiled test

  constructor(document) {
    this.#document = document;
    this.#ajv.addSchema(closed(document), 'api');
    this.#routes = Object.entries(document.paths).map(([template, operations]) => ({
      template,
      operations,
      pattern: new RegExp(`^${template.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^$()[\]\\|]/g, '\\$&')).join('[^/]+')}$`),
    }));
    const literals = ({ template }) => template.split('/').filter((segment) => !segment.startsWith('{')).length;
    this.#routes.sort((a, b) => literals(b) - literals(a));
  }

  // ["GET /api/rooms/{id}", ...]
  get operations() {
    return Object.entries(this.#document.paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`));
  }

  // The operation that a request is for: "GET /api/rooms/{id}"; undefined where the document has none.
  operationOf(method, target) {
    const found = this.#find(method, target);
    return found?.operation && `${found.method.toUpperCase()} ${found.template}`;
  }

  // `answer`: {status, headers, text, body} of stoa.api(). Fails where it is not what the document says.
  check(method, target, { status, headers, text, body }) {
    const found = this.#find(method, target);
    const what = (problem) => `${method} ${found?.template ?? target.slice(0, 100)} was answered ${status}: ${problem}`;
    const type = (headers.get('content-type') ?? '').split(';')[0].trim();
    if (!found?.operation) {
      // Pages, files and other protocols are not the document's.
      const isApi = found !== undefined || target.startsWith('/api/');
      if (!isApi || (method === 'OPTIONS' && status < 300)) return;
      assert.ok(status >= 400, what('the document has no such operation'));
      if (method !== 'HEAD') this.#checkBody(['components', 'responses', 'Error'], type, status, text, body, what);
      return;
    }
    const { responses } = found.operation;
    const key = Object.hasOwn(responses, status) ? `${status}` : status >= 400 && Object.hasOwn(responses, 'default') ? 'default' : undefined;
    assert.ok(key, what(`the document has only ${Object.keys(responses).join(', ')}`));
    this.#checkHeaders(['paths', found.template, found.method, 'responses', key], status, headers, what);
    if (method === 'HEAD' || status === 304) assert.equal(text, '', what('it has a body'));
    else this.#checkBody(['paths', found.template, found.method, 'responses', key], type, status, text, body, what);
  }

  #checkHeaders(place, status, headers, what) {
    const [{ headers: named = {} }] = this.#resolve(place);
    for (const name of kNeeded[status] ?? []) {
      if (place.at(-1) !== 'default') assert.ok(Object.hasOwn(named, name), what(`the document does not name the header ${name}`));
      assert.ok(headers.has(name), what(`the header ${name} is missing`));
    }
    for (const name of Object.keys(named).filter((one) => headers.has(one))) {
      const { schema } = this.#resolve(['components', 'headers', name])[0];
      assert.match(headers.get(name), kHeaderForms[schema.type], what(`the header ${name} is ${headers.get(name)}`));
    }
  }

  // HEAD is GET's.
  #find(method, target) {
    const path = target.split('?')[0];
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    const fitting = this.#routes.filter(({ pattern }) => pattern.test(path));
    const route = fitting.find(({ operations }) => Object.hasOwn(operations, name)) ?? fitting[0];
    return route && { template: route.template, method: name, operation: route.operations[name] };
  }

  #checkBody(place, type, status, text, body, what) {
    const [response, at] = this.#resolve(place);
    const content = response.content ?? {};
    const types = Object.keys(content);
    if (types.length === 0) return assert.equal(text, '', what(`the document has no content: ${text.slice(0, kShownText)}`));
    const documented = types.find((one) => one === type) ?? types.find((one) => one === '*/*' || one === type.replace(/\/.*/, '/*'));
    assert.ok(documented, what(`its type is ${type || 'none'}, in the document ${types.join(', ')}`));
    if (!/\bjson$/.test(documented)) return undefined;
    const fits = this.#schema([...at, 'content', documented, 'schema']);
    if (!fits(body)) assert.fail(what(`${explained(fits.errors)}\n${text.slice(0, kShownText)}`));
    if (status < 400) return undefined;
    const { 'x-statuses': statuses } = this.#document.components.schemas.Error.properties.error.properties.code;
    return assert.equal(statuses[body.error.code], status, what(`in the document ${body.error.code} has another status`));
  }

  // What is at that place, and where it really stands.
  #resolve(place) {
    const value = place.reduce((within, step) => within[step], this.#document);
    return value.$ref ? this.#resolve(value.$ref.split('/').slice(1)) : [value, place];
  }

  #schema(place) {
    const pointer = place.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    if (!this.#fits.has(pointer)) this.#fits.set(pointer, this.#ajv.compile({ $ref: `api#/${pointer}` }));
    return this.#fits.get(pointer);
  }
}

const explained = (errors) => [
  ...errors.slice(0, kShownErrors).map(({ instancePath, message, params }) => `${instancePath || 'the body'} ${message} ${params.additionalProperty ?? ''}`.trim()),
  ...(errors.length > kShownErrors ? [`and ${errors.length - kShownErrors} more`] : []),
].join('; ');

// Readers of an API put up with more than it says; here a member that no schema names is a mistake.
function closed(value) {
  if (Array.isArray(value)) return value.map(closed);
  if (value === null || typeof value !== 'object') return value;
  const all = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]));
  return all.type === 'object' && all.properties ? { additionalProperties: false, ...all } : all;
}
