// An OpenAPI 3.1 document as a flat list of what the page shows.
import { Schemas } from './schema.js';

const OPERATORS = 'service';
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

export function readOpenApi(document) {
  const schemas = new Schemas(document);
  const entries = [];
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      if (item[method]) entries.push(read(document, schemas, path, method, item));
    }
  }
  // What operators need stands after what everybody looks for.
  entries.sort((a, b) => (a.tag === OPERATORS) - (b.tag === OPERATORS));
  const codes = schemas.resolve({ $ref: '#/components/schemas/Error' }).properties?.error?.properties?.code?.enum ?? [];
  return { entries, schemas, codes, info: document.info ?? {} };
}

function read(document, schemas, path, method, item) {
  const operation = item[method];
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((each) => schemas.resolve(each));
  const body = schemas.resolve(operation.requestBody);
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const { description, content } = schemas.resolve(answer);
    const [mediaType, media] = first(content);
    return { status, description, mediaType, schema: media?.schema ?? null, example: exampleIn(media) };
  });
  const [mediaType, media] = first(body.content);
  return {
    id: slug(`${method} ${path}`),
    kind: 'rest',
    tag: operation.tags?.[0] ?? 'Other',
    label: method.toUpperCase(),
    tone: method,
    title: path,
    summary: operation.summary ?? '',
    description: operation.description ?? '',
    who: who(document, operation),
    deprecated: Boolean(operation.deprecated),
    parameters,
    body: media ? { mediaType, schema: media.schema ?? null, required: Boolean(body.required), example: exampleIn(media) } : null,
    answers: answers.filter(({ status }) => !/^([45]|default)/.test(status)),
    errors: answers.filter(({ status }) => /^([45]|default)/.test(status)),
  };
}

const first = (content) => Object.entries(content ?? {})[0] ?? [];
const exampleIn = (media) => media?.example ?? Object.values(media?.examples ?? {})[0]?.value;

// Who may call it; an empty requirement means that a token is welcome but not asked for.
function who(document, operation) {
  const required = operation.security ?? document.security ?? [];
  const open = required.length === 0 || required.some((each) => Object.keys(each).length === 0);
  return open ? 'anyone' : 'signed in';
}

export const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
