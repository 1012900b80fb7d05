/** One instance of the library: its engine, its classes, and the module object that its user holds. */
import type { Engine, EngineContext } from '../engine/types.js';
import type { Defaults } from './defaults.js';
import type { Net, Platform } from './platform.js';
import type { SecureContext, SecureContexts } from './secure-context.js';

/**
 * What this library itself looks up on the module object at each use, because programs assign to it: default values, and
 * functions that they wrap with their own.
 */
export interface Overridable extends Defaults {
  createSecureContext: (options?: unknown) => SecureContext;
  checkServerIdentity: (hostname: string, certificate: object) => Error | undefined;
}

export interface Runtime {
  readonly net: Net;
  readonly platform: Platform;
  readonly contexts: SecureContexts;
  readonly tls: Overridable;
  /** The default roots, while a context that trusts them has to wait for them; null when it has not. */
  rootsToCome(context: EngineContext): Promise<void> | null;
  /** Made by the first call. */
  engine(): Engine;
  /** Null as long as nobody has needed it, for whom it need not be made. */
  madeEngine(): Engine | null;
}
