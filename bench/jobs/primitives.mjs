// Single operations of cryptography: our kernels, OpenSSL's C in wasm, and OpenSSL natively with its assembler.

import { generateKeyPairSync } from 'node:crypto';

import { comparison } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { ratio } from '../lib/statistics.mjs';

const record = 16384;

function ecdsa(namedCurve) {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

function rsa(modulusLength) {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey;
}

/** [title, operation of engine_bench, size] */
const operations = [
  ...['AES-128-GCM', 'AES-256-GCM', 'ChaCha20-Poly1305', 'AES-128-CCM'].flatMap((cipher) => [
    [`${cipher} seal, 16 KiB, MB/s`, `seal:${cipher}`, record],
    [`${cipher} open, 16 KiB, MB/s`, `open:${cipher}`, record],
  ]),
  ['AES-128-GCM seal, 64 B, MB/s', 'seal:AES-128-GCM', 64],
  ['ChaCha20-Poly1305 seal, 64 B, MB/s', 'seal:ChaCha20-Poly1305', 64],
  ...['SHA2-256', 'SHA2-384', 'SHA3-256'].map((digest) => [`${digest}, 16 KiB, MB/s`, `digest:${digest}`, record]),
  ['P-256 ECDH, /s', 'derive:P-256'],
  ['P-256 key generation, /s', 'keygen:P-256'],
  ['X25519 derive, /s', 'derive:X25519'],
  ['X25519 key generation, /s', 'keygen:X25519'],
  ['ML-KEM-768, both ends, /s', 'encapsulation:ML-KEM-768'],
  ['ML-KEM-768 key generation, /s', 'keygen:ML-KEM-768'],
  ['X25519MLKEM768, both ends, /s', 'encapsulation:X25519MLKEM768'],
];

const signatures = {
  'P-256': () => ecdsa('P-256'),
  'P-384': () => ecdsa('P-384'),
  'RSA-2048': () => rsa(2048),
  'RSA-3072': () => rsa(3072),
  'RSA-4096': () => rsa(4096),
};

const ratios = {
  'kernels ÷ plain C': ({ cells }) => ratio(cells.engineWasm, cells.enginePlain),
  'wasm ÷ native': ({ cells }) => ratio(cells.engineWasm, cells.engineNative),
};

function* jobs() {
  for (const [title, operation, size = 0] of operations) yield { title, params: { operation, size } };
  for (const [name, generate] of Object.entries(signatures)) {
    const key = generate().export({ type: 'pkcs8', format: 'pem' });
    for (const operation of ['sign', 'verify']) {
      yield { title: `${name} ${operation}, /s`, params: { operation, identity: { key, cert: '', ca: '' } } };
    }
  }
}

export async function run({ contestants, identities, rounds, times, progress }) {
  const { engineWasm, enginePlain, engineNative } = contestants;
  const columns = [engineWasm, enginePlain, engineNative];
  const rows = [];
  for (const { title, params } of jobs()) {
    progress(title);
    const cells = await measureAll(
      columns,
      { job: 'primitive', identity: identities.serverEcdsa, ...times, ...params },
      rounds,
    );
    rows.push({ title, cells });
  }
  return {
    title: 'Primitives',
    note: "One operation after the other through OpenSSL's EVP interface.",
    ...comparison(columns, rows, ratios),
  };
}
