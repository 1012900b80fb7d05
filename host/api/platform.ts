/**
 * What the API needs of the place where it runs, other than TLS. Everything that differs between Node and a browser is
 * behind this interface; nothing else in `host/api` asks where it is.
 */
import type * as net from 'node:net';
import type { X509Certificate } from 'node:crypto';
import type { CertificateData } from '../engine/types.js';

/** The part of `node:net` that TLS stands on. */
export type Net = Pick<typeof net, 'Socket' | 'Server' | 'isIP'>;

/** Command line options of Node's that concern TLS; undefined where one was not given. */
export interface CommandLine {
  readonly minVersion: string | undefined;
  readonly maxVersion: string | undefined;
  readonly cipherList: string | undefined;
  readonly keylogFile: string | undefined;
  readonly trace: boolean;
  /** `--use-openssl-ca`: the machine's roots instead of Mozilla's. */
  readonly opensslRoots: boolean;
  /** `--use-system-ca`: the machine's roots besides Mozilla's. */
  readonly systemRoots: boolean;
}

/** The certificates in a PEM file, as DER. Throws when one of them is malformed. */
export type ParsePem = (pem: Uint8Array) => Uint8Array[];

export interface Platform {
  readonly commandLine: CommandLine;
  nextTick(callback: () => void): void;
  /** After the I/O that is already waiting. */
  soon(callback: () => void): void;
  warn(message: string, type?: string, code?: string): void;
  /** `NODE_TLS_REJECT_UNAUTHORIZED=0` */
  allowsUnauthorized(): boolean;
  /** What servers have in common that may resume each other's sessions, unless the user says otherwise. */
  sessionIdContext(): string;
  /** Whether programs here know the codes of OpenSSL 3.2 and later; see `EngineHooks`. */
  readonly newAlertNames: boolean;
  /** IDNA: `bücher.de` is `xn--bcher-kva.de`. Empty for what is no domain name. */
  domainToAscii(name: string): string;
  /** Whether programs here know the errors that Node 24 makes of some bad arguments, or those of older ones. */
  readonly newArgumentErrors: boolean;
  writeTrace(text: string): void;
  appendKeylog(file: string, line: Buffer): void;
  /** Mozilla's roots, DER. Read at first use; null as long as `loadRootCertificates()` has not brought them. */
  rootCertificates(): readonly Uint8Array[] | null;
  /** Brings them where they are not at hand at once. */
  loadRootCertificates(): Promise<void>;
  /** What the user of the machine trusts beside them, `NODE_EXTRA_CA_CERTS`. */
  extraCertificates(parse: ParsePem): Uint8Array[];
  /** What the machine itself trusts. */
  systemCertificates(parse: ParsePem): Uint8Array[];
  /** The first of a chain of certificates, linked to its issuers; undefined for none. */
  x509Certificates(chain: readonly CertificateData[]): X509Certificate | undefined;
}
