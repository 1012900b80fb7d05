// dist/browser/: what a page loads. ES modules that need nothing but a browser, the same sources as for Node with other
// files in the few places where these ask Node for something; and the trust roots as a file of their own.

import fs from 'node:fs';
import path from 'node:path';

import * as esbuild from 'esbuild';

import { buildNodeModules } from './build-node-modules.mjs';
import { withEagerModules } from './lib/eager-modules.mjs';
import { build, inRepository } from './lib/paths.mjs';
import { Failure } from './lib/report.mjs';
import { run } from './lib/run.mjs';

const dist = inRepository('dist');
const sources = inRepository('host/browser');

/** Each becomes dist/browser/NAME.js; what several of them share goes into files beside them. */
const entries = ['whole', 'net', 'buffer', 'events', 'process', 'stream'];

/** A few lines around whole.js each. */
const wrappers = ['bundled', 'create', 'deferred'];

/** What stands in for modules of Node's. */
const packages = {
  buffer: 'buffer/',
  events: 'events/',
  stream: 'readable-stream',
  util: path.join(sources, 'util.ts'),
  'abort-controller': path.join(sources, 'abort-controller.ts'),
  process: path.join(sources, 'process.ts'),
};

const replaced = new Map([[inRepository('host/engine/platform.ts'), path.join(sources, 'engine-platform.ts')]]);

const plugin = {
  name: 'browser',
  setup(build) {
    build.onResolve({ filter: /^(node:)?(buffer|events|stream|util|abort-controller|process)\/?$/ }, (args) => {
      if (args.pluginData === plugin) return undefined;
      const name = args.path.replace(/^node:/, '').replace(/\/$/, '');
      const { importer, resolveDir, kind } = args;
      return build.resolve(packages[name], { importer, resolveDir, kind, pluginData: plugin });
    });
    // Emscripten's code asks for them where it finds itself on Node.
    build.onResolve({ filter: /^(fs|path)$/ }, ({ path: name }) => ({ path: name, namespace: 'absent' }));
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: '' }));
    build.onResolve({ filter: /\/platform\.js$/ }, ({ path: name, resolveDir }) => {
      const replacement = replaced.get(path.join(resolveDir, name).replace(/\.js$/, '.ts'));
      return replacement && { path: replacement };
    });
  },
};

const settings = {
  absWorkingDir: inRepository(),
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['chrome115', 'firefox114', 'safari16.4'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  // The last is Emscripten's, where it looks for Node; webpack would believe that it found it.
  define: { global: 'globalThis', __filename: 'undefined' },
  logLevel: 'silent',
};

/** Leaves the imports of whole.js and deferred.js as they are. */
const outside = {
  name: 'outside',
  setup(build) {
    build.onResolve({ filter: /^\.\/(deferred|whole)\.js$/ }, ({ path: name }) => ({ path: name, external: true }));
  },
};

function bundle(names, options) {
  // The streams want process.ts while they are made; what is seen of it from outside is a file of its own.
  const source = (name) => path.join(sources, `${name === 'process' ? 'process-module' : name}.ts`);
  const entryPoints = names.map((name) => ({ in: source(name), out: name }));
  return esbuild.build({ ...settings, entryPoints, outdir: path.join(dist, 'browser'), ...options });
}

/**
 * What a page loads first, and what fetches the wasm file before the page has the rest: built without anything of that. The
 * files that the rest is made of are asked for at once, rather than each by the one that was asked for before it.
 */
function bundleWrappers({ outputs }) {
  const [, whole] = Object.entries(outputs).find(([name]) => path.basename(name) === 'whole.js');
  const banner = whole.imports
    .map(({ path: name }) => `import('./${path.basename(name)}').catch(() => {});`)
    .join('\n');
  const plugins = [outside];
  return Promise.all([bundle(wrappers, { plugins }), bundle(['index'], { plugins, banner: { js: banner } })]);
}

/**
 * Says which functions run at once. In the code of ours, of which a start calls nearly half, that is all: a comment, by which
 * Chromium compiles the file on another thread while it still arrives.
 */
function makeEager({ outputs }) {
  for (const [name, { inputs }] of Object.entries(outputs)) {
    const file = inRepository(name);
    const isOurs = Object.keys(inputs).every((input) => !input.startsWith('node_modules/'));
    const hint = isOurs ? '//# allFunctionsCalledOnLoad\n' : '';
    fs.writeFileSync(file, hint + withEagerModules(fs.readFileSync(file, 'utf8')));
  }
}

/** Certificates one after the other: DER says itself where it ends. */
function writeRoots(base64) {
  const file = path.join(dist, 'root-certificates.der');
  fs.writeFileSync(file, Buffer.concat(base64.map((text) => Buffer.from(text, 'base64'))));
}

/** What the authors of the packages inside want to be said wherever they go. */
function writeLicences(files) {
  const folders = new Set(files.map((name) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0]).filter(Boolean));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(fs.readFileSync(inRepository(folder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(inRepository(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Failure(`${name} is part of dist/browser and has no licence file.`);
    return `${name} ${version} (${license})\n\n${fs.readFileSync(inRepository(folder, file), 'utf8').trim()}\n`;
  });
  const heading = 'The files in this folder contain parts of these packages.\n';
  fs.writeFileSync(path.join(dist, 'browser', 'LICENSES.txt'), [heading, ...texts].join(`\n${'-'.repeat(80)}\n\n`));
}

// Types come from the sources; those of what they share with Node lie in dist/ already.
async function writeTypes(options) {
  const output = path.join(build, 'browser-types');
  const compiler = inRepository('node_modules/typescript/bin/tsc');
  const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', output];
  await run([process.execPath, compiler, '-p', sources, ...flags], options);
  for (const name of ['assets', 'create', 'net']) {
    fs.copyFileSync(path.join(output, 'host/browser', `${name}.d.ts`), path.join(dist, 'browser', `${name}.d.ts`));
  }
  // All the same names but one, whose value is not there before somebody has waited for it.
  const names = fs.readFileSync(path.join(dist, 'index.d.mts'), 'utf8');
  const types = names.replaceAll("'./index.js'", "'../index.js'").replace(/^.* rootCertificates:.*\n/m, '');
  fs.writeFileSync(path.join(dist, 'browser', 'index.d.ts'), types);
}

/**
 * @param {string[]} roots base64 of DER
 * @param {{ detail: Function, log: string }} options of `run()`
 */
export async function buildBrowser(roots, options) {
  const rest = await bundle(entries, {
    inject: [path.join(sources, 'globals.ts')],
    plugins: [plugin],
  });
  makeEager(rest.metafile);
  const wrapped = await bundleWrappers(rest.metafile);
  const node = await buildNodeModules(path.join(dist, 'browser/node'), settings);
  const messages = [...wrapped, rest, node].flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  const problems = await esbuild.formatMessages(messages, { kind: 'warning' });
  if (problems.length > 0) throw new Failure(problems.join('\n'));
  // The package as a whole is CommonJS.
  fs.writeFileSync(path.join(dist, 'browser', 'package.json'), '{ "type": "module" }\n');
  writeRoots(roots);
  writeLicences([...Object.keys(rest.metafile.inputs), ...node.inputs]);
  await writeTypes({ ...options, cwd: inRepository() });
}
