// Plain objects to TOML, as far as a configuration file needs it: an object is a table, an array of
// objects an array of tables, everything else a value. JSON's strings are valid TOML strings.

const isTable = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const isTables = (v) => Array.isArray(v) && v.length > 0 && v.every(isTable);
const name = (key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));
const value = (v) => (Array.isArray(v) ? `[${v.map(value).join(', ')}]` : JSON.stringify(v));

function body(table, path) {
  const entries = Object.entries(table).filter(([, v]) => v !== undefined);
  let text = '';
  for (const [key, v] of entries) if (!isTable(v) && !isTables(v)) text += `${name(key)} = ${value(v)}\n`;
  for (const [key, v] of entries) {
    const inner = [...path, name(key)];
    if (isTable(v)) text += `\n[${inner.join('.')}]\n${body(v, inner)}`;
    if (isTables(v)) for (const row of v) text += `\n[[${inner.join('.')}]]\n${body(row, inner)}`;
  }
  return text;
}

export const toToml = (config) => body(config, []);

// A new object: `over` laid on `under`, table by table; arrays and values are replaced.
export function merge(under, over) {
  const result = { ...under };
  for (const [key, v] of Object.entries(over)) {
    result[key] = isTable(v) && isTable(under[key]) ? merge(under[key], v) : v;
  }
  return result;
}
