// libcurl.js has its trust roots as DER inside its wasm file and no option for others. So that it verifies a server of the
// bench, one of them is overwritten by the bench's.

import { X509Certificate } from 'node:crypto';

/** Two SEQUENCEs that begin one in the other, each with a length of two bytes: so begins every certificate of that size. */
function findCertificate(bytes, least) {
  for (let at = 0; (at = bytes.indexOf('3082', at, 'hex')) >= 0; at += 1) {
    if (bytes.readUInt16BE(at + 4) !== 0x3082) continue;
    const size = 4 + bytes.readUInt16BE(at + 2);
    if (size < least || at + size > bytes.length) continue;
    try {
      if (new X509Certificate(bytes.subarray(at, at + size)).ca) return at;
    } catch {
      // It only looked like one.
    }
  }
  throw new Error('There is no trust root in the wasm file of libcurl.js');
}

/**
 * @param {Buffer} wasm
 * @param {string} ca PEM
 */
export function patchRoot(wasm, ca) {
  const { raw } = new X509Certificate(ca);
  const patched = Buffer.from(wasm);
  // What is left of the one that was there follows its successor's end, where nobody looks.
  raw.copy(patched, findCertificate(wasm, raw.length));
  return patched;
}
