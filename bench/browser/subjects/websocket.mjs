// A WebSocket alone, without any protocol in it: what a page can get at most.

const piece = new Uint8Array(64 * 1024).fill(120);
const backlog = 16 * piece.length;
let url;

export function load({ relay }) {
  url = relay;
}

async function open(greeting) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  socket.send(greeting);
  return socket;
}

export async function download(_port, size) {
  const socket = await open(`send ${size}`);
  let left = size;
  await new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      left -= data.byteLength;
      if (left <= 0) resolve();
    };
  });
  socket.close();
}

/** With memory that is given back as soon as it has come. */
export async function downloadInto(_port, size) {
  const socket = await open(`send ${size}`);
  let left = size;
  await new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      left -= data.byteLength;
      data.transfer(0);
      if (left <= 0) resolve();
    };
  });
  socket.close();
}

export async function upload(_port, size) {
  const socket = await open(`take ${size}`);
  const answered = new Promise((resolve) => (socket.onmessage = resolve));
  for (let sent = 0; sent < size; sent += piece.length) {
    while (socket.bufferedAmount > backlog) await new Promise((resolve) => setTimeout(resolve, 1));
    socket.send(piece);
  }
  await answered;
  socket.close();
}

export const handshake = (port) => download(port, 1);
