// A worker of test/host/cluster.test.mjs: a server that tells each client who it is and whether the session was resumed.

import cluster from 'node:cluster';

import { fixtures } from './pki.mjs';
import { tls } from './subject.mjs';

const { key, cert } = fixtures().serverEcdsa;
const server = tls.createServer({ key, cert, ...JSON.parse(process.env.SERVER_OPTIONS) }, (socket) => {
  socket.on('error', () => {});
  socket.end(`${cluster.worker.id} ${socket.isSessionReused()}`);
});
server.listen(0, '127.0.0.1');
process.on('disconnect', () => process.exit());
