import { debuglog, format, inspectForm } from './format.js';
import { isDeepEqual } from './equality.js';
import * as types from './util-types.js';

type Callback = (error: unknown, value?: unknown) => void;
type Function = (this: unknown, ...args: unknown[]) => unknown;

export { debuglog, debuglog as debug, format, types };
export const { TextDecoder, TextEncoder } = globalThis;

/** `showHidden`, `colors` and the like have no meaning for what is printed to nobody's terminal. */
function inspectObject(value: unknown, options: { depth?: number | null } | boolean = {}): string {
  return inspectForm(value, typeof options === 'object' ? options : {});
}

export const inspect = Object.assign(inspectObject, {
  custom: Symbol.for('nodejs.util.inspect.custom'),
  defaultOptions: {},
  colors: {},
  styles: {},
});

export function formatWithOptions(_options: object, ...args: unknown[]): string {
  return format(...args);
}

export function inherits(constructor: { prototype: object }, parent: { prototype: object }): void {
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

const custom = Symbol.for('nodejs.util.promisify.custom');

function promisifyFunction(original: Function & { [custom]?: Function }): Function {
  if (typeof original !== 'function') throw new TypeError('The "original" argument must be of type function');
  const own = original[custom];
  if (own !== undefined) return own;
  const promised: Function = function (...args) {
    return new Promise((resolve, reject) => {
      const callback: Callback = (error, value) => (error ? reject(error as Error) : resolve(value));
      original.call(this, ...args, callback);
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original) as object);
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
}

export const promisify = Object.assign(promisifyFunction, { custom });

export function callbackify(original: (...args: unknown[]) => Promise<unknown>) {
  return function (this: unknown, ...args: unknown[]): void {
    const callback = args.pop() as Callback;
    original.apply(this, args).then(
      (value) => queueMicrotask(() => callback(null, value)),
      (error: unknown) => queueMicrotask(() => callback(error ?? new Error('Promise was rejected with a falsy value'))),
    );
  };
}

/** Warns once, of each. */
export function deprecate(original: Function, message: string): Function {
  let warned = false;
  const deprecated: Function = function (...args) {
    if (!warned) console.warn(`DeprecationWarning: ${message}`);
    warned = true;
    return new.target ? (Reflect.construct(original, args, new.target) as unknown) : original.apply(this, args);
  };
  Object.setPrototypeOf(deprecated, original);
  deprecated.prototype = original.prototype as unknown;
  return deprecated;
}

export function isDeepStrictEqual(left: unknown, right: unknown): boolean {
  return isDeepEqual(left, right, { strict: true });
}

// eslint-disable-next-line no-control-regex -- control sequences are what it is about
const controlSequences = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g;

export function stripVTControlCharacters(text: string): string {
  return text.replace(controlSequences, '');
}

export function toUSVString(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

export const { isArray } = Array;
export const isBuffer = (value: unknown): boolean => value instanceof Uint8Array && 'readUInt8' in value;
export const isError = (value: unknown): boolean => value instanceof Error;
export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isString = (value: unknown): boolean => typeof value === 'string';
export const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
export { isDate, isRegExp } from './util-types.js';
