/** The engine's module, one for all instances of a page. */
import { provideModule } from '../engine/compiled-module.js';
import { loadModule, type AssetOptions } from './assets.js';

let loading: Promise<void> | null = null;

/**
 * Resolves when the engine can be made. A failure is not the last word: the next call tries again.
 *
 * @param begun the module at its usual place, where somebody loads that already
 */
export function loadEngine(wasm: AssetOptions['wasm'], begun?: Promise<WebAssembly.Module>): Promise<void> {
  loading ??= (async () => {
    try {
      provideModule(await (begun ?? loadModule(wasm)));
    } catch (error) {
      loading = null;
      throw error;
    }
  })();
  return loading;
}
