// Running a program inside the toolchain root: its own /usr and /etc, read-only, with the checkout and
// the cache folder at their usual places. bubblewrap does it without root rights.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { cache, repository } from './paths.mjs';
import { Failure } from './report.mjs';
import { outputOf } from './run.mjs';

// What a program inside may see of the environment; the rest would make builds differ.
const passedOn = /^(CI|TERM|NO_COLOR|(ASAN|UBSAN|LSAN|GTEST|WASM_TLS)_\w*)$/;

function contains(folder, inner) {
  return inner === folder || inner.startsWith(folder === '/' ? '/' : `${folder}/`);
}

// Shows `folder` of the root. If one of `visible` lies in it (a checkout in /usr/src, say), a mount
// point is needed there, which a read-only folder cannot get: then its entries are shown one by one.
function show(root, folder, visible) {
  const inside = path.join(root, folder);
  if (!visible.some((shown) => contains(folder, shown))) return ['--ro-bind', inside, folder];
  return fs.readdirSync(inside, { withFileTypes: true }).flatMap((entry) => {
    const target = path.join(folder, entry.name);
    if (folder === '/' && ['dev', 'proc', 'sys', 'tmp', 'run'].includes(entry.name)) return [];
    if (visible.includes(target)) return [];
    if (entry.isSymbolicLink()) {
      return ['--symlink', fs.readlinkSync(path.join(inside, entry.name)), target];
    }
    return entry.isDirectory() ? show(root, target, visible) : ['--ro-bind', path.join(inside, entry.name), target];
  });
}

/** The command line that runs `command` in `root`, in the folder `cwd`. */
export function inRoot(root, command, cwd = repository) {
  const visible = [repository, cache];
  const environment = Object.entries(process.env)
    .filter(([name]) => passedOn.test(name))
    .flatMap(([name, value]) => ['--setenv', name, value]);
  return [
    'bwrap',
    ...show(root, '/', visible),
    ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--tmpfs', '/run'],
    ...visible.flatMap((folder) => ['--bind', folder, folder]),
    ...['--clearenv', '--setenv', 'PATH', '/usr/bin:/bin', '--setenv', 'HOME', '/tmp'],
    ...['--setenv', 'LANG', 'C.UTF-8', ...environment],
    // A build must not go on after the setup that started it was killed.
    ...['--die-with-parent', '--chdir', cwd, '--'],
    ...command,
  ];
}

/** Throws Failure if this machine does not let bubblewrap work. */
export function checkSandbox() {
  const probe = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', 'true'];
  if (outputOf('bwrap', ...probe) !== null) return;
  const remedy =
    os.userInfo().uid === 0
      ? 'In a container, start it with: --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN'
      : 'Allow it: sysctl kernel.unprivileged_userns_clone=1 (and, on Ubuntu, kernel.apparmor_restrict_unprivileged_userns=0)';
  throw new Failure(
    'bubblewrap (bwrap) cannot create a namespace here, so the toolchain root cannot be entered.\n' +
      `${remedy}\nOr put an emcc of 3.1.69 or later, clang 19, cmake, ninja and GoogleTest on PATH.`,
  );
}
