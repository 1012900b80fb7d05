// Up and down over any socket that looks like Node's.

import { getRequest, postRequest, ResponseCounter } from './http.mjs';

const piece = new Uint8Array(64 * 1024).fill(120);

function response(socket) {
  const counter = new ResponseCounter();
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The connection ended before the response did')));
    socket.on('data', (chunk) => {
      if (counter.receive(chunk)) resolve();
    });
  }).finally(() => socket.destroy());
}

export function download(socket, size) {
  const arrived = response(socket);
  socket.write(getRequest(size));
  return arrived;
}

export function upload(socket, size) {
  const answered = response(socket);
  socket.write(postRequest(size));
  let sent = 0;
  const write = () => {
    while (sent < size && !socket.destroyed) {
      sent += piece.length;
      if (!socket.write(piece)) return void socket.once('drain', write);
    }
  };
  write();
  return answered;
}
