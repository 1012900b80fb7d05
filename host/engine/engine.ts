/** `Engine` over one wasm instance. */
import type * as bindings from '../../bindings/engine.js';
import { buffer } from './bytes.js';
import { toCertificateData } from './certificate.js';
import { asContext, Context, ServerNames } from './context.js';
import { Connection } from './connection.js';
import { Instance, throwFailure } from './instance.js';
import type {
  CertificateData,
  ConnectionOptions,
  ContextOptions,
  Engine,
  EngineConnection,
  EngineContext,
  EngineHooks,
  EngineServerNames,
} from './types.js';

class WasmEngine implements Engine {
  readonly #instance: Instance;
  readonly #roots: () => readonly Uint8Array[] | null;
  #trust: bindings.TrustStore | null = null;

  constructor(instance: Instance, roots: () => readonly Uint8Array[] | null) {
    this.#instance = instance;
    this.#roots = roots;
  }

  createContext(options: ContextOptions): EngineContext {
    return Context.create(this.#instance, options, options.ca === undefined ? this.#defaultTrust() : null);
  }

  parseRoots(pem: Uint8Array): Buffer[] {
    const { certificates, error } = this.#instance.call((module) => module.parseRoots(pem));
    throwFailure(error);
    return certificates.map(buffer);
  }

  addDefaultRoots(roots: readonly Uint8Array[]): void {
    const trust = this.#trust;
    if (trust !== null) throwFailure(this.#instance.call(() => trust.add(roots)));
  }

  forgetDefaultRoots(): void {
    if (this.#trust !== null) this.#instance.release(this.#trust);
    this.#trust = null;
  }

  createServerNames(): EngineServerNames {
    return new ServerNames(this.#instance);
  }

  createConnection(context: EngineContext, options: ConnectionOptions): EngineConnection {
    return new Connection(this.#instance, asContext(context), options);
  }

  cipherNames(): string[] {
    return this.#instance.call((module) => module.cipherNames());
  }

  opensslVersion(): string {
    return this.#instance.call((module) => module.opensslVersion());
  }

  checkServerIdentity(
    hostname: string,
    asciiName: string,
    claims: { subjectAltName: string | undefined; commonNames: string[]; hasSubject: boolean },
  ): string | null {
    return this.#instance.call((module) =>
      module.checkServerIdentity(
        hostname,
        asciiName,
        claims.subjectAltName ?? null,
        claims.commonNames,
        claims.hasSubject,
      ),
    );
  }

  describeCertificate(der: Uint8Array): CertificateData {
    const { certificate, error } = this.#instance.call((module) => module.describeCertificate(der));
    throwFailure(error);
    return toCertificateData(certificate!);
  }

  liveObjects(): number {
    return this.#instance.call((module) => module.liveObjects());
  }

  memoryBytes(): number {
    return this.#instance.bytes.length;
  }

  get trap(): Error | null {
    return this.#instance.trap;
  }

  /** Made for the first context that needs it and shared by all, which keep it alive. */
  #defaultTrust(): bindings.TrustStore {
    if (this.#trust !== null) return this.#trust;
    const roots = this.#roots() ?? [];
    const store = this.#instance.call((module) => module.createTrustStore(roots));
    throwFailure(this.#instance.call(() => store.error()));
    this.#trust = store;
    return store;
  }
}

/**
 * `roots` gives the default trust roots as DER, when a context first asks for them. Null when they are still on their way:
 * `addDefaultRoots()` brings them then.
 */
export function createEngine(hooks: EngineHooks, roots: () => readonly Uint8Array[] | null): Engine {
  return new WasmEngine(new Instance(hooks), roots);
}
