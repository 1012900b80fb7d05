/**
 * What the API needs of the place where it runs, other than TLS. Everything that differs between Node and a browser is
 * behind this interface; nothing else in `host/api` asks where it is.
 */
import type * as net from 'node:net';
import type { X509Certificate } from 'node:crypto';

/** The part of `node:net` that TLS stands on. */
export type Net = Pick<typeof net, 'Socket' | 'Server' | 'isIP'>;

/** Command line options of Node's that concern TLS; undefined where one was not given. */
export interface CommandLine {
  readonly minVersion: string | undefined;
  readonly maxVersion: string | undefined;
  readonly cipherList: string | undefined;
  readonly keylogFile: string | undefined;
  readonly trace: boolean;
}

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
  writeTrace(text: string): void;
  appendKeylog(file: string, line: Buffer): void;
  /** Mozilla's roots, DER. Read at first use. */
  rootCertificates(): readonly Uint8Array[];
  x509Certificate(der: Uint8Array): X509Certificate;
}
