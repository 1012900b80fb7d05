// Node's own test suite: out of the source package that Debian ships, unpacked into the cache folder.

import fs from 'node:fs';
import path from 'node:path';

import { ensureNode } from './node-binary.mjs';
import { build, pins } from './paths.mjs';
import { Failure } from './report.mjs';
import { ensureTarball, unpackParts } from './tarball.mjs';

/** What the tests read besides themselves, and Node's benchmarks of TLS. */
const parts = [
  'test/common',
  'test/fixtures',
  'test/parallel',
  'test/sequential',
  'benchmark/_http-benchmarkers.js',
  'benchmark/common.js',
  'benchmark/tls',
];

/**
 * The folder with the `test` folder of Node's source.
 *
 * @param {string} major '20' or '24': a key of pins.json
 */
export async function ensureNodeSuite(major) {
  const pin = pins.nodejs[major];
  if (!pin)
    throw new Failure(`There is no Node ${major} in pins.json; there is ${Object.keys(pins.nodejs).join(', ')}.`);
  const wanted = { source: 'nodejs', name: 'Node.js', pin };
  const title = `Node.js ${pin.series}: unpacking its tests`;
  return unpackParts(wanted, await ensureTarball(wanted), { prefix: 'node-suite', parts, title });
}

/**
 * A copy of the Node for the tests of a major beside which `openssl-cli` lies: they look for that program there, and skip
 * what needs it where it is missing.
 */
export async function nodeBesideOpenssl(major) {
  const folder = path.join(build, 'conformance', `bin-${major}`);
  const node = path.join(folder, 'node');
  const source = await ensureNode(major);
  fs.mkdirSync(folder, { recursive: true });
  const same = fs.existsSync(node) && fs.statSync(node).size === fs.statSync(source).size;
  if (!same) {
    const partial = `${node}.${process.pid}`;
    fs.copyFileSync(source, partial, fs.constants.COPYFILE_FICLONE);
    fs.renameSync(partial, node);
  }
  const program = path.join(folder, 'openssl-cli');
  if (!fs.existsSync(program)) fs.symlinkSync('/usr/bin/openssl', program);
  return node;
}
