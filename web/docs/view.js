// Draws one entry: what it is called with, what comes back, what may go wrong, and an example of each.
import { h } from '/js/ui/dom.js';

const DEEPEST = 5;

export function entryDetails(entry, schemas) {
  const facts = h('div', { class: 'facts' });
  const examples = h('div', { class: 'examples' });
  if (entry.description) facts.append(h('p', { class: 'entry-text' }, entry.description));
  for (const [place, title] of [['path', 'In the path'], ['query', 'In the query'], ['header', 'Headers']]) {
    const parameters = entry.parameters.filter((each) => each.in === place);
    if (parameters.length) facts.append(section(title, fieldList(parameters.map((each) => ({ ...each, node: each.schema, required: each.required })), schemas)));
  }
  if (entry.body) facts.append(section(entry.kind === 'rest' ? `Body, ${entry.body.mediaType}` : 'Payload', shape(entry.body.schema, schemas, entry.label !== 'HEAR')));
  for (const answer of entry.answers) {
    facts.append(section(['Answer ', h('span', { class: 'status' }, answer.status)], h('p', { class: 'entry-text' }, answer.description ?? ''), answer.schema && shape(answer.schema, schemas, false)));
  }
  for (const reply of entry.replies ?? []) {
    facts.append(section('Acknowledgement', reply.summary && h('p', { class: 'entry-text' }, reply.summary), reply.schema && shape(reply.schema, schemas, false)));
  }
  if (entry.errors.length) facts.append(section('Errors', errorList(entry.errors)));
  if (!facts.childElementCount) facts.append(h('p', { class: 'entry-text' }, 'Takes nothing and answers nothing.'));
  for (const [title, text] of exampleTexts(entry, schemas)) examples.append(example(title, text));
  return h('div', { class: 'entry-details' }, facts, examples);
}

function section(title, ...content) {
  return h('section', { class: 'facet' }, h('h4', {}, title), content);
}

// `asked`: what a caller must give; otherwise what it gets.
function shape(node, schemas, asked) {
  const fields = schemas.fieldsOf(node);
  const type = schemas.typeOf(node);
  if (!fields) return h('p', { class: 'field-type' }, type);
  return [type.startsWith('list of') && h('p', { class: 'field-type' }, type), objectFields(fields, schemas, asked, [fields.name])];
}

function objectFields({ properties, required }, schemas, asked, path) {
  const list = Object.entries(properties).map(([name, node]) => ({ name, node, required: required.has(name), description: schemas.resolve(node).description }));
  return fieldList(list, schemas, asked, path);
}

function fieldList(list, schemas, asked = true, path = []) {
  return h(
    'ul',
    { class: 'field-list' },
    list.map(({ name, node, required, description }) => {
      const fields = schemas.fieldsOf(node);
      const again = fields && ((fields.name && path.includes(fields.name)) || path.length >= DEEPEST);
      return h(
        'li',
        {},
        h(
          'p',
          { class: 'field-line' },
          h('code', { class: 'field-name' }, name),
          h('span', { class: 'field-type' }, schemas.typeOf(node)),
          asked && required && h('span', { class: 'field-required' }, 'required'),
          !asked && !required && h('span', { class: 'field-limit' }, 'may be left out'),
          schemas.limitsOf(node).map((limit) => h('span', { class: 'field-limit' }, limit)),
        ),
        description && h('p', { class: 'field-text' }, description),
        fields && !again && h('details', { class: 'deeper' }, h('summary', {}, `Fields of ${fields.name ?? name}`), objectFields(fields, schemas, asked, [...path, fields.name ?? name])),
      );
    }),
  );
}

// `code` in a description.
function quoted(text) {
  return text.split('`').map((part, at) => (at % 2 ? h('code', {}, part) : part));
}

function errorList(errors) {
  return h(
    'ul',
    { class: 'error-list' },
    errors.map(({ status, description }) => h('li', {}, h('span', { class: 'status bad' }, status === 'default' ? 'other' : status), h('span', {}, quoted(description ?? '')))),
  );
}

function exampleTexts(entry, schemas) {
  const pretty = (value) => JSON.stringify(value, null, 2);
  const typical = (node) => (entry.label === 'HEAR' ? schemas.example(node) : schemas.request(node));
  const body = entry.body?.schema ? entry.body.example ?? typical(entry.body.schema) : undefined;
  if (entry.kind === 'realtime') {
    const frame = { type: entry.title, payload: body ?? {}, ...(entry.label === 'SEND' ? { id: 1 } : { timestamp: 1768473000000 }) };
    const replies = (entry.replies ?? []).filter(({ schema }) => schema).map(({ schema }) => ['Acknowledgement', pretty({ type: 'ack', id: 1, payload: schemas.example(schema) })]);
    return [[entry.label === 'SEND' ? 'Frame to send' : 'Frame that arrives', pretty(frame)], ...replies];
  }
  const texts = [['Request', curl(entry, body)]];
  for (const answer of entry.answers) {
    if (answer.schema) texts.push([`Answer ${answer.status}`, pretty(answer.example ?? schemas.example(answer.schema))]);
  }
  return texts;
}

function curl({ label, title, who, body: declared }, body) {
  const address = `${location.origin}${title.replace(/\{(\w+)\}/g, (_, name) => `$${name}`)}`;
  const lines = [`curl${label === 'GET' ? '' : ` -X ${label}`} "${address}"`];
  if (!who?.startsWith('anyone')) lines.push('-H "Authorization: Bearer $token"');
  if (declared && body !== undefined) {
    lines.push(`-H 'Content-Type: ${declared.mediaType}'`, `-d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(' \\\n  ');
}

function example(title, text) {
  const copy = h('button', { class: 'copy', type: 'button', 'aria-label': `Copy: ${title}` }, 'Copy');
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Select it';
    }
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 2_000);
  });
  return h('figure', { class: 'example' }, h('figcaption', {}, title, copy), h('pre', { tabindex: '0', 'aria-label': title }, h('code', {}, text)));
}
