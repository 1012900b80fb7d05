/** ALPN names between their three forms: strings, wire format (length byte, name, …), and any bytes of the latter. */
import { outOfRange } from './errors.js';

function toWire(protocols: readonly unknown[]): Buffer {
  const parts: Buffer[] = [];
  protocols.forEach((protocol, index) => {
    const name = Buffer.from(protocol as string);
    if (name.length > 255) {
      const message = `The byte length of the protocol at index ${index} exceeds the maximum length.`;
      throw outOfRange(message, '<= 255', name.length, true);
    }
    parts.push(Buffer.of(name.length), name);
  });
  return Buffer.concat(parts);
}

/** A copy in wire format; undefined for what is neither a list nor bytes, which Node ignores. */
export function alpnWire(protocols: unknown): Buffer | undefined {
  if (Array.isArray(protocols)) return toWire(protocols);
  if (!ArrayBuffer.isView(protocols)) return undefined;
  return Buffer.from(new Uint8Array(protocols.buffer, protocols.byteOffset, protocols.byteLength));
}

/** `tls.convertALPNProtocols()`: the result goes into `out`. */
export function convertALPNProtocols(protocols: unknown, out: { ALPNProtocols?: unknown }): void {
  const wire = alpnWire(protocols);
  if (wire !== undefined) out.ALPNProtocols = wire;
}
