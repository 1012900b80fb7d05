/** `require('wasm-tls/https')` on Node: the `https` module over this library. */
import http from 'node:http';
import type * as nodeHttps from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { createHttpsFor, type Https } from './create-https.js';
import tls from './index.js';

const https: Https = createHttpsFor({ http, urlToHttpOptions }, tls);

/** The types of `node:https`. */
// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to give types to a CommonJS export
declare namespace https {
  export type Agent = nodeHttps.Agent;
  export type AgentOptions = nodeHttps.AgentOptions;
  export type RequestOptions = nodeHttps.RequestOptions;
  export type Server = nodeHttps.Server;
  export type ServerOptions = nodeHttps.ServerOptions;
}

export = https;
