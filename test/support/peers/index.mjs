// Every peer, in the order of the tables.

import { CurlClient } from './curl.mjs';
import { GnutlsClient, GnutlsServer } from './gnutls.mjs';
import { GoClient, GoServer, JavaClient, JavaServer, PythonClient, PythonServer } from './languages.mjs';
import { NativeClient, NativeServer } from './native.mjs';
import { NssClient, NssServer } from './nss.mjs';
import { NewOpensslClient, NewOpensslServer, OpensslClient, OpensslServer } from './openssl.mjs';

export {
  CurlClient,
  GnutlsClient,
  GnutlsServer,
  GoClient,
  GoServer,
  JavaClient,
  JavaServer,
  NativeClient,
  NativeServer,
  NewOpensslClient,
  NewOpensslServer,
  NssClient,
  OpensslClient,
  OpensslServer,
  PythonClient,
};

/** Those that echo whatever comes. */
export const serverPeers = [
  OpensslServer,
  NewOpensslServer,
  GnutlsServer,
  GoServer,
  JavaServer,
  PythonServer,
  NativeServer,
];
export const clientPeers = [
  OpensslClient,
  NewOpensslClient,
  CurlClient,
  GnutlsClient,
  NssClient,
  GoClient,
  JavaClient,
  PythonClient,
  NativeClient,
];

/** With NSS' selfserv, which answers requests of HTTP only: see its `request()`. */
export const allServerPeers = [...serverPeers, NssServer];
