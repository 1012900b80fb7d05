// Handshakes per second, one connection after the other, each over a TCP connection of its own.

import { once } from 'node:events';

import { disconnect, openServer } from './connect.mjs';

async function sessionToResume({ connect }) {
  let session;
  const both = await connect(undefined, (client) => (session = once(client, 'session')));
  const [data] = await session;
  await disconnect(both);
  return data;
}

function describe({ client }, resumed) {
  if (!client.authorized) throw new Error(`The certificate was not verified: ${client.authorizationError}`);
  if (client.isSessionReused() !== Boolean(resumed)) throw new Error('Resumption is not as asked for.');
  return { protocol: client.getProtocol(), cipher: client.getCipher().name, group: client.getEphemeralKeyInfo().name };
}

export async function runHandshake(tls, params) {
  const server = await openServer(tls, params);
  if (!server) return null;
  const session = params.resumed ? await sessionToResume(server) : undefined;
  const handshake = async () => {
    const both = await server.connect(session);
    await disconnect(both);
  };

  const probe = await server.connect(session);
  const negotiated = describe(probe, params.resumed);
  await disconnect(probe);
  const warm = performance.now() + 1000 * params.warmup;
  while (performance.now() < warm) await handshake();

  const start = performance.now();
  const end = start + 1000 * params.seconds;
  let count = 0;
  while (performance.now() < end) {
    await handshake();
    ++count;
  }
  const value = (1000 * count) / (performance.now() - start);
  await server.close();
  return { value, ...negotiated };
}
