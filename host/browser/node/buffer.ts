import buffer from '../buffer.js';

const { Blob, File, atob, btoa } = globalThis;

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    return true;
  } catch {
    return false;
  }
}

export default { ...buffer, Blob, File, atob, btoa, isAscii, isUtf8 };
