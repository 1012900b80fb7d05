// dist/browser/node/: what libraries get for the modules of Node's that they import, when a plugin of wasm-tls bundles
// them. host/browser/node/ has what a browser can do; every other name of the Node that builds is there as well and
// refuses when it is used. Each module is NAME.js, and NAME.cjs for `require()`, which wants the module itself.

import fs from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import path from 'node:path';

import * as esbuild from 'esbuild';

import { build, inRepository } from './lib/paths.mjs';

const require = createRequire(import.meta.url);
const sources = inRepository('host/browser');
const generated = path.join(build, 'browser-node');

/** Files of dist/browser/ that are the module, or what it stands on: they are not bundled a second time. */
const shared = { buffer: 'buffer', events: 'events', net: 'net', stream: 'stream', tls: 'deferred' };

/** Of newer Nodes, or such that warn who loads them; with the names that matter. */
const known = { sqlite: ['DatabaseSync', 'StatementSync'], wasi: ['WASI'], punycode: [], sys: [] };

/** Where a function tells its callback that it cannot work, or its promise; elsewhere it throws. */
const manners = { fs: 'answering', 'fs/promises': 'rejecting', zlib: 'answering' };

/** Values for `process.binding()` and the like are nobody's business. */
const identifier = /^[A-Za-z]\w*$/;

/** Reading them costs something, throws where nothing has been waited for, or tells of the machine that builds. */
const unread = { tls: ['rootCertificates'], crypto: ['fips'], module: ['globalPaths'], process: ['report'] };

const fileName = (name) => name.replaceAll(/[_/]/g, '-');

function isData(value, depth = 0) {
  if (['string', 'number', 'boolean'].includes(typeof value) || value === null) return true;
  if (typeof value !== 'object' || depth > 2) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && prototype !== Array.prototype) return false;
  return Object.values(value).every((member) => isData(member, depth + 1));
}

/** { data, refused }: what can be said of the names of Node's module without it, and what cannot. */
function namesOf(name) {
  if (known[name]) return { data: {}, refused: known[name] };
  const module = require(`node:${name}`);
  const keys = Object.keys(module).filter((key) => identifier.test(key) && !(unread[name] ?? []).includes(key));
  const data = Object.fromEntries(keys.filter((key) => isData(module[key])).map((key) => [key, module[key]]));
  return { data, refused: keys.filter((key) => !(key in data)) };
}

/** The names that a source file exports. */
async function exportsOf(file) {
  const { metafile } = await esbuild.build({ entryPoints: [file], write: false, metafile: true, format: 'esm' });
  return Object.values(metafile.outputs)[0].exports;
}

/** The text of a module that has all names. */
async function moduleText(name) {
  const source = path.join(sources, 'node', `${fileName(name)}.ts`);
  const own = fs.existsSync(source) ? source : shared[name] && path.join(sources, `${shared[name]}.ts`);
  const { data, refused } = namesOf(name);
  const absent = (names) =>
    `absent(${JSON.stringify(name)}, ${JSON.stringify(manners[name] ?? 'throwing')}, ${JSON.stringify(names.join(' '))})`;
  const lines = [`import { absent, complete } from ${JSON.stringify(path.join(sources, 'node/absent.ts'))};`];
  const given = own ? await exportsOf(own) : [];
  if (given.includes('default')) {
    lines.push(`import own from ${JSON.stringify(own)};`);
    // Who asks whether `process` has something is to get a true answer.
    const rest = name === 'process' ? '{}' : `{ ...${absent(refused)}, ...${JSON.stringify(data)} }`;
    lines.push(`const all = /* @__PURE__ */ complete(own, ${rest});`, 'export default all;');
    const names = [...refused, ...Object.keys(data)].filter((key) => key !== 'default');
    if (names.length > 0) lines.push(`export const { ${names.join(', ')} } = all;`);
    return lines.join('\n');
  }
  const missing = refused.filter((key) => !given.includes(key));
  const values = Object.entries(data).filter(([key]) => !given.includes(key));
  if (own) lines.push(`import * as own from ${JSON.stringify(own)};`, `export * from ${JSON.stringify(own)};`);
  lines.push(`const rest = /* @__PURE__ */ ${missing.length ? absent(missing) : '{}'};`);
  if (missing.length > 0) lines.push(`export const { ${missing.join(', ')} } = rest;`);
  for (const [key, value] of values) lines.push(`export const ${key} = ${JSON.stringify(value)};`);
  lines.push(`export default { ...rest, ${own ? '...own, ' : ''}${values.map(([key]) => key).join(', ')} };`);
  return lines.join('\n');
}

const plugin = {
  name: 'node-modules',
  setup({ onResolve, onLoad, resolve }) {
    // A `require()` of a file that is not bundled would stay one: in between is a module that imports it.
    const outside = (name) => ({ path: name, namespace: 'shared' });
    onLoad({ filter: /.*/, namespace: 'shared' }, ({ path: name }) => ({
      contents: `export * from "outside:${name}"; export { default } from "outside:${name}";`,
    }));
    onResolve({ filter: /^outside:/ }, ({ path: name }) => ({
      path: `../${name.replace('outside:', '')}.js`,
      external: true,
    }));

    const parts = Object.values(shared).map((name) => path.join(sources, `${name}.ts`));
    onResolve({ filter: /^\.\.?\// }, ({ path: name, resolveDir }) => {
      const file = path.join(resolveDir, name).replace(/\.js$/, '.ts');
      return parts.includes(file) ? outside(path.basename(file, '.ts')) : undefined;
    });
    onResolve({ filter: new RegExp(`^/.*/(${Object.values(shared).join('|')})\\.ts$`) }, ({ path: file }) =>
      parts.includes(file) ? outside(path.basename(file, '.ts')) : undefined,
    );
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path: specifier }) => {
      const name = specifier.replace(/^node:/, '');
      if (Object.hasOwn(shared, name)) return outside(shared[name]);
      // The little that error messages need.
      if (name === 'util') return { path: path.join(sources, 'util.ts') };
      if (name === 'qs') return { path: path.join(sources, 'node/querystring.ts') };
      return builtinModules.includes(name) ? { path: path.join(generated, `${fileName(name)}.js`) } : undefined;
    });
    // Packages with the name of a module; they are not in reach of the folder of what is generated.
    onResolve({ filter: /^[a-z_]+\/$/ }, ({ path: name, kind, pluginData }) =>
      pluginData === plugin ? undefined : resolve(name, { kind, resolveDir: inRepository(), pluginData: plugin }),
    );
  },
};

/** Resolves to the files that went in, for their licences. `settings` are those of dist/browser/ as a whole. */
export async function buildNodeModules(output, settings) {
  const names = [...new Set([...builtinModules.filter((name) => /^[a-z][\w/]*$/.test(name)), ...Object.keys(known)])];
  fs.rmSync(generated, { recursive: true, force: true });
  fs.mkdirSync(generated, { recursive: true });
  for (const name of names) {
    fs.writeFileSync(path.join(generated, `${fileName(name)}.js`), await moduleText(name));
  }
  const { metafile, ...result } = await esbuild.build({
    ...settings,
    entryPoints: [
      ...names.map((name) => path.join(generated, `${fileName(name)}.js`)),
      ...['globals', 'missing'].map((name) => path.join(sources, `node/${name}.ts`)),
    ],
    entryNames: '[name]',
    outdir: output,
    plugins: [plugin],
  });
  for (const name of [...names, 'globals', 'missing']) {
    const text = `'use strict';\nconst module_ = require('./${fileName(name)}.js');\nmodule.exports = module_.default ?? module_;\n`;
    fs.writeFileSync(path.join(output, `${fileName(name)}.cjs`), text);
  }
  const table = Object.fromEntries(names.map((name) => [name, fileName(name)]));
  fs.writeFileSync(path.join(output, 'modules.json'), `${JSON.stringify(table, null, 2)}\n`);
  return { ...result, inputs: Object.keys(metafile.inputs) };
}
