/** `wasm-tls/vite`, for Vite 8: its builds, its dev server and the workers of both. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { DevEnvironment, Plugin, Rolldown, UserConfig } from 'vite' with { 'resolution-mode': 'import' };
import { mayReferToAssets, replaceAssets } from './assets.js';
import { withGlobals, type Parse } from './globals.js';
import {
  awaitingEntry,
  fileOf,
  globalsSpecifier,
  isApplicationScript,
  isMadeUp,
  isOwnFile,
  isScript,
  ownSpecifier,
  ownSpecifiers,
  pageEntry,
  resolveModule,
} from './modules.js';
import { completeOptions, type PluginOptions } from './options.js';

type PluginContext = Rolldown.PluginContext & { environment?: { mode: string } };

const packageFolder = path.resolve(__dirname, '../..');

/** Whether the project finds this very package by its name, as it does when it is installed or linked. */
function isInstalledIn(root: string): boolean {
  try {
    const found = createRequire(path.join(root, 'package.json')).resolve('wasm-tls/package.json');
    return fs.realpathSync(path.dirname(found)) === fs.realpathSync(packageFolder);
  } catch {
    return false;
  }
}

function isRequired(options: { kind?: string }): boolean {
  return options.kind?.startsWith('require') === true;
}

/** The same for the dependencies that the dev server bundles beforehand, all into one graph with wasm-tls itself. */
function optimizerPlugin(base: () => string): Rolldown.Plugin {
  return {
    name: 'wasm-tls:dependencies',
    resolveId(source, _importer, options) {
      // The optimizer has found the package by its name, and comes with the file.
      if (path.normalize(source) === pageEntry) return awaitingEntry;
      return resolveModule(source, { isRequire: isRequired(options) });
    },
    transform(code, id) {
      if (!isOwnFile(id)) return isMadeUp(id) ? null : withGlobals(code, globalsSpecifier, parser(this));
      if (!mayReferToAssets(code)) return null;
      // The package may lie outside of the project.
      const address = ({ file }: { file: string }): string => {
        const url = path.posix.join(base(), '@fs', file.split(path.sep).join('/'));
        return `new URL(${JSON.stringify(url)},import.meta.url)`;
      };
      return replaceAssets(code, fileOf(id), address);
    },
  };
}

function parser(context: { parse: (code: string) => unknown }): Parse {
  return (code) => context.parse(code) as ReturnType<Parse>;
}

function settings(root: string, base: () => string, waits: boolean): UserConfig {
  return {
    optimizeDeps: {
      // Otherwise it would be found one by one when pages are loaded, which would have to be loaded again each time.
      include: isInstalledIn(root) ? ownSpecifiers() : [],
      rolldownOptions: { plugins: [optimizerPlugin(base)] },
    },
    worker: { format: 'es', plugins: () => plugins(waits) },
  };
}

/** Where the dev server has what it bundled beforehand; all of ours is among that. */
function prebundled(environment: DevEnvironment, file: string): string {
  const optimizer = environment.depsOptimizer;
  if (optimizer === undefined) return file;
  return optimizer.getOptimizedDepId(optimizer.registerMissingImport(ownSpecifier(file), file));
}

/** Scripts that a page names, by their ids: they are the entries, whatever a build takes for one. */
function isPage(importer: string | undefined): importer is string {
  return importer !== undefined && /\.html?$/.test(fileOf(importer)) && !importer.includes('?');
}

function resolver(entries: Set<string>, waits: boolean): Plugin {
  let base = '/';
  return {
    name: 'wasm-tls',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.config.consumer === 'client',

    config(config) {
      const { rolldownVersion } = this.meta as { rolldownVersion?: string };
      if (rolldownVersion === undefined) throw new Error('wasm-tls/vite needs Vite 8 or later.');
      return settings(path.resolve(config.root ?? '.'), () => base, waits);
    },

    configResolved(config) {
      ({ base } = config);
      config.server.fs.allow.push(path.join(packageFolder, 'dist'));
      if (config.build.lib !== false && config.build.lib.formats?.some((format) => !/^es/.test(format))) {
        throw new Error("wasm-tls: build.lib.formats must be ['es']: the bundle waits for the engine.");
      }
    },

    async resolveId(source, importer, options) {
      const file = resolveModule(source, { isRequire: isRequired(options as { kind?: string }) });
      if (file !== null) {
        const { environment } = this as PluginContext;
        const isServed = environment?.mode === 'dev' && !(options as { scan?: boolean }).scan;
        return isServed ? prebundled(environment as unknown as DevEnvironment, file) : file;
      }
      if (!isPage(importer)) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (found) entries.add(found.id);
      return found;
    },
  };
}

function preparer(entries: Set<string>, waits: boolean): Plugin {
  return {
    name: 'wasm-tls:globals',
    // What comes out of the other plugins is JavaScript.
    enforce: 'post',
    applyToEnvironment: (environment) => environment.config.consumer === 'client',

    transform(code, id) {
      if (isMadeUp(id) || isOwnFile(id) || !isScript(id)) return null;
      const { environment } = this as unknown as { environment: DevEnvironment };
      // These have it from the optimizer, the globals themselves among them.
      if (environment.depsOptimizer?.isOptimizedDepFile(id)) return null;
      const isEntry = (): boolean => {
        if (!isApplicationScript(id)) return false;
        if (/[?&]worker_file\b/.test(id)) return true;
        // What nobody imports, the browser itself asked for.
        if (environment.mode === 'dev') return environment.moduleGraph.getModuleById(id)?.importers.size === 0;
        return entries.has(id) || this.getModuleInfo(id)?.isEntry === true;
      };
      const wait = waits && isEntry() ? 'import "wasm-tls";' : '';
      const complete = withGlobals(code, globalsSpecifier, parser(this));
      return wait === '' && complete === null ? null : { code: wait + (complete ?? code), map: null };
    },
  };
}

function plugins(waits: boolean): Plugin[] {
  const entries = new Set<string>();
  return [resolver(entries, waits), preparer(entries, waits)];
}

/** What Vite takes as a plugin. */
interface VitePlugin {
  name: string;
}

/** `plugins: [wasmTls()]` */
function wasmTls(options: PluginOptions = {}): VitePlugin[] {
  return plugins(completeOptions(options, 'wasm-tls/vite').wait);
}

export = wasmTls;
