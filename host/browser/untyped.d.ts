/** Emscripten's code, of which `host/engine/loader.ts` knows what it makes, and a package without types. */
declare module '*/wasm-tls.js' {
  const createModule: unknown;
  export default createModule;
}

declare module 'object-inspect' {
  export default function inspect(value: unknown, options: { depth?: number }): string;
}
