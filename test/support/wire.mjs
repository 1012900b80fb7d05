// TLS 1.2 messages made by hand, for peers that break the rules in the clear (RFC 5246, section 7.4).

import { randomBytes } from 'node:crypto';

/** TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 */
const cipherSuite = 0xc02f;
const recordLimit = 0x4000;

const u8 = (value) => Buffer.from([value]);
const u16 = (value) => Buffer.from([value >> 8, value & 0xff]);
const u24 = (value) => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
const vector8 = (bytes) => Buffer.concat([u8(bytes.length), bytes]);
const vector16 = (bytes) => Buffer.concat([u16(bytes.length), bytes]);
const extension = (type, body) => Buffer.concat([u16(type), vector16(body)]);
const message = (type, body) => Buffer.concat([u8(type), u24(body.length), body]);

/** A handshake message in records of the greatest legal length. */
export function records(handshakeMessage) {
  const parts = [];
  for (let at = 0; at < handshakeMessage.length; at += recordLimit) {
    const part = handshakeMessage.subarray(at, at + recordLimit);
    parts.push(u8(22), u16(0x0303), u16(part.length), part);
  }
  return Buffer.concat(parts);
}

export function clientHello() {
  const extensions = Buffer.concat([
    // supported_groups: secp256r1, x25519
    extension(10, vector16(Buffer.concat([u16(23), u16(29)]))),
    // signature_algorithms: rsa_pss_rsae_sha256, rsa_pkcs1_sha256
    extension(13, vector16(Buffer.concat([u16(0x0804), u16(0x0401)]))),
    // renegotiation_info: none yet
    extension(0xff01, u8(0)),
  ]);
  return message(
    1,
    Buffer.concat([
      u16(0x0303),
      randomBytes(32),
      vector8(Buffer.alloc(0)),
      vector16(u16(cipherSuite)),
      vector8(u8(0)),
      vector16(extensions),
    ]),
  );
}

export function serverHello() {
  const extensions = extension(0xff01, u8(0));
  return message(
    2,
    Buffer.concat([
      u16(0x0303),
      randomBytes(32),
      vector8(Buffer.alloc(0)),
      u16(cipherSuite),
      u8(0),
      vector16(extensions),
    ]),
  );
}

/** A Certificate message whose body has `length` bytes: a list with one "certificate" of zeros. */
export function certificateOfZeros(length) {
  return message(11, Buffer.concat([u24(length - 3), u24(length - 6), Buffer.alloc(length - 6)]));
}

export function clientKeyExchange() {
  return message(16, vector8(randomBytes(65)));
}
