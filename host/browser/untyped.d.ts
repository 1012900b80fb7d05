/** Emscripten's code, of which `host/engine/loader.ts` knows what it makes, and a package without types. */
declare module '*/wasm-tls.js' {
  const createModule: unknown;
  export default createModule;
}

declare module 'object-inspect' {
  export default function inspect(value: unknown, options: { depth?: number }): string;
}

declare module 'path-browserify' {
  export * as default from 'node:path';
}

declare module 'punycode/' {
  export * as default from 'node:punycode';
}

declare module 'string_decoder/' {
  export { StringDecoder } from 'node:string_decoder';
}

declare module 'url/' {
  export * as default from 'node:url';
}
