// Calls with wrong arguments, and what a program sees of the errors. Run as a program it prints what Node's own tls
// does, as JSON: in a process apart, because some of these calls make Node leave a failing connection behind.

import nativeTls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { fixtures } from './pki.mjs';

const pki = fixtures();
const { cert, key } = pki.serverRsa;

const contextOptions = [
  'a string',
  { ciphers: 1 }, { ciphers: ':' }, { ciphers: 'no-such-cipher' }, { ciphers: 'TLS_NO_SUCH' },
  { minVersion: 'TLSv9' }, { minVersion: 1 }, { maxVersion: 'fast' }, { maxVersion: {} },
  { secureProtocol: 'TLSv1_2_method', minVersion: 'TLSv1.2' },
  { secureProtocol: 'TLSv1_2_method', maxVersion: 'TLSv1.3' },
  { secureProtocol: 'blargh' }, { secureProtocol: 'SSLv2_method' }, { secureProtocol: 'SSLv3_server_method' },
  { secureOptions: 'many' }, { secureOptions: 1.5 },
  { ca: 1 }, { ca: [true] }, { cert: {} }, { cert: [1] }, 
  { key: true }, { key: [{ pem: 1 }] }, { key, passphrase: 1 }, { key: [{ pem: key, passphrase: 7 }] }, { key: [null] },
  { crl: 1 }, { crl: 'not a list' },
  { sigalgs: 1 }, { sigalgs: '' }, { sigalgs: 'nonsense' },
  { ecdhCurve: 1 }, { ecdhCurve: 'nonsense' }, { ecdhCurve: '' },
  { dhparam: 1 }, { dhparam: true },
  { sessionIdContext: 1 },
  { ticketKeys: 'abc' }, { ticketKeys: Buffer.alloc(47) }, { ticketKeys: [] },
  { sessionTimeout: 'long' }, { sessionTimeout: -1 }, { sessionTimeout: 1.5 }, { sessionTimeout: 2 ** 31 },
  { privateKeyIdentifier: 'id' }, { privateKeyIdentifier: 1, privateKeyEngine: 'e' },
  { privateKeyIdentifier: 'id', privateKeyEngine: 1 }, { privateKeyIdentifier: 'id', privateKeyEngine: 'e', key },
  { clientCertEngine: 1 }, { clientCertEngine: true },
  { pfx: 1 }, { pfx: 'short' }, { pfx: pki.pfx, passphrase: 'wrong' }, { pfx: pki.pfx },
  { pfx: pki.pfx, passphrase: true },
  { cert: 'garbage' }, { key: 'garbage' }, { cert, key: pki.clientRsa.key },
  { key: pki.encryptedKey }, { key: pki.encryptedKey, passphrase: 'wrong' },
  { key: pki.encryptedTraditionalKey }, { key: pki.encryptedTraditionalKey, passphrase: 'wrong' },
]; // prettier-ignore

const serverOptions = [
  1, 'text',
  { handshakeTimeout: 'abc' }, { SNICallback: 'abc' }, { pskCallback: 1 }, { pskIdentityHint: 1 },
  { ALPNProtocols: ['a'], ALPNCallback() {} }, { ALPNProtocols: ['x'.repeat(256)] }, { ticketKeys: 1 },
]; // prettier-ignore

const connectOptions = [
  { port: 'abc' }, { port: -1 }, { host: 'localhost' }, { port: 1, checkServerIdentity: 1 }, { port: 1, minDHSize: 'x' },
  { port: 1, minDHSize: 0 }, { port: 1, servername: 1 }, { port: 1, session: 1 }, { port: 1, enableTrace: 'yes' },
  { port: 1, pskCallback: 1 }, { port: 1, ALPNProtocols: ['x'.repeat(300)] }, { port: 1, secureContext: {} },
  { port: 1, host: '127.0.0.1', localAddress: 'abc' }, { port: 1, host: 'a.test', lookup: 1 }, { path: 1 },
  { port: 1, host: '127.0.0.1', timeout: 'x' }, { port: 1, signal: 1 },
]; // prettier-ignore

/** What calling `use` with this module throws. */
function thrownBy(use, module) {
  let result;
  try {
    result = use(module);
  } catch (error) {
    return error;
  }
  result?.on?.('error', () => {});
  result?.destroy?.();
  return undefined;
}

/** What a program can see of an error. OpenSSL's number in front of its sentences differs between its versions. */
function visible(error) {
  if (error === undefined) return null;
  const { code, library, reason, opensslErrorStack } = error;
  // Assertions of Node's own ask to report a bug to Node, which is not ours to repeat.
  const message = code === 'ERR_INTERNAL_ASSERTION' ? '' : error.message;
  const strip = (text) => text.replace(/^error:[0-9A-F]{8}:/, '');
  const result = {
    class: Object.getPrototypeOf(error).constructor.name,
    name: error.name,
    message: strip(message),
    code,
    library,
    reason,
    opensslErrorStack: opensslErrorStack?.map(strip),
    text: String(error).startsWith(`${error.name} [`),
  };
  // As it comes out of JSON.
  return JSON.parse(JSON.stringify(result));
}

const show = (options) =>
  JSON.stringify(options, (_key, value) => (value?.type === 'Buffer' ? `<${value.data.length} bytes>` : value));

const calls = {
  'new SecureContext("nonsense")': (module) => new module.SecureContext('nonsense'),
  'new SecureContext(undefined, "many")': (module) => new module.SecureContext(undefined, 'many'),
  'server.addContext("")': (module) => module.createServer().addContext(''),
  'server.addContext("a", {ciphers: 1})': (module) => module.createServer().addContext('a', { ciphers: 1 }),
  'server.setSecureContext()': (module) => module.createServer().setSecureContext(),
  'server.setSecureContext([])': (module) => module.createServer().setSecureContext([]),
  'server.setTicketKeys("x")': (module) => module.createServer().setTicketKeys('x'),
  'server.setTicketKeys(47 bytes)': (module) => module.createServer().setTicketKeys(Buffer.alloc(47)),
  'convertALPNProtocols(long)': (module) => module.convertALPNProtocols(['a', 'b'.repeat(256)], {}),
  'checkServerIdentity of a malformed name': (module) =>
    module.checkServerIdentity('a.com', { subject: {}, subjectaltname: 'DNS:"a.com' }),
  'setServername() of a server': (module) =>
    withSocket(module, { isServer: true, secureContext: module.createSecureContext() }, (socket) =>
      socket.setServername('a'),
    ),
};

const methods = {
  setServername: [[1]],
  setMaxSendFragment: [['a'], [1.5], [2 ** 40]],
  exportKeyingMaterial: [
    ['a', 'b'],
    [1, 2],
    [0, 'label'],
    [1, 'label', 'text'],
    [10, 'label'],
  ],
  setTimeout: [['a'], [-1], [Infinity], [1, 'callback']],
  renegotiate: [[], ['text'], [{}, 'callback']],
  setSession: [[1]],
};

function withSocket(module, options, use) {
  const socket = new module.TLSSocket(undefined, options);
  try {
    return use(socket);
  } finally {
    socket.destroy();
  }
}

/** name → call, which throws, of either module. */
export const wrongCalls = new Map([
  ...contextOptions.map((options) => [
    `createSecureContext(${show(options)})`,
    (module) => module.createSecureContext(options),
  ]),
  ...serverOptions.map((options) => [`createServer(${show(options)})`, (module) => module.createServer(options)]),
  ...connectOptions.map((options) => [`connect(${show(options)})`, (module) => module.connect(options)]),
  ...Object.entries(calls),
  ...Object.entries(methods).flatMap(([method, lists]) =>
    lists.map((args) => [
      `socket.${method}(${args.map((value) => JSON.stringify(value) ?? 'undefined').join(', ')})`,
      (module) => withSocket(module, {}, (socket) => socket[method](...args)),
    ]),
  ),
]);

/** What a program sees of the error that `call` throws; null when it throws none. */
export const errorOf = (call, module) => visible(thrownBy(call, module));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('uncaughtException', () => {});
  const errors = [...wrongCalls].map(([name, call]) => [name, errorOf(call, nativeTls)]);
  process.stdout.write(JSON.stringify(errors), () => process.exit());
}
