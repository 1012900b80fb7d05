// A relay in a process of its own, so that its memory can be told from that of its clients and targets.

import { createRelay } from '../../dist/relay.mjs';

const options = JSON.parse(process.argv[2]);
const relay = createRelay(options);
const { port } = await relay.listen();
process.send({ port });
process.on('message', () => {
  globalThis.gc?.();
  process.send({
    rss: process.memoryUsage.rss(),
    streams: Number(/^wasm_tls_relay_streams (.*)$/m.exec(relay.metrics())[1]),
  });
});
process.on('disconnect', () => process.exit());
