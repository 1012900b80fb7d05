// Every argument and option of every public function, each with every kind of value. Run as a program it prints what
// the implementation under test does with them, as JSON.

import { execFile } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { isFatal } from './argument-differences.mjs';
import { fixtures } from './pki.mjs';

const pki = fixtures();
const { cert, key } = pki.serverRsa;

/** name → value. Functions, so that no call sees what another did to a value. */
const values = new Map(
  Object.entries({
    undefined: () => undefined,
    null: () => null,
    true: () => true,
    false: () => false,
    0: () => 0,
    1: () => 1,
    '-1': () => -1,
    '-0': () => -0,
    1.5: () => 1.5,
    NaN: () => NaN,
    Infinity: () => Infinity,
    '2 ** 31': () => 2 ** 31,
    '2 ** 32': () => 2 ** 32,
    '2 ** 53': () => 2 ** 53,
    '10n': () => 10n,
    "''": () => '',
    "'x'": () => 'x',
    "'1'": () => '1',
    "'a\\0b'": () => 'a\0b',
    'a long string': () => 'x'.repeat(70_000),
    'a symbol': () => Symbol('s'),
    '{}': () => ({}),
    'an object without a prototype': () => Object.create(null),
    '[]': () => [],
    "['x']": () => ['x'],
    '[1]': () => [1],
    '[null]': () => [null],
    'a function': () => function named() {},
    'a class': () => class Named {},
    'a date': () => new Date(0),
    'a map': () => new Map(),
    'an empty Buffer': () => Buffer.alloc(0),
    'a Buffer': () => Buffer.from('bytes'),
    'a Uint16Array': () => new Uint16Array(3),
    'a DataView': () => new DataView(new ArrayBuffer(4)),
    'an ArrayBuffer': () => new ArrayBuffer(4),
  }),
);

const contextOptions = [
  'ca', 'cert', 'key', 'pfx', 'crl', 'ciphers', 'sigalgs', 'ecdhCurve', 'dhparam', 'honorCipherOrder', 'minVersion',
  'maxVersion', 'secureProtocol', 'secureOptions', 'sessionIdContext', 'ticketKeys', 'sessionTimeout',
  'privateKeyEngine', 'privateKeyIdentifier', 'clientCertEngine', 'allowPartialTrustChain',
]; // prettier-ignore

/** Where a value goes inside of an option, or beside another. */
const contextForms = {
  'ca: [v]': (v) => ({ ca: [v] }),
  'cert: [v]': (v) => ({ cert: [v] }),
  'key: [v]': (v) => ({ key: [v] }),
  'key: [{ pem: v }]': (v) => ({ key: [{ pem: v }] }),
  'key: [{ pem, passphrase: v }]': (v) => ({ key: [{ pem: key, passphrase: v }] }),
  'key: [{ pem: encrypted, passphrase: v }]': (v) => ({ key: [{ pem: pki.encryptedKey, passphrase: v }] }),
  'pfx: [v]': (v) => ({ pfx: [v] }),
  'pfx: [{ buf: v }]': (v) => ({ pfx: [{ buf: v }] }),
  'pfx: [{ buf, passphrase: v }]': (v) => ({ pfx: [{ buf: pki.pfx, passphrase: v }] }),
  'crl: [v]': (v) => ({ crl: [v] }),
  'passphrase: v': (v) => ({ passphrase: v }),
  'key, passphrase: v': (v) => ({ key, passphrase: v }),
  'key: encrypted, passphrase: v': (v) => ({ key: pki.encryptedKey, passphrase: v }),
  'pfx, passphrase: v': (v) => ({ pfx: pki.pfx, passphrase: v }),
  'key, cert: v': (v) => ({ key, cert: v }),
  'cert, key: v': (v) => ({ cert, key: v }),
  "privateKeyIdentifier: 'id', privateKeyEngine: v": (v) => ({ privateKeyIdentifier: 'id', privateKeyEngine: v }),
  "privateKeyEngine: 'id', privateKeyIdentifier: v": (v) => ({ privateKeyEngine: 'id', privateKeyIdentifier: v }),
  "secureProtocol: 'TLS_method', minVersion: v": (v) => ({ secureProtocol: 'TLS_method', minVersion: v }),
};

const option = (name) => [`${name}: v`, (v) => ({ [name]: v })];

const allContextForms = [...contextOptions.map(option), ...Object.entries(contextForms)];

const serverOptions = [
  'ALPNProtocols', 'ALPNCallback', 'enableTrace', 'handshakeTimeout', 'rejectUnauthorized', 'requestCert',
  'SNICallback', 'pskCallback', 'pskIdentityHint', 'allowHalfOpen', 'pauseOnConnect', 'noDelay', 'keepAlive',
  'keepAliveInitialDelay', 'highWaterMark',
]; // prettier-ignore

const serverForms = {
  'ALPNProtocols: [v]': (v) => ({ ALPNProtocols: [v] }),
  'ALPNProtocols, ALPNCallback: v': (v) => ({ ALPNProtocols: ['a'], ALPNCallback: v }),
  'pskCallback, pskIdentityHint: v': (v) => ({ pskCallback() {}, pskIdentityHint: v }),
};

const connectOptions = [
  'allowHalfOpen', 'servername', 'session', 'minDHSize', 'checkServerIdentity', 'rejectUnauthorized',
  'ALPNProtocols', 'pskCallback', 'secureContext', 'enableTrace', 'timeout', 'lookup', 'localAddress', 'localPort',
  'family', 'hints', 'highWaterMark', 'onread', 'signal', 'noDelay', 'keepAlive', 'keepAliveInitialDelay',
  'autoSelectFamily', 'autoSelectFamilyAttemptTimeout', 'requestOCSP',
]; // prettier-ignore

const socketOptions = [
  'isServer', 'server', 'requestCert', 'rejectUnauthorized', 'ALPNProtocols', 'ALPNCallback', 'SNICallback', 'session',
  'requestOCSP', 'enableTrace', 'pskCallback', 'pskIdentityHint', 'secureContext', 'credentials', 'handshakeTimeout',
  'pauseOnConnect', 'allowHalfOpen', 'highWaterMark', 'onread', 'signal',
]; // prettier-ignore

/** Calls `use` with a socket that is not connected. */
function withSocket(module, options, use) {
  const socket = new module.TLSSocket(undefined, options);
  socket.on('error', () => {});
  try {
    return use(socket);
  } finally {
    socket.destroy();
  }
}

const methods = {
  setServername: [(v) => [v]],
  setSession: [(v) => [v]],
  setMaxSendFragment: [(v) => [v]],
  exportKeyingMaterial: [(v) => [v, 'label'], (v) => [32, v], (v) => [32, 'label', v]],
  setTimeout: [(v) => [v], (v) => [1, v]],
  getPeerCertificate: [(v) => [v]],
  setNoDelay: [(v) => [v]],
  setKeepAlive: [(v) => [v], (v) => [true, v]],
  setEncoding: [(v) => [v]],
  setDefaultEncoding: [(v) => [v]],
  write: [(v) => [v], (v) => ['x', v], (v) => ['x', 'utf8', v]],
  end: [(v) => [v]],
  connect: [(v) => [v]],
  destroy: [(v) => [v]],
};

const serverMethods = {
  addContext: [(v) => [v, {}], (v) => ['a', v], (v) => ['a', { context: v }]],
  setSecureContext: [(v) => [v]],
  setTicketKeys: [(v) => [v]],
  close: [(v) => [v]],
  address: [(v) => [v]],
};

const identities = {
  'v, { subject: { CN } }': (v) => [v, { subject: { CN: 'x' } }],
  'v, { subjectaltname }': (v) => [v, { subject: {}, subjectaltname: 'DNS:x, IP Address:127.0.0.1' }],
  "'x', v": (v) => ['x', v],
  "'x', { subject: v }": (v) => ['x', { subject: v }],
  "'x', { subject: { CN: v } }": (v) => ['x', { subject: { CN: v } }],
  "'x', { subject: {}, subjectaltname: v }": (v) => ['x', { subject: {}, subjectaltname: v }],
};

/** What an assigned default value does to the next context. */
function withDefault(module, name, value) {
  const before = module[name];
  module[name] = value;
  try {
    return module.createSecureContext();
  } finally {
    module[name] = before;
  }
}

const assignable = ['DEFAULT_CIPHERS', 'DEFAULT_ECDH_CURVE', 'DEFAULT_MIN_VERSION', 'DEFAULT_MAX_VERSION'];

function list(prefix, forms, call) {
  return forms.map(([name, form]) => [`${prefix}({ ${name} })`, (module, v) => call(module, form(v))]);
}

const nowhere = { port: 1, host: '127.0.0.1' };

/** name → call of either module with a value. */
const targets = new Map([
  ['createSecureContext(v)', (module, v) => module.createSecureContext(v)],
  ...list('createSecureContext', allContextForms, (module, options) => module.createSecureContext(options)),
  ['new SecureContext(v)', (module, v) => new module.SecureContext(v)],
  ['new SecureContext(undefined, v)', (module, v) => new module.SecureContext(undefined, v)],
  ['new SecureContext(undefined, 0, v)', (module, v) => new module.SecureContext(undefined, 0, v)],
  ['new SecureContext(undefined, 0, null, v)', (module, v) => new module.SecureContext(undefined, 0, null, v)],

  ['createServer(v)', (module, v) => module.createServer(v)],
  ['createServer({}, v)', (module, v) => module.createServer({}, v)],
  ...list(
    'createServer',
    [...allContextForms, ...serverOptions.map(option), ...Object.entries(serverForms)],
    (module, options) => module.createServer(options),
  ),
  ...list('server.setSecureContext', allContextForms, (module, options) =>
    module.createServer().setSecureContext(options),
  ),
  ...list('server.addContext', contextOptions.map(option), (module, options) =>
    module.createServer().addContext('a', options),
  ),
  ...Object.entries(serverMethods).flatMap(([name, forms]) =>
    forms.map((form, index) => [`server.${name}, ${index}`, (module, v) => module.createServer()[name](...form(v))]),
  ),

  ['connect(v)', (module, v) => module.connect(v)],
  ['connect(1, v)', (module, v) => module.connect(1, v)],
  ['connect(1, host, v)', (module, v) => module.connect(1, '127.0.0.1', v)],
  ['connect(1, host, {}, v)', (module, v) => module.connect(1, '127.0.0.1', {}, v)],
  ['connect({ port: v })', (module, v) => module.connect({ port: v })],
  ['connect({ host: v })', (module, v) => module.connect({ port: 1, host: v })],
  ['connect({ path: v })', (module, v) => module.connect({ path: v })],
  ['connect({ socket: v })', (module, v) => module.connect({ socket: v })],
  ...list('connect', [...contextOptions, ...connectOptions].map(option), (module, options) =>
    module.connect({ ...nowhere, ...options }),
  ),
  ...list('connect', [option('lookup'), option('hints'), option('family')], (module, options) =>
    module.connect({ port: 1, host: 'a.invalid', ...options }),
  ).map(([name, call]) => [`${name} with a name`, call]),

  ['new TLSSocket(v)', (module, v) => new module.TLSSocket(v)],
  ['new TLSSocket(undefined, v)', (module, v) => new module.TLSSocket(undefined, v)],
  ['new TLSSocket(socket, v)', (module, v) => new module.TLSSocket(new net.Socket(), v)],
  ...[false, true].flatMap((isServer) =>
    list(`new TLSSocket, ${isServer ? 'server' : 'client'}`, socketOptions.map(option), (module, options) => {
      return new module.TLSSocket(new net.Socket(), { isServer, ...options });
    }),
  ),
  ...Object.entries(methods).flatMap(([name, forms]) =>
    forms.map((form, index) => [
      `socket.${name}, ${index}`,
      (module, v) => withSocket(module, {}, (socket) => socket[name](...form(v))),
    ]),
  ),
  [
    'setServername() of a server',
    (module, v) => withSocket(module, { isServer: true }, (socket) => socket.setServername(v)),
  ],

  ...Object.entries(identities).map(([name, form]) => [
    `checkServerIdentity(${name})`,
    (module, v) => {
      const error = module.checkServerIdentity(...form(v));
      if (error !== undefined) throw error;
    },
  ]),
  [
    'new TLSSocket, server({ pskCallback, pskIdentityHint: v })',
    (module, v) => new module.TLSSocket(new net.Socket(), { isServer: true, pskCallback() {}, pskIdentityHint: v }),
  ],
  ['convertALPNProtocols(v, {})', (module, v) => module.convertALPNProtocols(v, {})],
  ['convertALPNProtocols([v], {})', (module, v) => module.convertALPNProtocols([v], {})],
  ["convertALPNProtocols(['a'], v)", (module, v) => module.convertALPNProtocols(['a'], v)],
  ...assignable.map((name) => [`${name} = v`, (module, v) => withDefault(module, name, v)]),
]);

/** The error that `call` throws, as a program sees it; null when it throws none. */
function outcome(call, module, value) {
  let result;
  try {
    result = call(module, value);
  } catch (error) {
    return visible(error);
  }
  result?.on?.('error', () => {});
  result?.destroy?.();
  return null;
}

function visible(error) {
  if (!(error instanceof Error)) return { thrown: typeof error };
  const { code } = error;
  const { name } = Object.getPrototypeOf(error).constructor;
  // Assertions of Node's own ask to report a bug to Node, which is not ours to repeat.
  const message = code === 'ERR_INTERNAL_ASSERTION' ? '' : error.message;
  // OpenSSL's number in front of its sentences differs between its versions.
  return { class: name, code, message: message.replace(/^error:[0-9A-F]{8}:/, '') };
}

/** { target: { value: outcome } } of everything but `fatal`. */
function table(module) {
  const rows = [...targets].map(([target, call]) => {
    const kinds = [...values].filter(([value]) => !isFatal(target, value));
    return [target, Object.fromEntries(kinds.map(([value, make]) => [value, outcome(call, module, make())]))];
  });
  return Object.fromEntries(rows);
}

/** Runs the table in a process of its own, because many of these calls leave connections behind that fail later. */
export async function tableOf(subject) {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, WASM_TLS_SUBJECT: subject },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { tls } = await import('./subject.mjs');
  const uncaught = [];
  process.on('uncaughtException', ({ message }) => uncaught.push(message));
  process.removeAllListeners('warning');
  const rows = table(tls);
  // When all that was left behind has failed.
  process.once('beforeExit', () => process.stdout.write(JSON.stringify({ rows, uncaught })));
}
