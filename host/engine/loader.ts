/** From the wasm file to a running instance. The file is compiled once in a process, at first use, for all instances. */
import type { MainModule } from '../../bindings/engine.js';
import { compiledModule } from './compiled-module.js';
import { readModuleFile, requireModuleCode } from './platform.js';

/** What Emscripten names RuntimeExports and types as `any`. Replaced when memory grows, so it is read at each use. */
export type EngineModule = Omit<MainModule, 'HEAPU8'> & { readonly HEAPU8: Uint8Array<ArrayBuffer> };

/** What bindings/host_functions.js calls. */
export interface HostFunctions {
  /** Fills a view of wasm memory; false when there is no randomness to be had. Must not throw. */
  fillRandom(target: Uint8Array): boolean;
  /** ms since 1970. Must not throw. */
  now(): number;
}

interface FactoryOptions extends HostFunctions {
  instantiateWasm(imports: Record<string, never>, done: (instance: WebAssembly.Instance) => void): object;
  print(text: string): void;
  printErr(text: string): void;
}

export function instantiate(host: HostFunctions): EngineModule {
  const createModule = requireModuleCode() as (options: FactoryOptions) => EngineModule;
  const module = compiledModule(readModuleFile);
  return createModule({
    ...host,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
    // OpenSSL prints nothing; what Emscripten prints precedes an abort, whose message says it again.
    print() {},
    printErr() {},
  });
}
