/** Bytes as the bindings give them: arrays of their own, never views of wasm memory. */

export function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function bufferOrNull(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : buffer(bytes);
}
