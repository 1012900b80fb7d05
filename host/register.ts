/**
 * `node --import wasm-tls/register app.js`: puts this library in the place of `tls` and `https` in a program that knows
 * nothing of it, for `require()`, `import` and `process.getBuiltinModule()`. Modules that are part of Node itself, such as
 * http2 and the global `fetch`, keep the one they were built with.
 */
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import https from './https.js';
import tls from './index.js';

const modules = { tls: { exports: tls, entry: 'index.mjs' }, https: { exports: https, entry: 'https.mjs' } };
const replacements = new Map<string, { exports: unknown; entry: string }>(
  Object.entries(modules).flatMap(([name, module]) => [
    [name, module],
    [`node:${name}`, module],
  ]),
);

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;
type GetBuiltin = (this: unknown, id: string) => unknown;

function replaceRequire(): void {
  // The one place that every require() passes, in each version of Node.
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, ...rest) {
    const replacement = replacements.get(request);
    return replacement === undefined ? load.call(this, request, ...rest) : replacement.exports;
  };
}

function replaceGetBuiltin(): void {
  const host = process as unknown as { getBuiltinModule?: GetBuiltin };
  const getBuiltin = host.getBuiltinModule;
  if (getBuiltin === undefined) return;
  host.getBuiltinModule = function (id) {
    const replacement = replacements.get(id);
    return replacement === undefined ? getBuiltin.call(this, id) : replacement.exports;
  };
}

/** Of Node 22.15 and later, where `register()` is deprecated. */
type RegisterHooks = (hooks: { resolve: (specifier: string, context: object, next: NextResolve) => object }) => void;
type NextResolve = (specifier: string, context: object) => object;

function replaceImport(): void {
  const urls = Object.fromEntries(
    [...replacements].map(([name, { entry }]) => [name, pathToFileURL(path.join(__dirname, entry)).href]),
  );
  const { registerHooks } = Module as { registerHooks?: RegisterHooks };
  if (registerHooks !== undefined) {
    const resolve = (specifier: string, context: object, next: NextResolve): object => {
      const url = urls[specifier];
      return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true };
    };
    registerHooks({ resolve });
    return;
  }
  if ((Module as Partial<typeof Module>).register === undefined) {
    process.emitWarning('wasm-tls/register replaces what require() gives; for import it needs Node 18.19 or 20.6');
    return;
  }
  Module.register('./register-hooks.mjs', pathToFileURL(__filename), { data: urls });
}

replaceRequire();
replaceGetBuiltin();
replaceImport();
