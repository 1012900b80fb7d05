/** Names of ALPN, and of NPN before it, as strings, in wire format (length byte, name, …), and as any bytes of that. */
import { invalidArgType, outOfRange, plainError } from './errors.js';
import { toBytes } from './validate.js';

function nameBytes(protocol: unknown): Uint8Array {
  if (typeof protocol === 'string' || ArrayBuffer.isView(protocol)) return toBytes(protocol);
  // Node measures these, and then cannot write them.
  if (protocol instanceof ArrayBuffer) {
    throw plainError(TypeError, 'ERR_INVALID_ARG_TYPE', 'argument must be a string');
  }
  throw invalidArgType('string', ['string', 'Buffer', 'ArrayBuffer'], protocol);
}

function toWire(protocols: readonly unknown[]): Buffer {
  const parts: Uint8Array[] = [];
  protocols.forEach((protocol, index) => {
    const name = nameBytes(protocol);
    if (name.length > 255) {
      const message = `The byte length of the protocol at index ${index} exceeds the maximum length.`;
      throw outOfRange(message, '<= 255', name.length, true);
    }
    parts.push(Buffer.of(name.length), name);
  });
  return Buffer.concat(parts);
}

/** A copy in wire format; undefined for what is neither a list nor bytes. */
export function alpnWire(protocols: unknown): Buffer | undefined {
  if (Array.isArray(protocols)) return toWire(protocols);
  if (!ArrayBuffer.isView(protocols)) return undefined;
  return Buffer.from(new Uint8Array(protocols.buffer, protocols.byteOffset, protocols.byteLength));
}

/** The `ALPNProtocols` of a socket. A server and `convertALPNProtocols()` overlook what is neither, as in Node. */
export function requiredAlpnWire(protocols: unknown): Buffer {
  const wire = alpnWire(protocols);
  if (wire === undefined) throw new TypeError('Must give a Buffer as first argument');
  return wire;
}

/** `tls.convertALPNProtocols()`: the result goes into `out`. */
export function convertALPNProtocols(protocols: unknown, out: { ALPNProtocols?: unknown }): void {
  const wire = alpnWire(protocols);
  if (wire !== undefined) out.ALPNProtocols = wire;
}
