/** HTTPS requests of this page's own to the demo's workshop, over TLS sockets of this library. */
import type { ConnectionOptions, TLSSocket } from 'wasm-tls';
import type { App } from '../app.js';
import { HeadReader, HttpError, statusOf } from '../http1.js';

const encoder = new TextEncoder();

export interface Connection {
  socket: TLSSocket;
  /** In hexadecimal: the name by which the demo's server knows what its relay saw of this connection. */
  clientRandom: string;
}

/** Resolves when it is secure. */
export function connect(app: App, options: ConnectionOptions = {}): Promise<Connection> {
  const { host, port } = app.demo.workshop;
  return new Promise((resolve, reject) => {
    const socket = app.tls.connect({ host, port, ca: app.demo.ca, ...options });
    let clientRandom = '';
    // A line of the key log: what the secret is for, the client's random, the secret.
    socket.on('keylog', (line) => (clientRandom = line.toString().split(' ')[1] ?? ''));
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      socket.removeListener('error', reject);
      resolve({ socket, clientRandom });
    });
  });
}

export const requestHead = (method: string, path: string, length: number): Uint8Array =>
  encoder.encode(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
  );

/** Resolves when all of the body has been told. */
export function readResponse(socket: TLSSocket, onBody: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const heads = new HeadReader();
    let missing: number | null = null;
    const take = (chunk: Uint8Array): void => {
      if (missing === null) return;
      missing -= chunk.length;
      if (chunk.length > 0) onBody(chunk);
      if (missing <= 0) resolve();
    };
    socket.on('data', (chunk: Uint8Array) => {
      if (missing !== null) return take(chunk);
      const found = heads.push(chunk);
      if (found === null) return;
      if (statusOf(found.head) !== 200)
        reject(new HttpError(statusOf(found.head), `The server answered ${found.head.first}.`));
      missing = Number(found.head.headers.get('content-length') ?? 0);
      take(found.rest);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The connection was closed before everything was there.')));
  });
}
