// A whole connection inside of the page, which needs no network.

import { duplexPair } from '../../support/raw.mjs';

/** Both ends. `client` and `server` are options for them. */
export function connectInMemory(tls, { client = {}, server = {} }) {
  const [near, far] = duplexPair();
  const serverSocket = new tls.TLSSocket(far, { isServer: true, ...server });
  serverSocket.on('error', () => {});
  serverSocket.pipe(serverSocket);
  const socket = tls.connect({ socket: near, servername: 'localhost', ...client });
  return { socket, serverSocket };
}

/** What the client of such a connection knows of it, when its greeting has come back. Rejects with its error. */
export function handshake(tls, options) {
  return new Promise((resolve, reject) => {
    const { socket } = connectInMemory(tls, options);
    socket.on('error', reject);
    socket.once('data', (data) => {
      resolve({ echo: String(data), protocol: socket.getProtocol(), authorized: socket.authorized });
      socket.destroy();
    });
    socket.write('hello');
  });
}
