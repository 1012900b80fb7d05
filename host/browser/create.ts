/** `wasm-tls/create`: the module as a promise, for Service Workers and for files that lie somewhere else. */
import './base.js';
// One file for both entry points.
import './deferred.js';
import { createTlsFor } from '../create-tls.js';
import type { CreateTlsOptions, Tls } from '../module-type.js';
import net from './net.js';
import { loadEngine, type AssetOptions } from './assets.js';
import { browserPlatform } from './platform.js';

export async function createTls(options: CreateTlsOptions & AssetOptions = {}): Promise<Tls> {
  const { wasm, roots, ...rest } = options;
  await loadEngine(wasm);
  return createTlsFor(browserPlatform({ roots }), net, rest);
}
