import { isDeepEqual } from './equality.js';
import { inspect } from './util.js';

type Message = string | Error | undefined;
type Check = (...args: unknown[]) => unknown;

interface Details {
  message?: Message;
  actual?: unknown;
  expected?: unknown;
  operator?: string;
}

export class AssertionError extends Error {
  readonly code = 'ERR_ASSERTION';
  readonly generatedMessage: boolean;
  readonly actual: unknown;
  readonly expected: unknown;
  readonly operator: string | undefined;

  constructor({ message, actual, expected, operator = 'fail' }: Details) {
    super(String(message ?? `${inspect(actual)} ${operator} ${inspect(expected)}`));
    this.name = 'AssertionError';
    this.generatedMessage = message === undefined;
    Object.assign(this, { actual, expected, operator });
  }
}

function check(condition: unknown, details: Details): void {
  if (condition) return;
  if (details.message instanceof Error) throw details.message;
  throw new AssertionError(details);
}

/** An assertion that compares its two first arguments. */
function comparison(operator: string, holds: (actual: unknown, expected: unknown) => boolean) {
  return (actual: unknown, expected: unknown, message?: Message): void =>
    check(holds(actual, expected), { message, actual, expected, operator });
}

export function ok(value: unknown, message?: Message): void {
  check(value, { message: message ?? 'The expression evaluated to a falsy value', actual: value, operator: '==' });
}

export function fail(message: Message = 'Failed'): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message });
}

// eslint-disable-next-line eqeqeq -- what the function is
export const equal = comparison('==', (a, b) => a == b || (a !== a && b !== b));
// eslint-disable-next-line eqeqeq -- likewise
export const notEqual = comparison('!=', (a, b) => a != b && !(a !== a && b !== b));
export const strictEqual = comparison('strictEqual', Object.is);
export const notStrictEqual = comparison('notStrictEqual', (a, b) => !Object.is(a, b));
export const deepEqual = comparison('deepEqual', (a, b) => isDeepEqual(a, b, { strict: false }));
export const notDeepEqual = comparison('notDeepEqual', (a, b) => !isDeepEqual(a, b, { strict: false }));
export const deepStrictEqual = comparison('deepStrictEqual', (a, b) => isDeepEqual(a, b, { strict: true }));
export const notDeepStrictEqual = comparison('notDeepStrictEqual', (a, b) => !isDeepEqual(a, b, { strict: true }));
export const match = comparison('match', (text, pattern) => (pattern as RegExp).test(text as string));
export const doesNotMatch = comparison('doesNotMatch', (text, pattern) => !(pattern as RegExp).test(text as string));

export function ifError(value: unknown): void {
  if (value === null || value === undefined) return;
  throw value instanceof Error ? value : new AssertionError({ message: `ifError got ${inspect(value)}` });
}

/** Whether what was thrown is what `expected` describes: a class, a pattern, a function or properties. */
function matches(error: unknown, expected: unknown): boolean {
  if (expected === undefined || typeof expected === 'string') return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    const { prototype } = expected as { prototype?: unknown };
    if (prototype !== undefined && error instanceof (expected as new () => unknown)) return true;
    return Error.prototype.isPrototypeOf.call(Error, expected) ? false : (expected as Check)(error) === true;
  }
  return Object.entries(expected as object).every(([key, value]) => {
    const found: unknown = Reflect.get(error as object, key);
    return value instanceof RegExp ? value.test(String(found)) : isDeepEqual(found, value, { strict: true });
  });
}

function judge(error: unknown, expected: unknown, message: Message): void {
  if (!matches(error, expected)) check(false, { message, actual: error, expected, operator: 'throws' });
}

export function throws(work: () => unknown, expected?: unknown, message?: Message): void {
  try {
    work();
  } catch (error) {
    return judge(error, expected, message);
  }
  check(false, { message: message ?? 'Missing expected exception', operator: 'throws' });
}

export async function rejects(work: (() => unknown) | Promise<unknown>, expected?: unknown, message?: Message) {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return judge(error, expected, message);
  }
  check(false, { message: message ?? 'Missing expected rejection', operator: 'rejects' });
}

const lenient = {
  AssertionError, ok, fail, equal, notEqual, strictEqual, notStrictEqual, deepEqual, notDeepEqual, deepStrictEqual,
  notDeepStrictEqual, match, doesNotMatch, ifError, throws, rejects,
}; // prettier-ignore

export const strict = Object.assign((value: unknown, message?: Message) => ok(value, message), lenient, {
  equal: strictEqual,
  notEqual: notStrictEqual,
  deepEqual: deepStrictEqual,
  notDeepEqual: notDeepStrictEqual,
});
Object.assign(strict, { strict });

export default Object.assign((value: unknown, message?: Message) => ok(value, message), lenient, { strict });
