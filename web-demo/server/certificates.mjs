// Certificates for one run of the demo, made by the `openssl` program: two authorities, of which the page trusts one, and
// a leaf for each way in which a certificate can be right or wrong.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const localhost = 'DNS:localhost,IP:127.0.0.1,IP:::1';

const authorities = {
  root: { cn: 'wasm-tls demo root' },
  intermediate: { cn: 'wasm-tls demo intermediate', issuer: 'root' },
  stranger: { cn: 'A root that nobody trusts' },
};

/** For localhost, issued by the intermediate, and valid now, unless it says otherwise. */
const leaves = {
  good: {},
  page: { cn: 'A browser tab' },
  rsa: { key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] },
  expired: { days: [-400, -35] },
  future: { days: [30, 400] },
  wrongHost: { cn: 'elsewhere.example', san: 'DNS:elsewhere.example,DNS:*.elsewhere.example' },
  untrusted: { issuer: 'stranger' },
  client: { cn: 'Demo visitor', san: 'email:visitor@demo.example', usage: 'clientAuth' },
};

const ecdsa = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** What `openssl ca` reads: a section for each authority and each leaf. */
function configuration() {
  const lines = [
    '[req]', 'distinguished_name = subject', 'prompt = no', '[subject]', 'CN = unused',
    '[policy]', 'commonName = supplied', 'organizationName = optional',
    '[authority]', 'basicConstraints = critical,CA:true', 'keyUsage = critical,keyCertSign,cRLSign',
    'subjectKeyIdentifier = hash', 'authorityKeyIdentifier = keyid',
    '[rootAuthority]', 'basicConstraints = critical,CA:true', 'keyUsage = critical,keyCertSign,cRLSign',
    'subjectKeyIdentifier = hash',
    '[selfSigned]', 'basicConstraints = critical,CA:false', `subjectAltName = ${localhost}`,
  ]; // prettier-ignore
  for (const name of Object.keys(authorities)) {
    lines.push(`[ca_${name}]`, `database = ${name}.database`, 'rand_serial = yes', 'new_certs_dir = .');
    lines.push(`certificate = ${name}.cert.pem`, `private_key = ${name}.key.pem`, 'default_md = sha256');
    lines.push('policy = policy', 'unique_subject = no', 'email_in_dn = no');
  }
  for (const [name, { san = localhost, usage = 'serverAuth' }] of Object.entries(leaves)) {
    lines.push(`[leaf_${name}]`, 'basicConstraints = critical,CA:false', `extendedKeyUsage = ${usage}`);
    lines.push('keyUsage = critical,digitalSignature', 'subjectKeyIdentifier = hash', 'authorityKeyIdentifier = keyid');
    lines.push(`subjectAltName = ${san}`);
  }
  return `${lines.join('\n')}\n`;
}

/** In the form that `openssl ca` takes: 20261121180000Z. */
function inDays(days) {
  const date = new Date(Date.now() + days * 86_400_000);
  return `${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
}

/**
 * Makes all of them in `directory`. Each is { key, cert, certPath, keyPath }; `cert` of a leaf is its chain, the leaf
 * first, without the root.
 */
export function makeCertificates(directory) {
  // A configuration of the machine's own must not leak in.
  const env = { ...process.env, OPENSSL_CONF: path.join(directory, 'openssl.cnf') };
  const openssl = (...args) =>
    execFileSync('openssl', args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const newKey = (name, type = ecdsa) => openssl('genpkey', '-algorithm', ...type, '-out', `${name}.key.pem`);
  const selfSign = (name, cn, extensions) =>
    openssl('req', '-x509', '-new', '-key', `${name}.key.pem`, '-subj', `/O=wasm-tls demo/CN=${cn}`,
      '-extensions', extensions, '-days', '30', '-out', `${name}.cert.pem`); // prettier-ignore
  const issue = (name, cn, issuer, extensions, [from, to]) => {
    const request = `${name}.csr.pem`;
    openssl('req', '-new', '-key', `${name}.key.pem`, '-subj', `/O=wasm-tls demo/CN=${cn}`, '-out', request);
    openssl('ca', '-batch', '-notext', '-name', `ca_${issuer}`, '-extensions', extensions, '-startdate', inDays(from),
      '-enddate', inDays(to), '-in', request, '-out', `${name}.cert.pem`); // prettier-ignore
  };
  const read = (file) => fs.readFileSync(path.join(directory, file));
  const identity = (name) => ({
    key: read(`${name}.key.pem`),
    cert: read(`${name}.cert.pem`),
    keyPath: path.join(directory, `${name}.key.pem`),
    certPath: path.join(directory, `${name}.cert.pem`),
  });

  fs.writeFileSync(env.OPENSSL_CONF, configuration());
  for (const [name, { cn, issuer }] of Object.entries(authorities)) {
    fs.writeFileSync(path.join(directory, `${name}.database`), '');
    newKey(name);
    if (issuer === undefined) selfSign(name, cn, 'rootAuthority');
    else issue(name, cn, issuer, 'authority', [-1, 30]);
  }
  for (const [name, leaf] of Object.entries(leaves)) {
    const { key, cn = 'localhost', issuer = 'intermediate', days = [-1, 14] } = leaf;
    newKey(name, key);
    issue(name, cn, issuer, `leaf_${name}`, days);
    if (issuer === 'intermediate') {
      fs.appendFileSync(path.join(directory, `${name}.cert.pem`), read('intermediate.cert.pem'));
    }
  }
  newKey('selfSigned');
  selfSign('selfSigned', 'localhost', 'selfSigned');
  const names = ['root', 'stranger', ...Object.keys(leaves), 'selfSigned'];
  return Object.fromEntries(names.map((name) => [name, identity(name)]));
}
