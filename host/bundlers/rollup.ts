/** `wasm-tls/rollup`. Stands before the plugins that resolve packages and turn CommonJS into modules. */
import type { Plugin } from 'rollup' with { 'resolution-mode': 'import' };
import { mayReferToAssets, readAsset, replaceAssets } from './assets.js';
import { withGlobals } from './globals.js';
import { awaitingEntry, fileOf, globalsFile, isMadeUp, isOwnFile, resolveModule } from './modules.js';
import { completeOptions, type PluginOptions } from './options.js';

function isRequired(options: { custom?: Record<string, unknown> | undefined }): boolean {
  const resolver = options.custom?.['node-resolve'] as { isRequire?: boolean } | undefined;
  return resolver?.isRequire === true;
}

function plugin(waits: boolean): Plugin {
  const entries = new Set<string>();
  return {
    name: 'wasm-tls',

    renderStart(options) {
      if (options.format === 'es') return;
      this.error(
        `wasm-tls: output.format is '${options.format}'. It must be 'es': the bundle waits for the engine by a ` +
          'top-level await, and a page loads it by <script type="module">.',
      );
    },

    resolveId: {
      order: 'pre',
      async handler(source, importer, options) {
        const file = resolveModule(source, { isRequire: isRequired(options) });
        if (file !== null || !options.isEntry) return file;
        const context = { ...options, importerAttributes: options.importerAttributes ?? {}, skipSelf: true };
        // As if it were required: otherwise the plugin for CommonJS loads it before its id is noted here.
        const custom = { ...options.custom, 'node-resolve': { isRequire: true } };
        const found = await this.resolve(source, importer, { ...context, custom, isEntry: false });
        if (found) entries.add(found.id);
        return this.resolve(source, importer, context);
      },
    },

    transform: {
      // What comes out of the other plugins is JavaScript, and a module.
      order: 'post',
      handler(code, id) {
        if (isOwnFile(id)) {
          if (!mayReferToAssets(code)) return null;
          const emit = (asset: Parameters<typeof readAsset>[0]): string => {
            const file = this.emitFile({ type: 'asset', name: asset.name, source: readAsset(asset) });
            return `import.meta.ROLLUP_FILE_URL_${file}`;
          };
          return { code: replaceAssets(code, fileOf(id), emit), map: null };
        }
        const isWaiting = waits && entries.has(id);
        const complete = isMadeUp(id) ? null : withGlobals(code, globalsFile, (text) => this.parse(text));
        if (!isWaiting && complete === null) return null;
        const wait = isWaiting ? `import ${JSON.stringify(awaitingEntry)};` : '';
        // Only the columns of the first line move.
        return { code: wait + (complete ?? code), map: null };
      },
    },
  };
}

/** What Rollup takes as a plugin. */
interface RollupPlugin {
  name: string;
}

/** `plugins: [wasmTls(), nodeResolve({ browser: true }), commonjs()]` */
function wasmTls(options: PluginOptions = {}): RollupPlugin {
  return plugin(completeOptions(options, 'wasm-tls/rollup').wait);
}

export = wasmTls;
