// What stands behind the relay: sends bytes, or swallows them and says how many.
//
//   A connection starts with one line, `send N` or `take N`. After it N bytes come, or N bytes are taken and `done` answered.

import net from 'node:net';

const chunk = Buffer.alloc(1024 * 1024, 'wasm-tls');

function send(socket, left) {
  while (left > 0) {
    const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
    left -= part.length;
    if (!socket.write(part)) return void socket.once('drain', () => send(socket, left));
  }
  socket.end();
}

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (first) => {
    const end = first.indexOf('\n') + 1;
    const [verb, amount] = first.subarray(0, end).toString().split(' ');
    if (verb === 'send') return send(socket, Number(amount));
    let left = Number(amount) - (first.length - end);
    const finish = () => left > 0 || socket.end('done');
    socket.on('data', (bytes) => ((left -= bytes.length), finish()));
    finish();
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
