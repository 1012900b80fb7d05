/** `wasm-tls/webpack`, for webpack 5. It finds the wasm module and the trust roots by itself. */
import path from 'node:path';
import type { Compiler, ResolveData } from 'webpack';
import { globalNames, globalsFile, isOwnFile, resolveModule } from './modules.js';
import { completeOptions, type PluginOptions } from './options.js';

type AssetFilter = NonNullable<Exclude<Compiler['options']['performance'], false | undefined>['assetFilter']>;

const name = 'wasm-tls';

/** `import` and what is like it; everything else cannot wait for a module. */
function isRequired({ dependencyType }: ResolveData): boolean {
  return !/^(?:esm|import|worker|url)/.test(dependencyType);
}

/** Entries begin with an import that waits for the engine. */
function waitInEntry({ dependencies, createData }: ResolveData): void {
  const { resource = '', loaders } = createData;
  const isEntry = dependencies.some(({ type, category }) => type === 'entry' || category === 'worker');
  if (!isEntry || loaders === undefined || isOwnFile(resource) || /[\\/]node_modules[\\/]/.test(resource)) return;
  loaders.push({ loader: path.join(__dirname, 'webpack-loader.js'), options: null, ident: null, type: null });
}

/** The limit that webpack warns about is for what a page waits for as a whole; the engine is compiled while it arrives. */
function leaveOutAssets({ options }: Compiler): void {
  const { performance } = options;
  if (performance === false) return;
  const isMeasured: AssetFilter = performance?.assetFilter ?? ((file) => !file.endsWith('.map'));
  const assetFilter: AssetFilter = (file, ...rest) => !/\.(?:wasm|der)$/.test(file) && isMeasured(file, ...rest);
  options.performance = { ...performance, assetFilter };
}

function apply(compiler: Compiler, waits: boolean): void {
  const { options, webpack } = compiler;
  if (options.node !== false) options.node = { ...options.node, global: true };
  leaveOutAssets(compiler);

  const provided = globalNames.filter((global) => global !== 'global');
  new webpack.ProvidePlugin(Object.fromEntries(provided.map((global) => [global, [globalsFile, global]]))).apply(
    compiler,
  );

  compiler.hooks.normalModuleFactory.tap(name, ({ hooks }) => {
    hooks.beforeResolve.tap(name, (data) => {
      const file = resolveModule(data.request, { isRequire: isRequired(data) });
      if (file !== null) data.request = file;
    });
    if (waits) hooks.afterResolve.tap(name, (data) => waitInEntry(data));
  });
}

/** What webpack takes as a plugin. */
interface WebpackPlugin {
  apply(compiler: unknown): void;
}

/** `plugins: [wasmTls()]` */
function wasmTls(options: PluginOptions = {}): WebpackPlugin {
  const { wait } = completeOptions(options, 'wasm-tls/webpack');
  return { apply: (compiler) => apply(compiler as Compiler, wait) };
}

export = wasmTls;
