'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const https = require('https');
const tls = require('tls');

/** Messages to a server elsewhere, and a server of one's own that a client elsewhere talks to. */
module.exports = async function ws({ WebSocket, WebSocketServer }, { url, ca, cert, key, size }) {
  const socket = new WebSocket(url, { ca: fs.readFileSync(ca) });
  await once(socket, 'open');
  const sent = Buffer.alloc(size, 'ws');
  socket.send(sent);
  const [echo] = await once(socket, 'message');
  const ours = socket._socket instanceof tls.TLSSocket;

  const server = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) });
  const sockets = new WebSocketServer({ server });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket.send(String(server.address().port));
  const [visitor] = await once(sockets, 'connection');
  const [text] = await once(visitor, 'message');
  visitor.close();
  await once(visitor, 'close');
  server.close();
  socket.close();
  return { echoed: sent.equals(echo), ours, heard: String(text) };
};
