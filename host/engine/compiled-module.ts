/** The compiled wasm file, one for all instances. A module of its own, which a page has before it has the rest. */

let compiled: WebAssembly.Module | null = null;

/** For platforms that compile asynchronously: what they compiled, before the first instance is made. */
export function provideModule(module: WebAssembly.Module): void {
  compiled = module;
}

/** What was provided, or else the bytes that `read` gives, compiled once. */
export function compiledModule(read: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(read()));
}
