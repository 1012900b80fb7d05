/** `wasm-tls/net`: the sockets that TLS stands on. On Node they are Node's own. */
import net from 'node:net';

export = net;
