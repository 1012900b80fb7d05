/** `wasm-tls connect`: one TLS connection, described on stderr, then stdin and stdout. */
import fs from 'node:fs';
import type { ConnectionOptions, DetailedPeerCertificate, EphemeralKeyInfo, TLSSocket } from 'node:tls';
import tls from '../index.js';
import { endpoint, helpText, parseCommandLine, UsageError, type CommandLine } from './options.js';

const declarations = {
  servername: { value: 'NAME', help: 'Name for SNI and for the certificate. Default: HOST' },
  alpn: { value: 'NAMES', help: 'Protocols to offer, with commas between. Default: none' },
  ca: { value: 'FILE', help: 'PEM certificates to trust. Default: those of Mozilla' },
  cert: { value: 'FILE', help: 'PEM certificate of this client, with its chain. Default: none' },
  key: { value: 'FILE', help: 'PEM key for --cert. Default: none' },
  insecure: { help: 'Go on when the certificate does not verify. Default: off' },
  help: { help: 'Show this text.' },
};

const help = helpText(
  'wasm-tls connect HOST:PORT [options]',
  'Connects with TLS, says on stderr what was negotiated and how the certificate verified, then sends stdin and writes\n' +
    'what comes to stdout. IPv6 addresses stand in brackets.',
  declarations,
);

function name(entity: object): string {
  return Object.entries(entity)
    .map(([key, value]) => `${key}=${[value].flat().join('+')}`)
    .join(', ');
}

function* chainOf(certificate: DetailedPeerCertificate): Iterable<DetailedPeerCertificate> {
  for (let one = certificate; ; one = one.issuerCertificate) {
    yield one;
    if (!one.issuerCertificate || one.issuerCertificate === one) return;
  }
}

function describe(socket: TLSSocket): string {
  const cipher = socket.getCipher();
  const { type, name: group, size } = socket.getEphemeralKeyInfo() as Partial<EphemeralKeyInfo>;
  const lines = [
    `protocol      ${socket.getProtocol()}`,
    `cipher        ${cipher.standardName}`,
    `key exchange  ${[group ?? type ?? 'none', size === undefined ? '' : `(${size} bits)`].join(' ').trim()}`,
    `ALPN          ${socket.alpnProtocol || 'none'}`,
    `verification  ${socket.authorized ? 'ok' : String(socket.authorizationError)}`,
  ];
  const certificate = socket.getPeerCertificate(true);
  if (Object.keys(certificate).length === 0) return lines.join('\n');
  for (const [depth, one] of [...chainOf(certificate)].entries()) {
    lines.push(
      `certificate ${depth} ${name(one.subject)}`,
      `              issued by ${name(one.issuer)}`,
      `              valid ${one.valid_from} to ${one.valid_to}`,
    );
  }
  return lines.join('\n');
}

function connectionOptions(line: CommandLine): ConnectionOptions {
  const read = (option: string) => {
    const file = line.one(option);
    return file === undefined ? {} : { [option]: fs.readFileSync(file) };
  };
  const servername = line.one('servername');
  const alpn = line.one('alpn');
  return {
    ...read('ca'),
    ...read('cert'),
    ...read('key'),
    ...(servername === undefined ? {} : { servername }),
    ...(alpn === undefined ? {} : { ALPNProtocols: alpn.split(',') }),
    // Looked at below, so that a chain that does not verify is shown as well.
    rejectUnauthorized: false,
  };
}

export function connectCommand(args: string[]): Promise<void> {
  const line = parseCommandLine(args, declarations, 1);
  if (line.switched('help')) return Promise.resolve(void process.stdout.write(help));
  const [target] = line.positionals;
  if (target === undefined) throw new UsageError('Where to? wasm-tls connect HOST:PORT');
  const socket = tls.connect({ ...endpoint(target), ...connectionOptions(line) });
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => {
      process.stderr.write(`${describe(socket)}\n`);
      if (!socket.authorized && !line.switched('insecure')) {
        socket.destroy(new Error(`The certificate does not verify: ${String(socket.authorizationError)}`));
        return;
      }
      process.stdin.pipe(socket);
      socket.pipe(process.stdout, { end: false });
    });
    socket.once('error', (error: Error) => reject(error));
    socket.once('close', () => {
      process.stdin.destroy();
      resolve();
    });
  });
}
