// The page, built from the package as its users import it.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';
import wasmTls from 'wasm-tls/vite';

const folder = path.dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  root: folder,
  // Relative, so that the page may lie anywhere below its origin.
  base: './',
  logLevel: 'warn',
  // The page itself waits for the engine, and has something to say when it does not come: src/main.ts.
  plugins: [wasmTls({ wait: false })],
  build: {
    outDir: path.join(folder, '../build/web-demo'),
    emptyOutDir: true,
    target: 'es2022',
    // Everything comes from files: the page's policy allows no data URLs of code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // How long a slow machine takes is no news.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
