type Values = Record<string, string | string[]>;

export const escape = (text: string): string => encodeURIComponent(text);

export function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface ParseOptions {
  maxKeys?: number;
  decodeURIComponent?: (text: string) => string;
}

export function parse(text: string, separator = '&', equals = '=', options: ParseOptions = {}): Values {
  const { maxKeys = 1000, decodeURIComponent: decode = unescape } = options;
  const result = Object.create(null) as Values;
  if (typeof text !== 'string' || text === '') return result;
  const pairs = text.split(separator).filter((pair) => pair !== '');
  for (const pair of maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs) {
    const at = pair.indexOf(equals);
    const [key, value] = (at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + equals.length)]).map((part) =>
      decode(part.replaceAll('+', ' ')),
    ) as [string, string];
    const earlier = result[key];
    result[key] = earlier === undefined ? value : [earlier, value].flat();
  }
  return result;
}

function primitive(value: unknown): string {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : '';
}

interface StringifyOptions {
  encodeURIComponent?: (text: string) => string;
}

export function stringify(values: object, separator = '&', equals = '=', options: StringifyOptions = {}): string {
  const { encodeURIComponent: encode = escape } = options;
  return Object.entries((values ?? {}) as Record<string, unknown>)
    .flatMap(([key, value]) =>
      [value].flat().map((one) => `${encode(primitive(key))}${equals}${encode(primitive(one))}`),
    )
    .join(separator);
}

export { parse as decode, stringify as encode };
