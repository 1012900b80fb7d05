// The programs of NSS, Firefox' TLS: `selfserv` and `tstclnt`.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryDirectory } from '../cleanup.mjs';
import { fixtures } from '../pki.mjs';
import { made } from './made.mjs';
import { NamespaceServer, portInside } from './namespace.mjs';
import { PeerProcess, runToEnd } from './process.mjs';

const versionNames = { TLSv1: 'tls1.0', 'TLSv1.1': 'tls1.1', 'TLSv1.2': 'tls1.2', 'TLSv1.3': 'tls1.3' };
const protocolNames = { 3.1: 'TLSv1', 3.2: 'TLSv1.1', 3.3: 'TLSv1.2', 3.4: 'TLSv1.3' };
/** By itself it does not offer RSA-PSS keys. */
const signatureSchemes =
  'ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,rsa_pss_rsae_sha256,rsa_pss_pss_sha256,rsa_pkcs1_sha256';

const nickname = 'identity';

/** What both programs are told: their database, versions, tickets, a report. */
function commonArguments({ identity, authorityPath, version }) {
  const name = versionNames[version];
  return [
    '-d', `sql:${database(identity, authorityPath)}`, '-V', name ? `${name}:${name}` : 'tls1.2:tls1.3',
    '-J', signatureSchemes, '-u', '-v', ...(identity ? ['-n', nickname] : []),
  ]; // prettier-ignore
}

/** NSS reads keys and certificates from a database only: this one holds one identity and one trusted authority. */
function database(identity, authorityPath) {
  const sources = [
    fileURLToPath(import.meta.url),
    authorityPath,
    ...(identity ? [identity.certPath, identity.keyPath] : []),
  ];
  return made('nss', sources, (folder) => {
    const db = `sql:${folder}`;
    runToEnd('certutil', ['-N', '-d', db, '--empty-password']);
    runToEnd('certutil', ['-A', '-d', db, '-n', 'authority', '-t', 'CT,C,', '-i', authorityPath]);
    if (!identity) return;
    const bundle = path.join(folder, 'identity.p12');
    const pair = ['-inkey', identity.keyPath, '-in', identity.certPath, '-name', nickname];
    runToEnd('openssl', ['pkcs12', '-export', ...pair, '-passout', 'pass:', '-out', bundle]);
    runToEnd('pk12util', ['-i', bundle, '-d', db, '-W', '', '-K', '']);
  });
}

/** Their report of the connection with this number: the one stream names versions, the other counts from the start. */
function report(versions, counts, index) {
  const protocols = [...versions.matchAll(/SSL version ([\d.]+)/g)].map(([, number]) => protocolNames[number]);
  const resumptions = [...counts.matchAll(/(\d+) stateless resumes/g)].map(([, count]) => Number(count));
  return { protocol: protocols[index], reused: resumptions[index] > (resumptions[index - 1] ?? 0) };
}

/**
 * `selfserv`: a server for HTTP, which sends a request's header back behind its own. Options: `identity`, `version`,
 * `clientCaPath`, `alpn`; see OpensslServer.
 */
export class NssServer {
  static label = 'NSS selfserv';
  static tells = ['protocol', 'peerName', 'reused'];
  #server;

  static async start({ identity, version, clientCaPath, alpn }) {
    const peer = new NssServer();
    const authorityPath = clientCaPath ?? fixtures().ca.certPath;
    peer.#server = await NamespaceServer.start(
      'selfserv',
      [
        ...commonArguments({ identity, authorityPath, version }), '-p', String(portInside),
        // Its ALPN knows this protocol alone.
        ...(alpn?.includes('http/1.1') ? ['-Q'] : []),
        ...(clientCaPath ? ['-r', '-r'] : []),
      ],
      /About to call accept/,
    ); // prettier-ignore
    peer.port = peer.#server.port;
    return peer;
  }

  request(payload) {
    return Buffer.from(`GET / HTTP/1.0\r\nPayload: ${payload.toString('hex')}\r\n\r\n`);
  }

  reply(request) {
    const header =
      'HTTP/1.0 200 OK\r\nServer: Generic Web Server\r\nDate: Tue, 26 Aug 1997 22:10:05 GMT\r\n' +
      'Content-type: text/plain\r\n\r\n';
    return Buffer.from(`${header}${request}EOF\r\n\r\n\r\n`);
  }

  async negotiated(index = 0) {
    const { process } = this.#server;
    const { stdout, stderr } = process;
    for (const [output, mark] of [
      [stdout, 'stateless resumes'],
      [stderr, 'issuer  DN'],
    ]) {
      await process.waitFor(output, new RegExp(`(${mark}[^]*?){${index + 1}}`));
    }
    const peerName = /^selfserv: Subject: .*CN=([^,\n]*)/m.exec(stdout.text())?.[1];
    return { ...report(stderr.text(), stdout.text(), index), peerName };
  }

  describe() {
    return this.#server.process.describe();
  }

  stop() {
    return this.#server.stop();
  }
}

/** `tstclnt`: options as OpensslClient's, without `alpn`. */
export class NssClient {
  static label = 'NSS tstclnt';
  static protocol = 'raw';
  static withoutAlpn = true;
  static tells = ['protocol', 'reused'];
  #process;
  #connections;
  #directory = temporaryDirectory();

  static start({ port, version, caPath, servername = 'localhost', identity, upload = '', connections = 1, args = [] }) {
    const peer = new NssClient();
    peer.#connections = connections;
    const file = peer.#directory.file('upload');
    fs.writeFileSync(file, upload);
    peer.#process = new PeerProcess('tstclnt', [
      '-4', '-h', '127.0.0.1', '-p', String(port), '-a', servername, '-L', String(connections), '-A', file,
      ...commonArguments({ identity, authorityPath: caPath, version }), ...args,
    ]); // prettier-ignore
    return peer;
  }

  async finished() {
    const { code } = await this.#process.exited;
    return { code, received: this.#process.stdout.buffer() };
  }

  /** What it says of its last connection. */
  async negotiated() {
    await this.#process.exited;
    const text = this.#process.stderr.text();
    return report(text, text, this.#connections - 1);
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
