/** Contexts, and tables of them by name. */
import type * as bindings from '../../bindings/engine.js';
import { buffer, bufferOrNull } from './bytes.js';
import { throwFailure, type Instance } from './instance.js';
import type { ContextOptions, EngineContext, EngineServerNames, TicketChooser } from './types.js';

type Handle = bindings.SecureContext;

function disposed(): Error {
  return new Error('This context has been disposed of');
}

export class Context implements EngineContext {
  readonly #instance: Instance;
  readonly trustsDefaults: boolean;
  #handle: Handle | null;

  constructor(instance: Instance, handle: Handle, trustsDefaults: boolean) {
    this.#instance = instance;
    this.#handle = handle;
    this.trustsDefaults = trustsDefaults;
    instance.releaseWhenForgotten(this, handle);
  }

  static create(instance: Instance, options: ContextOptions, trust: bindings.TrustStore | null): Context {
    const complete = completeOptions(options);
    const handle = instance.call((module) => module.createSecureContext(complete, trust));
    try {
      throwFailure(instance.call(() => handle.error()));
    } catch (error) {
      instance.release(handle);
      throw error;
    }
    return new Context(instance, handle, trust !== null);
  }

  /** For other parts of the engine; never kept. */
  handle(instance: Instance): Handle {
    if (this.#instance !== instance) throw new TypeError('This context belongs to another instance');
    if (this.#handle === null) throw disposed();
    return this.#handle;
  }

  /** A second owner of the same context. */
  share(): Context {
    const handle = this.handle(this.#instance);
    return new Context(
      this.#instance,
      this.#instance.call(() => handle.share()),
      this.trustsDefaults,
    );
  }

  warnings(): string[] {
    const handle = this.handle(this.#instance);
    return this.#instance.call(() => handle.warnings());
  }

  addCa(pem: Uint8Array): void {
    const handle = this.handle(this.#instance);
    throwFailure(this.#instance.call(() => handle.addCa(pem)));
  }

  addCrl(pem: Uint8Array): void {
    const handle = this.handle(this.#instance);
    throwFailure(this.#instance.call(() => handle.addCrl(pem)));
  }

  setCiphers(ciphers: string): void {
    const handle = this.handle(this.#instance);
    throwFailure(this.#instance.call(() => handle.setCiphers(ciphers)));
  }

  ticketKeys(): Buffer {
    const handle = this.handle(this.#instance);
    return buffer(this.#instance.call(() => handle.ticketKeys()));
  }

  setTicketKeys(keys: Uint8Array): void {
    const handle = this.handle(this.#instance);
    throwFailure(this.#instance.call(() => handle.setTicketKeys(keys)));
  }

  setTicketChooser(choose: TicketChooser): void {
    const handle = this.handle(this.#instance);
    this.#instance.call(() => handle.setTicketChooser(choose));
  }

  certificate(): Buffer | null {
    const handle = this.handle(this.#instance);
    return bufferOrNull(this.#instance.call(() => handle.certificate()));
  }

  issuer(): Buffer | null {
    const handle = this.handle(this.#instance);
    return bufferOrNull(this.#instance.call(() => handle.issuer()));
  }

  dispose(): void {
    if (this.#handle === null) return;
    this.#instance.remember(this);
    this.#instance.release(this.#handle);
    this.#handle = null;
  }
}

export class ServerNames implements EngineServerNames {
  readonly #instance: Instance;
  #handle: bindings.ServerNameMap | null;
  /** The table's own, at the index by which the engine's table finds them. */
  readonly #contexts: Context[] = [];
  /** Where each pattern's is. */
  readonly #indices = new Map<string, number>();

  constructor(instance: Instance) {
    this.#instance = instance;
    const handle = instance.call((module) => new module.ServerNameMap());
    this.#handle = handle;
    instance.releaseWhenForgotten(this, handle);
  }

  get #open(): bindings.ServerNameMap {
    if (this.#handle === null) throw new Error('This table has been disposed of');
    return this.#handle;
  }

  add(pattern: string, context: EngineContext): void {
    const handle = this.#open;
    const own = asContext(context).share();
    const contextHandle = own.handle(this.#instance);
    const name = pattern.toLowerCase();
    const index = this.#indices.get(name) ?? this.#contexts.length;
    this.#indices.set(name, index);
    // One that was here before may still be in use: it goes when it is forgotten.
    this.#contexts[index] = own;
    this.#instance.call(() => handle.add(pattern, contextHandle, index));
  }

  find(servername: string): EngineContext | null {
    const handle = this.#open;
    const index = this.#instance.call(() => handle.find(servername));
    return this.#contexts[index] ?? null;
  }

  dispose(): void {
    if (this.#handle === null) return;
    this.#instance.remember(this);
    this.#instance.release(this.#handle);
    this.#handle = null;
    for (const context of this.#contexts.splice(0)) context.dispose();
  }
}

export function asContext(context: EngineContext): Context {
  if (!(context instanceof Context)) throw new TypeError('This context belongs to another engine');
  return context;
}

function completeOptions(options: ContextOptions): bindings.SecureContextOptions {
  return {
    minVersion: options.minVersion ?? 0,
    maxVersion: options.maxVersion ?? 0,
    cert: options.cert ?? [],
    key: options.key ?? [],
    pfx: options.pfx ?? [],
    ca: options.ca ?? null,
    crl: options.crl ?? [],
    allowPartialTrustChain: options.allowPartialTrustChain ?? false,
    ciphers: options.ciphers ?? '',
    cipherSuites: options.cipherSuites ?? '',
    sigalgs: options.sigalgs ?? '',
    groups: options.groups ?? '',
    dhParameters: options.dhParameters ?? null,
    dhAuto: options.dhAuto ?? false,
    sessionIdContext: options.sessionIdContext ?? '',
    sessionTimeout: options.sessionTimeout ?? null,
    ticketKeys: options.ticketKeys ?? null,
    sslOptions: BigInt(options.sslOptions ?? 0),
  };
}
