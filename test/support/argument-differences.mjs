// Where the table of arguments may differ from Node, as data: each entry names targets and values, all of which differ.

const strings = ["'x'", "'1'", "'a\\0b'", 'a long string'];
const wire = ['a Buffer', 'a Uint16Array', 'a DataView'];

export const differences = [
  {
    reason: 'OpenSSL 3.5 says of what is too short to be DER: not enough data, not: header too long',
    targets: /\{ pfx: (v|\[v\]|\[\{ buf: v \}\]) \}/,
    values: ["'x'", "'1'"],
  },
  { reason: 'the same', targets: /\{ pfx: v \}/, values: ["['x']"] },
  {
    reason: 'Node’s message ends at the NUL',
    targets: /\{ secureProtocol: v \}|^new SecureContext\(v\)$/,
    values: ["'a\\0b'"],
  },
  {
    reason: 'there are no engines in a sandbox, and each is refused; Node looks for it',
    targets: /\{ clientCertEngine: v \}|'id', privateKey(Engine|Identifier): v \}/,
    values: strings,
  },
  {
    reason: 'the same',
    targets:
      /^(createSecureContext|server.addContext|connect)\(\{ clientCertEngine: v \}|'id', privateKey(Engine|Identifier): v \}/,
    values: ["''"],
  },
  {
    reason: 'the documentation has lists of bytes, which Node 20 refuses',
    targets: /ALPNProtocols: \[v\] |^convertALPNProtocols\(\[v\]/,
    values: ['an empty Buffer', ...wire],
  },
  {
    reason: 'malformed wire format: Node takes it, and no handshake can succeed',
    targets: /^new TLSSocket, server\(\{ ALPNProtocols: v/,
    values: wire,
  },
  {
    reason: 'whatever has a context is no set of options: Node takes a context of another kind for options without any',
    targets: /^server.addContext, 2$/,
    values: [
      'null', 'true', 'false', '0', '1', '-1', '-0', '1.5', 'NaN', 'Infinity', '2 ** 31', '2 ** 32', '2 ** 53', '10n',
      "''", ...strings, 'a symbol', '{}', 'an object without a prototype', '[]', "['x']", '[1]', '[null]',
      'a function', 'a class', 'a date', 'a map', 'an empty Buffer', ...wire, 'an ArrayBuffer',
    ], // prettier-ignore
  },
  {
    reason: 'a name that no ClientHello can carry: Node silently sends none',
    targets: /\{ servername: v|^socket.setServername/,
    values: ['a long string'],
  },
  { reason: 'Node fails to put the symbol into its message', targets: /\{ minDHSize: v/, values: ['a symbol'] },
  {
    reason: 'Node’s tls.connect() does not look at this option; here it is that of net.connect()',
    targets: /^connect\(\{ keepAliveInitialDelay: v/,
    values: [
      'null', 'true', 'false', '10n', "''", ...strings, 'a symbol', '{}', 'an object without a prototype', '[]',
      "['x']", '[1]', '[null]', 'a function', 'a class', 'a date', 'a map', 'an empty Buffer', ...wire,
      'an ArrayBuffer',
    ], // prettier-ignore
  },
  {
    reason: 'a list without a name is no name',
    targets: /^checkServerIdentity\('x', \{ subject: \{ CN: v \} \}/,
    values: ['[]', '[null]'],
  },
];

/** Here a check in Node's C++ ends the process. */
const fatal = [
  { targets: /\{ sessionTimeout: v \}/, values: ['-0'] },
  { targets: /^connect\(\{ family: v \}\) with a name/, values: ['-0'] },
  { targets: /^(connect|new TLSSocket, client)\(\{ ALPNProtocols: v/, values: wire },
  { targets: /^socket.connect/, values: ["'x'", "'a\\0b'", 'a long string'] },
];

const covers = (target, value) => (entry) => entry.targets.test(target) && entry.values.includes(value);

export const isFatal = (target, value) => fatal.some(covers(target, value));

/** The entry that lets this differ; undefined when there is none. */
export const differenceOf = (target, value) => differences.find(covers(target, value));
