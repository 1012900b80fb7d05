// What of the host's tests a browser cannot run. Whatever is not listed here runs there; an entry that belongs to nothing
// is a failure.

/** Whole files. */
export const filesOfNode = [
  { file: 'test/host/argument-errors.test.mjs', reason: 'compares with node:tls in another process' },
  { file: 'test/host/argument-table.test.mjs', reason: 'compares with node:tls in another process' },
  { file: 'test/host/cluster.test.mjs', reason: 'processes of node:cluster' },
  { file: 'test/host/command-line.test.mjs', reason: 'there is no command line' },
  { file: 'test/host/default-roots.test.mjs', reason: 'Node’s platform; a page has roots.test.mjs' },
  { file: 'test/host/hidden-class.test.mjs', reason: 'asks V8, by a flag of Node’s' },
  { file: 'test/host/engine/crossings.test.mjs', reason: 'counts what Node’s Buffer is asked for' },
  {
    file: 'test/host/engine/wiped-secrets.test.mjs',
    reason: 'looks into the memory of an instance, as Node’s loader makes it',
  },
  { file: 'test/host/http.test.mjs', reason: 'there is no node:http to stand on the sockets' },
  { file: 'test/host/https.test.mjs', reason: 'there is no node:http to stand on' },
  { file: 'test/host/module.test.mjs', reason: 'how Node finds the package; a page has loading.test.mjs' },
  { file: 'test/host/register.test.mjs', reason: 'modules of Node’s that are replaced' },
  { file: 'test/host/warnings.test.mjs', reason: 'warnings of a process, in another one' },
];

const inAnotherProcess = 'runs a program';
const noLocalAddress = 'a relay chooses the address of a connection, see docs/net.md';
const otherOpenssl = 'the peer is OpenSSL 3.5 there, too, and agrees on what that of Node 20 does not know';

/** Tests by their full titles; with `browsers` only in these. */
export const testsOfNode = [
  {
    file: 'test/host/api-rows.test.mjs',
    reason: noLocalAddress,
    titles: ['rows of the API tls.connect() localPort is the port that the peer sees'],
  },
  {
    file: 'test/host/api-rows.test.mjs',
    reason: 'names are resolved by the relay, which tries their addresses',
    titles: ['rows of the API tls.connect() autoSelectFamily goes on to the next address'],
  },
  {
    file: 'test/host/api-rows.test.mjs',
    reason: inAnotherProcess,
    titles: [
      'rows of the API tls.createServer() enableTrace, and the method of that name',
      'rows of the API tls.createSecureContext() ca with the label TRUSTED CERTIFICATE',
      'rows of the API tls.createSecureContext() dhparam in PEM; a client says how many bits',
      'rows of the API tls.createSecureContext() dhparam below 1024 bits is an error, what cannot be read is ignored',
      'rows of the API facts every field that a certificate can have is Node’s',
    ],
  },
  {
    file: 'test/host/ca-certificates.test.mjs',
    reason: 'there is no environment',
    titles: [
      'default roots the environment without any: Mozilla’s',
      'default roots the environment NODE_EXTRA_CA_CERTS adds',
      'default roots the environment NODE_EXTRA_CA_CERTS is believed in a handshake',
      'default roots the environment NODE_EXTRA_CA_CERTS is read at the start',
      'default roots the environment a file that cannot be read, or is malformed: a warning',
      'default roots the environment SSL_CERT_FILE, SSL_CERT_DIR: what the machine trusts, each once',
      'default roots the environment NODE_USE_SYSTEM_CA, where Node knows the option',
      'default roots the environment --use-openssl-ca: the machine’s roots are believed',
    ],
  },
  {
    file: 'test/host/connect-signatures.test.mjs',
    reason: 'there are no paths to listen on',
    titles: ['tls.connect() takes (path, options, callback)'],
  },
  {
    file: 'test/host/connect-signatures.test.mjs',
    reason: noLocalAddress,
    titles: ['tls.connect() passes the options of net.connect on'],
  },
  {
    file: 'test/host/connection-facts.test.mjs',
    reason: otherOpenssl,
    titles: ['facts of a connection, TLSv1.3 getEphemeralKeyInfo() is for clients'],
  },
  {
    file: 'test/host/secure-context.test.mjs',
    reason: otherOpenssl,
    titles: ['tls.createSecureContext() protocol ecdhCurve'],
  },
  {
    file: 'test/host/engine/trap.test.mjs',
    reason: 'the length of its output is corrupt as well, and no browser has a buffer of that length',
    titles: ['engine: a trapped instance ends the connections of its pumps, each with the reason'],
  },
  {
    file: 'test/host/engine/lifetime.test.mjs',
    reason: 'it takes long, for what is the same code everywhere; instances.test.mjs here counts what 250 leave',
    titles: ['engine: lifetimes keeps nothing of 10000 connections, whatever state they were left in'],
  },
  {
    file: 'test/host/instances.test.mjs',
    reason: 'V8 holds on to the last instance of a page; instances.test.mjs here drops a hundred',
    titles: ['instances that are dropped are collected, whatever they have not closed'],
    browsers: ['chromium'],
  },
  {
    file: 'test/host/node-names.test.mjs',
    reason: 'the methods of X509Certificate that compute are node:crypto’s, see docs/api.md',
    titles: ["names that programs know of Node an X509Certificate of the peer's leads to its issuer"],
  },
  {
    file: 'test/host/secure-pair.test.mjs',
    reason: inAnotherProcess,
    titles: ['tls.SecurePair warns once that it is deprecated'],
  },
  {
    file: 'test/host/server.test.mjs',
    reason: 'the sessionIdContext comes from the command line, which a page has not',
    titles: ['tls.Server shows its options'],
  },
  {
    file: 'test/host/server.test.mjs',
    reason: inAnotherProcess,
    titles: ['tls.Server a listener of secureConnection that rejects loses its connection only'],
  },
  {
    file: 'test/host/socket-properties.test.mjs',
    reason: inAnotherProcess,
    titles: ['properties of a socket an unref()ed socket does not keep the process'],
  },
];
