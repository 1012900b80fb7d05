// GnuTLS' programs as the other end: a TLS implementation that shares no line with OpenSSL.

import fs from 'node:fs';

import { temporaryDirectory } from '../cleanup.mjs';
import { NamespaceServer, portInside } from './namespace.mjs';
import { PeerProcess } from './process.mjs';

const priorities = {
  TLSv1: 'NORMAL:-VERS-ALL:+VERS-TLS1.0',
  'TLSv1.1': 'NORMAL:-VERS-ALL:+VERS-TLS1.1',
  'TLSv1.2': 'NORMAL:-VERS-ALL:+VERS-TLS1.2',
  'TLSv1.3': 'NORMAL:-VERS-ALL:+VERS-TLS1.3',
};
const protocolNames = { 'TLS1.0': 'TLSv1', 'TLS1.1': 'TLSv1.1', 'TLS1.2': 'TLSv1.2', 'TLS1.3': 'TLSv1.3' };

/** The report that both programs print about a connection. */
function report(text) {
  const field = (pattern) => pattern.exec(text)?.[1];
  return {
    protocol: protocolNames[field(/^- Description: \((TLS[\d.]+)/m)],
    cipher: field(/^- Description: .*\(([^()]*)\)$/m),
    alpn: field(/^- Application protocol: (.*)$/m),
    servername: field(/^- Given server name\[\d\]: (.*)$/m),
    peerName: field(/^(?: - subject `|\tSubject: ).*?CN=([^,'\n]*)/m),
    reused: /resumed session/i.test(text),
  };
}

/** `gnutls-serv --echo`: answers every line with itself. Options: `identity`, `version`, `clientCaPath`, `alpn`, `args`. */
export class GnutlsServer {
  static label = 'gnutls-serv';
  static tells = ['protocol', 'alpn', 'servername', 'peerName', 'reused'];
  #server;

  static async start({ identity, version, clientCaPath, alpn = [], args = [] }) {
    const peer = new GnutlsServer();
    peer.#server = await NamespaceServer.start(
      'gnutls-serv',
      [
        '--echo', `--port=${portInside}`, `--priority=${priorities[version] ?? 'NORMAL'}`,
        ...(identity ? [`--x509certfile=${identity.certPath}`, `--x509keyfile=${identity.keyPath}`] : []),
        ...(clientCaPath
          ? ['--require-client-cert', '--verify-client-cert', `--x509cafile=${clientCaPath}`]
          : ['--disable-client-cert']),
        ...alpn.map((name) => `--alpn=${name}`),
        ...args,
      ],
      /listening on IPv4 .*done/,
    ); // prettier-ignore
    peer.port = peer.#server.port;
    return peer;
  }

  /** What it sends back for `payload`, which must consist of whole lines. */
  reply(payload) {
    return payload;
  }

  /** What it says of the connection with this number: { protocol, cipher, alpn, servername, peerName, reused }. */
  async negotiated(index = 0) {
    const { process } = this.#server;
    const complete = new RegExp(`('tls-(exporter|unique)': [0-9a-f][^]*?){${index + 1}}`);
    await process.waitFor(process.stdout, complete);
    return report(process.stdout.text().split('* Accepted connection')[index + 1]);
  }

  describe() {
    return this.#server.process.describe();
  }

  stop() {
    return this.#server.stop();
  }
}

/**
 * `gnutls-cli`: sends `upload`, prints what it gets and ends when the server does.
 *
 * Options: `port`, `version`, `caPath`, `servername`, `identity`, `alpn`, `upload`, `connections`, `args`; see OpensslClient.
 */
export class GnutlsClient {
  static label = 'gnutls-cli';
  static protocol = 'raw';
  /** It prints each byte with a system call of its own: more would take seconds. */
  static downloadLimit = 256 * 1024;
  /** The first of its two connections it ends by itself, once it can resume it. */
  static silentAtFirst = true;
  static tells = ['protocol', 'alpn', 'reused'];
  #process;
  #directory = temporaryDirectory();

  static start(options) {
    const { port, version, caPath, servername = 'localhost', identity, alpn = [], upload, args = [] } = options;
    const { connections = 1 } = options;
    const peer = new GnutlsClient();
    peer.#process = new PeerProcess('gnutls-cli', [
      // Its report goes elsewhere than the data.
      `--logfile=${peer.#directory.file('log')}`,
      `--port=${port}`, '127.0.0.1', `--priority=${priorities[version] ?? 'NORMAL'}`,
      `--sni-hostname=${servername}`, `--verify-hostname=${servername}`,
      ...(caPath ? [`--x509cafile=${caPath}`] : []),
      ...(identity ? [`--x509certfile=${identity.certPath}`, `--x509keyfile=${identity.keyPath}`] : []),
      ...alpn.map((name) => `--alpn=${name}`),
      ...(connections > 1 ? ['--resume', '--waitresumption'] : []),
      ...args,
    ]); // prettier-ignore
    if (upload) peer.#process.stdin.write(upload);
    return peer;
  }

  get stdin() {
    return this.#process.stdin;
  }

  /** Resolves with { code, received } once it has ended. */
  async finished() {
    const { code } = await this.#process.exited;
    return { code, received: this.#process.stdout.buffer() };
  }

  /** What it says of its last connection, only once it has ended: then its report is complete. */
  async negotiated() {
    await this.#process.exited;
    return { ...report(this.#log()), verification: /Status: (.*?)\.? *$/m.exec(this.#log())?.[1] };
  }

  #log() {
    const file = this.#directory.file('log');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  describe() {
    return `${this.#process.describe()}\n${this.#log().slice(-1500)}`;
  }

  async stop() {
    await this.#process.stop();
    this.#directory.stop();
  }
}
