/** The TLS stack. Loaded by `import()`, so that the page can tell what is wrong when it does not load. */
import tls from 'wasm-tls';
import { setDefaultRelay } from 'wasm-tls/net';

export { setDefaultRelay, tls };
