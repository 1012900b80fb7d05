/**
 * `crypto.X509Certificate` as far as a browser can have it: everything that a certificate says, in Node's words. What needs
 * node:crypto to look at it is refused.
 */
import type { X509Certificate as NodeCertificate } from 'node:crypto';
import { codedError } from '../common/errors.js';
import { toPem } from '../api/pem.js';
import type { CertificateData } from '../engine/types.js';

type Names = Record<string, string | string[]>;

/** One `key=value` in each line. */
function lines(names: Names | undefined, separator: string): string {
  return Object.entries(names ?? {})
    .flatMap(([key, values]) => [values].flat().map((value) => `${key}${separator}${value}`))
    .join('\n');
}

function unavailable(name: string): never {
  throw codedError(
    Error,
    'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
    `X509Certificate.${name} is a part of node:crypto that a browser does not have`,
  );
}

class X509Certificate {
  readonly #data: CertificateData;
  readonly issuerCertificate: X509Certificate | undefined;

  constructor(data: CertificateData, issuer: X509Certificate | undefined) {
    this.#data = data;
    this.issuerCertificate = issuer;
  }

  get subject(): string {
    return lines(this.#data.subject, '=');
  }
  get subjectAltName(): string | undefined {
    return this.#data.subjectaltname;
  }
  get issuer(): string {
    return lines(this.#data.issuer, '=');
  }
  get infoAccess(): string | undefined {
    const { infoAccess } = this.#data;
    return infoAccess && `${lines(infoAccess, ':')}\n`;
  }
  get validFrom(): string {
    return this.#data.valid_from;
  }
  get validTo(): string {
    return this.#data.valid_to;
  }
  get validFromDate(): Date {
    return new Date(this.#data.valid_from);
  }
  get validToDate(): Date {
    return new Date(this.#data.valid_to);
  }
  get fingerprint(): string {
    return this.#data.fingerprint;
  }
  get fingerprint256(): string {
    return this.#data.fingerprint256;
  }
  get fingerprint512(): string {
    return this.#data.fingerprint512;
  }
  get keyUsage(): string[] | undefined {
    return this.#data.ext_key_usage;
  }
  get serialNumber(): string {
    return this.#data.serialNumber;
  }
  get raw(): Buffer {
    return this.#data.raw;
  }
  get ca(): boolean {
    return this.#data.ca;
  }
  get publicKey(): never {
    return unavailable('publicKey');
  }

  checkHost(): never {
    return unavailable('checkHost()');
  }
  checkEmail(): never {
    return unavailable('checkEmail()');
  }
  checkIP(): never {
    return unavailable('checkIP()');
  }
  checkIssued(): never {
    return unavailable('checkIssued()');
  }
  checkPrivateKey(): never {
    return unavailable('checkPrivateKey()');
  }
  verify(): never {
    return unavailable('verify()');
  }

  toLegacyObject(): CertificateData {
    return { ...this.#data };
  }
  toString(): string {
    return `${toPem(this.#data.raw)}\n`;
  }
  toJSON(): string {
    return this.toString();
  }
}

/** The first of a chain, linked to its issuers. */
export function linkedCertificates(chain: readonly CertificateData[]): NodeCertificate | undefined {
  const first = chain.reduceRight<X509Certificate | undefined>(
    (issuer, data) => new X509Certificate(data, issuer),
    undefined,
  );
  return first as unknown as NodeCertificate | undefined;
}
