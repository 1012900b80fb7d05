/** One handshake, from the connection to its end, with all that can be told of it. */
import type { ConnectionOptions, DetailedPeerCertificate, ProtocolMessage, TLSSocket } from 'wasm-tls';
import type { tls as Tls } from '../stack.js';
import { measured, type Message } from './messages.js';

export interface Negotiated {
  protocol: string;
  suite: string;
  group: string | null;
  alpn: string | null;
  servername: string;
  resumed: boolean;
}

export interface Handshake {
  messages: Message[];
  /** Milliseconds from the call on; null for what was not reached. */
  connected: number | null;
  secure: number | null;
  negotiated: Negotiated | null;
  /** The leaf first; each one's issuer is the next. */
  chain: DetailedPeerCertificate[];
  /** Why the chain is not trusted: a code of OpenSSL's. */
  chainError: string | null;
  /** Why the certificate does not fit the host. */
  nameError: string | null;
  /** Why there is no connection. */
  error: (Error & { code?: string }) | null;
  keylog: string;
  /** For the next try; null when the server gave none. */
  session: Buffer | null;
}

/** As long as a server may be silent, and as it may take to close when we have closed: ms. */
const patience = { silence: 15_000, end: 3000 };

const silent = (): Error => Object.assign(new Error('The server says nothing.'), { code: 'ETIMEDOUT' });

/** Never rejects: a failure is part of what it tells. */
export function shakeHands(tls: typeof Tls, options: ConnectionOptions): Promise<Handshake> {
  const start = performance.now();
  const since = (): number => performance.now() - start;
  const result: Handshake = {
    messages: [], connected: null, secure: null, negotiated: null, chain: [], chainError: null, nameError: null,
    error: null, keylog: '', session: null,
  }; // prettier-ignore

  return new Promise((resolve) => {
    let socket: TLSSocket;
    try {
      socket = tls.connect(options);
    } catch (error) {
      resolve({ ...result, error: error as Error });
      return;
    }
    const told: ProtocolMessage[] = [];
    const finish = (error: Error | null): void => {
      result.messages = measured(told, start, result.secure);
      // The handshake may begin before this page hears of the connection.
      const [first] = result.messages;
      if (first !== undefined && result.connected !== null) result.connected = Math.min(result.connected, first.at);
      result.error ??= error;
      socket.destroy();
      resolve(result);
    };
    socket.on('protocolMessage', (message: ProtocolMessage) => told.push(message));
    socket.on('keylog', (line) => (result.keylog += line.toString()));
    socket.on('connect', () => (result.connected = since()));
    socket.on('session', (session) => (result.session = session));
    socket.on('secureConnect', () => {
      result.secure = since();
      describe(tls, socket, options, result);
      // What a server sends after the handshake, tickets or a refusal, it sends before it answers our close_notify.
      socket.end();
      setTimeout(() => finish(null), patience.end);
    });
    socket.setTimeout(patience.silence, () => finish(silent()));
    socket.on('error', (error: Error) => finish(error));
    socket.on('close', () => finish(null));
    socket.resume();
  });
}

function describe(tls: typeof Tls, socket: TLSSocket, options: ConnectionOptions, result: Handshake): void {
  const key = socket.getEphemeralKeyInfo() as { name?: string; type?: string; size?: number } | null;
  result.negotiated = {
    protocol: socket.getProtocol() ?? '',
    suite: socket.getCipher().standardName,
    group: key?.name ?? (key?.type === 'DH' ? `DH, ${key.size} bits` : null),
    alpn: socket.alpnProtocol || null,
    servername: options.servername ?? '',
    resumed: socket.isSessionReused(),
  };
  result.chain = chainOf(socket.getPeerCertificate(true));
  const code = (socket.authorizationError as unknown as string | null) ?? null;
  result.chainError = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? null : code;
  const [leaf] = result.chain;
  if (leaf !== undefined) {
    result.nameError = tls.checkServerIdentity(options.servername || options.host!, leaf)?.message ?? null;
  }
}

function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next?.subject !== undefined && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}
