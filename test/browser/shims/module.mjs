// `createRequire()` of the tests that look below the API: the engine's sources, with an engine of their own.

import * as engine from '../../../host/engine/engine.ts';
import * as instance from '../../../host/engine/instance.ts';
import { provideModule } from '../../../host/engine/compiled-module.ts';
import * as pump from '../../../host/engine/pump.ts';
import * as types from '../../../host/engine/types.ts';

provideModule(await WebAssembly.compileStreaming(fetch('/dist/engine/wasm-tls.wasm')));

const modules = { engine, instance, pump, types };

export function createRequire() {
  return (name) => {
    const module = modules[/\/dist\/engine\/(\w+)\.js$/.exec(name)?.[1]];
    if (module === undefined) throw new Error(`${name} is not in a browser`);
    return module;
  };
}
