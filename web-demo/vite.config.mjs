// The page, built from the package as its users import it.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

const folder = path.dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  root: folder,
  // Relative, so that the page may lie anywhere below its origin.
  base: './',
  logLevel: 'warn',
  build: {
    outDir: path.join(folder, '../build/web-demo'),
    emptyOutDir: true,
    target: 'es2022',
    // Everything comes from files: the page's policy allows no data URLs of code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
