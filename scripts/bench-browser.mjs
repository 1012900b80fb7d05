// npm run bench:browser: sets up what is missing, installs what is compared into build/bench-browser, and runs the
// benchmark. It is told where things are:
//
//   WASM_TLS_BENCH_RIVALS     the node_modules of the others
//   WASM_TLS_BENCH_CHROMIUM   the browser

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { hashOf, isCurrent, setStamp } from './lib/hash.mjs';
import { build, inRepository } from './lib/paths.mjs';
import { Failure, exitWithFailure, step } from './lib/report.mjs';
import { npmCommand, run } from './lib/run.mjs';
import { setup } from './setup.mjs';

/** Their licenses are not this package's: they are installed for the benchmark alone. */
const rivals = ['@mercuryworkshop/epoxy-tls@2.1.19-1', 'libcurl.js@0.7.4'];

const chromium = '/usr/bin/chromium';

async function ensureRivals() {
  const folder = path.join(build, 'bench-browser');
  const packages = path.join(folder, 'node_modules');
  const hash = hashOf({ texts: rivals });
  if (isCurrent('bench-browser', hash, [packages])) return packages;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  await step(`npm packages: ${rivals.join(', ')}`, (detail) =>
    run([...npmCommand(), 'install', '--ignore-scripts', '--save-exact', ...rivals], {
      cwd: folder,
      detail,
      log: path.join(build, 'logs', 'bench-browser.log'),
    }),
  );
  setStamp('bench-browser', hash);
  return packages;
}

try {
  if (!fs.existsSync(chromium)) throw new Failure(`${chromium} is missing:\n\n  sudo apt-get install chromium\n`);
  await setup();
  const env = {
    ...process.env,
    WASM_TLS_BENCH_RIVALS: await ensureRivals(),
    WASM_TLS_BENCH_CHROMIUM: chromium,
  };
  const program = [inRepository('bench/browser/run.mjs'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, program, { stdio: 'inherit', env });
  child.on('exit', (code, signal) => process.exit(signal ? 128 : code));
} catch (error) {
  exitWithFailure(error);
}
