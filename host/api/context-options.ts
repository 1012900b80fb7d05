/**
 * The options of `tls.createSecureContext()`: checked in Node's order and words, and brought into the engine's form.
 * What is in them (PEM, cipher names, …) is for the engine to judge.
 */
import type { ContextOptions } from '../engine/types.js';
import { splitCiphers } from './ciphers.js';
import { customEngineNotSupported, invalidArgType, invalidArgValue, plainError } from './errors.js';
import { TLS1_2, TLS1_3, type VersionRange } from './protocol-version.js';
import {
  toBytes,
  validateInt32,
  validateObject,
  validateString,
  validateStringOrView,
  validateView,
} from './validate.js';

/** Options as users write them: of any type until they are checked. */
export type RawOptions = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function pemList(value: unknown, name: string): Uint8Array[] {
  return listOf(value).map((pem) => {
    validateStringOrView(pem, name);
    return toBytes(pem);
  });
}

function passphraseBytes(passphrase: unknown, name: string): Uint8Array | undefined {
  if (passphrase === undefined || passphrase === null) return undefined;
  validateString(passphrase, name);
  return toBytes(passphrase);
}

/** Only the members of an array may be objects with a passphrase of their own. */
const memberOf = (option: unknown, entry: unknown): RawOptions =>
  Array.isArray(option) && entry !== null && entry !== undefined ? (entry as RawOptions) : {};

/** An array's members may be `{ pem, passphrase }`. */
function keyList(key: unknown, commonPassphrase: unknown): NonNullable<ContextOptions['key']> {
  return listOf(key).map((entry) => {
    const { pem, passphrase } = memberOf(key, entry);
    const contents: unknown = pem === undefined ? entry : pem;
    validateStringOrView(contents, 'options.key');
    const secret = passphrase === undefined ? commonPassphrase : passphrase;
    return { pem: toBytes(contents), passphrase: passphraseBytes(secret, 'options.passphrase') };
  });
}

function pfxBytes(value: unknown): Uint8Array {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) return toBytes(value);
  throw plainError(Error, 'ERR_CRYPTO_OPERATION_FAILED', 'Unable to load PFX certificate');
}

function pfxPassphrase(value: unknown): Uint8Array {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) return toBytes(value);
  throw plainError(TypeError, 'ERR_INVALID_ARG_TYPE', 'Pass phrase must be a buffer');
}

/** An array's members may be `{ buf, passphrase }`. */
function pfxList(pfx: unknown, commonPassphrase: unknown): NonNullable<ContextOptions['pfx']> {
  return listOf(pfx).map((entry) => {
    const { buf, passphrase } = Array.isArray(pfx) ? (entry as RawOptions) : {};
    const secret: unknown = passphrase || commonPassphrase;
    const der = pfxBytes(buf || entry);
    return secret ? { der, passphrase: pfxPassphrase(secret) } : { der };
  });
}

/** Engines cannot be loaded into a sandbox, and asking for one is never overlooked. */
function refuseEngines(options: RawOptions): void {
  const { clientCertEngine, key, privateKeyEngine, privateKeyIdentifier } = options;
  const types = ['string', 'null', 'undefined'];
  if (privateKeyIdentifier !== undefined && privateKeyIdentifier !== null) {
    if (privateKeyEngine === undefined || privateKeyEngine === null) {
      throw invalidArgValue('options.privateKeyEngine', privateKeyEngine);
    }
    if (key) throw invalidArgValue('options.privateKeyIdentifier', privateKeyIdentifier);
    if (typeof privateKeyIdentifier !== 'string') {
      throw invalidArgType('options.privateKeyIdentifier', types, privateKeyIdentifier);
    }
    if (typeof privateKeyEngine !== 'string') throw invalidArgType('options.privateKeyEngine', types, privateKeyEngine);
    throw customEngineNotSupported();
  }
  if (typeof clientCertEngine === 'string') throw customEngineNotSupported();
  if (clientCertEngine !== undefined && clientCertEngine !== null) {
    throw invalidArgType('options.clientCertEngine', types, clientCertEngine);
  }
}

const compressors: readonly unknown[] = ['zlib', 'brotli', 'zstd'];

/** RFC 8879. There is no compressor in the engine, so that any that is asked for is one too many. */
function refuseCompression(algorithms: unknown): void {
  const name = 'options.certificateCompression';
  if (algorithms === undefined || algorithms === null) return;
  if (!Array.isArray(algorithms)) throw invalidArgType(name, 'Array', algorithms);
  algorithms.forEach((algorithm: unknown, index) => {
    if (compressors.includes(algorithm)) return;
    throw invalidArgValue(`${name}[${index}]`, algorithm, "must be 'zlib', 'brotli', or 'zstd'");
  });
  if (algorithms.length === 0) return;
  throw plainError(Error, 'ERR_CRYPTO_OPERATION_FAILED', 'Failed to set certificate compression preference');
}

function protocolOptions(options: RawOptions, range: VersionRange, defaults: ContextDefaults): ContextOptions {
  const { ciphers = defaults.ciphers, ecdhCurve = defaults.ecdhCurve, sigalgs } = options;
  if (ciphers !== null) validateString(ciphers, 'options.ciphers');
  const lists = splitCiphers(ciphers || defaults.ciphers, 'options.ciphers');
  const result: ContextOptions = { minVersion: range.min, maxVersion: range.max, ...lists };
  // Suites of TLS 1.3 alone mean TLS 1.3 alone.
  if (lists.ciphers === '' && range.min < TLS1_3 && range.max > TLS1_2) result.minVersion = TLS1_3;

  if (sigalgs !== undefined && sigalgs !== null) {
    validateString(sigalgs, 'options.sigalgs');
    if (sigalgs === '') throw invalidArgValue('options.sigalgs', sigalgs);
    result.sigalgs = sigalgs;
  }
  validateString(ecdhCurve, 'options.ecdhCurve');
  // To the engine an empty list is its default; to Node it is a list without any curve.
  if (ecdhCurve === '') throw plainError(Error, 'ERR_CRYPTO_OPERATION_FAILED', 'Failed to set ECDH curve');
  result.groups = ecdhCurve;
  return result;
}

function keyOptions(options: RawOptions): ContextOptions {
  const { allowPartialTrustChain, ca, cert, crl, dhparam, key, passphrase, pfx } = options;
  const result: ContextOptions = {};
  if (ca) result.ca = pemList(ca, 'options.ca');
  if (allowPartialTrustChain) result.allowPartialTrustChain = true;
  if (cert) result.cert = pemList(cert, 'options.cert');
  if (key) result.key = keyList(key, passphrase);
  if (dhparam !== undefined && dhparam !== null) {
    validateStringOrView(dhparam, 'options.dhparam');
    if (dhparam === 'auto') result.dhAuto = true;
    else result.dhParameters = toBytes(dhparam);
  }
  if (crl !== undefined && crl !== null) result.crl = pemList(crl, 'options.crl');
  if (pfx !== undefined && pfx !== null) result.pfx = pfxList(pfx, passphrase);
  return result;
}

function sessionOptions(options: RawOptions): ContextOptions {
  const { sessionIdContext, sessionTimeout, ticketKeys } = options;
  const result: ContextOptions = {};
  if (sessionIdContext !== undefined && sessionIdContext !== null) {
    validateString(sessionIdContext, 'options.sessionIdContext');
    result.sessionIdContext = sessionIdContext;
  }
  if (ticketKeys !== undefined && ticketKeys !== null) {
    validateView(ticketKeys, 'options.ticketKeys');
    if (ticketKeys.byteLength !== 48) {
      throw invalidArgValue('options.ticketKeys', ticketKeys.byteLength, 'must be exactly 48 bytes');
    }
    result.ticketKeys = toBytes(ticketKeys);
  }
  if (sessionTimeout !== undefined && sessionTimeout !== null) {
    validateInt32(sessionTimeout, 'options.sessionTimeout', 0);
    result.sessionTimeout = sessionTimeout;
  }
  return result;
}

export interface ContextDefaults {
  ciphers: string;
  ecdhCurve: string;
}

/** Everything but versions and `secureOptions`, which the caller has already. */
export function contextOptions(options: RawOptions, range: VersionRange, defaults: ContextDefaults): ContextOptions {
  validateObject(options, 'options');
  refuseCompression(options.certificateCompression);
  const protocol = protocolOptions(options, range, defaults);
  const keys = keyOptions(options);
  refuseEngines(options);
  return { ...protocol, ...keys, ...sessionOptions(options) };
}
