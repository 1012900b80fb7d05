// The peer of startup-client.cjs: node:tls in a process of its own, already up and warm. It gets { key, cert }, answers
// with its port, and ends with its parent.

import tls from 'node:tls';

process.once('message', (identity) => {
  const server = tls.createServer({ ...identity, minVersion: 'TLSv1.3' }, (socket) => {
    socket.on('error', () => {}); // clients end without ceremony
    socket.resume();
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
});
process.on('disconnect', () => process.exit());
