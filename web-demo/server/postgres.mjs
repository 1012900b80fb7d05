// A PostgreSQL of the demo's own, when it is installed: in a temporary folder, over TLS only, with SCRAM passwords.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

import { freePort } from './listening.mjs';

const debianFolder = '/usr/lib/postgresql';
const isRoot = process.getuid?.() === 0;
// PostgreSQL refuses to run as root, so it runs as nobody, to whom its folder then belongs.
const nobody = { uid: 65534, gid: 65534 };

const seed = `
create table tls_versions (version text primary key, year int, rfc int, round_trips int, advice text);
insert into tls_versions values
  ('SSL 2.0', 1995, null, 2, 'prohibited by RFC 6176'), ('SSL 3.0', 1996, 6101, 2, 'prohibited by RFC 7568'),
  ('TLS 1.0', 1999, 2246, 2, 'deprecated by RFC 8996'), ('TLS 1.1', 2006, 4346, 2, 'deprecated by RFC 8996'),
  ('TLS 1.2', 2008, 5246, 2, 'fine with an AEAD suite'), ('TLS 1.3', 2018, 8446, 1, 'use this');
create role visitor login password 'PASSWORD';
grant select on tls_versions to visitor;
grant create on schema public to visitor;
grant pg_read_all_stats to visitor;
`;

/** Where the programs of the newest version are: Debian does not keep them on PATH. */
function findPrograms() {
  const versions = fs.existsSync(debianFolder) ? fs.readdirSync(debianFolder) : [];
  const folders = versions.sort((a, b) => b - a).map((version) => path.join(debianFolder, version, 'bin'));
  const onPath = (process.env.PATH ?? '').split(path.delimiter);
  const isComplete = (folder) => ['initdb', 'postgres'].every((name) => fs.existsSync(path.join(folder, name)));
  return [...folders, ...onPath].find(isComplete);
}

function prepare(directory, programs, identity, password) {
  const data = path.join(directory, 'data');
  const put = (name, content) => {
    const file = path.join(directory, name);
    fs.writeFileSync(file, content, { mode: 0o600 });
    if (isRoot) fs.chownSync(file, nobody.uid, nobody.gid);
    return file;
  };
  fs.mkdirSync(directory, { mode: 0o700 });
  if (isRoot) fs.chownSync(directory, nobody.uid, nobody.gid);
  const options = { cwd: directory, stdio: ['pipe', 'ignore', 'pipe'], ...(isRoot && nobody) };
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--no-sync', '--no-locale', '-E', 'UTF8'],
    options,
  );
  // In this mode a line is a statement.
  const statements = seed.replace('PASSWORD', password).split(';\n');
  const input = statements.map((statement) => `${statement.replaceAll('\n', ' ').trim()}\n`).join('');
  execFileSync(path.join(programs, 'postgres'), ['--single', '-D', data, 'postgres'], { ...options, input });
  put('data/pg_hba.conf', 'hostssl postgres visitor 127.0.0.1/32 scram-sha-256\n');
  return { data, options, cert: put('server.cert', identity.cert), key: put('server.key', identity.key) };
}

/**
 * Starts it in `directory`, which must not exist and goes with everything else of the demo. Resolves to { access, port,
 * stop }, or to { missing } with what to do about it.
 */
export async function startPostgres(directory, identity) {
  const programs = findPrograms();
  if (programs === undefined) {
    return {
      missing: 'PostgreSQL is not installed. On Debian: apt-get install postgresql. Then start the demo again.',
    };
  }
  try {
    return await launch(directory, programs, identity);
  } catch (error) {
    const reason = String(error.stderr || error.message).trim();
    return { missing: `PostgreSQL is installed and did not start: ${reason}` };
  }
}

async function launch(directory, programs, identity) {
  const password = randomBytes(12).toString('base64url');
  const { data, options, cert, key } = prepare(directory, programs, identity, password);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 20,
    ssl: 'on',
    ssl_cert_file: cert,
    ssl_key_file: key,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(path.join(programs, 'postgres'), ['-D', data, ...args], options);
  const ended = once(child, 'exit');
  // Whatever becomes of this process.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await ready(child);
  const access = { host: 'localhost', port, user: 'visitor', password, database: 'postgres' };
  const stop = async () => {
    // It does not wait for its clients to go.
    child.kill('SIGINT');
    await ended;
    process.removeListener('exit', kill);
  };
  return { access, port, stop };
}

function ready(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000);
      if (said.includes('ready to accept connections')) resolve();
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(said)));
  });
}
