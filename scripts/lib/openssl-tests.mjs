// OpenSSL's own vectors and the program that reads them: out of its tarball, unpacked into the cache folder.

import fs from 'node:fs';
import path from 'node:path';

import { withLock } from './lock.mjs';
import { opensslTarball } from './openssl.mjs';
import { build, cache } from './paths.mjs';
import { step } from './report.mjs';
import { run } from './run.mjs';

/** The program, what it is made of, and the vectors. */
const parts = ['test/evp_test.c', 'test/testutil.h', 'test/testutil', 'apps/lib/opt.c', 'apps/include',
  'test/recipes/30-test_evp_data']; // prettier-ignore

/** build/openssl-tests, which CMake looks for and test/vectors reads. */
export async function ensureOpensslTests() {
  const tarball = await opensslTarball();
  const folder = path.join(cache, `openssl-tests-${tarball.sha256.slice(0, 16)}`);
  await withLock(`${folder}.lock`, async () => {
    if (fs.existsSync(folder)) return;
    const partial = `${folder}.partial`;
    fs.rmSync(partial, { recursive: true, force: true });
    fs.mkdirSync(partial, { recursive: true });
    const patterns = parts.map((part) => `*/${part}`);
    await step('OpenSSL: unpacking its vectors', (detail) =>
      run(['tar', '-xf', tarball.file, '-C', partial, '--strip-components=1', '--wildcards', ...patterns], { detail }),
    );
    fs.renameSync(partial, folder);
  });
  const name = path.join(build, 'openssl-tests');
  fs.mkdirSync(build, { recursive: true });
  if (!fs.existsSync(name) || fs.realpathSync(name) !== fs.realpathSync(folder)) {
    fs.rmSync(name, { recursive: true, force: true });
    fs.symlinkSync(folder, name);
  }
  return name;
}
