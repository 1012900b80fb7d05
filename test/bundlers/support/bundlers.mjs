// Each bundler with the configuration of docs/browser.md: a script of the application's that prints its warnings as JSON.
// What it builds lies in out/NAME, with an index.html.

/** The one line, and what is around it anyway. */
const scripts = {
  vite: `
    import { build } from 'vite';
    import wasmTls from 'wasm-tls/vite';
    const warnings = [];
    const customLogger = { info() {}, warn: (text) => warnings.push(text), warnOnce() {}, error: (text) => warnings.push(text),
      clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
    await build({ root: 'src', configFile: false, logLevel: 'warn', customLogger, plugins: [wasmTls()],
      build: { outDir: '../out/vite', emptyOutDir: true, chunkSizeWarningLimit: 5000,
        // How long a busy machine takes is no news.
        rolldownOptions: { checks: { bundlerTimings: false } } } });
    console.log(JSON.stringify(warnings));`,

  rollup: `
    import { rollup } from 'rollup';
    import commonjs from '@rollup/plugin-commonjs';
    import json from '@rollup/plugin-json';
    import nodeResolve from '@rollup/plugin-node-resolve';
    import wasmTls from 'wasm-tls/rollup';
    const warnings = [];
    const bundle = await rollup({ input: ['src/main.js', 'src/worker.js'], plugins: [wasmTls(), nodeResolve({ browser: true }), commonjs(), json()],
      onLog: (level, { code, message }) => code !== 'CIRCULAR_DEPENDENCY' && warnings.push(message) });
    await bundle.write({ dir: 'out/rollup', format: 'es' });
    console.log(JSON.stringify(warnings));`,

  webpack: `
    import webpack from 'webpack';
    import wasmTls from 'wasm-tls/webpack';
    const entry = './src/main.js';
    const output = { path: process.cwd() + '/out/webpack' };
    webpack({ mode: 'production', entry, output, plugins: [wasmTls()] }, (error, stats) => {
      const { warnings = [], errors = [] } = stats?.toJson({ all: false, warnings: true, errors: true }) ?? {};
      const messages = [...warnings, ...errors, ...(error ? [error] : [])].map(({ message }) => message);
      // An application of three libraries is larger than webpack thinks wise; that is not about the wasm module.
      console.log(JSON.stringify(messages.filter((text) => !/^(asset|entrypoint) size limit(?!.*wasm)|performance rec/.test(text))));
    });`,

  esbuild: `
    import { build } from 'esbuild';
    import wasmTls from 'wasm-tls/esbuild';
    const { warnings } = await build({ entryPoints: ['src/main.js', 'src/worker.js'], bundle: true, outdir: 'out/esbuild', plugins: [wasmTls()],
      logLevel: 'silent' });
    console.log(JSON.stringify(warnings.map(({ text }) => text)));`,
};

export const bundlers = Object.keys(scripts);

/** Builds the application and resolves to the warnings. */
export function bundle(project, name) {
  return project.node(`${name}.mjs`, scripts[name]);
}
