/**
 * What a browser cannot do: there when a library is loaded, an error when it is used. The build fills the modules of this
 * folder up with it, so that every name of Node's can be imported.
 */
import { plainError, type CodedError } from '../../common/errors.js';

type Function = (...args: unknown[]) => unknown;

export function unavailable(name: string): CodedError {
  return plainError(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', `${name} is not available in a browser`);
}

/** Can be called, constructed and extended as far as the error. */
function throwing(name: string): Function {
  return function absent() {
    throw unavailable(name);
  };
}

/** Tells its callback, where it is called with one. */
function answering(name: string): Function {
  return (...args) => {
    const callback = args.at(-1);
    if (typeof callback !== 'function') throw unavailable(name);
    queueMicrotask(() => (callback as (error: Error) => void)(unavailable(name)));
    return undefined;
  };
}

function rejecting(name: string): Function {
  return () => Promise.reject(unavailable(name));
}

const kinds = { throwing, answering, rejecting };

/** An object of functions that refuse, each in the manner of its module. `names` are separated by spaces. */
export function absent(module: string, kind: keyof typeof kinds, names: string): Record<string, Function> {
  const isSynchronous = /^[A-Z]|Sync$|Stream$/;
  return Object.fromEntries(
    names.split(' ').map((name) => {
      const make = kind === 'answering' && isSynchronous.test(name) ? throwing : kinds[kind];
      return [name, make(`${module}.${name}`)];
    }),
  );
}

/** Gives an object that is there already what it lacks. */
export function complete<T extends object>(target: T, rest: object): T {
  for (const [name, value] of Object.entries(rest)) {
    if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return target;
}
