// A WebSocket with nothing behind it, in a process of its own: what no relay could be faster than. It answers with its port
// and ends with its parent.
//
//   A connection starts with one text message, `send N` or `take N`. After it N bytes come, or N bytes are taken and `done`
//   answered.

import { WebSocketServer } from 'ws';

const block = Buffer.alloc(256 * 1024, 'wasm-tls ');
const backlog = 4 * block.length;

function send(socket, size) {
  let left = size;
  const go = () => {
    while (left > 0 && socket.bufferedAmount < backlog) {
      const part = left < block.length ? block.subarray(0, left) : block;
      left -= part.length;
      socket.send(part, go);
    }
  };
  go();
}

function take(socket, size) {
  let left = size;
  socket.on('message', (bytes) => {
    left -= bytes.length;
    if (left <= 0) socket.send('done');
  });
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.once('message', (text) => {
    const [verb, size] = String(text).split(' ');
    if (verb === 'send') send(socket, Number(size));
    else take(socket, Number(size));
  });
});
server.on('listening', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
