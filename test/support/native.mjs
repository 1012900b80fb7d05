// Node's own tls as the foreign peer in the same process.

import { once } from 'node:events';
import nativeTls from 'node:tls';

import { Mailbox } from './mailbox.mjs';

/** A listening server of Node's own; connections echo unless `onConnection` says otherwise. */
export async function nativeServer(options, onConnection = (socket) => socket.pipe(socket)) {
  const connections = new Mailbox();
  const sockets = new Set();
  const server = nativeTls.createServer(options, (socket) => {
    socket.on('error', () => {});
    connections.put(socket);
    onConnection(socket);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: server.address().port,
    connections,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client of Node's own, secure. Rejects with its error. */
export async function nativeClient(options) {
  const socket = nativeTls.connect({ host: '127.0.0.1', servername: 'localhost', ...options });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return Object.assign(socket, { stop: () => socket.destroy() });
}
