// Servers that applications talk to, as Debian ships them, each on a loopback port of its own with the fixtures'
// certificates. They are started with everything that they write in a temporary directory.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import { temporaryDirectory } from '../cleanup.mjs';
import { MissingProgram, PeerProcess } from '../peers/process.mjs';
import { fixtures } from '../pki.mjs';

const isRoot = process.getuid() === 0;

/** A port that nobody listens on: most servers cannot be told to find one themselves. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts one in a directory of its own. `launch(directory, port)` returns { program, args, options, signal }; `ready` is
 * what it prints when it listens.
 */
async function start(launch, ready) {
  const directory = temporaryDirectory();
  const port = await freePort();
  let server;
  try {
    const { program, args, options, signal } = launch(directory, port);
    server = new PeerProcess(program, args, { cwd: directory.path, ...options });
    const stop = () => server.stop(signal).finally(directory.stop);
    await Promise.race([server.waitFor(server.stdout, ready), server.waitFor(server.stderr, ready)]);
    return { port, directory: directory.path, describe: () => server.describe(), stop };
  } catch (error) {
    await server?.stop();
    directory.stop();
    throw error;
  }
}

/** Redis that speaks TLS only and asks for the client's certificate. */
export function redis({ clientCertificates = true } = {}) {
  const { ca, serverEcdsa } = fixtures();
  return start(
    (_directory, port) => ({
      program: 'redis-server',
      args: [
        '--bind', '127.0.0.1', '--port', '0', '--tls-port', String(port), '--save', '', '--appendonly', 'no',
        '--tls-cert-file', serverEcdsa.certPath, '--tls-key-file', serverEcdsa.keyPath, '--tls-ca-cert-file', ca.certPath,
        '--tls-auth-clients', clientCertificates ? 'yes' : 'no',
      ], // prettier-ignore
    }),
    /Ready to accept connections/,
  );
}

/** Mosquitto; the name in the client's certificate is the user. */
export function mosquitto() {
  const { ca, serverRsa } = fixtures();
  return start((directory, port) => {
    const configuration = directory.file('mosquitto.conf');
    const lines = [
      `listener ${port} 127.0.0.1`, `cafile ${ca.certPath}`, `certfile ${serverRsa.certPath}`,
      `keyfile ${serverRsa.keyPath}`, 'require_certificate true', 'use_identity_as_username true',
      // Otherwise it becomes another user, who may not read the key.
      ...(isRoot ? ['user root'] : []),
    ]; // prettier-ignore
    fs.writeFileSync(configuration, lines.join('\n'));
    // SIGKILL: right after its start it forgets about any other, and it has nothing to put in order.
    return { program: 'mosquitto', args: ['-v', '-c', configuration], signal: 'SIGKILL' };
  }, /mosquitto version \S+ running/);
}

/** nginx with HTTP/1.1 and HTTP/2. `/tls` tells about the connection, `/file` is `content`. */
export function nginx(content) {
  const { serverEcdsa } = fixtures();
  return start((directory, port) => {
    fs.writeFileSync(directory.file('file'), content);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
    const configuration = `
      daemon off; ${isRoot ? 'user root;' : ''} worker_processes 1; pid nginx.pid; error_log stderr notice;
      events {}
      http {
        access_log off; ${temporary.join(' ')}
        server {
          listen 127.0.0.1:${port} ssl http2;
          ssl_certificate '${serverEcdsa.certPath}'; ssl_certificate_key '${serverEcdsa.keyPath}';
          ssl_protocols TLSv1.2 TLSv1.3;
          location = /tls { return 200 "$ssl_protocol $ssl_curves $server_protocol $connection_requests"; }
          location = /file { root '${directory.path}'; }
        }
      }`;
    fs.writeFileSync(directory.file('nginx.conf'), configuration);
    const args = ['-p', directory.path, '-e', 'stderr', '-c', directory.file('nginx.conf')];
    return { program: 'nginx', args };
  }, /start worker process \d+/);
}

/** aiosmtpd: implicit TLS, or STARTTLS before anything else. Mail lies in the Maildir that `mailbox` names. */
export async function smtp({ implicit }) {
  const { certPath, keyPath } = fixtures().serverRsa;
  const kind = implicit ? 'smtps' : 'tls';
  const server = await start((directory, port) => {
    const certificate = [`--${kind}cert`, certPath, `--${kind}key`, keyPath];
    const handler = ['-c', 'aiosmtpd.handlers.Mailbox', directory.file('mailbox')];
    return { program: '/usr/bin/aiosmtpd', args: ['-n', '-d', '-l', `127.0.0.1:${port}`, ...certificate, ...handler] };
  }, /Server is listening/);
  return { ...server, mailbox: path.join(server.directory, 'mailbox') };
}

const postgresVersions = '/usr/lib/postgresql';

/** Where Debian keeps the programs of the newest version: they are not on PATH. */
function postgresPrograms() {
  const versions = fs.existsSync(postgresVersions) ? fs.readdirSync(postgresVersions) : [];
  const folders = versions.sort((a, b) => b - a).map((version) => path.join(postgresVersions, version, 'bin'));
  const found = folders.find((folder) => fs.existsSync(path.join(folder, 'postgres')));
  if (found === undefined) throw new MissingProgram('postgres');
  return found;
}

// PostgreSQL refuses to run as root, so it runs as nobody, to whom its directory belongs.
const nobody = { uid: 65534, gid: 65534 };

function giveAway(directory) {
  for (const entry of fs.readdirSync(directory)) fs.chownSync(path.join(directory, entry), nobody.uid, nobody.gid);
  fs.chownSync(directory, nobody.uid, nobody.gid);
}

/**
 * PostgreSQL, over TLS only. The user `postgres` has the password `password`; `client` has none and shows a certificate
 * with that name.
 */
export function postgres() {
  const { ca, serverRsa } = fixtures();
  const programs = postgresPrograms();
  return start((directory, port) => {
    const put = (name, content) => fs.writeFileSync(directory.file(name), content, { mode: 0o600 });
    put('password', 'password\n');
    put('server.key', serverRsa.key);
    const options = { cwd: directory.path, ...(isRoot && nobody) };
    if (isRoot) giveAway(directory.path);
    const data = directory.file('data');
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', directory.file('password')];
    const quick = ['--no-sync', '--no-locale', '-E', 'UTF8'];
    execFileSync(path.join(programs, 'initdb'), [...initdb, ...quick], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    put('data/pg_hba.conf', 'hostssl all postgres 127.0.0.1/32 scram-sha-256\nhostssl all client 127.0.0.1/32 cert\n');
    put('server.cert', serverRsa.cert);
    put('ca.cert', ca.cert);
    if (isRoot)
      ['server.cert', 'ca.cert'].forEach((name) => fs.chownSync(directory.file(name), nobody.uid, nobody.gid));
    const settings = {
      listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off', ssl: 'on',
      ssl_cert_file: directory.file('server.cert'), ssl_key_file: directory.file('server.key'),
      ssl_ca_file: directory.file('ca.cert'),
    }; // prettier-ignore
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    // SIGINT: it does not wait for its clients to go.
    return { program: path.join(programs, 'postgres'), args: ['-D', data, ...args], options, signal: 'SIGINT' };
  }, /database system is ready to accept connections/);
}
