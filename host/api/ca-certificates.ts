/**
 * Roots of trust: `tls.rootCertificates`, `tls.getCACertificates()` and `tls.setDefaultCACertificates()`, and what a
 * context trusts that was given no `ca`.
 */
import { engineCall } from './engine-errors.js';
import { invalidArgType, invalidArgValue, plainError, tls as errors } from './errors.js';
import { lazy } from './lazy.js';
import { toPem } from './pem.js';
import type { Runtime } from './runtime.js';
import { toBytes, validateString } from './validate.js';

type Der = Uint8Array;

export interface CaCertificates {
  /** What a context trusts that was given no `ca`; null while it is still to be loaded. */
  defaultRoots: () => readonly Der[] | null;
  loadRootCertificates: () => Promise<void>;
  rootsToCome: Runtime['rootsToCome'];
  rootCertificates: () => readonly string[];
  getCACertificates: (type?: unknown) => readonly string[];
  setDefaultCACertificates: (certs: unknown) => void;
}

/** As OpenSSL writes them, and so Node the certificates that it read itself. */
const pemList = (roots: readonly Der[]): readonly string[] => Object.freeze(roots.map((der) => `${toPem(der)}\n`));

/** A directory for OpenSSL has every certificate twice: under its name and under the hash of its subject. */
function distinct(roots: readonly Der[]): Der[] {
  const byContents = new Map<string, Der>();
  for (const root of roots) byContents.set(Buffer.from(root).toString('latin1'), root);
  return [...byContents.values()];
}

function checkedList(certs: unknown): Uint8Array[] {
  if (!Array.isArray(certs)) throw invalidArgType('certs', 'Array', certs);
  return Array.from(certs as unknown[], (cert, index) => {
    if (typeof cert === 'string' || ArrayBuffer.isView(cert)) return toBytes(cert);
    throw invalidArgType(`certs[${index}]`, ['string', 'ArrayBufferView'], cert);
  });
}

export function defineCaCertificates(runtime: Runtime): CaCertificates {
  const { platform } = runtime;
  const { opensslRoots, systemRoots } = platform.commandLine;
  const parse = (pem: Uint8Array): Der[] => engineCall(() => runtime.engine().parseRoots(pem));

  const bundled = (): readonly Der[] => {
    const roots = platform.rootCertificates();
    if (roots === null) throw errors.rootsNotLoaded();
    return roots;
  };
  const extra = lazy(() => distinct(platform.extraCertificates(parse)));
  const system = lazy(() => distinct(platform.systemCertificates(parse)));
  /** Null until somebody sets others. */
  let chosen: Der[] | null = null;

  /** Asked for each connection. */
  const areToCome = (): boolean => chosen === null && !opensslRoots && platform.rootCertificates() === null;

  function defaultRoots(): readonly Der[] | null {
    if (chosen !== null) return chosen;
    if (areToCome()) return null;
    if (opensslRoots) return [...system(), ...extra()];
    return systemRoots ? [...bundled(), ...system(), ...extra()] : [...bundled(), ...extra()];
  }

  /** One attempt for all who wait; a failed one is over, and the next who asks begins another. */
  let attempt: Promise<void> | null = null;

  async function load(): Promise<void> {
    try {
      await platform.loadRootCertificates();
      // Contexts that exist already look into the store that they share.
      if (chosen === null) engineCall(() => runtime.madeEngine()?.addDefaultRoots(defaultRoots() ?? []));
    } finally {
      attempt = null;
    }
  }

  const rootCertificates = lazy(() => Object.freeze(bundled().map(toPem)));
  const extraList = lazy(() => pemList(extra()));
  const systemList = lazy(() => pemList(system()));
  const startList = lazy(() =>
    Object.freeze([
      ...(opensslRoots ? [] : rootCertificates()),
      ...(opensslRoots || systemRoots ? systemList() : []),
      ...extraList(),
    ]),
  );
  let chosenList = startList;

  return {
    defaultRoots,
    rootCertificates,
    loadRootCertificates: () => (platform.rootCertificates() === null ? (attempt ??= load()) : Promise.resolve()),
    rootsToCome: (context) => (context.trustsDefaults && areToCome() ? (attempt ??= load()) : null),

    getCACertificates(type = 'default') {
      validateString(type, 'type');
      switch (type) {
        case 'default':
          return chosenList();
        case 'bundled':
          return rootCertificates();
        case 'system':
          return systemList();
        case 'extra':
          return extraList();
        default:
          throw invalidArgValue('type', type);
      }
    },

    setDefaultCACertificates(certs) {
      const list = checkedList(certs);
      const roots = distinct(list.flatMap(parse));
      if (roots.length === 0 && list.length > 0) {
        const message = 'No valid certificates found in the provided array';
        throw plainError(Error, 'ERR_CRYPTO_OPERATION_FAILED', message);
      }
      chosen = roots;
      chosenList = lazy(() => pemList(roots));
      runtime.madeEngine()?.forgetDefaultRoots();
    },
  };
}
