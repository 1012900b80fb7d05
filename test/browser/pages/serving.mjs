// A TLS server in the page, on a port of the relay, that speaks as much of HTTP/1.1 as curl asks for.

import tls from 'wasm-tls';
import net from 'wasm-tls/net';

const seen = { connections: 0, open: 0, mostOpen: 0, requests: [], errors: [] };
let server;
let wanted = 0;
let held = [];

function answer(socket, path) {
  const peer = socket.getPeerCertificate?.()?.subject?.CN ?? 'nobody';
  const body = `${path} for ${peer} over ${socket.getProtocol()}\n`;
  socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

/** Requests for /together are answered when so many of them are there; those for /never are not. */
function onRequest(socket, path) {
  seen.requests.push(path);
  if (path === '/never') return;
  if (path !== '/together') return answer(socket, path);
  held.push(() => answer(socket, path));
  if (held.length < wanted) return;
  for (const release of held) release();
  held = [];
}

function onConnection(socket) {
  seen.connections += 1;
  seen.open += 1;
  seen.mostOpen = Math.max(seen.mostOpen, seen.open);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    text += data;
    for (let end; (end = text.indexOf('\r\n\r\n')) >= 0; text = text.slice(end + 4)) {
      onRequest(socket, text.split(' ', 2)[1]);
    }
  });
  socket.on('error', (error) => seen.errors.push(error.code));
  socket.on('close', () => (seen.open -= 1));
}

/** Resolves to the port of the relay that it listens on. */
export function listen(relay, options) {
  net.setDefaultRelay(relay);
  server = tls.createServer(options, onConnection);
  server.on('tlsClientError', (error) => seen.errors.push(error.code));
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, () => resolve(server.address().port));
  });
}

export const waitTogether = (count) => void (wanted = count);
export const look = () => seen;
export const close = () => new Promise((resolve) => server.close(resolve));
