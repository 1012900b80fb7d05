/** `wasm-tls/esbuild`. */
import fs from 'node:fs';
import path from 'node:path';
import type { BuildOptions, Loader, PluginBuild } from 'esbuild';
import { mayReferToAssets, replaceAssets } from './assets.js';
import { awaitingEntry, globalsFile, isOwnFile, resolveModule, specifierPattern } from './modules.js';
import { completeOptions, type PluginOptions } from './options.js';

function checkOptions(options: BuildOptions): void {
  const refuse = (text: string): never => {
    throw new Error(`wasm-tls: ${text}`);
  };
  if (options.bundle !== true) refuse('the plugin works with `bundle: true` only.');
  if (options.platform === 'node') refuse("`platform: 'node'` needs no plugin: wasm-tls has a build for Node.");
  if (options.format !== undefined && options.format !== 'esm') {
    refuse(
      `\`format\` is '${options.format}'. It must be 'esm': the bundle waits for the engine by a top-level await, and a ` +
        'page loads it by <script type="module">.',
    );
  }
}

function entryNames({ entryPoints = [] }: BuildOptions): string[] {
  if (!Array.isArray(entryPoints)) return Object.values(entryPoints);
  return entryPoints.map((entry) => (typeof entry === 'string' ? entry : entry.in));
}

/** Matches paths that end like one of `endings`, with or without an extension. */
function endingWith(endings: string[]): RegExp {
  const names = endings.map((name) => path.basename(name).replace(/\.\w+$/, ''));
  const escaped = names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(?:^|[\\\\/])(?:${escaped.join('|')})(?:\\.[cm]?[jt]sx?)?$`);
}

function loaderFor(file: string, options: BuildOptions): Loader {
  const extension = path.extname(file);
  const known = { '.mjs': 'js', '.cjs': 'js', '.mts': 'ts', '.cts': 'ts' } as Record<string, Loader>;
  return options.loader?.[extension] ?? known[extension] ?? (extension.slice(1) as Loader);
}

/** Entries begin with an import that waits for the engine. */
function waitInEntries(build: PluginBuild): void {
  const names = entryNames(build.initialOptions);
  if (names.length === 0) return;
  const entries = new Set<string>();
  const filter = endingWith(names);

  build.onResolve({ filter }, async (args) => {
    if (args.kind !== 'entry-point' || args.pluginData === entries) return undefined;
    const { kind, resolveDir, importer } = args;
    const found = await build.resolve(args.path, { kind, resolveDir, importer, pluginData: entries });
    if (found.errors.length === 0 && found.namespace === 'file' && !isOwnFile(found.path)) entries.add(found.path);
    return { ...found, warnings: found.warnings };
  });

  build.onLoad({ filter, namespace: 'file' }, async ({ path: file }) => {
    if (!entries.has(file)) return undefined;
    const contents = await fs.promises.readFile(file, 'utf8');
    const loader = loaderFor(file, build.initialOptions);
    return { contents: `import ${JSON.stringify(awaitingEntry)};${contents}`, loader };
  });
}

/** References to the wasm module and the trust roots become imports, which esbuild emits as files. */
function emitAssets(build: PluginBuild): void {
  const namespace = 'wasm-tls-asset';

  build.onLoad({ filter: /[\\/]browser[\\/][^\\/]+\.js$/, namespace: 'file' }, async ({ path: file }) => {
    if (!isOwnFile(file)) return undefined;
    const code = await fs.promises.readFile(file, 'utf8');
    if (!mayReferToAssets(code)) return undefined;
    const imports: string[] = [];
    const contents = replaceAssets(code, file, (asset) => {
      imports.push(`import asset${imports.length} from ${JSON.stringify(`${namespace}:${asset.file}`)};`);
      return `new URL(asset${imports.length - 1},import.meta.url)`;
    });
    return { contents: imports.join('') + contents, loader: 'js' };
  });

  build.onResolve({ filter: /^wasm-tls-asset:/ }, ({ path: name }) => ({
    path: name.slice(namespace.length + 1),
    namespace,
  }));
  build.onLoad({ filter: /.*/, namespace }, async ({ path: file }) => ({
    contents: await fs.promises.readFile(file),
    loader: 'file',
  }));
}

function setup(build: PluginBuild, waits: boolean): void {
  const options = build.initialOptions;
  checkOptions(options);
  options.format = 'esm';
  options.inject = [...(options.inject ?? []), globalsFile];
  if (waits) waitInEntries(build);
  build.onResolve({ filter: specifierPattern }, ({ path: specifier, kind }) => {
    const file = resolveModule(specifier, { isRequire: kind.startsWith('require') });
    return file === null ? undefined : { path: file };
  });
  emitAssets(build);
}

/** What esbuild takes as a plugin. */
interface EsbuildPlugin {
  name: string;
  setup(build: unknown): void;
}

/** `plugins: [wasmTls()]` */
function wasmTls(options: PluginOptions = {}): EsbuildPlugin {
  const { wait } = completeOptions(options, 'wasm-tls/esbuild');
  return { name: 'wasm-tls', setup: (build) => setup(build as PluginBuild, wait) };
}

export = wasmTls;
