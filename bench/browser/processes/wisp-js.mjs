// The server of wisp-js in a process of its own. It answers with its port and ends with its parent.

import http from 'node:http';

import { logging, server as wisp } from '@mercuryworkshop/wisp-js/server';

logging.set_level(logging.NONE);
Object.assign(wisp.options, { allow_loopback_ips: true, allow_private_ips: true });

const server = http.createServer();
server.on('upgrade', (request, socket, head) => wisp.routeRequest(request, socket, head));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
