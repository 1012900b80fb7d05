/** `util.format()` and `util.inspect()`, as far as messages need them. */
import objectInspect from 'object-inspect';

const custom = Symbol.for('nodejs.util.inspect.custom');

export function inspectForm(value: unknown, options: { depth?: number | null }): string {
  const { depth } = options;
  if (typeof value === 'object' && value !== null) {
    const own: unknown = Reflect.get(value, custom);
    if (typeof own === 'function') {
      const shown: unknown = own.call(value, depth ?? 2, options, inspectForm);
      return typeof shown === 'string' ? shown : inspectForm(shown, options);
    }
    if (value instanceof Error && value.stack !== undefined) return value.stack;
  }
  return objectInspect(value, {
    depth: typeof depth === 'number' && depth >= 0 ? depth + 1 : depth === null ? Infinity : 3,
  });
}

function number(value: unknown, parse: (text: string) => number): string {
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'symbol'
    ? 'NaN'
    : String(typeof value === 'number' && parse === Number ? value : parse(String(value)));
}

function text(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'object' && value !== null ? inspectForm(value, { depth: 0 }) : String(value);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return '[Circular]';
  }
}

const conversions: Record<string, (value: unknown) => string> = {
  s: text,
  d: (value) => number(value, Number),
  i: (value) => number(value, (digits) => parseInt(digits, 10)),
  f: (value) => number(value, parseFloat),
  j: json,
  o: (value) => inspectForm(value, { depth: 4 }),
  O: (value) => inspectForm(value, {}),
  c: () => '',
};

export function format(...args: unknown[]): string {
  const rest = [...args];
  let start = '';
  if (typeof rest[0] === 'string') {
    start = (rest.shift() as string).replace(/%([sdifjoOc%])/g, (match, letter: string) => {
      if (letter === '%') return args.length > 1 ? '%' : match;
      const convert = conversions[letter];
      return rest.length === 0 || convert === undefined ? match : convert(rest.shift());
    });
    if (rest.length === 0) return start;
    start += ' ';
  }
  return start + rest.map((value) => (typeof value === 'string' ? value : inspectForm(value, {}))).join(' ');
}

/** There is no NODE_DEBUG in a browser. */
export function debuglog(): (() => void) & { enabled: boolean } {
  return Object.assign(() => {}, { enabled: false });
}
