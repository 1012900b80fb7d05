/**
 * Cipher lists. OpenSSL keeps the suites of TLS 1.3 apart from all others, Node takes both in one list: a name that
 * starts with TLS_ belongs to TLS 1.3.
 */
import { invalidArgValue } from './errors.js';

const isSuite = (name: string): boolean => name.startsWith('TLS_') || name.startsWith('!TLS_');

export function splitCiphers(list: string, name: string): { ciphers: string; cipherSuites: string } {
  const names = list.split(':');
  const given = names.filter((cipher) => cipher.length > 0);
  // Without a cipher for any version no handshake is possible.
  if (given.length === 0) throw invalidArgValue(name, names);
  return {
    ciphers: given.filter((cipher) => !isSuite(cipher)).join(':'),
    cipherSuites: given.filter(isSuite).join(':'),
  };
}
