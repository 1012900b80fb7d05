/** Node, as the API sees it. */
import { appendFile } from 'node:fs';
import { domainToASCII } from 'node:url';
import { lazy } from './api/lazy.js';
import type { CommandLine, Platform } from './api/platform.js';
import { extraCertificates, systemCertificates } from './node-certificates.js';

/** Loaded at the first use: it is large, and servers and few others need it. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const crypto = () => require('node:crypto') as typeof import('node:crypto');

/** A value may stand in the same argument, behind `=`, or in the next one. */
function findOption(args: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  args.forEach((arg, index) => {
    if (arg === name) found = args[index + 1];
    else if (arg.startsWith(`${name}=`)) found = arg.slice(name.length + 1);
  });
  return found;
}

/** The last word counts. A Node that does not know the option does not look at the variable either. */
function systemRoots(args: readonly string[]): boolean {
  const word = args.filter((arg) => arg === '--use-system-ca' || arg === '--no-use-system-ca').at(-1);
  if (word !== undefined) return word === '--use-system-ca';
  return process.env.NODE_USE_SYSTEM_CA === '1' && process.allowedNodeEnvironmentFlags.has('--use-system-ca');
}

/** Node tells nobody what its options are; they are where it found them itself. */
function readCommandLine(): CommandLine {
  // Underscores count as dashes.
  const args = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv].map((arg) =>
    arg.replace(/^--[^=]*/, (option) => option.replaceAll('_', '-')),
  );
  const given = (option: string): boolean => args.includes(option);
  const minima = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
  const flag = (side: string, version: string): string =>
    `--tls-${side}-v1.${version === 'TLSv1' ? '0' : version.slice('TLSv1.'.length)}`;
  return {
    minVersion: minima.find((version) => given(flag('min', version))),
    maxVersion: ['TLSv1.3', 'TLSv1.2'].find((version) => given(flag('max', version))),
    cipherList: findOption(args, '--tls-cipher-list'),
    keylogFile: findOption(args, '--tls-keylog'),
    trace: given('--trace-tls'),
    opensslRoots: given('--use-openssl-ca'),
    systemRoots: systemRoots(args),
  };
}

export function nodePlatform(): Platform {
  const commandLine = readCommandLine();
  // Read now, as Node does: setting it later is of no effect.
  const extraFile = process.env.NODE_EXTRA_CA_CERTS;
  const warned = new Set<string>();
  const warnOnce = (key: string, message: string): void => {
    if (warned.has(key)) return;
    warned.add(key);
    process.emitWarning(message);
  };
  if (commandLine.trace) warnOnce('trace', 'Enabling --trace-tls can expose sensitive data in the resulting log.');

  return {
    commandLine,
    nextTick: (callback) => process.nextTick(callback),
    soon: (callback) => void setImmediate(callback),
    warn: (message, type, code) => process.emitWarning(message, type, code),

    allowsUnauthorized() {
      if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return false;
      const message =
        "Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to '0' makes TLS connections and HTTPS " +
        'requests insecure by disabling certificate verification.';
      warnOnce('unauthorized', message);
      return true;
    },

    sessionIdContext: () => crypto().createHash('sha1').update(process.argv.join(' ')).digest('hex').slice(0, 32),
    // The codes of the Node that this library stands in for.
    newAlertNames: Number.parseFloat(process.versions.openssl ?? '0') >= 3.2,
    newArgumentErrors: Number.parseInt(process.versions.node) >= 24,
    domainToAscii: domainToASCII,
    writeTrace: (text) => void process.stderr.write(text),

    appendKeylog(file, line) {
      const message = `Using --tls-keylog makes TLS connections insecure by writing secret key material to file ${file}`;
      warnOnce('keylog', message);
      appendFile(file, line, { mode: 0o600 }, (error) => {
        if (error !== null)
          warnOnce('keylog file', `Failed to write TLS keylog (this warning will not be repeated): ${String(error)}`);
      });
    },

    rootCertificates: lazy(() => {
      // Loaded at the first use: it is a large file, and many programs bring their own trust.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const roots = require('./generated/root-certificates.js') as typeof import('./generated/root-certificates.js');
      return roots.rootCertificatesBase64.map((base64) => Buffer.from(base64, 'base64'));
    }),

    loadRootCertificates: () => Promise.resolve(),
    extraCertificates: (parse) => extraCertificates(extraFile, parse, (text) => warnOnce('extra certificates', text)),
    systemCertificates: (parse) => systemCertificates(process.env, parse, (text) => warnOnce('system roots', text)),
    x509Certificates(chain) {
      const { X509Certificate } = crypto();
      const certificates = chain.map(({ raw }) => new X509Certificate(raw));
      // Node links its own by a hidden handle; the property is all that its users see of that.
      certificates.forEach((certificate, index) => {
        const issuer = certificates[index + 1];
        if (issuer !== undefined) Object.defineProperty(certificate, 'issuerCertificate', { value: issuer });
      });
      return certificates[0];
    },
  };
}
