// npm run demo: sets up what is missing, then shows in the terminal how the package meets other programs.

import { spawn } from 'node:child_process';

import { inRepository } from './lib/paths.mjs';
import { exitWithFailure } from './lib/report.mjs';
import { setup } from './setup.mjs';

try {
  await setup({ purposes: ['demo'] });
  const demo = [inRepository('scripts/demo/main.mjs'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, demo, { stdio: 'inherit' });
  // A signal that is meant for this process alone ends both.
  process.on('exit', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(signal ? 128 : code));
} catch (error) {
  exitWithFailure(error);
}
