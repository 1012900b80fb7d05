// npm run format: lays out every source as `npm test` wants it.

import { filesUnder } from './lib/hash.mjs';
import { inRepository, repository } from './lib/paths.mjs';
import { exitWithFailure } from './lib/report.mjs';
import { run } from './lib/run.mjs';
import { ensureNpmPackages } from './lib/steps.mjs';
import { ensureToolchain } from './lib/toolchain.mjs';

try {
  await ensureNpmPackages();
  const toolchain = await ensureToolchain('native');
  const folders = ['src', 'bindings', 'test', 'bench'];
  const files = folders.flatMap((folder) => filesUnder(folder, (name) => /\.(cc|h)$/.test(name)));
  await run(toolchain.wrap(['clang-format', '-i', ...files]), { cwd: repository });
  const prettier = inRepository('node_modules/prettier/bin/prettier.cjs');
  await run([process.execPath, prettier, '--write', '--log-level', 'warn', '.'], { cwd: repository });
} catch (error) {
  exitWithFailure(error);
}
