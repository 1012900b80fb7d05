/**
 * The part of `node:util` that argument errors need: a value in a few words, as Node writes it. Packages that know every
 * kind of object take more bytes of a page than all of the errors do.
 */

/** Node's quotes: the first kind that is not inside. */
function quoted(text: string): string {
  const mark = ["'", '"', '`'].find((kind) => !text.includes(kind)) ?? "'";
  const plain = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll(mark, `\\${mark}`);
  return `${mark}${plain}${mark}`;
}

const isName = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key);

function describeFunction(value: { name: string }): string {
  const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function';
  const name = value.name || '(anonymous)';
  return kind === 'class' || value.name === '' ? `[${kind} ${name}]` : `[${kind}: ${name}]`;
}

/** `Foo` for what is no plain object. */
function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype === null ? '[Object: null prototype]' : (prototype.constructor?.name ?? 'Object');
}

function inspectObject(value: object, depth: number, above: readonly object[]): string {
  if (above.includes(value)) return '[Circular *1]';
  const name = className(value);
  if (depth < 0 && Object.keys(value).length > 0) return name.startsWith('[') ? name : `[${name}]`;
  if (value instanceof Error) return value.stack ?? String(value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const inner = (item: unknown): string => inspectValue(item, depth - 1, [...above, value]);
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  const parts = isList
    ? Array.from(value as ArrayLike<unknown>, inner)
    : Object.entries(value).map(([key, item]) => `${isName(key) ? key : quoted(key)}: ${inner(item)}`);
  const [open, close] = isList ? '[]' : '{}';
  const prefix = name === 'Object' || name === 'Array' ? '' : isList ? `${name}(${parts.length}) ` : `${name} `;
  return `${prefix}${open}${parts.length === 0 ? '' : ` ${parts.join(', ')} `}${close}`;
}

function inspectValue(value: unknown, depth: number, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return describeFunction(value);
    case 'object':
      return value === null ? 'null' : inspectObject(value, depth, above);
    default:
      return String(value);
  }
}

export function inspect(value: unknown, { depth = 2 }: { depth?: number } = {}): string {
  return inspectValue(value, depth, []);
}
