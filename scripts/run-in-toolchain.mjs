#!/usr/bin/env node
// Runs a program with the compilers of this project, in the current folder:
//
//   scripts/run-in-toolchain.mjs cmake --preset native-asan
//   scripts/run-in-toolchain.mjs --native clang-tidy src/error.cc
//
// Which compilers these are says scripts/lib/toolchain.mjs; 'npm run setup' installs them.

import { spawn } from 'node:child_process';

import { Failure, exitWithFailure } from './lib/report.mjs';
import { findToolchain } from './lib/toolchain.mjs';

const command = process.argv.slice(2);
const kind = command[0] === '--native' ? (command.shift(), 'native') : 'wasm';

try {
  if (command.length === 0) throw new Failure('usage: run-in-toolchain.mjs [--native] COMMAND…');
  const toolchain = findToolchain(kind);
  if (!toolchain) throw new Failure("There is no toolchain yet. Run 'npm run setup' first.");
  const [program, ...args] = toolchain.wrap(command, process.cwd());
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('error', (error) => exitWithFailure(new Failure(`${program}: ${error.message}`)));
  child.on('exit', (code, signal) => process.exit(signal ? 128 : code));
} catch (error) {
  exitWithFailure(error);
}
