/** Certificates in files of this machine, looked for where OpenSSL and Node do. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { ParsePem } from './api/platform.js';

/** Where the OpenSSL inside Node looks when the environment names no other place. */
const defaultFile = '/etc/ssl/cert.pem';
const defaultDirectory = '/etc/ssl/certs';

type Warn = (message: string) => void;

/** In the words of OpenSSL, which are the system's: 'No such file or directory'. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, words] = getSystemErrorMap().get((error as NodeJS.ErrnoException).errno ?? 0) ?? [];
  return words === undefined ? error.message : `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** What `NODE_EXTRA_CA_CERTS` names. */
export function extraCertificates(file: string | undefined, parse: ParsePem, warn: Warn): Uint8Array[] {
  if (!file) return [];
  try {
    return parse(readFileSync(file));
  } catch (error) {
    warn(`Ignoring extra certs from \`${file}\`, load failed: ${reason(error)}`);
    return [];
  }
}

function filesIn(directory: string, warn: Warn | null): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    warn?.(`Cannot open directory ${directory} to load OpenSSL certificates.`);
    return [];
  }
}

/** Directories are full of other things: what is no file of certificates has none. */
function certificatesIn(file: string, parse: ParsePem): Uint8Array[] {
  try {
    return statSync(file).isFile() ? parse(readFileSync(file)) : [];
  } catch {
    return [];
  }
}

/** What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or the default places. */
export function systemCertificates(env: NodeJS.ProcessEnv, parse: ParsePem, warn: Warn): Uint8Array[] {
  const { SSL_CERT_FILE: file = defaultFile, SSL_CERT_DIR: named } = env;
  const directories = (named ?? defaultDirectory).split(delimiter).filter((directory) => directory !== '');
  const files = [file, ...directories.flatMap((directory) => filesIn(directory, named === undefined ? null : warn))];
  return files.flatMap((path) => certificatesIn(path, parse));
}
