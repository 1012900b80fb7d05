/** `wasm-tls/create`: the module as a promise, for Service Workers and for files that lie somewhere else. */
import type { CreateTlsOptions, Tls } from '../module-type.js';
import type { AssetOptions } from './assets.js';
import { browserPlatform, createTlsFor, loadEngine, net } from './whole.js';

export async function createTls(options: CreateTlsOptions & AssetOptions = {}): Promise<Tls> {
  const { wasm, roots, ...rest } = options;
  await loadEngine(wasm);
  return createTlsFor(browserPlatform({ roots }), net, rest);
}
