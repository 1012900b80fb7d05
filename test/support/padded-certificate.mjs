// A certificate made as long as one likes: an existing one with an extension of zeros in place of its own. Its signature
// is wrong then, which whoever sends it does not mind.

/** The elements that the contents of a DER element consist of, or those at the top of `bytes`. */
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] < 0x80;
    const width = short ? 0 : bytes[at + 1] & 0x7f;
    const length = short ? bytes[at + 1] : bytes.readUIntBE(at + 2, width);
    const start = at + 2 + width;
    found.push({ whole: bytes.subarray(at, start + length), contents: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function element(tag, ...parts) {
  const contents = Buffer.concat(parts);
  const head = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
  head.writeUInt32BE(contents.length, 2);
  return Buffer.concat([head, contents]);
}

/** The PEM of `certificate` (PEM) with an extension of `size` zeros. */
export function paddedCertificate(certificate, size) {
  const der = Buffer.from(certificate.toString().replace(/-----.*-----|\s/g, ''), 'base64');
  const [body, algorithm, signature] = elements(elements(der)[0].contents);
  const kept = elements(body.contents).slice(0, -1);
  const oid = Buffer.from('06092b060104018237150a', 'hex');
  const extensions = element(0xa3, element(0x30, element(0x30, oid, element(0x04, Buffer.alloc(size)))));
  const padded = element(
    0x30,
    element(0x30, ...kept.map(({ whole }) => whole), extensions),
    algorithm.whole,
    signature.whole,
  );
  const text = padded.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}
