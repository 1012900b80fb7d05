/** `https.Agent`: http's, with connections of TLS, whose sessions are kept for the connections that follow. */
import type * as http from 'node:http';
import type { Duplex } from 'node:stream';
import type * as nodeTls from 'node:tls';
import { callable } from '../common/callable.js';
import { notImplemented } from '../api/errors.js';
import type { Tls } from '../module-type.js';

type Http = typeof http;
type Options = Record<string, unknown>;

/** Options that make another connection of it, in the order in which Node writes them into an agent's names. */
const namedOptions = [
  'ca', 'cert', 'clientCertEngine', 'ciphers', 'key', 'pfx', 'rejectUnauthorized', 'servername', 'minVersion',
  'maxVersion', 'secureProtocol', 'crl', 'honorCipherOrder', 'ecdhCurve', 'dhparam', 'secureOptions',
  'sessionIdContext', 'sigalgs', 'privateKeyIdentifier', 'privateKeyEngine',
] as const; // prettier-ignore

/** Of any option; Buffers are their text. */
function nameOfValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(nameOfValue).join();
  const { pem, buf, passphrase = '' } = Object(value) as Options;
  // Keys and PFX files may come with a passphrase each, which is part of what they are.
  const contents = pem ?? buf;
  return contents === undefined ? `${(value ?? '') as string}` : `${nameOfValue(contents)}/${nameOfValue(passphrase)}`;
}

function nameOf(name: (typeof namedOptions)[number], options: Options): string {
  const value = options[name];
  switch (name) {
    case 'rejectUnauthorized':
    case 'honorCipherOrder':
    case 'secureOptions':
      return value === undefined ? '' : nameOfValue(value);
    case 'servername':
      return value && value !== options.host ? nameOfValue(value) : '';
    case 'sigalgs':
      return value ? JSON.stringify(value) : '';
    default:
      return value ? nameOfValue(value) : '';
  }
}

/** The signatures of net.connect(), with options behind a port and a host as well. */
function connectionOptions([port, host, rest]: readonly unknown[]): Options {
  const isObject = (value: unknown): value is Options => typeof value === 'object' && value !== null;
  const options = { ...[port, host, rest].find(isObject) };
  if (typeof port === 'number') options.port = port;
  if (typeof host === 'string') options.host = host;
  return options;
}

/** What http's agent has, and its types do not tell. */
interface HttpAgent extends http.Agent {
  options: Options;
  getName(options?: object): string;
  keepSocketAlive(socket: Duplex): unknown;
}

interface SessionCache {
  map: Record<string, Buffer>;
  /** The keys of `map`, the oldest first. */
  list: string[];
}

export type AgentClass = new (options?: object) => http.Agent;

export function defineAgent(http: Http, tls: Tls): AgentClass {
  const identityChecks = new WeakMap<object, number>();
  let lastIdentityCheck = 0;
  /** Connections whose server was judged by the rules of one request. */
  const unshared = new WeakSet<Duplex>();

  /**
   * A server that one request's own `checkServerIdentity` has accepted is not accepted for others: neither the connection
   * nor its session, with which the question is not asked again, may go to them. 0 when the agent's rules hold.
   */
  function ownIdentityCheck(agent: HttpAgent, options: Options): number {
    const { checkServerIdentity: check } = options;
    if (typeof check !== 'function') return 0;
    if (check === tls.checkServerIdentity || check === agent.options.checkServerIdentity) return 0;
    if (!identityChecks.has(check)) identityChecks.set(check, ++lastIdentityCheck);
    return identityChecks.get(check)!;
  }

  // No private members: programs make agents of their own out of these methods, and put them onto other objects.
  class Agent extends (http.Agent as unknown as new (options?: object) => HttpAgent) {
    declare defaultPort: unknown;
    declare protocol: unknown;
    declare maxCachedSessions: unknown;
    declare _sessionCache: SessionCache;

    constructor(options?: object) {
      super(options);
      prepare(this);
    }

    override createConnection(...args: unknown[]): nodeTls.TLSSocket {
      let options = connectionOptions(args);
      const isOwn = ownIdentityCheck(this, options) !== 0;
      const key = isOwn ? undefined : (options._agentKey as string | undefined);
      const session = key && this._getSession(key);
      if (session) options = { session, ...options };
      const socket = tls.connect(options);
      if (isOwn) unshared.add(socket);
      if (key) {
        socket.on('session', (data) => this._cacheSession(key, data));
        socket.once('close', (hadError) => {
          if (hadError) this._evictSession(key);
        });
      }
      return socket;
    }

    override keepSocketAlive(socket: Duplex): unknown {
      return unshared.has(socket) ? false : super.keepSocketAlive(socket);
    }

    override getName(options: Options = {}): string {
      const names = [super.getName(options), ...namedOptions.map((name) => nameOf(name, options))];
      const identityCheck = ownIdentityCheck(this, options);
      return (identityCheck === 0 ? names : [...names, identityCheck]).join(':');
    }

    _getSession(key: string): Buffer | undefined {
      return this._sessionCache.map[key];
    }

    _cacheSession(key: string, session: Buffer): void {
      if (this.maxCachedSessions === 0) return;
      const { map, list } = this._sessionCache;
      if (map[key] === undefined) {
        if (list.length >= Number(this.maxCachedSessions)) this._evictSession(list[0]!);
        list.push(key);
      }
      map[key] = session;
    }

    _evictSession(key: string): void {
      const { map, list } = this._sessionCache;
      const at = list.indexOf(key);
      if (at === -1) return;
      list.splice(at, 1);
      Reflect.deleteProperty(map, key);
    }
  }

  function prepare(agent: Agent): void {
    const { defaultPort = 443, protocol = 'https:', maxCachedSessions = 100, proxyEnv } = agent.options;
    if (proxyEnv) throw notImplemented('The "proxyEnv" option');
    agent.defaultPort = defaultPort;
    agent.protocol = protocol;
    agent.maxCachedSessions = maxCachedSessions;
    agent._sessionCache = { map: {}, list: [] };
  }

  // Programs older than classes inherit with Agent.call(this, options).
  return callable(Agent, (self, args) => {
    Reflect.apply(http.Agent, self, args);
    prepare(self as Agent);
  });
}
