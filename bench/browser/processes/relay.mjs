// The relay of this package in a process of its own. It answers with its port and ends with its parent.

import { createRelay } from 'wasm-tls/relay';

const relay = createRelay({
  port: 0,
  allow: ['localhost:*', '127.0.0.1:*'],
  allowPrivate: true,
  origins: ['*'],
  limits: { streams: 65536 },
  logLevel: 'error',
});
const { port } = await relay.listen();
process.send({ port });
process.on('disconnect', () => process.exit());
