// What TypeScript makes of the module: everything here must compile, or not compile where it says so.

import nodeHttps from 'node:https';
import nodeNet from 'node:net';
import nodeTls from 'node:tls';
import * as names from 'wasm-tls';
import tls, {
  connect,
  createTls,
  rootCertificates,
  TLSSocket,
  type ConnectionOptions,
  type ProtocolMessage,
  type SecurePair,
  type TlsOptions,
} from 'wasm-tls';
import https, { Agent, type RequestOptions } from 'wasm-tls/https';
import net from 'wasm-tls/net';

// It can stand wherever node:tls is asked for, and its sockets wherever node's are.
export const asNode: typeof nodeTls = tls;
export const asNodesNames: Omit<typeof import('node:tls'), 'default'> = names;
export const asNodeNet: typeof nodeNet = net;
export const asNodeHttps: typeof nodeHttps = https;
export const socket: nodeTls.TLSSocket = connect({ port: 443 });
export const plainSocket: nodeNet.Socket = new TLSSocket(new net.Socket(), { isServer: false });
export const server: nodeTls.Server = tls.createServer({ ALPNProtocols: ['h2'] }, (secure) => secure.end());
export const context: nodeTls.SecureContext = new tls.SecureContext('TLS_method');

socket.on('protocolMessage', ({ direction, name, bytes }: ProtocolMessage) => void [direction, name, bytes]);

// What newer Nodes have is there whatever the version of @types/node.
export const trusted: string[] = tls.getCACertificates('system');
tls.setDefaultCACertificates([trusted[0]!, Buffer.from('PEM')]);
export const none: string[] = tls.getCertificateCompressionAlgorithms();
new TLSSocket(new net.Socket()).setKeyCert(tls.createSecureContext({ allowPartialTrustChain: true }));
tls.createServer({ ALPNCallback: ({ servername, protocols }) => (servername ? protocols[0] : undefined) });
tls.createServer().setSecureContext({ dhparam: 'auto', sigalgs: 'RSA+SHA256', sessionTimeout: 5 });

// And what they have no more.
export const npn: string | false | null = tls.connect({ port: 443, NPNProtocols: ['spdy/3', 'http/1.1'] }).npnProtocol;
tls.createServer({ NPNProtocols: Buffer.from('\x06spdy/3') }, (secure) => secure.end(secure.npnProtocol || ''));
export const pair: SecurePair = tls.createSecurePair(context, true, false, false, { ALPNProtocols: ['h2'] });
export const passed: number = pair.cleartext.bytesRead + new tls.CryptoStream().bytesWritten;
export const pairs: SecurePair[] = [new tls.SecurePair(), tls.SecurePair(context)];

// The types of its options are Node's, by name.
export const clientOptions: ConnectionOptions = { minVersion: 'TLSv1.3', servername: 'localhost' };
export const serverOptions: TlsOptions & nodeNet.ServerOpts = { requestCert: true, noDelay: true };
export const roots: readonly string[] = rootCertificates;
export const requestOptions: RequestOptions = { agent: new Agent({ keepAlive: true }), servername: 'localhost' };
export const httpsServer: nodeHttps.Server = https.createServer({ ALPNProtocols: ['http/1.1'] }, (_, res) => res.end());

// What it has of its own.
export const other: typeof tls = createTls({ random: (target: Uint8Array) => void target.fill(1), now: () => 0 });
export const bytes: number = other.engine.memoryBytes() + other.engine.liveObjects();
export const otherHttps: typeof https = https.createHttps(other);
tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
tls.convertALPNProtocols(['h2', Buffer.from('http/1.1')], {});

// @ts-expect-error a version that does not exist
tls.connect({ port: 443, minVersion: 'TLSv2' });
// @ts-expect-error roots are not for writing
rootCertificates.push('');
// @ts-expect-error a type of certificates that does not exist
tls.getCACertificates('other');
// @ts-expect-error certificates are PEM, not objects
tls.setDefaultCACertificates([{ pem: '' }]);
// @ts-expect-error a clock gives numbers
createTls({ now: () => 'noon' });
