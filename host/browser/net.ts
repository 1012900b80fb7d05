/** `wasm-tls/net` in a browser. */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { Net } from '../api/platform.js';

/** Streams of the page's own are all that TLS can stand on here. */
class Socket extends Duplex {}
class Server extends EventEmitter {}

const isIP = (text: string): number => (/^[\d.]+$/.test(text) ? 4 : text.includes(':') ? 6 : 0);

export default { Socket, Server, isIP } as unknown as Net;
