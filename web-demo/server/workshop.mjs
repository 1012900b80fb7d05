// The HTTPS server that *Prove* talks to, in Node's own TLS: it echoes, pours out bytes, and takes them in.
//
//   POST /echo         what was sent, with a greeting in front of it
//   GET  /bytes/NUMBER  so many bytes
//   POST /sink         the number of bytes that came, as text

import https from 'node:https';

const block = Buffer.alloc(256 * 1024, 'All of this is readable to the page, and to nobody on the way. ');
const mostBytes = 1024 ** 3;
const mostEcho = 64 * 1024;
const greeting = 'The server has read: ';

function pour(response, size) {
  response.setHeader('Content-Length', size);
  let left = size;
  const more = () => {
    while (left > 0) {
      const piece = block.subarray(0, left);
      left -= piece.length;
      if (!response.write(piece)) return;
    }
    response.end();
  };
  response.on('drain', more);
  more();
}

function sink(request, response) {
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length));
  request.on('end', () => response.end(String(bytes)));
}

function echo(request, response) {
  const size = Number(request.headers['content-length']);
  if (!(size <= mostEcho)) {
    response.writeHead(413, { Connection: 'close' }).end();
    return;
  }
  response.setHeader('Content-Length', greeting.length + size);
  response.write(greeting);
  request.pipe(response);
}

export function createWorkshop({ key, cert }) {
  return https.createServer({ key, cert }, (request, response) => {
    const { method, url } = request;
    const size = Number(/^\/bytes\/(\d{1,10})$/.exec(url)?.[1]);
    if (method === 'GET' && size <= mostBytes) pour(response, size);
    else if (method === 'POST' && url === '/sink') sink(request, response);
    else if (method === 'POST' && url === '/echo') echo(request, response);
    else response.writeHead(404).end();
  });
}
