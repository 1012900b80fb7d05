/** The values of a fresh instance that users may assign to: they are read anew each time. */
import type { CommandLine } from './platform.js';

export interface Defaults {
  CLIENT_RENEG_LIMIT: number;
  /** Seconds. */
  CLIENT_RENEG_WINDOW: number;
  DEFAULT_CIPHERS: string;
  DEFAULT_ECDH_CURVE: string;
  DEFAULT_MIN_VERSION: string;
  DEFAULT_MAX_VERSION: string;
}

const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'DHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'DHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA256',
  'DHE-RSA-AES256-SHA256',
  'HIGH',
  '!aNULL',
  '!eNULL',
  '!EXPORT',
  '!DES',
  '!RC4',
  '!MD5',
  '!PSK',
  '!SRP',
  '!CAMELLIA',
].join(':');

export function freshDefaults(commandLine: CommandLine): Defaults {
  return {
    CLIENT_RENEG_LIMIT: 3,
    CLIENT_RENEG_WINDOW: 600,
    DEFAULT_CIPHERS: commandLine.cipherList ?? ciphers,
    DEFAULT_ECDH_CURVE: 'auto',
    DEFAULT_MIN_VERSION: commandLine.minVersion ?? 'TLSv1.2',
    DEFAULT_MAX_VERSION: commandLine.maxVersion ?? 'TLSv1.3',
  };
}
