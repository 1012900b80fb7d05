// One of the relays, in a process of its own: `node server.mjs ours|wisp-js`.

import http from 'node:http';

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

process.send({ port: await (process.argv[2] === 'ours' ? startOurs() : startWispJs()) });
// How much work it was for the processor, in seconds since it started.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send((user + system) / 1e6);
});
process.on('disconnect', () => process.exit());
