// Of node:crypto what the tests use.

import { createHash, randomBytes } from '@jspm/core/nodelibs/crypto';

export { createHash, randomBytes };

/** Attribute types (RFC 4519) of the fixtures' names, by their DER. */
const attributes = { '0603550403': 'CN', '060355040a': 'O' };

/** The elements that `bytes`, the contents of a DER element, consist of. */
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const width = bytes[at + 1] < 0x80 ? 0 : bytes[at + 1] & 0x7f;
    const length = width === 0 ? bytes[at + 1] : bytes.readUIntBE(at + 2, width);
    const start = at + 2 + width;
    found.push({ whole: bytes.subarray(at, start + length), contents: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

const inside = (bytes) => elements(elements(bytes)[0].contents);

/** A certificate to be told apart by. */
export class X509Certificate {
  constructor(certificate) {
    const [, base64] = /-----BEGIN CERTIFICATE-----([^-]*)-----/.exec(certificate.toString('latin1')) ?? [];
    this.raw = base64 === undefined ? Buffer.from(certificate) : Buffer.from(base64, 'base64');
  }

  get fingerprint256() {
    return createHash('sha256')
      .update(this.raw)
      .digest('hex')
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:');
  }

  get subject() {
    const [, , , , , name] = inside(inside(this.raw)[0].whole);
    return elements(name.contents)
      .map((relative) => inside(relative.contents))
      .map(([type, value]) => `${attributes[type.whole.toString('hex')]}=${value.contents}`)
      .join('\n');
  }
}

export const constants = { SSL_OP_NO_TICKET: 0x4000, SSL_OP_NO_TLSv1_3: 0x2000_0000 };

export default { constants, createHash, randomBytes, X509Certificate };
