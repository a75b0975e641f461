// An AsyncAPI document (3.x, or 2.x) as the same flat list. The document speaks for the server: what it
// receives is what clients send.
import { Schemas } from './schema.js';
import { slug } from './openapi.js';

export function readAsyncApi(document) {
  const schemas = new Schemas(document);
  const entries = String(document.asyncapi).startsWith('2') ? fromChannels(document, schemas) : fromOperations(document, schemas);
  return { entries, schemas, codes: [], info: document.info ?? {} };
}

function fromOperations(document, schemas) {
  const entries = [];
  for (const operation of Object.values(document.operations ?? {})) {
    const channel = schemas.resolve(operation.channel);
    const messages = operation.messages ?? Object.values(channel.messages ?? {});
    // Every request may be answered by an error; saying so a hundred times helps nobody.
    const replies = (operation.reply?.messages ?? []).map((each) => schemas.resolve(each)).filter(({ name }) => name !== 'error');
    for (const each of messages) entries.push(entry(schemas.resolve(each), operation, operation.action === 'receive', replies, schemas));
  }
  return entries;
}

function fromChannels(document, schemas) {
  const entries = [];
  for (const channel of Object.values(document.channels ?? {})) {
    for (const [side, fromClient] of [['publish', true], ['subscribe', false]]) {
      const operation = channel[side];
      if (!operation) continue;
      const message = schemas.resolve(operation.message);
      for (const each of message.oneOf ?? [message]) entries.push(entry(schemas.resolve(each), operation, fromClient, [], schemas));
    }
  }
  return entries;
}

function entry(message, operation, fromClient, replies, schemas) {
  const payload = inner(message.payload, schemas);
  const name = schemas.resolve(schemas.resolve(message.payload).properties?.type).const ?? message.name ?? message.title ?? 'message';
  return {
    id: slug(`${fromClient ? 'send' : 'receive'} ${name}`),
    kind: 'realtime',
    tag: fromClient ? 'Client to server' : 'Server to client',
    label: fromClient ? 'SEND' : 'HEAR',
    tone: fromClient ? 'post' : 'get',
    title: name,
    summary: message.summary ?? operation.summary ?? '',
    ...whoAndDescription(operation, message),
    deprecated: Boolean(message.deprecated),
    parameters: [],
    body: payload ? { mediaType: 'payload', schema: payload, required: true, example: message.examples?.[0]?.payload } : null,
    replies: replies.map((reply) => ({ name: reply.name ?? 'ack', summary: reply.summary ?? '', schema: inner(reply.payload, schemas) })),
    answers: [],
    errors: [],
  };
}

// The document may describe the whole frame; what matters to readers is its payload.
function inner(node, schemas) {
  const { properties } = schemas.resolve(node);
  if (properties?.payload && (properties.type || properties.id)) return properties.payload;
  return node ?? null;
}

// The server tells who may send an event in its description; the page shows that beside the name.
const MAY = /^May be sent by ([^.]+)\.?$/;

function whoAndDescription(operation, message) {
  const description = message.description ?? operation.description ?? '';
  const said = MAY.exec(description);
  return said ? { who: said[1], description: '' } : { who: null, description };
}
