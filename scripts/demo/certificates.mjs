// Certificates for one run, made by the `openssl` program: a root, an intermediate, and one each for server and client.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

import { Failure } from '../lib/report.mjs';
import { temporary } from './programs.mjs';

const authority = 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n';
const issued = {
  intermediate: { subject: '/CN=Demo Intermediate', issuer: 'root', extensions: authority },
  server: {
    subject: '/CN=localhost',
    issuer: 'intermediate',
    extensions: 'basicConstraints=critical,CA:false\nsubjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n',
  },
  client: {
    subject: '/CN=Demo Client',
    issuer: 'intermediate',
    extensions: 'basicConstraints=critical,CA:false\nextendedKeyUsage=clientAuth\n',
  },
};

function openssl(...args) {
  try {
    // A configuration of the machine's own must not leak in.
    const env = { ...process.env, OPENSSL_CONF: temporary('openssl.cnf') };
    execFileSync('openssl', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Failure(`openssl ${args[0]} failed:\n${error.stderr}`);
  }
}

const keyFile = (name) => temporary(`${name}.key.pem`);
const certificateFile = (name) => temporary(`${name}.cert.pem`);

function makeKey(name) {
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', keyFile(name));
}

function issue(name) {
  const { subject, issuer, extensions } = issued[name];
  const [request, extensionFile] = [temporary(`${name}.csr.pem`), temporary(`${name}.cnf`)];
  fs.writeFileSync(extensionFile, extensions);
  makeKey(name);
  openssl('req', '-new', '-key', keyFile(name), '-subj', subject, '-out', request);
  openssl('x509', '-req', '-in', request, '-CA', certificateFile(issuer), '-CAkey', keyFile(issuer),
    '-CAcreateserial', '-days', '2', '-extfile', extensionFile, '-out', certificateFile(name)); // prettier-ignore
}

function identity(name) {
  const chainPath = certificateFile('intermediate');
  const [certPath, keyPath, bundlePath] = [certificateFile(name), keyFile(name), temporary(`${name}.bundle.pem`)];
  fs.writeFileSync(bundlePath, Buffer.concat([fs.readFileSync(certPath), fs.readFileSync(chainPath)]));
  return { certPath, chainPath, keyPath, bundlePath, cert: fs.readFileSync(bundlePath), key: fs.readFileSync(keyPath) };
}

/** { rootPath, root, server, client }: the last two as { certPath, chainPath, bundlePath, keyPath, cert, key }. */
export function makeCertificates() {
  fs.writeFileSync(temporary('openssl.cnf'), `[req]\ndistinguished_name=dn\n[dn]\n[ca]\n${authority}`);
  makeKey('root');
  openssl('req', '-x509', '-new', '-key', keyFile('root'), '-subj', '/CN=Demo Root', '-days', '2',
    '-extensions', 'ca', '-out', certificateFile('root')); // prettier-ignore
  for (const name of Object.keys(issued)) issue(name);
  const rootPath = certificateFile('root');
  return { rootPath, root: fs.readFileSync(rootPath), server: identity('server'), client: identity('client') };
}
