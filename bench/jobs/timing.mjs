// Do the times of operations tell something of their secrets? Two classes of secrets, in random order.

import { generateKeyPairSync } from 'node:crypto';

import { comparison } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';

const operations = {
  'AES-128-GCM, key of zeros or random': 'cipher-key:AES-128-GCM',
  'AES-256-GCM, key of zeros or random': 'cipher-key:AES-256-GCM',
  'ChaCha20-Poly1305, key of zeros or random': 'cipher-key:ChaCha20-Poly1305',
  'AES-128-GCM, tag wrong at its head or its end': 'tag:AES-128-GCM',
  'ChaCha20-Poly1305, tag wrong at its head or its end': 'tag:ChaCha20-Poly1305',
  'X25519, one scalar or many': 'scalar:X25519',
  'P-256 ECDH, one scalar or many': 'scalar:P-256',
  'P-256 sign, one key or many': 'sign:P-256',
  'ML-KEM-768, ciphertext right or tampered with': 'ciphertext:ML-KEM-768',
  'RSA-2048 sign, one message or many': 'message',
};

export async function run({ contestants, identities, rounds, times, progress }) {
  const columns = [contestants.engineWasm, contestants.enginePlain];
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const identity = { ...identities.serverRsa, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
  const rows = [];
  for (const [title, operation] of Object.entries(operations)) {
    progress(title);
    const params = { job: 'timing', identity, operation, ...times, seconds: 5 * times.seconds };
    rows.push({ title, cells: await measureAll(columns, params, rounds) });
  }
  return {
    title: 'Time and secrets',
    note:
      "|t| of Welch's test between the times of two classes of secrets: above 10 they can be told apart, below 4.5 no " +
      'difference was found, which proves nothing. Nothing is asserted here; what must not branch or look anything up by ' +
      'a secret is tested by memcheck.',
    ...comparison(columns, rows, {}),
  };
}
