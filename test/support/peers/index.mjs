// Every peer, in the order of the tables.

import { CurlClient } from './curl.mjs';
import { GnutlsClient, GnutlsServer } from './gnutls.mjs';
import { GoClient, GoServer, JavaClient, JavaServer, PythonClient, PythonServer } from './languages.mjs';
import { NativeClient, NativeServer } from './native.mjs';
import { OpensslClient, OpensslServer } from './openssl.mjs';

export { CurlClient, GnutlsClient, GnutlsServer, NativeClient, NativeServer, OpensslClient, OpensslServer };

export const serverPeers = [OpensslServer, GnutlsServer, GoServer, JavaServer, PythonServer, NativeServer];
export const clientPeers = [OpensslClient, CurlClient, GnutlsClient, GoClient, JavaClient, PythonClient, NativeClient];
