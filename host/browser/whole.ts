/**
 * All of the module but its engine, in one file: what `index.ts` waits for beside the wasm file. What pages import besides
 * are a few lines around it.
 */
import './base.js';
import { createTlsFor } from '../create-tls.js';
import { loadEngine } from './load-engine.js';
import net from './net.js';
import { browserPlatform } from './platform.js';

export default createTlsFor(browserPlatform({}), net);
export { browserPlatform, createTlsFor, loadEngine, net };
