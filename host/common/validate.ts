/** Argument checks with Node's error for each, so that a bad value is refused in the same words. */
import { invalidArgType, outOfRange } from './errors.js';

export function validateString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw invalidArgType(name, 'string', value);
}

export function validateBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'boolean', value);
}

export function validateNumber(value: unknown, name: string, minimum?: number): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (minimum !== undefined && !(value >= minimum)) throw outOfRange(name, `>= ${minimum}`, value);
}

export function validateInteger(
  value: unknown,
  name: string,
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  validateNumber(value, name);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < minimum || value > maximum) throw outOfRange(name, `>= ${minimum} && <= ${maximum}`, value);
}

export function validateInt32(value: unknown, name: string, minimum = -(2 ** 31)): asserts value is number {
  validateInteger(value, name, minimum, 2 ** 31 - 1);
}

/** An integer of 32 bits above zero. */
export function validatePositiveUint32(value: unknown, name: string): asserts value is number {
  validateInteger(value, name, 1, 2 ** 32 - 1);
}

// Functions have many types; a caller that needs one says which.
export function validateFunction(value: unknown, name: string): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw invalidArgType(name, 'Function', value);
}

export function validateObject(value: unknown, name: string): asserts value is object {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalidArgType(name, 'Object', value);
}

/** A Buffer, TypedArray or DataView. */
export function validateView(value: unknown, name = 'buffer'): asserts value is ArrayBufferView {
  if (!ArrayBuffer.isView(value)) throw invalidArgType(name, ['Buffer', 'TypedArray', 'DataView'], value);
}

/** PEM or DER: a string or bytes. */
export function validateStringOrView(value: unknown, name: string): asserts value is string | ArrayBufferView {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) return;
  throw invalidArgType(name, ['string', 'Buffer', 'TypedArray', 'DataView'], value);
}

const longestTimer = 2 ** 31 - 1;

/** Milliseconds for a timer; `warn` is told when they had to be cut to what a timer can wait. */
export function timerDuration(value: unknown, name: string, warn: (message: string, type: string) => void): number {
  validateNumber(value, name);
  if (value < 0 || !Number.isFinite(value)) throw outOfRange(name, 'a non-negative finite number', value);
  if (value <= longestTimer) return value;
  const message =
    `${value} does not fit into a 32-bit signed integer.` + `\nTimer duration was truncated to ${longestTimer}.`;
  warn(message, 'TimeoutOverflowWarning');
  return longestTimer;
}

/** The same bytes as a Uint8Array, without a copy; strings as UTF-8. */
export function toBytes(value: string | ArrayBufferView): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
