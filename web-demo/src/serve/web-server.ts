/** An HTTPS server in this tab: `tls.createServer()`, and HTTP/1.1 by hand on top of it. */
import type { Server, TLSSocket } from 'wasm-tls';
import type { App } from '../app.js';
import { HttpError, MessageReader, serialize, type Answer, type HttpMessage } from '../http1.js';

/** What is told of a request that was answered, or of a visitor that did not get so far. */
export interface Visit {
  at: Date;
  from: string;
  request: string;
  status: number | null;
  protocol: string;
  detail: string;
  bytes: number;
}

const continueLine = new TextEncoder().encode('HTTP/1.1 100 Continue\r\n\r\n');
const text = 'text/plain; charset=utf-8';

export class WebServer {
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();
  /** What visitors get. */
  page = '';
  onVisit: (visit: Visit) => void = () => {};
  onError: (error: Error) => void = () => {};

  constructor(app: App) {
    const { key, cert } = app.demo.page;
    this.#server = app.tls.createServer({ key, cert, ALPNProtocols: ['http/1.1'] });
    this.#server.on('secureConnection', (socket) => this.#serve(socket));
    this.#server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
      this.#tell(socket, 'no request', null, error.code ?? error.message, 0);
    });
    this.#server.on('error', (error: Error) => this.onError(error));
  }

  /** Resolves to the port of the relay that it is on. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, () => {
        this.#server.removeListener('error', reject);
        resolve((this.#server.address() as { port: number }).port);
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const reader = new MessageReader(() => void socket.write(continueLine));
    socket.on('data', (chunk: Uint8Array) => {
      try {
        for (const message of reader.push(chunk)) this.#answer(socket, message);
      } catch (error) {
        const { status, message } = error instanceof HttpError ? error : new HttpError(400, String(error));
        this.#tell(socket, 'not understood', status, message, 0);
        socket.end(serialize({ status, type: text, body: `${message}\n` }, false));
      }
    });
  }

  #answer(socket: TLSSocket, message: HttpMessage): void {
    const [method = '', path = '', version = ''] = message.first.split(' ');
    const keepAlive = version === 'HTTP/1.1' && message.headers.get('connection')?.toLowerCase() !== 'close';
    const answer = this.#route(socket, method, path.split('?')[0]!, message);
    const bytes = serialize(answer, keepAlive, method !== 'HEAD');
    if (keepAlive) socket.write(bytes);
    else socket.end(bytes);
    const resumed = socket.isSessionReused() ? ', resumed' : '';
    const detail = `${socket.getCipher().standardName}${resumed}`;
    this.#tell(socket, `${method} ${path}`, answer.status, detail, bytes.length);
  }

  #route(socket: TLSSocket, method: string, path: string, message: HttpMessage): Answer {
    if (path === '/echo') return { status: 200, type: text, body: message.body };
    if (!['GET', 'HEAD'].includes(method)) return { status: 405, type: text, body: 'Only /echo takes something in.\n' };
    if (path === '/') return { status: 200, type: text, body: `${this.page}\n` };
    if (path === '/tls') {
      const facts = { protocol: socket.getProtocol(), ...socket.getCipher(), resumed: socket.isSessionReused() };
      return { status: 200, type: 'application/json', body: `${JSON.stringify(facts, null, 2)}\n` };
    }
    return { status: 404, type: text, body: 'There is /, /tls and /echo.\n' };
  }

  #tell(socket: TLSSocket, request: string, status: number | null, detail: string, bytes: number): void {
    const from = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
    const protocol = status === null ? '' : (socket.getProtocol() ?? '');
    this.onVisit({ at: new Date(), from, request, status, protocol, detail, bytes });
  }
}
