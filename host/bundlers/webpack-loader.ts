/** What `wasm-tls/webpack` lets entries go through. */
import type { LoaderContext } from 'webpack';
import { awaitingEntry } from './modules.js';

const moduleSyntax = /^\s*(?:import\b(?!\s*\()|export\b)/m;

function waitForEngine(this: LoaderContext<unknown>, source: string, map: never): void {
  if (moduleSyntax.test(source)) {
    this.callback(null, `import ${JSON.stringify(awaitingEntry)};${source}`, map);
    return;
  }
  this.emitWarning(
    new Error(
      'wasm-tls: this entry is no ES module and cannot wait for the engine. Turn it into one, or do what needs TLS in ' +
        "`import('wasm-tls').then(…)`.",
    ),
  );
  this.callback(null, source, map);
}

export = waitForEngine;
