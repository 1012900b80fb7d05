// The page's own origin: files, a small API, and the relay's WebSocket. Loopback only.

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.der': 'application/octet-stream',
};

/** All that the page may do. Nothing comes from elsewhere, and `eval` is for wasm alone. */
function securityHeaders(port) {
  const own = ['localhost', '127.0.0.1'].map((host) => `ws://${host}:${port}`);
  const policy = {
    'default-src': "'self'",
    'script-src': "'self' 'wasm-unsafe-eval'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'connect-src': ["'self'", ...own].join(' '),
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'Content-Security-Policy': Object.entries(policy).map((rule) => rule.join(' ')).join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }; // prettier-ignore
}

/** A page of elsewhere whose name leads to this machine (DNS rebinding) has another name in `Host`. */
function isOwnHost(request, port) {
  return [`localhost:${port}`, `127.0.0.1:${port}`].includes(request.headers.host);
}

/** The file that a URL names; null when there is none that a page may have. */
function findFile(root, pathname) {
  try {
    const file = path.join(root, path.normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname)));
    const isOurs = file.startsWith(root + path.sep) && path.extname(file) in types;
    return isOurs && fs.existsSync(file) ? file : null;
  } catch {
    return null; // Not even an escape sequence.
  }
}

function sendFile(root, pathname, response) {
  const file = findFile(root, pathname);
  if (file === null) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is no such file.\n');
    return;
  }
  const type = types[path.extname(file)];
  // The names of assets have their hash in them.
  const lifetime = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': lifetime });
  fs.createReadStream(file).pipe(response);
}

function sendJson(response, value, status = 200) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value));
}

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
    if (chunks.length > 16) throw new Error('too long');
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** One request of Node's own `https` to the server in the tab, for who has no terminal at hand. */
export function visit(port, { ca, path: target = '/', signal }) {
  return new Promise((resolve, reject) => {
    const request = https.get({ host: 'localhost', port, path: target, ca, signal, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body = (body + text).slice(0, 4096)));
      response.on('end', () => resolve({ status: response.statusCode, protocol: request.socket.getProtocol(), body }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/**
 * @param {{ files: string, relay: object, taps: object, ca: Buffer, describe: () => object }} demo
 */
export function createPageServer({ files, relay, taps, ca, describe }) {
  const api = {
    'GET /api/demo': (_request, response) => sendJson(response, describe()),
    'GET /api/tap': (request, response) => {
      const random = new URLSearchParams(request.url.split('?')[1]).get('random');
      sendJson(response, taps.find(random));
    },
    'POST /api/visit': async (request, response) => {
      try {
        const { port, path: target } = await readJson(request);
        const signal = AbortSignal.timeout(10_000);
        sendJson(response, await visit(Number(port), { ca, path: String(target ?? '/'), signal }));
      } catch (error) {
        sendJson(response, { error: error.message }, 502);
      }
    },
  };
  const server = http.createServer((request, response) => {
    const { port } = server.address();
    for (const [name, value] of Object.entries(securityHeaders(port))) response.setHeader(name, value);
    const { origin } = request.headers;
    if (!isOwnHost(request, port) || (origin !== undefined && origin !== `http://${request.headers.host}`)) {
      response.writeHead(403, { 'Content-Type': 'text/plain' }).end('Only for pages of this server.\n');
      return;
    }
    const [pathname] = request.url.split('?');
    const handler = api[`${request.method} ${pathname}`];
    if (handler !== undefined) handler(request, response);
    else if (request.method === 'GET' || request.method === 'HEAD') sendFile(files, pathname, response);
    else response.writeHead(405).end();
  });
  server.on('upgrade', (request, socket, head) => {
    if (!isOwnHost(request, server.address().port) || !relay.handleUpgrade(request, socket, head)) socket.destroy();
  });
  return server;
}
