/**
 * The two callbacks that run while OpenSSL waits for their result: ALPNCallback and pskCallback. They never throw into
 * the engine; what the user's function throws goes to `fail`, and the engine gets no answer, which fails the handshake.
 */
import type { ConnectionOptions } from '../engine/types.js';
import { invalidArgType, invalidArgValue, tls as errors } from './errors.js';
import type { SocketOptions } from './socket-options.js';
import { toBytes, validateObject, validateString, validateView } from './validate.js';

type AlpnChooser = NonNullable<ConnectionOptions['chooseAlpn']>;
type PskChooser = NonNullable<ConnectionOptions['psk']>;
type UserFunction = (...args: unknown[]) => unknown;

export interface ChooserHost {
  /** The TLSSocket, which is `this` in the callbacks. */
  readonly socket: object;
  fail(error: unknown): void;
}

const longestPsk = 256;
const longestIdentity = 128;

/** Exceptions become `undefined`. */
function attempt<T>(host: ChooserHost, choose: () => T): T | undefined {
  try {
    return choose();
  } catch (error) {
    host.fail(error);
    return undefined;
  }
}

function alpnChooser(host: ChooserHost, callback: UserFunction): AlpnChooser {
  return (servername, protocols) =>
    attempt(host, () => {
      const selected = callback.call(host.socket, { servername: servername || false, protocols: [...protocols] });
      if (selected === undefined) return undefined;
      if (!protocols.includes(selected as string))
        throw errors.alpnCallbackInvalidResult(String(selected as string), protocols);
      return selected as string;
    });
}

function checkedPsk(psk: unknown): Uint8Array {
  validateView(psk, 'psk');
  if (psk.byteLength > longestPsk) throw invalidArgValue('psk', psk, `Pre-shared key exceeds ${longestPsk} bytes`);
  return toBytes(psk);
}

function serverPskChooser(host: ChooserHost, callback: UserFunction): PskChooser {
  return (identity) =>
    attempt(host, () => {
      const result = callback.call(host.socket, host.socket, identity);
      if (result === undefined || result === null) return null;
      if (ArrayBuffer.isView(result)) return { identity: '', key: checkedPsk(result) };
      if (typeof result !== 'object') {
        throw invalidArgType('ret', ['Object', 'Buffer', 'TypedArray', 'DataView'], result);
      }
      return { identity: '', key: checkedPsk((result as { psk?: unknown }).psk) };
    }) ?? null;
}

function clientPskChooser(host: ChooserHost, callback: UserFunction): PskChooser {
  return (hint) =>
    attempt(host, () => {
      const result = callback.call(host.socket, hint);
      if (result === undefined || result === null) return null;
      validateObject(result, 'ret');
      const { psk, identity } = result as { psk?: unknown; identity?: unknown };
      const key = checkedPsk(psk);
      validateString(identity, 'identity');
      if (Buffer.byteLength(identity) > longestIdentity) {
        throw invalidArgValue('identity', identity, `PSK identity exceeds ${longestIdentity} bytes`);
      }
      return { identity, key };
    }) ?? null;
}

/** The choosers that the options of a socket ask for. */
export function choosers(
  host: ChooserHost,
  { isServer, alpnCallback, pskCallback }: Pick<SocketOptions, 'isServer' | 'alpnCallback' | 'pskCallback'>,
): Pick<ConnectionOptions, 'chooseAlpn' | 'psk'> {
  const pskChooser = isServer ? serverPskChooser : clientPskChooser;
  return {
    ...(alpnCallback !== undefined && { chooseAlpn: alpnChooser(host, alpnCallback) }),
    ...(pskCallback !== undefined && { psk: pskChooser(host, pskCallback) }),
  };
}
