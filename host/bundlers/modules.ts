/**
 * Which file of this package stands in the place of which module, when a library is bundled for a browser. All plugins ask
 * here; the files are those that `scripts/build-browser.mjs` and `build-node-modules.mjs` made.
 */
import fs from 'node:fs';
import path from 'node:path';

const browser = path.resolve(__dirname, '../browser');

/** `import` waits for the engine by this; `require()` cannot, and gets the module without it. */
export const awaitingEntry = path.join(browser, 'bundled.js');

/** What `wasm-tls` is where nobody bundles it. */
export const pageEntry = path.join(browser, 'index.js');

/** Node's globals, by name. */
export const globalsFile = path.join(browser, 'node/globals.js');
const nodeFolder = 'wasm-tls/node/';
export const globalsSpecifier = `${nodeFolder}globals`;
export const globalNames = ['Buffer', 'process', 'global', 'setImmediate', 'clearImmediate'] as const;

/** Files of ours in the dependencies' place, and what they are called. */
const own: Record<string, { esm: string; cjs: string }> = {
  'wasm-tls': { esm: 'bundled.js', cjs: 'node/tls.cjs' },
  'wasm-tls/deferred': { esm: 'deferred.js', cjs: 'node/tls.cjs' },
  'wasm-tls/net': { esm: 'net.js', cjs: 'node/net.cjs' },
  'wasm-tls/create': { esm: 'create.js', cjs: 'create.js' },
};

/**
 * Native companions and other runtimes' modules: libraries look for them where they may be, in a `try`. A build must not
 * fail because a browser is not the place.
 */
const companions = ['pg-native', 'cloudflare:sockets'];

/** What `resolveModule()` may have an answer for. */
export const specifierPattern =
  /^(?:(?:node:)?[a-z][a-z0-9_]*(?:\/[a-z0-9]+)?|wasm-tls(?:\/[a-z0-9-]+){0,2}|pg-native|cloudflare:sockets)$/;

let modules: Record<string, string> | null = null;

function nodeModules(): Record<string, string> {
  modules ??= JSON.parse(fs.readFileSync(path.join(browser, 'node/modules.json'), 'utf8')) as Record<string, string>;
  return modules;
}

function fileNames(): string[] {
  return [...Object.values(nodeModules()), 'globals'];
}

/** All that the package exports for pages. */
export function ownSpecifiers(): string[] {
  return [...Object.keys(own), ...fileNames().map((name) => nodeFolder + name)];
}

/** Which of them is this file, that `resolveModule()` gave for an import. */
export function ownSpecifier(file: string): string {
  const name = path.basename(file, '.js');
  if (path.basename(path.dirname(file)) === 'node') return nodeFolder + name;
  return file === awaitingEntry ? 'wasm-tls' : `wasm-tls/${name}`;
}

/** The file for a module that somebody imports, or requires; null when it is none of ours. */
export function resolveModule(specifier: string, { isRequire }: { isRequire: boolean }): string | null {
  if (!specifierPattern.test(specifier)) return null;
  if (companions.includes(specifier)) return path.join(browser, `node/missing.${isRequire ? 'cjs' : 'js'}`);
  const kind = isRequire ? 'cjs' : 'esm';
  if (Object.hasOwn(own, specifier)) return path.join(browser, (own[specifier] as { esm: string; cjs: string })[kind]);
  const exported = specifier.startsWith(nodeFolder) ? specifier.slice(nodeFolder.length) : '';
  if (fileNames().includes(exported)) return path.join(browser, 'node', `${exported}.${isRequire ? 'cjs' : 'js'}`);
  const name = specifier.replace(/^node:/, '');
  const file = Object.hasOwn(nodeModules(), name) ? nodeModules()[name] : undefined;
  return file === undefined ? null : path.join(browser, 'node', `${file}.${isRequire ? 'cjs' : 'js'}`);
}

/** Without what a bundler adds to a file's name. */
export function fileOf(id: string): string {
  return id.replace(/[?#].*$/, '');
}

export function isOwnFile(id: string): boolean {
  return path.normalize(fileOf(id)).startsWith(browser + path.sep);
}

/** Code that a bundler made up itself, and that the rest stands on. */
export function isMadeUp(id: string): boolean {
  return id.startsWith('\0');
}

/** JavaScript, whatever it was before other plugins made that of it. */
export function isScript(id: string): boolean {
  return /\.(?:[cm]?[jt]sx?|vue|svelte)$/.test(fileOf(id)) || /\?html-proxy\b.*\.js$/.test(id);
}

/** Of the application, as opposed to what it has installed. */
export function isApplicationScript(id: string): boolean {
  return isScript(id) && !isMadeUp(id) && !isOwnFile(id) && !/[\\/]node_modules[\\/]/.test(id);
}
