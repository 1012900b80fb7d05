/** The `https` module over one instance of the library. */
import type * as http from 'node:http';
import type * as nodeHttps from 'node:https';
import type { urlToHttpOptions } from 'node:url';
import type { Tls } from './module-type.js';
import { defineAgent } from './https/agent.js';
import { defineServer } from './https/server.js';

/** The module: `node:https`, and what is this library's own. */
export type Https = typeof nodeHttps & {
  /** The same over another instance, one that `createTls()` made. */
  createHttps(tls: Tls): Https;
};

/** What the module takes from Node. */
export interface Http {
  readonly http: typeof http;
  readonly urlToHttpOptions: typeof urlToHttpOptions;
}

type Options = Record<string, unknown>;
type Callback = (response: http.IncomingMessage) => void;

/** A URL of any implementation, as against the result of url.parse(). */
function isUrl(value: unknown): value is URL {
  const { href, protocol, auth, path } = (value ?? {}) as Options;
  return Boolean(href && protocol) && auth === undefined && path === undefined;
}

/** The signatures of `request()`: (url[, options][, callback]), (options[, callback]). */
function requestArguments(args: readonly unknown[], { urlToHttpOptions }: Http): [Options, Callback | undefined] {
  const [first] = args;
  const hasUrl = typeof first === 'string' || isUrl(first);
  const fromUrl = hasUrl ? urlToHttpOptions(typeof first === 'string' ? new URL(first) : first) : {};
  const rest = hasUrl ? args.slice(1) : args;
  const callbackFirst = typeof rest[0] === 'function';
  const options = { ...fromUrl, ...(callbackFirst ? {} : (rest[0] as Options | undefined)) };
  return [options, rest[callbackFirst ? 0 : 1] as Callback | undefined];
}

export function createHttpsFor(node: Http, tls: Tls): Https {
  const { http } = node;
  const Agent = defineAgent(http, tls);
  const Server = defineServer(http, tls);
  const ClientRequest = http.ClientRequest as unknown as new (
    options: Options,
    callback: Callback | undefined,
  ) => http.ClientRequest;

  // Node's two global agents have the same settings, which are not the same in each version of Node.
  const { keepAlive, scheduling, timeout } = (http.globalAgent as http.Agent & { options: http.AgentOptions }).options;
  const shared = Object.entries({ keepAlive, scheduling, timeout }).filter(([, value]) => value !== undefined);

  function request(...args: unknown[]): http.ClientRequest {
    const [options, callback] = requestArguments(args, node);
    return new ClientRequest({ ...options, _defaultAgent: https.globalAgent }, callback);
  }

  const https = {
    Agent,
    globalAgent: new Agent(Object.fromEntries(shared)),
    Server,
    createServer: (options?: unknown, listener?: unknown) => new Server(options, listener),
    get(...args: unknown[]): http.ClientRequest {
      return request(...args).end();
    },
    request,
    createHttps: (other: Tls) => createHttpsFor(node, other),
  } satisfies Record<keyof Https, unknown>;
  return https as unknown as Https;
}
