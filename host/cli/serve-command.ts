/** `wasm-tls serve`: a small HTTPS server, for files of one folder or to see requests. */
import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import https from '../https.js';
import { helpText, integer, parseCommandLine, UsageError } from './options.js';

const declarations = {
  cert: { value: 'FILE', help: 'PEM certificate, with its chain. Needed' },
  key: { value: 'FILE', help: 'PEM key for it. Needed' },
  host: { value: 'ADDRESS', help: 'Address to listen on. Default: 127.0.0.1' },
  port: { value: 'PORT', help: 'Port to listen on, 0 for any. Default: 8443' },
  root: { value: 'FOLDER', help: 'Serve its files. Default: answer with the request itself' },
  help: { help: 'Show this text.' },
};

const help = helpText(
  'wasm-tls serve --cert FILE --key FILE [options]',
  'Serves HTTPS with the TLS of this package.',
  declarations,
  'A certificate to try it with:\n' +
    '  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 30 \\\n' +
    "    -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'",
);

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/** The file below `root` that a URL names; null when there is none, or it is a link that leads out of there. */
function fileOf(root: string, url: string): string | null {
  try {
    const { pathname } = new URL(url, 'https://localhost');
    const wanted = path.join(root, decodeURIComponent(pathname));
    const file = fs.realpathSync(wanted.endsWith(path.sep) ? path.join(wanted, 'index.html') : wanted);
    return file.startsWith(root + path.sep) && fs.statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

function serveFile(root: string, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'Only GET and HEAD.\n');
  const file = fileOf(root, request.url ?? '/');
  if (file === null) return answer(response, 404, 'There is no such file.\n');
  const type = types[path.extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': fs.statSync(file).size });
  if (request.method === 'HEAD') response.end();
  else pipeline(fs.createReadStream(file), response, () => {});
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const socket = request.socket as TLSSocket;
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.write(`${socket.getProtocol()} ${socket.getCipher().standardName}\n\n`);
  response.write(`${request.method} ${request.url} HTTP/${request.httpVersion}\n`);
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    response.write(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}\n`);
  }
  response.write('\n');
  pipeline(request, response, () => {});
}

export async function serveCommand(args: string[]): Promise<void> {
  const line = parseCommandLine(args, declarations, 0);
  if (line.switched('help')) return void process.stdout.write(help);
  const [cert, key] = [line.one('cert'), line.one('key')];
  if (cert === undefined || key === undefined) throw new UsageError('A server needs --cert and --key; see --help.');
  const folder = line.one('root');
  const root = folder === undefined ? null : fs.realpathSync(folder);
  const server = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (request, response) => {
    if (root === null) echo(request, response);
    else serveFile(root, request, response);
  });
  const host = line.one('host') ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(integer('port', line.one('port')) ?? 8443, host, () => {
      const { port } = server.address() as AddressInfo;
      process.stdout.write(`https://${host.includes(':') ? `[${host}]` : host}:${port}/\n`);
    });
    const stop = () => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
  });
}
