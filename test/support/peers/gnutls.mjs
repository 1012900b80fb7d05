// GnuTLS' programs as the other end: a TLS implementation that shares no line with OpenSSL.

import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { temporaryDirectory } from '../cleanup.mjs';
import { PeerProcess, requireProgram } from './process.mjs';

const bridge = fileURLToPath(new URL('namespace-bridge.mjs', import.meta.url));

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

function join(from, to) {
  from.on('error', () => to.destroy());
  from.pipe(to);
}

/** The same in every namespace: nobody else is in there. */
const portInside = 5556;

/**
 * `gnutls-serv --echo`: answers every line with itself. It cannot be told an address and would listen on all of them, so
 * it gets a network of its own, in which there is but a loopback interface; `port` of ours leads there.
 *
 * Options: `identity`, `version`, `clientCaPath`, `alpn`, `args`; see OpensslServer.
 */
export class GnutlsServer {
  static label = 'gnutls-serv';
  #process;
  #entrance;
  #directory = temporaryDirectory();

  static async start(options) {
    const peer = new GnutlsServer();
    const bridgePath = peer.#directory.file('bridge');
    const program = [process.execPath, bridge, bridgePath, String(portInside), 'gnutls-serv'];
    requireProgram('gnutls-serv');
    peer.#process = new PeerProcess('bwrap', [
      '--dev-bind', '/', '/', '--unshare-net', '--unshare-pid', '--die-with-parent', '--',
      ...program, ...GnutlsServer.#arguments(portInside, options),
    ]); // prettier-ignore
    await peer.#process.waitFor(peer.#process.stderr, /listening on IPv4 .*done/);
    peer.#entrance = net.createServer({ allowHalfOpen: true }, (outside) => {
      const inside = net.connect({ path: bridgePath, allowHalfOpen: true });
      join(outside, inside);
      join(inside, outside);
    });
    await once(peer.#entrance.listen(0, '127.0.0.1'), 'listening');
    peer.port = peer.#entrance.address().port;
    return peer;
  }

  static #arguments(port, { identity, version, clientCaPath, alpn = [], args = [] }) {
    return [
      '--echo', `--port=${port}`, `--priority=${priorities[version] ?? 'NORMAL'}`,
      `--x509certfile=${identity.certPath}`, `--x509keyfile=${identity.keyPath}`,
      ...(clientCaPath
        ? ['--require-client-cert', '--verify-client-cert', `--x509cafile=${clientCaPath}`]
        : ['--disable-client-cert']),
      ...alpn.map((name) => `--alpn=${name}`),
      ...args,
    ]; // prettier-ignore
  }

  /** What it sends back for `payload`, which must consist of whole lines. */
  reply(payload) {
    return payload;
  }

  /** What it says of the last connection: { protocol, cipher, alpn, servername, peerName, reused }. */
  async negotiated() {
    await this.#process.waitFor(this.#process.stdout, /'tls-exporter'|'tls-unique': [0-9a-f]/);
    return report(this.#process.stdout.text().split('* Accepted connection').at(-1));
  }

  describe() {
    return this.#process.describe();
  }

  async stop() {
    this.#entrance?.close();
    await this.#process.stop();
    this.#directory.stop();
  }
}

/**
 * `gnutls-cli`: sends `upload`, prints what it gets and ends when the server does.
 *
 * Options: `port`, `version`, `caPath`, `servername`, `identity`, `alpn`, `upload`, `args`; see OpensslClient.
 */
export class GnutlsClient {
  static label = 'gnutls-cli';
  static protocol = 'raw';
  /** It prints each byte with a system call of its own: more would take seconds. */
  static downloadLimit = 256 * 1024;
  #process;
  #directory = temporaryDirectory();

  static start(options) {
    const { port, version, caPath, servername = 'localhost', identity, alpn = [], upload, args = [] } = options;
    const peer = new GnutlsClient();
    peer.#process = new PeerProcess('gnutls-cli', [
      // Its report goes elsewhere than the data.
      `--logfile=${peer.#directory.file('log')}`,
      `--port=${port}`, '127.0.0.1', `--priority=${priorities[version] ?? 'NORMAL'}`,
      `--sni-hostname=${servername}`, `--verify-hostname=${servername}`, `--x509cafile=${caPath}`,
      ...(identity ? [`--x509certfile=${identity.certPath}`, `--x509keyfile=${identity.keyPath}`] : []),
      ...alpn.map((name) => `--alpn=${name}`),
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

  /** Only once it has ended: then its report is complete. */
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
