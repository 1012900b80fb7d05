/** Certificate data from the bindings' flat form to the seam's. */
import type * as bindings from '../../bindings/engine.js';
import { buffer } from './bytes.js';
import type { CertificateData } from './types.js';

/** Keys come from a certificate: without a prototype, each of them is just a key. */
function record<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i]!, flat[i + 1]!];
}

/** A key that occurs more than once has all its values in an array. */
function names(flat: readonly string[]): Record<string, string | string[]> {
  const result = record<string | string[]>();
  for (const [key, value] of pairs(flat)) {
    const earlier = result[key];
    if (earlier === undefined) result[key] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else result[key] = [earlier, value];
  }
  return result;
}

function lists(flat: readonly string[]): Record<string, string[]> {
  const result = record<string[]>();
  for (const [key, value] of pairs(flat)) (result[key] ??= []).push(value);
  return result;
}

export function toCertificateData(from: bindings.CertificateData): CertificateData {
  const isRsa = from.modulus !== '';
  return {
    subject: names(from.subject),
    issuer: names(from.issuer),
    ...(from.subjectAltName !== null && { subjectaltname: from.subjectAltName }),
    ...(from.infoAccess.length > 0 && { infoAccess: lists(from.infoAccess) }),
    ca: from.ca,
    ...(isRsa && { modulus: from.modulus }),
    ...(from.bits > 0 && { bits: from.bits }),
    ...(isRsa && { exponent: from.exponent }),
    ...(from.pubkey.length > 0 && { pubkey: buffer(from.pubkey) }),
    ...(from.asn1Curve !== '' && { asn1Curve: from.asn1Curve }),
    ...(from.nistCurve !== '' && { nistCurve: from.nistCurve }),
    valid_from: from.validFrom,
    valid_to: from.validTo,
    fingerprint: from.fingerprint,
    fingerprint256: from.fingerprint256,
    fingerprint512: from.fingerprint512,
    ...(from.extKeyUsage.length > 0 && { ext_key_usage: from.extKeyUsage }),
    serialNumber: from.serialNumber,
    raw: buffer(from.raw),
  };
}
