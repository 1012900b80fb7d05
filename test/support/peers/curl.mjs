// `curl` as the other end: an HTTP client.

import { PeerProcess } from './process.mjs';

// As for the `openssl` program.
const anyCipher = ['--ciphers', 'DEFAULT:@SECLEVEL=0'];
const versionFlags = {
  TLSv1: ['--tlsv1.0', '--tls-max', '1.0', ...anyCipher],
  'TLSv1.1': ['--tlsv1.1', '--tls-max', '1.1', ...anyCipher],
  'TLSv1.2': ['--tlsv1.2', '--tls-max', '1.2'],
  'TLSv1.3': ['--tlsv1.3', '--tls-max', '1.3'],
};

/**
 * Posts `upload` and prints the body of the answer.
 *
 * Options: `port`, `version`, `caPath`, `servername`, `identity`, `upload`, `connections` (a request on each),
 * `scheme`, `args`; see OpensslClient. What it offers in ALPN is its own choice: `args: ['--http1.1']`.
 */
export class CurlClient {
  static label = 'curl';
  static protocol = 'http';
  static tells = ['protocol', 'alpn', 'reused'];
  #process;

  static start(options) {
    const { port, version, caPath, servername = 'localhost', identity, upload, connections = 1, args = [] } = options;
    const { scheme = 'https' } = options;
    const peer = new CurlClient();
    const url = `${scheme}://${servername}:${port}/`;
    peer.#process = new PeerProcess('curl', [
      // The first argument of all: without it a ~/.curlrc would take part.
      '--disable', '--silent', '--show-error', '--verbose', '--noproxy', '*',
      '--resolve', `${servername}:${port}:127.0.0.1`, '--header', 'Connection: close', '--header', 'Expect:',
      ...(versionFlags[version] ?? []),
      ...(caPath ? ['--cacert', caPath] : []),
      ...(identity ? ['--cert', identity.certPath, '--key', identity.keyPath] : []),
      ...(upload ? ['--data-binary', '@-'] : []),
      ...args,
      ...Array(connections).fill(url),
    ]); // prettier-ignore
    peer.#process.stdin.end(upload);
    return peer;
  }

  /** Resolves with { code, received } once it has ended; `code` is curl's exit code. */
  async finished() {
    const { code } = await this.#process.exited;
    return { code, received: this.#process.stdout.buffer() };
  }

  /** What it says of its last connection: { protocol, cipher, alpn, peerName, verification, reused }. */
  async negotiated() {
    await this.#process.exited;
    const text = this.#process.stderr.text();
    const [, protocol, cipher] = [...text.matchAll(/^\* SSL connection using (\S+) \/ (\S+)/gm)].at(-1) ?? [];
    return {
      protocol: protocol === 'TLSv1.0' ? 'TLSv1' : protocol,
      cipher,
      alpn: /^\* ALPN: server accepted (\S+)/m.exec(text)?.[1],
      peerName: /^\* {2}subject: .*CN=([^;,\n]*)/m.exec(text)?.[1],
      verification: /^\* {2}SSL certificate verify ok/m.test(text) ? 'OK' : undefined,
      reused: /^\* SSL re-using session ID/m.test(text),
    };
  }

  /** All that it has printed. */
  output() {
    return this.#process.output();
  }

  describe() {
    return this.#process.describe();
  }

  stop() {
    return this.#process.stop();
  }
}
