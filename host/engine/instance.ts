/**
 * One wasm instance, and the only way into it. Every call goes through `call()` or, where a closure would be felt,
 * between `check()` and `poison()`: once the code in there has trapped, its memory cannot be trusted, so nothing enters it
 * again. Other instances and the process are not concerned.
 */
import type { ErrorData } from '../../bindings/engine.js';
import { instantiate, type EngineModule } from './loader.js';
import { fillRandom } from './platform.js';
import { EngineFailure, type EngineError, type EngineHooks } from './types.js';

/** Whatever Embind calls a class handle. */
export interface Handle {
  delete(): void;
}

export const trapCode = 'ERR_WASM_TLS_TRAP';

export class TrapError extends Error {
  readonly code = trapCode;
  constructor(cause: unknown) {
    super('The WebAssembly instance that runs TLS has trapped and is lost', { cause });
  }
}

/** Embind throws these before it enters wasm, for arguments that it cannot convert. */
function isConversionError(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === 'BindingError');
}

interface Forgotten {
  readonly instance: WeakRef<Instance>;
  readonly handle: WeakRef<Handle>;
}

/**
 * Frees what its owner forgot: contexts are held by users, who never heard of freeing anything.
 *
 * One for all instances, because it must outlive them: when a registry is collected while V8 is about to call it, V8 never
 * again calls any (Node 20 to 24). So it holds nothing that would keep an instance from being collected.
 */
const forgotten = new FinalizationRegistry<Forgotten>(({ instance, handle }) => {
  const known = handle.deref();
  if (known !== undefined) instance.deref()?.release(known);
});

export class Instance {
  readonly #module: EngineModule;
  /** What `#words` was made of. */
  #viewed: Uint8Array<ArrayBuffer>;
  #words: Uint32Array;
  #trap: TrapError | null = null;
  /** What is to be freed when its owner is forgotten: nobody else may remember it then. */
  readonly #kept = new Set<object>();

  constructor(hooks: EngineHooks) {
    this.#module = instantiate({ fillRandom: randomSource(hooks.random), now: clock(hooks.now) });
    this.#viewed = this.#module.HEAPU8;
    this.#words = new Uint32Array(this.#viewed.buffer);
    throwFailure(this.call((module) => module.init(hooks.newAlertNames ?? false)));
  }

  get trap(): Error | null {
    return this.#trap;
  }

  /** For the calls between `check()` and `poison()`. */
  get module(): EngineModule {
    return this.#module;
  }

  /** All of memory. Not to be kept: growth replaces it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#module.HEAPU8;
  }

  /** The same as 32-bit words. */
  get words(): Uint32Array {
    const bytes = this.#module.HEAPU8;
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#words = new Uint32Array(bytes.buffer);
    }
    return this.#words;
  }

  check(): void {
    if (this.#trap !== null) throw this.#trap;
  }

  /** What to throw instead of `error`, which came out of wasm. */
  poison(error: unknown): unknown {
    if (isConversionError(error)) return error;
    // The code is lost even when the error was JavaScript's own, a stack overflow say: it was cut off in the middle.
    this.#trap ??= new TrapError(error);
    return this.#trap;
  }

  /** `enter` does nothing but enter: whatever it throws is taken to come out of wasm. */
  call<T>(enter: (module: EngineModule) => T): T {
    this.check();
    try {
      return enter(this.#module);
    } catch (error) {
      throw this.poison(error);
    }
  }

  /** Frees `handle`; in a lost instance there is nothing left to free. Never throws. */
  release(handle: Handle): void {
    this.letGo(handle);
    if (this.#trap !== null) return;
    try {
      handle.delete();
    } catch (error) {
      this.poison(error);
    }
  }

  /** Lets `object` live as long as the instance, or until `letGo()`. */
  keep(object: object): void {
    this.#kept.add(object);
  }

  letGo(object: object): void {
    this.#kept.delete(object);
  }

  /** Releases `handle` some time after `owner` was dropped. `owner` is the token for `remember()`. */
  releaseWhenForgotten(owner: object, handle: Handle): void {
    this.keep(handle);
    forgotten.register(owner, { instance: new WeakRef(this), handle: new WeakRef(handle) }, owner);
  }

  /** `owner` was freed in time. */
  remember(owner: object): void {
    forgotten.unregister(owner);
  }
}

export function toEngineError(data: ErrorData): EngineError {
  return { ...data, kind: data.kind as EngineError['kind'] };
}

export function throwFailure(data: ErrorData | undefined): void {
  if (data !== undefined) throw new EngineFailure(toEngineError(data));
}

function randomSource(random: EngineHooks['random']): (target: Uint8Array) => boolean {
  return (target) => {
    try {
      if (random === undefined) {
        fillRandom(target);
        return true;
      }
      // A stranger's function must not get hold of wasm memory.
      const bytes = new Uint8Array(target.length);
      random(bytes);
      target.set(bytes);
      bytes.fill(0);
      return true;
    } catch {
      // OpenSSL then says that there are no random bytes, and the operation fails.
      return false;
    }
  };
}

function clock(now: EngineHooks['now']): () => number {
  if (now === undefined) return Date.now;
  return () => {
    try {
      return Number(now());
    } catch {
      return Date.now();
    }
  };
}
