// A small public key infrastructure for the tests, made by the `openssl` program once and kept in
// test/fixtures/generated. Nothing in there is a secret, and nothing of it is in the repository.
//
//   import { fixtures } from '../support/pki.mjs';
//   const { ca, serverRsa } = fixtures();
//   tls.createServer({ key: serverRsa.key, cert: serverRsa.cert })
//
// Every certificate is an object { cert, key, certPath, keyPath }: two PEM buffers and the files they come from.
// Leaves are for localhost, 127.0.0.1 and ::1 unless their name says otherwise, and are issued by `ca`.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const root = path.resolve(path.dirname(self), '../fixtures/generated');

const passphrase = 'correct horse battery staple';
const localhost = 'DNS:localhost,IP:127.0.0.1,IP:::1';

const keyTypes = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  rsaPss: ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ecdsa: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ecdsaP384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['-algorithm', 'ED25519'],
};

/** name → what to issue. `san: null` leaves the extension out. */
const leaves = {
  serverRsa: { key: 'rsa' },
  serverEcdsa: { key: 'ecdsa' },
  serverEcdsaP384: { key: 'ecdsaP384' },
  serverEd25519: { key: 'ed25519' },
  serverRsaPss: { key: 'rsaPss' },
  /** Two names to choose between by SNI. */
  sniA: { key: 'ecdsa', cn: 'a.example.com', san: 'DNS:a.example.com' },
  sniB: { key: 'ecdsa', cn: 'b.example.org', san: 'DNS:b.example.org,DNS:*.b.example.org' },
  wrongHost: { key: 'ecdsa', cn: 'wrong.example.com', san: 'DNS:wrong.example.com' },
  /** A subject alone, as before RFC 2818. */
  commonNameOnly: { key: 'ecdsa', san: null },
  expired: { key: 'ecdsa', from: '20200101000000Z', to: '20210101000000Z' },
  notYetValid: { key: 'ecdsa', from: '20400101000000Z', to: '20410101000000Z' },
  revoked: { key: 'ecdsa' },
  client: { key: 'ecdsa', cn: 'client', san: 'DNS:client.example.com', usage: 'clientAuth' },
  clientRsa: { key: 'rsa', cn: 'client-rsa', san: 'DNS:client.example.com', usage: 'clientAuth' },
  clientRsaPss: { key: 'rsaPss', cn: 'client-rsa-pss', san: 'DNS:client.example.com', usage: 'clientAuth' },
  clientEd25519: { key: 'ed25519', cn: 'client-ed25519', san: 'DNS:client.example.com', usage: 'clientAuth' },
  /** Issued by `intermediate`; `cert` holds both, the leaf first. */
  chain: { key: 'ecdsa', issuer: 'intermediate' },
  /** Issued by `otherCa`, which nobody trusts. */
  untrusted: { key: 'ecdsa', issuer: 'otherCa' },
};

/** Those with an OCSP response beside them: one that is good, one that is not. */
const stapled = ['serverEcdsa', 'revoked'];

const authorities = {
  ca: { cn: 'Test Root', key: 'ecdsa' },
  otherCa: { cn: 'Other Root', key: 'ecdsa' },
  intermediate: { cn: 'Test Intermediate', key: 'rsa', issuer: 'ca' },
};

/** What `openssl ca` wants to know: one section a certificate, all of them in one file. */
function configuration() {
  const lines = [
    '[req]',
    'distinguished_name = subject',
    'prompt = no',
    '[subject]',
    'CN = unused',
    '[policy]',
    'commonName = supplied',
    'organizationName = optional',
    '[authority]',
    'basicConstraints = critical,CA:true',
    'keyUsage = critical,keyCertSign,cRLSign',
    'subjectKeyIdentifier = hash',
    '[selfSigned]',
    'basicConstraints = critical,CA:false',
    `subjectAltName = ${localhost}`,
  ];
  for (const name of Object.keys(authorities)) {
    lines.push(`[ca_${name}]`, `database = ${name}.database`, `rand_serial = yes`);
    lines.push(`certificate = ${name}.cert.pem`, `private_key = ${name}.key.pem`);
    lines.push('new_certs_dir = issued', 'default_md = sha256', 'policy = policy');
    lines.push('default_crl_days = 7300', 'unique_subject = no', 'email_in_dn = no');
  }
  for (const [name, { san = localhost, usage = 'serverAuth' }] of Object.entries(leaves)) {
    lines.push(`[${name}]`, 'basicConstraints = critical,CA:false', `extendedKeyUsage = ${usage}`);
    lines.push('subjectKeyIdentifier = hash', 'authorityKeyIdentifier = keyid');
    if (san !== null) lines.push(`subjectAltName = ${san}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Makes everything in `directory`. */
function generate(directory) {
  // A configuration of the machine's own must not leak in.
  const env = { ...process.env, OPENSSL_CONF: path.join(directory, 'openssl.cnf') };
  const openssl = (...args) =>
    execFileSync('openssl', args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const newKey = (name, type) => openssl('genpkey', ...keyTypes[type], '-out', `${name}.key.pem`);
  const subject = (cn) => ['-subj', `/O=wasm-tls tests/CN=${cn}`];
  const selfSign = (name, cn, extensions) => {
    const request = ['-x509', '-new', '-key', `${name}.key.pem`, ...subject(cn), '-extensions', extensions];
    openssl('req', ...request, '-days', '7300', '-out', `${name}.cert.pem`);
  };
  const issue = (name, cn, issuer, extensions, from, to) => {
    openssl('req', '-new', '-key', `${name}.key.pem`, ...subject(cn), '-out', `${name}.csr.pem`);
    const validity = ['-startdate', from, '-enddate', to];
    const authority = ['-batch', '-notext', '-name', `ca_${issuer}`, '-extensions', extensions];
    openssl('ca', ...authority, ...validity, '-in', `${name}.csr.pem`, '-out', `${name}.cert.pem`);
  };

  fs.mkdirSync(path.join(directory, 'issued'));
  fs.writeFileSync(env.OPENSSL_CONF, configuration());

  for (const [name, { cn, key, issuer }] of Object.entries(authorities)) {
    fs.writeFileSync(path.join(directory, `${name}.database`), '');
    newKey(name, key);
    if (issuer === undefined) selfSign(name, cn, 'authority');
    else issue(name, cn, issuer, 'authority', '20240101000000Z', '20440101000000Z');
  }
  for (const [name, leaf] of Object.entries(leaves)) {
    const { key, cn = 'localhost', issuer = 'ca', from = '20240101000000Z', to = '20440101000000Z' } = leaf;
    newKey(name, key);
    issue(name, cn, issuer, name, from, to);
  }
  newKey('selfSigned', 'ecdsa');
  selfSign('selfSigned', 'localhost', 'selfSigned');

  openssl('ca', '-name', 'ca_ca', '-revoke', 'revoked.cert.pem');
  openssl('ca', '-name', 'ca_ca', '-gencrl', '-out', 'crl.pem');
  const crl = (from, to, file) =>
    openssl('ca', '-name', 'ca_ca', '-gencrl', '-crl_lastupdate', from, '-crl_nextupdate', to, '-out', file);
  crl('20240101000000Z', '20240201000000Z', 'expiredCrl.pem');
  crl('20400101000000Z', '20410101000000Z', 'futureCrl.pem');
  for (const name of stapled) ocspResponse(openssl, name);
  fs.appendFileSync(path.join(directory, 'chain.cert.pem'), read(directory, 'intermediate.cert.pem'));
  containers(openssl);
}

/** What the authority's OCSP responder says of a certificate, to be stapled. */
function ocspResponse(openssl, name) {
  const authority = ['-index', 'ca.database', '-CA', 'ca.cert.pem', '-rsigner', 'ca.cert.pem', '-rkey', 'ca.key.pem'];
  const question = ['-issuer', 'ca.cert.pem', '-cert', `${name}.cert.pem`, '-no_nonce'];
  openssl('ocsp', ...authority, ...question, '-ndays', '7000', '-respout', `${name}.ocsp`);
}

/** The same RSA key and certificate in other wrappings, under `passphrase`. */
function containers(openssl) {
  const pass = `pass:${passphrase}`;
  const key = 'serverRsa.key.pem';
  openssl('pkcs8', '-topk8', '-in', key, '-v2', 'aes-256-cbc', '-passout', pass, '-out', 'encrypted.key.pem');
  openssl('rsa', '-in', key, '-traditional', '-aes128', '-passout', pass, '-out', 'encryptedTraditional.key.pem');
  openssl('rsa', '-in', key, '-traditional', '-out', 'traditional.key.pem');
  const pfx = ['pkcs12', '-export', '-inkey', key, '-in', 'serverRsa.cert.pem', '-certfile', 'ca.cert.pem'];
  openssl(...pfx, '-passout', pass, '-out', 'modern.pfx');
  openssl(...pfx, '-passout', 'pass:', '-out', 'empty.pfx');
  openssl(...pfx, '-passout', pass, '-legacy', '-out', 'legacy.pfx');
}

function read(directory, file) {
  return fs.readFileSync(path.join(directory, file));
}

function certificate(directory, name) {
  return {
    cert: read(directory, `${name}.cert.pem`),
    key: read(directory, `${name}.key.pem`),
    certPath: path.join(directory, `${name}.cert.pem`),
    keyPath: path.join(directory, `${name}.key.pem`),
  };
}

/** The directory, made when this file has changed since it was. */
function prepare() {
  const version = createHash('sha256').update(fs.readFileSync(self)).digest('hex').slice(0, 16);
  const directory = path.join(root, version);
  if (fs.existsSync(directory)) return directory;
  fs.mkdirSync(root, { recursive: true });
  // Several test processes may come here at once: each makes its own, the first to finish wins.
  const staging = fs.mkdtempSync(path.join(root, 'staging-'));
  try {
    generate(staging);
    fs.renameSync(staging, directory);
  } catch (error) {
    fs.rmSync(staging, { recursive: true, force: true });
    if (!fs.existsSync(directory)) throw error;
  }
  return directory;
}

let cached;

/**
 * All fixtures. Besides one { cert, key, certPath, keyPath } for each name in `leaves` and `authorities` above and
 * `selfSigned`, of which `serverEcdsa` and `revoked` have `ocsp` and `ocspPath` as well: `crl` (of `ca`, revoking
 * `revoked`), `expiredCrl` and `futureCrl`, `passphrase`, and, wrapping the key and certificate of `serverRsa`:
 * `encryptedKey`, `encryptedTraditionalKey`, `traditionalKey` (PEM), `pfx`, `legacyPfx` (RC2-40 and 3DES),
 * `emptyPassphrasePfx`.
 */
export function fixtures() {
  if (cached !== undefined) return cached;
  const directory = prepare();
  cached = { directory, passphrase };
  for (const name of [...Object.keys(authorities), ...Object.keys(leaves), 'selfSigned']) {
    cached[name] = certificate(directory, name);
  }
  for (const name of stapled) {
    cached[name].ocsp = read(directory, `${name}.ocsp`);
    cached[name].ocspPath = path.join(directory, `${name}.ocsp`);
  }
  const files = {
    crl: 'crl.pem',
    expiredCrl: 'expiredCrl.pem',
    futureCrl: 'futureCrl.pem',
    encryptedKey: 'encrypted.key.pem',
    encryptedTraditionalKey: 'encryptedTraditional.key.pem',
    traditionalKey: 'traditional.key.pem',
    pfx: 'modern.pfx',
    legacyPfx: 'legacy.pfx',
    emptyPassphrasePfx: 'empty.pfx',
  };
  for (const [name, file] of Object.entries(files)) cached[name] = read(directory, file);
  return cached;
}
