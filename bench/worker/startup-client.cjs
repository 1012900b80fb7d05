// From `require` to the first finished handshake: startup-client.cjs MODULE PORT CA_FILE|default
//
// Prints one line of JSON: ms from before `require` until after it, and until the handshake was done.
'use strict';

const [name, port, trust] = process.argv.slice(2);
const ca = trust === 'default' ? undefined : require('node:fs').readFileSync(trust);

const start = performance.now();
const tls = require(name);
const loaded = performance.now();
const socket = tls.connect({
  host: '127.0.0.1',
  port: Number(port),
  servername: 'localhost',
  ca,
  rejectUnauthorized: ca !== undefined,
});
socket.once('secureConnect', () => {
  const done = performance.now();
  process.stdout.write(`${JSON.stringify({ value: done - start, require: loaded - start })}\n`);
  socket.destroy();
});
