/** `tls.SecureContext` and `tls.createSecureContext()`. */
import type { ContextOptions, EngineContext } from '../engine/types.js';
import { callable } from '../common/callable.js';
import { contextOptions, type RawOptions } from './context-options.js';
import { engineCall } from './engine-errors.js';
import { tls as errors } from './errors.js';
import { methodRange, methodRole, versionNumber, type Role, type VersionRange } from './protocol-version.js';
import type { Runtime } from './runtime.js';
import { ticketChooser } from './ticket-callback.js';
import { toBytes, validateInteger, validateString, validateStringOrView } from './validate.js';

/** An SSL_OP_… bit of OpenSSL. */
const cipherServerPreference = 0x40_0000;

/**
 * The engine's context as users find it under `secureContext.context`, with the names that Node's native object has there.
 * Nobody has to close it: the engine frees a context that was forgotten.
 */
export class ContextHandle {
  declare onticketkeycallback?: unknown;
  readonly #context: EngineContext;
  readonly #role: Role | undefined;

  constructor(context: EngineContext, role: Role | undefined) {
    this.#context = context;
    this.#role = role;
  }

  /** For `host/api` only. */
  static engineContext(handle: ContextHandle): EngineContext {
    return handle.#context;
  }

  /** For `host/api` only. */
  static serves(handle: ContextHandle, role: Role): boolean {
    return handle.#role === undefined || handle.#role === role;
  }

  addCACert(pem: unknown): void {
    validateStringOrView(pem, 'cert');
    engineCall(() => this.#context.addCa(toBytes(pem)));
  }

  addCRL(pem: unknown): void {
    validateStringOrView(pem, 'crl');
    engineCall(() => this.#context.addCrl(toBytes(pem)));
  }

  setCiphers(ciphers: unknown): void {
    validateString(ciphers, 'ciphers');
    engineCall(() => this.#context.setCiphers(ciphers));
  }

  /** Where native addons find Node's SSL_CTX. This one is in another memory, and has no address there. */
  get _external(): null {
    return ContextHandle.engineContext(this) && null;
  }

  getTicketKeys(): Buffer {
    return this.#context.ticketKeys();
  }

  setTicketKeys(keys: ArrayBufferView): true {
    this.#context.setTicketKeys(toBytes(keys));
    return true;
  }

  /** From now on `onticketkeycallback` decides for each ticket. */
  enableTicketKeyCallback(): void {
    this.#context.setTicketChooser(ticketChooser(new WeakRef(this)));
  }

  getCertificate(): Buffer | null {
    return this.#context.certificate();
  }

  getIssuer(): Buffer | null {
    return this.#context.issuer();
  }

  /** Connections that hold the context keep it alive. */
  close(): void {
    this.#context.dispose();
  }
}

interface SecureContextObject {
  readonly context: ContextHandle;
}

export type { SecureContextObject as SecureContext };

export interface SecureContextConstructor {
  new (
    secureProtocol?: unknown,
    secureOptions?: unknown,
    minVersion?: unknown,
    maxVersion?: unknown,
  ): SecureContextObject;
  (secureProtocol?: unknown, secureOptions?: unknown, minVersion?: unknown, maxVersion?: unknown): SecureContextObject;
  readonly prototype: SecureContextObject;
}

export interface SecureContexts {
  SecureContext: SecureContextConstructor;
  createSecureContext: (options?: unknown) => SecureContextObject;
  /** The engine's context of a SecureContext of this instance, or of an object with the same `context`. */
  engineContext(value: unknown): EngineContext;
  /** The same, and for a `context` by itself; null for anything else. */
  findEngineContext(value: unknown): EngineContext | null;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Marks a call of the constructor by `createSecureContext()`, which has options of its own. */
class FromOptions {
  constructor(readonly options: RawOptions) {}
}

export function defineSecureContext(runtime: Runtime): SecureContexts {
  // An instance's contexts are its own: memory of another one means nothing here.
  const own = new WeakSet<ContextHandle>();

  function versionRange(secureProtocol: unknown, minVersion: unknown, maxVersion: unknown): VersionRange {
    if (secureProtocol) {
      if (isGiven(minVersion)) throw errors.protocolVersionConflict(minVersion, secureProtocol);
      if (isGiven(maxVersion)) throw errors.protocolVersionConflict(maxVersion, secureProtocol);
    }
    const range = {
      min: versionNumber('minimum', minVersion ?? runtime.tls.DEFAULT_MIN_VERSION),
      max: versionNumber('maximum', maxVersion ?? runtime.tls.DEFAULT_MAX_VERSION),
    };
    return typeof secureProtocol === 'string' ? methodRange(secureProtocol, range) : range;
  }

  function optionBits(secureOptions: unknown): bigint {
    if (secureOptions) validateInteger(secureOptions, 'secureOptions');
    return BigInt.asUintN(64, BigInt((secureOptions as number | undefined) || 0));
  }

  /** What `new SecureContext()` makes: no certificate, no trust, OpenSSL's own ciphers. */
  const bare = (range: VersionRange): ContextOptions => ({
    minVersion: range.min,
    maxVersion: range.max,
    ca: [],
    ciphers: 'DEFAULT',
    cipherSuites: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
  });

  function open(options: ContextOptions, secureProtocol: unknown): ContextHandle {
    const context = engineCall(() => runtime.engine().createContext(options));
    for (const warning of context.warnings()) runtime.platform.warn(warning, 'SecurityWarning');
    const role = typeof secureProtocol === 'string' ? methodRole(secureProtocol) : undefined;
    const handle = new ContextHandle(context, role);
    own.add(handle);
    return handle;
  }

  class SecureContext {
    readonly context: ContextHandle;

    constructor(secureProtocol?: unknown, secureOptions?: unknown, minVersion?: unknown, maxVersion?: unknown) {
      if (secureProtocol instanceof FromOptions) {
        const { options } = secureProtocol;
        const range = versionRange(options.secureProtocol, options.minVersion, options.maxVersion);
        const bits = optionBits(
          options.honorCipherOrder ? (options.secureOptions as number) | cipherServerPreference : options.secureOptions,
        );
        const defaults = { ciphers: runtime.tls.DEFAULT_CIPHERS, ecdhCurve: runtime.tls.DEFAULT_ECDH_CURVE || 'auto' };
        this.context = open({ ...contextOptions(options, range, defaults), sslOptions: bits }, options.secureProtocol);
      } else {
        const range = versionRange(secureProtocol, minVersion, maxVersion);
        this.context = open({ ...bare(range), sslOptions: optionBits(secureOptions) }, secureProtocol);
      }
    }
  }

  function findEngineContext(value: unknown): EngineContext | null {
    const handle =
      value instanceof ContextHandle ? value : (value as Partial<SecureContextObject> | null | undefined)?.context;
    if (!(handle instanceof ContextHandle) || !own.has(handle)) return null;
    return ContextHandle.engineContext(handle);
  }

  return {
    SecureContext: callable(SecureContext) as SecureContextConstructor,
    createSecureContext: (options) => new SecureContext(new FromOptions((options || {}) as RawOptions)),
    engineContext(value) {
      const context = value instanceof ContextHandle ? null : findEngineContext(value);
      if (context === null) throw errors.invalidContext('context');
      return context;
    },
    findEngineContext,
  };
}
