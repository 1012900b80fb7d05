// OpenSSL's own vectors and the program that reads them: out of its tarball, unpacked into the cache folder.

import { link, opensslTarball, wanted } from './openssl.mjs';
import { unpackParts } from './tarball.mjs';

/** The program, what it is made of, and the vectors. */
const parts = [
  'test/evp_test.c',
  'test/testutil.h',
  'test/testutil',
  'apps/lib/opt.c',
  'apps/include',
  'test/recipes/30-test_evp_data',
];

/** build/openssl-tests, which CMake looks for and test/vectors reads. */
export async function ensureOpensslTests() {
  const title = 'OpenSSL: unpacking its vectors';
  return link(await unpackParts(wanted, await opensslTarball(), { prefix: 'openssl-tests', parts, title }), 'tests');
}
