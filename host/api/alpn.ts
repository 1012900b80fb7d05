/**
 * Names of ALPN, and of NPN before it, as strings, in wire format (length byte, name, …), and as any bytes of that.
 *
 * `strict` is how Node 24 has it: older ones let malformed lists pass, which the handshake then fails of.
 */
import { invalidArgType, invalidArgValue, outOfRange, plainError } from './errors.js';
import { toBytes } from './validate.js';

function nameBytes(protocol: unknown): Uint8Array {
  if (typeof protocol === 'string' || ArrayBuffer.isView(protocol)) return toBytes(protocol);
  // Node measures these, and then cannot write them.
  if (protocol instanceof ArrayBuffer) {
    throw plainError(TypeError, 'ERR_INVALID_ARG_TYPE', 'argument must be a string');
  }
  throw invalidArgType('string', ['string', 'Buffer', 'ArrayBuffer'], protocol);
}

function toWire(protocols: readonly unknown[], strict: boolean): Buffer {
  const parts: Uint8Array[] = [];
  protocols.forEach((protocol, index) => {
    const name = nameBytes(protocol);
    if (strict && name.length === 0)
      throw invalidArgValue(`protocols[${index}]`, protocol, 'must be a non-empty string');
    if (name.length > 255) {
      const message = `The byte length of the protocol at index ${index} exceeds the maximum length.`;
      throw outOfRange(message, '<= 255', name.length, true);
    }
    parts.push(Buffer.of(name.length), name);
  });
  return Buffer.concat(parts);
}

/** RFC 7301 §3.1: `opaque ProtocolName<1..2^8-1>`, one after the other. */
function validateWire(wire: Buffer): void {
  for (let at = 0; at < wire.length; at += 1 + wire[at]!) {
    if (wire[at] === 0) throw invalidArgValue('ALPNProtocols', wire, 'must not contain zero-length protocol');
    if (at + 1 + wire[at]! > wire.length) throw invalidArgValue('ALPNProtocols', wire, 'contains truncated protocol');
  }
}

/** A copy in wire format; undefined for what is neither a list nor bytes. */
export function alpnWire(protocols: unknown, strict: boolean): Buffer | undefined {
  if (Array.isArray(protocols)) return toWire(protocols, strict);
  if (!ArrayBuffer.isView(protocols)) return undefined;
  const wire = Buffer.from(new Uint8Array(protocols.buffer, protocols.byteOffset, protocols.byteLength));
  if (strict) validateWire(wire);
  return wire;
}

/** The `ALPNProtocols` of a socket. A server and `convertALPNProtocols()` overlook what is neither, as in Node. */
export function requiredAlpnWire(protocols: unknown, strict: boolean): Buffer {
  const wire = alpnWire(protocols, strict);
  if (wire === undefined) throw new TypeError('Must give a Buffer as first argument');
  return wire;
}

/** `tls.convertALPNProtocols()`: the result goes into `out`. */
export function convertALPNProtocols(protocols: unknown, out: { ALPNProtocols?: unknown }, strict: boolean): void {
  const wire = alpnWire(protocols, strict);
  if (wire !== undefined) out.ALPNProtocols = wire;
}
