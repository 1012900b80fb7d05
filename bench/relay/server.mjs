// One of the relays, in a process of its own: `node server.mjs ours|wisp-js|pipe TARGET-PORT`.

import http from 'node:http';
import net from 'node:net';

const [, , whose, targetPort] = process.argv;

async function startOurs() {
  const { createRelay } = await import('../../dist/relay.mjs');
  return (await createRelay({ port: 0, allow: ['127.0.0.1:*'], allowPrivate: true }).listen()).port;
}

async function startWispJs() {
  const { server, logging } = await import('@mercuryworkshop/wisp-js/server');
  logging.set_level(logging.NONE);
  Object.assign(server.options, { allow_loopback_ips: true, allow_private_ips: true });
  const web = http.createServer();
  web.on('upgrade', (request, socket, head) => server.routeRequest(request, socket, head));
  await new Promise((resolve) => web.listen(0, '127.0.0.1', resolve));
  return web.address().port;
}

/** No relay at all: what there is to gain. */
async function startPipe() {
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const target = net.connect({ host: '127.0.0.1', port: Number(targetPort), noDelay: true, allowHalfOpen: true });
    for (const socket of [client, target]) socket.on('error', () => {});
    client.pipe(target).pipe(client);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

const start = { ours: startOurs, 'wisp-js': startWispJs, pipe: startPipe };

process.send({ port: await start[whose]() });
// How much work it was for the processor, in seconds since it started.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send((user + system) / 1e6);
});
process.on('disconnect', () => process.exit());
