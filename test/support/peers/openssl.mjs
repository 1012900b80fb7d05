// The `openssl` program as the other end.

import { PeerProcess } from './process.mjs';

// What is older than TLS 1.2 signs with SHA-1 and MD5, which OpenSSL's security level 1 refuses.
const anyCipher = ['-cipher', 'DEFAULT:@SECLEVEL=0'];
const versionFlags = {
  TLSv1: ['-tls1', ...anyCipher],
  'TLSv1.1': ['-tls1_1', ...anyCipher],
  'TLSv1.2': ['-tls1_2'],
  'TLSv1.3': ['-tls1_3'],
};

/** `[flag, value]` when there is a value, otherwise nothing. */
const option = (flag, value) => (value === undefined ? [] : [flag, value]);

/** `Protocol version: TLSv1.3` and the like, as `-brief` and `-rev` print it. */
function summary(text) {
  const line = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  return {
    protocol: line('Protocol version'),
    cipher: line('Ciphersuite'),
    peerName: /\bCN ?= ?([^,\n]*)/.exec(line('Peer certificate') ?? '')?.[1],
    verification: line('Verification'),
  };
}

/**
 * `openssl s_server -rev`: answers every line with the same line, backwards.
 *
 * Options: `identity` ({ certPath, keyPath }), `chainPath` (certificates to send behind the first: other programs find them
 * in the file of the first), `version`, `clientCaPath` (asks for a client certificate and insists on it), `alpn` (an array),
 * `second` ({ servername, identity } for SNI), `args` (any further ones).
 */
export class OpensslServer {
  static label = 'openssl s_server';
  #process;

  static async start(options) {
    const { identity, chainPath, version, clientCaPath, alpn, second, args = [] } = options;
    const peer = new OpensslServer();
    peer.#process = new PeerProcess('openssl', [
      's_server', '-rev', '-accept', '127.0.0.1:0',
      ...option('-cert', identity?.certPath), ...option('-key', identity?.keyPath),
      ...option('-cert_chain', chainPath),
      ...(versionFlags[version] ?? []),
      ...option('-alpn', alpn?.join(',')),
      ...(clientCaPath ? ['-Verify', '4', '-verify_return_error', '-CAfile', clientCaPath] : []),
      ...(second
        ? ['-servername', second.servername, '-cert2', second.identity.certPath, '-key2', second.identity.keyPath]
        : []),
      ...args,
    ].filter(Boolean)); // prettier-ignore
    const { stdout } = peer.#process;
    peer.port = Number((await peer.#process.waitFor(stdout, /ACCEPT \S*:(\d+)\n/))[1]);
    return peer;
  }

  /** What it sends back for `payload`, which must consist of whole lines. */
  reply(payload) {
    const reversed = Buffer.from(payload);
    for (let start = 0; start < payload.length; ) {
      const end = payload.indexOf(10, start);
      reversed.subarray(start, end).reverse();
      start = end + 1;
    }
    return reversed;
  }

  /** What it says of the first connection: { protocol, cipher, peerName }. */
  async negotiated() {
    await this.#process.waitFor(this.#process.stderr, /Supported groups?:/);
    return summary(this.#process.stderr.text());
  }

  /** Waits for a line of its output. */
  sees(pattern) {
    return this.#process.waitFor(this.#process.stderr, pattern);
  }

  describe() {
    return this.#process.describe();
  }

  stop() {
    return this.#process.stop();
  }
}

/**
 * `openssl s_client`: sends `upload`, prints what it gets and ends when the server does.
 *
 * Options: `port`, `version`, `caPath`, `servername` (also checked against the certificate), `identity`, `alpn`, `upload`,
 * `verbose` (a report on standard output, mixed with the data), `args`.
 */
export class OpensslClient {
  static label = 'openssl s_client';
  static protocol = 'raw';
  #process;

  static start(options) {
    const { port, version, caPath, servername = 'localhost', identity, alpn, upload, verbose, args = [] } = options;
    const peer = new OpensslClient();
    peer.#process = new PeerProcess('openssl', [
      's_client', '-ign_eof', verbose ? '' : '-brief', '-connect', `127.0.0.1:${port}`,
      '-servername', servername, '-verify_hostname', servername,
      '-verify_return_error', ...option('-CAfile', caPath),
      ...(versionFlags[version] ?? []),
      ...option('-cert', identity?.certPath), ...option('-key', identity?.keyPath),
      ...option('-alpn', alpn?.join(',')),
      ...args,
    ].filter(Boolean)); // prettier-ignore
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

  /** As the server's, with `verification`; and when verbose `alpn`, `reused` and `exported`. */
  async negotiated() {
    const { stdout, stderr } = this.#process;
    await Promise.race([this.#process.waitFor(stderr, /Verification: .*\n/), this.#process.waitFor(stdout, /\n---\n/)]);
    const text = stdout.text();
    return {
      ...summary(stderr.text()),
      alpn: /ALPN protocol: (.*)/.exec(text)?.[1],
      reused: /^Reused, TLS/m.test(text),
      exported: /Keying material: ([0-9A-F]+)/.exec(text)?.[1].toLowerCase(),
    };
  }

  describe() {
    return this.#process.describe();
  }

  stop() {
    return this.#process.stop();
  }
}
