/**
 * Roots of trust: `tls.rootCertificates`, `tls.getCACertificates()` and `tls.setDefaultCACertificates()`, and what a
 * context trusts that was given no `ca`.
 */
import { engineCall } from './engine-errors.js';
import { invalidArgType, invalidArgValue, plainError } from './errors.js';
import { lazy } from './lazy.js';
import type { Runtime } from './runtime.js';
import { toBytes, validateString } from './validate.js';

type Der = Uint8Array;

export interface CaCertificates {
  /** What a context trusts that was given no `ca`. */
  defaultRoots: () => readonly Der[];
  rootCertificates: () => readonly string[];
  getCACertificates: (type?: unknown) => readonly string[];
  setDefaultCACertificates: (certs: unknown) => void;
}

function toPem(der: Der): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n');
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

  const bundled = lazy(() => platform.rootCertificates());
  const extra = lazy(() => distinct(platform.extraCertificates(parse)));
  const system = lazy(() => distinct(platform.systemCertificates(parse)));
  /** Null until somebody sets others. */
  let chosen: Der[] | null = null;

  function defaultRoots(): readonly Der[] {
    if (chosen !== null) return chosen;
    if (opensslRoots) return [...system(), ...extra()];
    return systemRoots ? [...bundled(), ...system(), ...extra()] : [...bundled(), ...extra()];
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
      runtime.engine().forgetDefaultRoots();
    },
  };
}
