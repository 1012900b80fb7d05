/** The errors of the API. Only this file and `engine-errors.ts` build them, those of every module of Node's aside. */
import { codedError, plainError, type CodedError } from '../common/errors.js';

export * from '../common/errors.js';

export const internalAssertion = (message: string): CodedError => codedError(Error, 'ERR_INTERNAL_ASSERTION', message);

export const multipleCallback = (): CodedError =>
  codedError(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times');

export const handshakeStarted = (): CodedError =>
  codedError(Error, 'ERR_INVALID_STATE', 'Invalid state: The handshake has started');

export const streamWrap = (): CodedError =>
  codedError(Error, 'ERR_STREAM_WRAP', 'Stream has StringDecoder set or is in objectMode');

export const customEngineNotSupported = (): CodedError =>
  codedError(Error, 'ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED', 'Custom engines not supported by this OpenSSL');

/** `feature` reads as the start of a sentence: "The 'NPNProtocols' option". */
export const notImplemented = (feature: string): CodedError =>
  codedError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `${feature} is not implemented`);

/** A connection that went away; `code` ECONNRESET, as the operating system would say it. */
export const connectionReset = (message: string): CodedError => plainError(Error, 'ECONNRESET', message);

export const tls = {
  rootsNotLoaded: (): CodedError =>
    codedError(
      Error,
      'ERR_WASM_TLS_ROOTS',
      'The default trust roots are not loaded yet: await tls.loadRootCertificates() first',
    ),
  alpnCallbackInvalidResult: (value: string, protocols: readonly string[]): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT',
      `ALPN callback returned a value (${value}) that did not match any of the client's offered protocols ` +
        `(${protocols.join(', ')})`,
    ),
  alpnCallbackWithProtocols: (): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS',
      'The ALPNCallback and ALPNProtocols TLS options are mutually exclusive',
    ),
  altNameFormat: (): CodedError =>
    codedError(SyntaxError, 'ERR_TLS_CERT_ALTNAME_FORMAT', 'Invalid subject alternative name string'),
  altNameInvalid: <C>(
    reason: string,
    host: string,
    cert: C,
  ): CodedError & { reason: string; host: string; cert: C } => {
    const message = `Hostname/IP does not match certificate's altnames: ${reason}`;
    return Object.assign(codedError(Error, 'ERR_TLS_CERT_ALTNAME_INVALID', message), { reason, host, cert });
  },
  dhParamSize: (size: number): CodedError =>
    codedError(Error, 'ERR_TLS_DH_PARAM_SIZE', `DH parameter size ${size} is less than 2048`),
  handshakeTimeout: (): CodedError => codedError(Error, 'ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout'),
  invalidContext: (name: string): CodedError =>
    codedError(TypeError, 'ERR_TLS_INVALID_CONTEXT', `${name} must be a SecureContext`),
  invalidProtocolMethod: (message: string): CodedError =>
    plainError(TypeError, 'ERR_TLS_INVALID_PROTOCOL_METHOD', message),
  invalidProtocolVersion: (version: unknown, which: string): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_INVALID_PROTOCOL_VERSION',
      `${JSON.stringify(version)} is not a valid ${which} TLS protocol version`,
    ),
  /** OpenSSL's own error, for a context whose `secureProtocol` is for the other role. */
  wrongRole: (): CodedError =>
    Object.assign(
      plainError(
        Error,
        'ERR_SSL_CALLED_A_FUNCTION_YOU_SHOULD_NOT_CALL',
        'error:0A0C0101:SSL routines::called a function you should not call',
      ),
      { library: 'SSL routines', reason: 'called a function you should not call' },
    ),
  invalidState: (): CodedError =>
    codedError(Error, 'ERR_TLS_INVALID_STATE', 'TLS socket connection must be securely established'),
  protocolVersionConflict: (version: unknown, method: unknown): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_PROTOCOL_VERSION_CONFLICT',
      `TLS protocol version ${JSON.stringify(version)} conflicts with secureProtocol ${JSON.stringify(method)}`,
    ),
  renegotiationDisabled: (): CodedError =>
    codedError(Error, 'ERR_TLS_RENEGOTIATION_DISABLED', 'TLS session renegotiation disabled for this socket'),
  requiredServerName: (): CodedError =>
    codedError(Error, 'ERR_TLS_REQUIRED_SERVER_NAME', '"servername" is required parameter for Server.addContext'),
  sessionAttack: (): CodedError =>
    codedError(Error, 'ERR_TLS_SESSION_ATTACK', 'TLS session renegotiation attack detected'),
  sniFromServer: (): CodedError =>
    codedError(Error, 'ERR_TLS_SNI_FROM_SERVER', 'Cannot issue SNI from a TLS server-side socket'),
};
