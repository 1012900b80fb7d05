// Every transport, each with servers at its other end: what the tests run over all of them.

import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import nativeNet from 'node:net';
import { MessageChannel } from 'node:worker_threads';

import { logging, server as wispJs } from '@mercuryworkshop/wisp-js/server';

import { ourNet as net } from './nets.mjs';

const require = createRequire(import.meta.url);
const { WebSocket } = require('ws');

logging.set_level(logging.NONE);
wispJs.options.allow_loopback_ips = true;
wispJs.options.allow_private_ips = true;

async function listening(server, options) {
  server.listen(options);
  await once(server, 'listening');
  return server.address().port;
}

/** A server that loses its connections with itself. */
function stoppable(server) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
}

/** Servers on loopback, behind a relay. */
async function tcpServer(options, listener) {
  const server = nativeNet.createServer(options, listener);
  const stop = stoppable(server);
  return { port: await listening(server, { port: 0, host: '127.0.0.1' }), server, stop };
}

/** The relay of wisp-js, an implementation that is not ours. */
export async function wispJsRelay({ version }) {
  wispJs.options.wisp_version = version;
  const server = http.createServer().on('upgrade', (...args) => wispJs.routeRequest(...args));
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  const port = await listening(server, { port: 0, host: '127.0.0.1' });
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `ws://127.0.0.1:${port}/`, stop };
}

export async function ourRelay(options) {
  const { createRelay } = require('wasm-tls/relay');
  const relay = createRelay({
    port: 0,
    allow: ['127.0.0.1:*'],
    allowPrivate: true,
    allowListen: '0,1024-65535',
    timeouts: { grace: 0 },
    limits: { connectionsPerAddress: 1000 },
    ...options,
  });
  const { port } = await relay.listen();
  return { url: `ws://127.0.0.1:${port}/`, relay, stop: () => relay.close() };
}

/** Short times, so that no test waits for long; and `ws` in the place of a browser's WebSocket. */
export const relayDefaults = { WebSocket, lingerTimeout: 1000 };

function behindRelay(start, options) {
  return async () => {
    const { url, stop, relay } = await start();
    return {
      relay,
      url,
      connectOptions: { host: '127.0.0.1', transport: net.relayTransport({ url, ...relayDefaults, ...options }) },
      server: tcpServer,
      stop,
    };
  };
}

async function ownServer(transport, options, listener) {
  const server = net.createServer({ transport, ...options }, listener);
  const stop = stoppable(server);
  return { port: await listening(server, { port: 0 }), server, transport, stop };
}

async function memory() {
  const transport = net.createMemoryTransport();
  return { connectOptions: { transport }, server: (...args) => ownServer(transport, ...args), stop: () => {} };
}

async function messagePort() {
  const { port1, port2 } = new MessageChannel();
  const [near, far] = [net.messagePortTransport(port1), net.messagePortTransport(port2)];
  return {
    connectOptions: { transport: near },
    server: (...args) => ownServer(far, ...args),
    stop: () => port1.close(),
  };
}

/** As Duplex.toWeb(), whose `readable` does not end before the socket's other direction has. */
function webStreams(socket) {
  const readable = new ReadableStream(
    {
      start(controller) {
        socket.on('data', (chunk) => {
          controller.enqueue(chunk);
          if (controller.desiredSize <= 0) socket.pause();
        });
        socket.on('end', () => controller.close());
        socket.on('error', (error) => controller.error(error));
      },
      pull: () => void socket.resume(),
      cancel: () => void socket.destroy(),
    },
    { highWaterMark: 2 },
  );
  const settle = (resolve, reject) => (error) => (error ? reject(error) : resolve());
  const writable = new WritableStream({
    write: (chunk) => new Promise((resolve, reject) => socket.write(chunk, settle(resolve, reject))),
    close: () => new Promise((resolve, reject) => socket.end(settle(resolve, reject))),
    abort: () => void socket.destroy(),
  });
  return { readable, writable };
}

async function streams() {
  const transport = net.streamTransport(async ({ port }) => {
    const socket = nativeNet.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return webStreams(socket);
  });
  return { connectOptions: { transport }, server: tcpServer, stop: () => {} };
}

/**
 * name → { start, and what a transport cannot do }. `start()` resolves to { connectOptions, server(options, listener),
 * stop() }, where server() resolves to { port, server, stop }.
 */
export const transports = {
  memory: { start: memory, resets: true },
  MessagePort: { start: messagePort, resets: true },
  'streams of the WHATWG': { start: streams },
  'our relay, Wisp 2': { start: behindRelay(ourRelay, {}), resets: true },
  'our relay, Wisp 1': { start: behindRelay(ourRelay, { extensions: false }), noHalfClose: true, resets: true },
  'our relay, a WebSocket each': {
    start: behindRelay(ourRelay, { protocol: 'websocket', extensions: true }),
    resets: true,
  },
  'our relay, a bare WebSocket each': {
    start: behindRelay(ourRelay, { protocol: 'websocket' }),
    resets: true,
    noHalfClose: true,
  },
  'wisp-js, Wisp 2': {
    start: behindRelay(() => wispJsRelay({ version: 2 }), {}),
    noHalfClose: true,
    refusal: 'ECONNRESET',
    noReset: true,
  },
  'wisp-js, Wisp 1': {
    start: behindRelay(() => wispJsRelay({ version: 1 }), {}),
    noHalfClose: true,
    refusal: 'ECONNRESET',
    noReset: true,
  },
  'wisp-js, a WebSocket each': {
    start: behindRelay(() => wispJsRelay({ version: 1 }), { protocol: 'websocket' }),
    // It hands what it receives on in a form that its own socket refuses.
    downloadOnly: true,
    noHalfClose: true,
    refusal: null,
  },
};
