// Ports of the loopback interface, and servers on them.

import { once } from 'node:events';
import net from 'node:net';

export const loopback = '127.0.0.1';

/** Resolves to the port. */
export async function listen(server, port = 0) {
  server.listen(port, loopback);
  await once(server, 'listening');
  return server.address().port;
}

/** With all its connections. */
export function close(server) {
  server.closeAllConnections?.();
  return new Promise((resolve) => server.close(resolve));
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = net.createServer();
  const port = await listen(server);
  await close(server);
  return port;
}
