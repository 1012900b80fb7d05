// OpenSSL's own vectors, known answers and bad input alike, for every algorithm that the provider offers.

import assert from 'node:assert/strict';

import { nativeRunner, vectorFiles, wasmRunner } from './files.mjs';
import { passedIn } from './instance.mjs';

/** Vectors about these two kinds do not name the algorithm, or hide it in a PEM text. */
const named = (algorithm) => !/^(KEM|Signature) /.test(algorithm);

/** What OpenSSL has no vectors for that name it. Handshakes with other programs test what of this is in use. */
const withoutVectors = [
  'Cipher NULL',
  'Cipher DES-EDE-CBC',
  'Key dhpublicnumber',
  'Key HMAC',
  'Key X25519MLKEM768',
  'Key SecP256r1MLKEM768',
  'Key SecP384r1MLKEM1024',
];

for (const [place, runner] of Object.entries({ 'in wasm': wasmRunner, natively: nativeRunner })) {
  describe(`OpenSSL's vectors ${place}`, function () {
    this.timeout(1_200_000);

    let run, files, offered;

    before('the program is built', async () => {
      run = await runner();
      ({ files, offered } = await vectorFiles(run));
    });

    it('are all right', async () => {
      let passed = 0;
      for (const { name, text } of files) {
        const result = await run(['/vectors.txt'], text);
        passed += passedIn(name, result);
      }
      console.log(`        ${passed} vectors of ${files.length} files`);
      assert.ok(passed > 5000);
    });

    it('are there for whatever is offered', () => {
      assert.deepEqual(offered.unmet.filter(named).sort(), [...withoutVectors].sort());
    });
  });
}
