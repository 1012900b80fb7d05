/** `createRelay()`: the HTTP side of a relay. Who may upgrade, to what; health, metrics, pings and the end. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ONE_SOCKET_SUBPROTOCOL } from '../transport/wisp/control.js';
import { WISP_V2_SUBPROTOCOL } from '../transport/wisp/frames.js';
import { clientAddress, isToken, parseRoute, type Route } from './access.js';
import type { RelayContext, Session } from './context.js';
import { answerDownload, ExpectedDownloads } from './downloads.js';
import { Link, type LinkFacts } from './link.js';
import { Log } from './log.js';
import { Metrics } from './metrics.js';
import { OneSocketSession } from './one-socket-session.js';
import { TargetResolver } from './resolver.js';
import { completeSettings, type Settings } from './settings.js';
import type { Endpoint, Relay, RelayOptions } from './types.js';
import { WispSession } from './wisp-session.js';

/** Streams that are cut have that long to be told, and their WebSockets to close. */
const farewellMilliseconds = 2500;

interface Refused {
  status: number;
  why: string;
}

export function createRelay(options: RelayOptions = {}): Relay {
  return new RelayServer(completeSettings(options));
}

class RelayServer implements Relay {
  readonly #settings: Settings;
  readonly #context: RelayContext;
  readonly #upgraders: { wisp: WebSocketServer; tcp: WebSocketServer };
  readonly #sessions = new Map<Session, Link>();
  readonly #perAddress = new Map<string, number>();
  #http: http.Server | null = null;
  #metricsHttp: http.Server | null = null;
  #pings: NodeJS.Timeout | null = null;
  #nextId = 1;
  #allGone: (() => void) | null = null;
  #closed: Promise<void> | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#context = {
      settings,
      log: new Log(settings.log, settings.logLevel),
      metrics: new Metrics(),
      resolver: new TargetResolver(settings),
      downloads: new ExpectedDownloads(),
      closing: false,
    };
    this.#upgraders = {
      wisp: webSocketServer(settings, [WISP_V2_SUBPROTOCOL]),
      // 'binary' is what clients of older proxies of this kind offer, and mean nothing by it.
      tcp: webSocketServer(settings, [ONE_SOCKET_SUBPROTOCOL, 'binary']),
    };
  }

  // --- Listening.

  async listen(): Promise<Endpoint> {
    const { host, port, metrics } = this.#settings;
    this.#http = http.createServer((request, response) => {
      if (!this.handleRequest(request, response)) answer(response, 404, 'not found\n');
    });
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (!this.handleUpgrade(request, socket, head)) this.#reject(socket, { status: 404, why: 'path' });
    });
    await listenOn(this.#http, host, port);
    if (metrics !== null) {
      this.#metricsHttp = http.createServer((request, response) => this.#answerMetrics(request, response));
      try {
        await listenOn(this.#metricsHttp, metrics.host, metrics.port);
      } catch (error) {
        this.#http.close();
        throw error;
      }
    }
    const endpoint = this.address()!;
    this.#context.log.info('start', { ...endpoint, path: this.#settings.path, metrics: this.metricsAddress()?.port });
    return endpoint;
  }

  address(): Endpoint | null {
    return endpointOf(this.#http);
  }

  metricsAddress(): Endpoint | null {
    return endpointOf(this.#metricsHttp);
  }

  metrics(): string {
    return this.#context.metrics.toString();
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    if (answerDownload(request, response, this.#context)) return true;
    const [pathname] = (request.url ?? '').split('?', 1);
    if (pathname === `${this.#settings.path}healthz`) {
      answer(response, this.#context.closing ? 503 : 200, this.#context.closing ? 'closing\n' : 'ok\n');
      return true;
    }
    if (pathname !== this.#settings.path) return false;
    response.setHeader('Upgrade', 'websocket');
    answer(response, 426, 'This is a relay for WebSockets.\n');
    return true;
  }

  #answerMetrics(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/metrics') answer(response, 200, this.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    else answer(response, 404, 'not found\n');
  }

  // --- Upgrades.

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const route = parseRoute(request.url ?? '', this.#settings.path);
    if (route === null) return false;
    const client = clientAddress(request, this.#settings.trustProxy);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const form = route.target !== null ? 'tcp' : offered.includes(WISP_V2_SUBPROTOCOL) ? 'wisp2' : 'wisp1';
    const hasToken = route.token !== null && isToken(route.token, this.#settings.tokens);
    const refused = this.#refusal(request, client, hasToken, form);
    if (refused !== null) {
      this.#reject(socket, refused, client);
      return true;
    }
    const controlled = offered.includes(ONE_SOCKET_SUBPROTOCOL);
    const upgrader = form === 'tcp' ? this.#upgraders.tcp : this.#upgraders.wisp;
    upgrader.handleUpgrade(request, socket, head, (ws) => {
      this.#begin(ws, socket, { id: this.#nextId++, client, form }, route, { hasToken, controlled });
    });
    return true;
  }

  #refusal(request: IncomingMessage, client: string, hasToken: boolean, form: LinkFacts['form']): Refused | null {
    const { origins, tokens, credentials, limits } = this.#settings;
    if (this.#context.closing) return { status: 503, why: 'shutdown' };
    if (!origins.allows(request.headers.origin)) return { status: 403, why: 'origin' };
    // A password is asked for later, by an extension that only version 2 of Wisp has.
    const mayBeAsked = credentials.length > 0 && form === 'wisp2';
    const open = tokens.length === 0 && credentials.length === 0;
    if (!hasToken && !mayBeAsked && !open) return { status: 401, why: 'token' };
    if (this.#sessions.size >= limits.connections) return { status: 503, why: 'connections' };
    if ((this.#perAddress.get(client) ?? 0) >= limits.connectionsPerAddress) {
      return { status: 429, why: 'connections-per-address' };
    }
    return null;
  }

  #reject(socket: Duplex, { status, why }: Refused, client?: string): void {
    this.#context.metrics.add('connections_rejected_total', 1, why);
    this.#context.log.warn('rejected', { client, status, why });
    socket.on('error', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${why.length + 1}\r\n\r\n${why}\n`,
      () => socket.destroy(),
    );
  }

  #begin(
    ws: WebSocket,
    socket: Duplex,
    facts: LinkFacts,
    route: Route,
    { hasToken, controlled }: { hasToken: boolean; controlled: boolean },
  ): void {
    this.#perAddress.set(facts.client, (this.#perAddress.get(facts.client) ?? 0) + 1);
    const link = new Link(ws, socket, this.#context, facts);
    const session =
      route.target === null ? new WispSession(link, hasToken) : new OneSocketSession(link, route.target, controlled);
    this.#sessions.set(session, link);
    ws.on('close', () => this.#end(session, facts.client));
    this.#startPings();
  }

  #end(session: Session, client: string): void {
    this.#sessions.delete(session);
    const others = this.#perAddress.get(client)! - 1;
    if (others > 0) this.#perAddress.set(client, others);
    else this.#perAddress.delete(client);
    if (this.#sessions.size > 0) return;
    if (this.#pings !== null) clearInterval(this.#pings);
    this.#pings = null;
    this.#allGone?.();
  }

  #startPings(): void {
    const { ping } = this.#settings.timeouts;
    if (ping === 0 || this.#pings !== null) return;
    this.#pings = setInterval(() => {
      for (const link of this.#sessions.values()) link.ping();
    }, ping);
  }

  // --- The end.

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#context.closing = true;
    this.#context.log.info('stop', { connections: this.#sessions.size });
    const servers = [this.#http, this.#metricsHttp].filter((server) => server !== null);
    const closed = servers.map((server) => closeServer(server));
    for (const session of [...this.#sessions.keys()]) session.drain();
    await this.#emptied(this.#settings.timeouts.grace);
    for (const session of [...this.#sessions.keys()]) session.cut();
    await this.#emptied(farewellMilliseconds);
    for (const link of this.#sessions.values()) link.terminate();
    await Promise.all(closed);
    this.#context.log.info('stopped');
  }

  /** Until there is no session any more, but not longer than that. */
  async #emptied(milliseconds: number): Promise<void> {
    if (this.#sessions.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#allGone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#allGone = null;
  }
}

function webSocketServer(settings: Settings, subprotocols: string[]): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: settings.limits.frameBytes,
    handleProtocols: (offered) => chooseSubprotocol(offered, subprotocols),
  });
}

/**
 * A browser gives up a WebSocket all of whose offers are turned down. Clients of older drafts of Wisp offer a name that means
 * nothing, so they get it back.
 */
function chooseSubprotocol(offered: Set<string>, known: string[]): string | false {
  const [first = false] = offered;
  return known.find((name) => offered.has(name)) ?? first;
}

function answer(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body);
}

function listenOn(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closeServer(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

function endpointOf(server: http.Server | null): Endpoint | null {
  const address = server?.address() as AddressInfo | null | undefined;
  return address ? { address: address.address, port: address.port } : null;
}
