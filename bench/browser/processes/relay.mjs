// The relay of this package in a process of its own. It answers with its port and ends with its parent.

import { createRelay } from 'wasm-tls/relay';

// More than by default, for epoxy-tls: it does not close its streams, and sends without regard to the window.
const limits = { streams: 65536, streamBufferBytes: 256 << 20, connectionBufferBytes: 256 << 20 };

const relay = createRelay({
  port: 0,
  allow: ['localhost:*', '127.0.0.1:*'],
  allowPrivate: true,
  origins: ['*'],
  limits,
  logLevel: 'error',
});
const { port } = await relay.listen();
process.send({ port });
process.on('disconnect', () => process.exit());
