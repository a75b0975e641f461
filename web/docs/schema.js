// JSON Schema as the two documents use it: references, a short name of a type, its limits, an example.
export class Schemas {
  #document;

  constructor(document) {
    this.#document = document;
  }

  // Follows $ref inside the document; what stands beside a $ref (a default, a description) wins.
  resolve(node) {
    const seen = new Set();
    let found = node ?? {};
    while (found?.$ref && !seen.has(found.$ref)) {
      seen.add(found.$ref);
      const { $ref, ...beside } = found;
      found = { ...this.#at($ref), ...beside };
    }
    return found ?? {};
  }

  #at(reference) {
    const steps = reference.replace(/^#\//, '').split('/');
    return steps.reduce((node, step) => node?.[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')], this.#document);
  }

  // {schema, nullable, name}: the schema without its "or null".
  plain(node) {
    const name = node?.$ref?.split('/').at(-1) ?? null;
    const schema = this.resolve(node);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) {
      const others = choices.filter((choice) => this.resolve(choice).type !== 'null');
      if (others.length === 1 && others.length < choices.length) {
        const inner = this.plain(others[0]);
        const { anyOf, oneOf, ...beside } = schema;
        return { ...inner, schema: { ...inner.schema, ...beside }, nullable: true };
      }
    }
    if (Array.isArray(schema.type) && schema.type.includes('null')) {
      const types = schema.type.filter((type) => type !== 'null');
      return { schema: { ...schema, type: types.length === 1 ? types[0] : types }, nullable: true, name };
    }
    return { schema, nullable: false, name };
  }

  // "string", "uuid", "list of Message", "text or image".
  typeOf(node) {
    const { schema, nullable, name } = this.plain(node);
    return nullable ? `${this.#word(schema, name)} or null` : this.#word(schema, name);
  }

  #word(schema, name) {
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return [...new Set(choices.map((choice) => this.typeOf(choice)))].join(' or ');
    if (schema.type === 'array') return `list of ${schema.items ? this.typeOf(schema.items) : 'anything'}`;
    if (schema.properties || schema.type === 'object') return name ?? 'object';
    if (Array.isArray(schema.type)) return schema.type.join(' or ');
    return schema.format ?? schema.type ?? 'anything';
  }

  // "1 to 100 characters", "default 20".
  limitsOf(node) {
    const { schema } = this.plain(node);
    const range = (low, high, unit) => {
      if (low !== undefined && high !== undefined) return [`${low} to ${high}${unit}`];
      if (high !== undefined) return [`at most ${high}${unit}`];
      if (low !== undefined) return [`at least ${low}${unit}`];
      return [];
    };
    return [
      ...range(schema.minLength, schema.maxLength, ' characters'),
      ...range(schema.minimum, schema.maximum, ''),
      ...range(schema.minItems, schema.maxItems, ' items'),
      ...(schema.pattern ? [`matches ${schema.pattern}`] : []),
      ...(schema.default !== undefined ? [`default ${JSON.stringify(schema.default)}`] : []),
    ];
  }

  // The object whose fields are worth showing under this node, with its name, or null.
  fieldsOf(node) {
    const { schema, name } = this.plain(node);
    if (schema.type === 'array' && schema.items) return this.fieldsOf(schema.items);
    const merged = schema.allOf ? schema.allOf.map((part) => this.resolve(part)) : [schema];
    const properties = Object.assign({}, ...merged.map((part) => part.properties ?? {}));
    const required = new Set(merged.flatMap((part) => part.required ?? []));
    return Object.keys(properties).length ? { name, properties, required } : null;
  }

  // What one has to send: the required fields, or all where none is.
  request(node) {
    const fields = this.fieldsOf(node);
    const whole = this.example(node);
    if (!fields?.required.size || Array.isArray(whole)) return whole;
    return Object.fromEntries(Object.entries(whole).filter(([key]) => fields.required.has(key)));
  }

  example(node, path = []) {
    const { schema, nullable, name } = this.plain(node);
    if (schema.example !== undefined) return schema.example;
    if (schema.examples?.length) return schema.examples[0];
    if (schema.const !== undefined) return schema.const;
    if (schema.default !== undefined) return schema.default;
    if (schema.enum) return schema.enum[0];
    if (name && path.includes(name)) return nullable ? null : {};
    const inside = name ? [...path, name] : path;
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return this.example(choices[0], inside);
    if (schema.type === 'array') return schema.items ? [this.example(schema.items, inside)] : [];
    const fields = this.fieldsOf(node);
    if (fields) {
      return Object.fromEntries(Object.entries(fields.properties).map(([key, value]) => [key, named(key, this.plain(value).schema) ?? this.example(value, inside)]));
    }
    return scalar(schema);
  }
}

// What people would write into a field of that name, where its type allows it.
const WORDS = {
  fullName: 'Ada Marin',
  senderName: 'Ada Marin',
  name: 'Linear algebra, Tuesdays',
  username: 'ada',
  password: 'four words in a row',
  content: 'Did anyone get exercise 4?',
  description: 'Bring one exercise each.',
  emoji: '🎉',
  timezone: 'Europe/Athens',
  locale: 'en',
  accessToken: 'eyJhbGciOiJIUzI1NiIs…',
  refreshToken: 'kJ3x…',
  token: 'eyJhbGciOiJIUzI1NiIs…',
  code: 'Vb7qK2xW',
  inviteCode: 'Vb7qK2xW',
};

function named(key, schema) {
  const free = schema.type === 'string' && !schema.format && !schema.enum && schema.const === undefined && schema.example === undefined;
  return free ? WORDS[key] : undefined;
}

function scalar(schema) {
  switch (schema.format) {
    case 'uuid':
      return '0192f0c1-7c1a-7d3e-9b52-3f6a1c0e8d47';
    case 'date-time':
      return '2026-01-15T10:30:00.000Z';
    case 'email':
      return 'ada@example.org';
    case 'uri':
      return 'https://example.org/';
    default:
  }
  if (schema.type === 'string') return 'text';
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, Math.min(1, schema.maximum ?? 1));
  if (schema.type === 'boolean') return true;
  return schema.type === 'object' ? {} : null;
}
