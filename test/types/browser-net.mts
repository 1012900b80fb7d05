// What TypeScript makes of the sockets of a page: everything here must compile, or not compile where it says so.

import type nodeNet from 'node:net';
import tls from 'wasm-tls';
import net, { connect, createServer, setDefaultRelay, Socket, type RelayOptions, type Transport } from 'wasm-tls/net';

// They can stand wherever node's are asked for.
export const asNode: Pick<typeof nodeNet, 'Socket' | 'Server' | 'connect' | 'createServer' | 'isIP'> = net;
export const asNodesSocket: nodeNet.Socket = new Socket();
export const own = tls.createTls({ net: net as unknown as typeof nodeNet });

const relay: RelayOptions = { url: 'wss://relay.example/', window: 65_536, password: 'x', WebSocket };
setDefaultRelay(relay);
setDefaultRelay(new URL('wss://relay.example/'));
setDefaultRelay(null);
// @ts-expect-error: no such option
setDefaultRelay({ url: 'wss://relay.example/', unknown: 1 });

const transport: Transport = net.createMemoryTransport();
const onread = { buffer: new Uint8Array(1), callback: () => true };
connect({ port: 1, host: 'a.example', transport, onread }, () => {}).on('data', (data: Buffer) => data.length);
connect(1, 'a.example', () => {})
  .setTimeout(5)
  .end();
connect({ transport: new TransformStream<Uint8Array, Uint8Array>() });
// @ts-expect-error: a port is a number
connect({ port: {} });
new Socket({ transport: relay }).connect({ port: 5, transport: 'wss://relay.example/' });
createServer({ transport, allowHalfOpen: true }, (socket) => socket.end()).listen({ port: 5, transport });
net.createServer((socket) => socket.end()).listen(5, () => {});
net.duplexPair()[0].end();
net.messagePortTransport(new MessageChannel().port1);
net.streamTransport(({ host, port }) => ({ ...new TransformStream<Uint8Array, Uint8Array>(), host, port }));

export class Derived extends net.Socket {
  readonly added = 1;
}
