/** The part of `node:crypto` that client libraries need: digests, what is made of them, and random numbers. */
import { Buffer } from 'node:buffer';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { Transform, type TransformCallback } from 'node:stream';
import { plainError } from '../../common/errors.js';

type Digest = typeof sha256;
type Encoding = BufferEncoding | 'buffer';
type Data = string | ArrayBufferView | ArrayBuffer;

const digests: Record<string, Digest> = {
  md5, sha1, sha224, sha256, sha384, sha512, ripemd160, rmd160: ripemd160,
  'sha512-224': sha512_224, 'sha512-256': sha512_256,
} as unknown as Record<string, Digest>; // prettier-ignore

function findDigest(name: string): Digest {
  const found =
    digests[name.toLowerCase().replace(/^rsa-|^sha-(?=\d+$)/, (prefix) => (prefix === 'sha-' ? 'sha' : ''))];
  if (found === undefined) {
    throw plainError(Error, 'ERR_CRYPTO_INVALID_DIGEST', `Digest method not supported in a browser: ${name}`);
  }
  return found;
}

function bytes(data: Data, encoding?: Encoding): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

function encoded(result: Uint8Array, encoding: Encoding | undefined): Buffer | string {
  const buffer = Buffer.from(result.buffer, result.byteOffset, result.length);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

interface Running {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): Running;
}

class DigestStream extends Transform {
  #running: Running | null;

  constructor(running: Running) {
    super();
    this.#running = running;
  }

  get #state(): Running {
    if (this.#running === null) throw plainError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    return this.#running;
  }

  update(data: Data, encoding?: Encoding): this {
    this.#state.update(bytes(data, encoding));
    return this;
  }

  digest(encoding?: Encoding): Buffer | string {
    const result = this.#state.digest();
    this.#running = null;
    return encoded(result, encoding);
  }

  copy(): DigestStream {
    return new DigestStream(this.#state.clone());
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.update(chunk);
    callback();
  }

  override _flush(callback: TransformCallback): void {
    callback(null, this.digest());
  }
}

export { DigestStream as Hash, DigestStream as Hmac };

export function createHash(algorithm: string): DigestStream {
  return new DigestStream(findDigest(algorithm).create() as Running);
}

export function createHmac(algorithm: string, key: Data): DigestStream {
  return new DigestStream(hmac.create(findDigest(algorithm), bytes(key)) as Running);
}

export function hash(algorithm: string, data: Data, encoding: Encoding = 'hex'): Buffer | string {
  return createHash(algorithm).update(data).digest(encoding);
}

export const getHashes = (): string[] => Object.keys(digests);

export function pbkdf2Sync(password: Data, salt: Data, iterations: number, length: number, digest: string): Buffer {
  const result = noblePbkdf2(findDigest(digest), bytes(password), bytes(salt), { c: iterations, dkLen: length });
  return encoded(result, 'buffer') as Buffer;
}

const webDigests: Record<string, string> = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

/** By WebCrypto where it knows the digest: it does not stop the page meanwhile. */
async function derive(...[password, salt, iterations, length, digest]: Parameters<typeof pbkdf2Sync>): Promise<Buffer> {
  const name = webDigests[digest.toLowerCase()];
  if (name === undefined) return pbkdf2Sync(password, salt, iterations, length, digest);
  const secret = Uint8Array.from(bytes(password));
  const key = await globalThis.crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash: name, salt: Uint8Array.from(bytes(salt)), iterations };
  return Buffer.from(await globalThis.crypto.subtle.deriveBits(parameters, key, length * 8));
}

type Callback<T> = (error: Error | null, value?: T) => void;

function tell<T>(promise: Promise<T>, callback: Callback<T>): void {
  promise.then(
    (value) => queueMicrotask(() => callback(null, value)),
    (error: Error) => queueMicrotask(() => callback(error)),
  );
}

export function pbkdf2(...args: [...Parameters<typeof pbkdf2Sync>, Callback<Buffer>]): void {
  const [password, salt, iterations, length, digest, callback] = args;
  findDigest(digest);
  tell(derive(password, salt, iterations, length, digest), callback);
}

/** More than this `crypto.getRandomValues()` refuses. */
const largestRequest = 65_536;

export function randomFillSync<T extends ArrayBufferView>(target: T, offset = 0, size?: number): T {
  const end = size === undefined ? target.byteLength : offset + size;
  for (let start = offset; start < end; start += largestRequest) {
    const length = Math.min(largestRequest, end - start);
    globalThis.crypto.getRandomValues(new Uint8Array(target.buffer as ArrayBuffer, target.byteOffset + start, length));
  }
  return target;
}

export function randomFill<T extends ArrayBufferView>(target: T, ...rest: [...number[], Callback<T>]): void {
  const callback = rest.pop() as Callback<T>;
  tell(Promise.resolve(randomFillSync(target, ...(rest as number[]))), callback);
}

export function randomBytes(size: number, callback?: Callback<Buffer>): Buffer | undefined {
  const result = randomFillSync(Buffer.alloc(size));
  if (callback === undefined) return result;
  tell(Promise.resolve(result), callback);
  return undefined;
}

export { randomBytes as pseudoRandomBytes };

/** In [min, max), each number as likely as the others. */
export function randomInt(...args: [...number[], Callback<number>] | number[]): number | undefined {
  const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback<number>) : undefined;
  const [min, max] = (args.length > 1 ? args : [0, args[0]]) as [number, number];
  const range = max - min;
  if (!(Number.isSafeInteger(range) && range > 0 && range < 2 ** 48)) {
    throw plainError(RangeError, 'ERR_OUT_OF_RANGE', `The value of "max" is out of range. Received ${max}`);
  }
  const limit = 2 ** 48 - (2 ** 48 % range);
  let value: number;
  do value = randomFillSync(Buffer.alloc(6)).readUIntBE(0, 6);
  while (value >= limit);
  const result = min + (value % range);
  if (callback === undefined) return result;
  tell(Promise.resolve(result), callback);
  return undefined;
}

/** Only pages with https: or on localhost have it as a function of the browser's. */
export function randomUUID(): string {
  const value = randomFillSync(Buffer.alloc(16));
  value[6] = ((value[6] ?? 0) & 0x0f) | 0x40;
  value[8] = ((value[8] ?? 0) & 0x3f) | 0x80;
  return value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function timingSafeEqual(left: ArrayBufferView, right: ArrayBufferView): boolean {
  const [a, b] = [bytes(left), bytes(right)];
  if (a.length !== b.length) {
    throw plainError(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  }
  let difference = 0;
  for (let i = 0; i < a.length; ++i) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export const webcrypto = globalThis.crypto;
/** Undefined in a page that is neither https: nor on localhost. */
export const { subtle } = globalThis.crypto;
export const getRandomValues = <T extends ArrayBufferView<ArrayBuffer>>(target: T): T =>
  globalThis.crypto.getRandomValues(target);
