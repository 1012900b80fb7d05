/** What a tls.Server does with a connection until it is secure: then it is the user's, and its errors are too. */
import { connectionReset } from './errors.js';
import type { Server } from 'node:net';
import type { SocketInternals, TLSSocket } from './tls-socket-types.js';

export function superviseHandshake(server: Server, socket: TLSSocket, internals: SocketInternals): void {
  let handedOver = false;
  let reported = false;

  function report(error: Error): void {
    if (handedOver || reported) return;
    reported = true;
    // Its name up to Node 5. An https.Server has a listener for the newer one, and a 'clientError' of its own.
    if (!server.emit('tlsClientError', error, socket)) server.emit('clientError', error, socket);
  }

  socket.on('secure', () => {
    // A renegotiation may have changed them.
    const { requestCert, rejectUnauthorized } = internals.options(socket);
    if (requestCert) {
      const error = internals.verifyError(socket) as (Error & { code?: string }) | null;
      socket.authorized = error === null;
      if (error !== null) {
        socket.authorizationError = error.code ?? error.message;
        if (rejectUnauthorized) socket.destroy();
      }
    }
    if (socket.destroyed || handedOver) return;
    handedOver = true;
    internals.release(socket);
    socket.secureConnecting = false;
    server.emit('secureConnection', socket);
  });
  // Stays after the handover, as in Node: a peer that breaks off must not end a server whose author forgot about it.
  socket.on('error', report);
  socket.on('close', (hadError: boolean) => {
    // An error takes its stack along, which every connection would pay for at its regular end.
    if (!hadError && !handedOver) report(connectionReset('socket hang up'));
  });
  for (const event of ['keylog', 'protocolMessage']) {
    if (server.listenerCount(event) > 0) socket.on(event, (told: unknown) => void server.emit(event, told, socket));
  }
}
