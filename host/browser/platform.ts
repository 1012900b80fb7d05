/** A browser, as the API sees it. There is no command line, no environment and no file in it. */
import type { Platform } from '../api/platform.js';
import { loadRoots, type AssetOptions } from './assets.js';
import { afterWaitingIo, nextTick } from './turns.js';
import { linkedCertificates } from './x509-certificate.js';

/** A name that nothing is to be done with: not a number, which were an address, and no label that is encoded already. */
const plainName = /^(?!.*xn--)([a-z0-9-]+\.)*[a-z][a-z0-9-]*$/;

export function browserPlatform(assets: AssetOptions): Platform {
  let roots: readonly Uint8Array[] | null = null;
  return {
    commandLine: {
      minVersion: undefined,
      maxVersion: undefined,
      cipherList: undefined,
      keylogFile: undefined,
      trace: false,
      opensslRoots: false,
      systemRoots: false,
    },
    nextTick: (callback) => nextTick(callback),
    soon: afterWaitingIo,
    warn: (message, type = 'Warning', code = '') => console.warn(`${code && `[${code}] `}${type}: ${message}`),
    allowsUnauthorized: () => false,
    // Servers of one page share nothing with those of another: their ticket keys are their own.
    sessionIdContext: () => 'wasm-tls',
    // Those of Node 20, which the bundled libraries were written for.
    newAlertNames: false,
    newArgumentErrors: false,

    domainToAscii(name) {
      // A URL for each handshake is felt.
      if (plainName.test(name)) return name;
      try {
        return new URL(`ws://${name}`).hostname;
      } catch {
        return '';
      }
    },

    writeTrace: (text) => console.debug(text),
    // Only a command line names such a file.
    appendKeylog: () => {},
    rootCertificates: () => roots,
    async loadRootCertificates() {
      roots ??= await loadRoots(assets.roots);
    },
    extraCertificates: () => [],
    // A browser shows its own to nobody.
    systemCertificates: () => [],
    x509Certificates: linkedCertificates,
  };
}
