/** TLS versions by name, and the version ranges behind OpenSSL's method names. */
import { tls as errors } from './errors.js';

const versions = new Map<unknown, number>([
  ['TLSv1', 0x0301],
  ['TLSv1.1', 0x0302],
  ['TLSv1.2', 0x0303],
  ['TLSv1.3', 0x0304],
]);

export const TLS1_2 = 0x0303;
export const TLS1_3 = 0x0304;

export interface VersionRange {
  /** As on the wire; 0 is OpenSSL's own limit. */
  min: number;
  max: number;
}

export function versionNumber(which: 'minimum' | 'maximum', version: unknown): number {
  const number = versions.get(version);
  if (number === undefined) throw errors.invalidProtocolVersion(version, which);
  return number;
}

export type Role = 'client' | 'server';

const methodName = /^(SSLv2|SSLv3|SSLv23|TLS|TLSv1|TLSv1_1|TLSv1_2)_(?:(server|client)_)?method$/;

/** The role that 'TLS_server_method' and the like are for alone; undefined when it is either. */
export const methodRole = (method: string): Role | undefined => methodName.exec(method)?.[2] as Role | undefined;

/** `secureProtocol`: 'TLSv1_2_method', 'TLS_server_method', … `range` holds where the name says nothing. */
export function methodRange(method: string, range: VersionRange): VersionRange {
  const family = methodName.exec(method)?.[1];
  switch (family) {
    case 'SSLv2':
    case 'SSLv3':
      throw errors.invalidProtocolMethod(`${family} methods disabled`);
    case 'SSLv23':
      return { min: range.min, max: TLS1_2 };
    case 'TLS':
      return { min: 0, max: TLS1_3 };
    case undefined:
      throw errors.invalidProtocolMethod(`Unknown method: ${method}`);
    default: {
      const only = versionNumber('minimum', family.replace('_', '.'));
      return { min: only, max: only };
    }
  }
}
