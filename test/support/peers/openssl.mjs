// The `openssl` program as the other end: the machine's own, and the one of the toolchain root.

import { findToolchain } from '../../../scripts/lib/toolchain.mjs';
import { temporaryDirectory } from '../cleanup.mjs';
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

let toolchain;

/** The command line of the toolchain's `openssl`, which is 3.5: the machine as it is, but with that root's programs. */
function newerOpenssl(args) {
  toolchain ??= findToolchain('native');
  if (!toolchain) throw new Error("There is no toolchain yet: 'npm run setup' makes it.");
  // The compilers are on PATH: then this is a system of their age, and so is its OpenSSL.
  if (!toolchain.root) return ['openssl', args];
  const usr = ['--ro-bind', `${toolchain.root}/usr`, '/usr'];
  return ['bwrap', ['--dev-bind', '/', '/', ...usr, '--die-with-parent', '--', '/usr/bin/openssl', ...args]];
}

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

/** The same of the report on standard output, where there is one. */
function verboseSummary(text) {
  // What stands there is the version that the suite came with: true for TLS 1.3 alone, which says no more without a ticket.
  const [, kind, version] = /^(New|Reused), (.*), Cipher is/m.exec(text) ?? [];
  if (kind === undefined) return {};
  return {
    protocol: /^ *Protocol *: (.*)/m.exec(text)?.[1] ?? version,
    reused: kind === 'Reused',
    alpn: /ALPN protocol: (.*)/.exec(text)?.[1],
    exported: /Keying material: ([0-9A-F]+)/.exec(text)?.[1].toLowerCase(),
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
  static tells = ['protocol', 'peerName'];
  #process;

  static command(args) {
    return ['openssl', args];
  }

  static async start(options) {
    const { identity, chainPath, version, clientCaPath, alpn, second, args = [] } = options;
    const peer = new this();
    peer.#process = new PeerProcess(...this.command([
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
    ])); // prettier-ignore
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

  /** What it says of the connection with this number: { protocol, cipher, peerName }. */
  async negotiated(index = 0) {
    const { stderr } = this.#process;
    await this.#process.waitFor(stderr, new RegExp(`((No peer certificate|Verification).*\\n[^]*?){${index + 1}}`));
    return summary(stderr.text().split('CONNECTION ESTABLISHED')[index + 1]);
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
 * `verbose` (a report on standard output, mixed with the data), `connections` (so many, one after the other, each resuming
 * the first; implies `verbose`), `args`.
 */
export class OpensslClient {
  static label = 'openssl s_client';
  static protocol = 'raw';
  static tells = ['protocol', 'alpn', 'reused'];
  #process;
  #directory = temporaryDirectory();
  #finished;

  static command(args) {
    return ['openssl', args];
  }

  static start(options) {
    const { connections = 1 } = options;
    const peer = new this();
    peer.#finished = connections > 1 ? peer.#connectOften(options, connections) : peer.#connect(options);
    // It is asked for later, if at all.
    peer.#finished.catch(() => {});
    return peer;
  }

  async #connectOften(options, connections) {
    const file = this.#directory.file('session');
    const connect = (...args) => this.#connect({ ...options, verbose: true, args: [...(options.args ?? []), ...args] });
    let result = await connect('-sess_out', file);
    for (let rest = connections - 1; rest > 0 && result.code === 0; rest -= 1) result = await connect('-sess_in', file);
    return result;
  }

  async #connect(options) {
    const { port, version, caPath, servername = 'localhost', identity, alpn, upload, verbose, args = [] } = options;
    this.#process = new PeerProcess(...this.constructor.command([
      's_client', '-ign_eof', ...(verbose ? [] : ['-brief']), '-connect', `127.0.0.1:${port}`,
      '-servername', servername, '-verify_hostname', servername,
      '-verify_return_error', ...option('-CAfile', caPath),
      ...(versionFlags[version] ?? []),
      ...option('-cert', identity?.certPath), ...option('-key', identity?.keyPath),
      ...option('-alpn', alpn?.join(',')),
      ...args,
    ])); // prettier-ignore
    if (upload) this.#process.stdin.write(upload);
    const { code } = await this.#process.exited;
    return { code, received: this.#process.stdout.buffer() };
  }

  get stdin() {
    return this.#process.stdin;
  }

  /** Resolves with { code, received } once it has ended. */
  finished() {
    return this.#finished;
  }

  /** As the server's, of the last connection, with `verification`; and when verbose `alpn`, `reused` and `exported`. */
  async negotiated() {
    const { stdout, stderr } = this.#process;
    await Promise.race([this.#process.waitFor(stderr, /Verification: .*\n/), this.#process.waitFor(stdout, /\n---\n/)]);
    return { ...summary(stderr.text()), ...verboseSummary(stdout.text()) };
  }

  /** All that it has printed. */
  output() {
    return this.#process.output();
  }

  describe() {
    return this.#process.describe();
  }

  async stop() {
    await this.#process.stop();
    this.#directory.stop();
  }
}

/** The toolchain's, in both roles. */
export class NewOpensslServer extends OpensslServer {
  static label = 'openssl 3.5 s_server';
  static command = newerOpenssl;
}

export class NewOpensslClient extends OpensslClient {
  static label = 'openssl 3.5 s_client';
  static command = newerOpenssl;
}
