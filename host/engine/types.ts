/**
 * The seam between the public API (`host/api`) and the engine (`host/engine`): plain data and small interfaces.
 *
 * Nothing on the API's side ever sees wasm memory, an Embind handle or a number that stands for a name. Vocabulary as
 * in `src/connection.h`: enc/clear × in/out.
 */
import type { Duplex } from 'node:stream';

/** An engine error as plain data; `host/api/errors.ts` builds the `Error` object. See `src/error.h`. */
export interface EngineError {
  readonly kind: 'ssl' | 'ossl' | 'argument' | 'state';
  readonly code: string;
  readonly library: string;
  readonly function: string;
  readonly reason: string;
  readonly message: string;
  readonly stack: readonly string[];
  /** After a wasm trap (`ERR_WASM_TLS_TRAP`): what was caught. */
  readonly cause?: unknown;
}

/** Thrown by the calls below when the engine refuses something. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  constructor(readonly engineError: EngineError) {
    super(engineError.message);
  }
}

/** See `SecureContextOptions` in `src/secure_context.h`; every field is optional, bytes are copied. */
export interface ContextOptions {
  minVersion?: number;
  maxVersion?: number;
  cert?: readonly Uint8Array[];
  key?: readonly { pem: Uint8Array; passphrase?: Uint8Array | undefined }[];
  pfx?: readonly { der: Uint8Array; passphrase?: Uint8Array | undefined }[];
  /** Absent: the default trust roots. Present, even when empty: these alone. */
  ca?: readonly Uint8Array[];
  crl?: readonly Uint8Array[];
  allowPartialTrustChain?: boolean;
  ciphers?: string;
  cipherSuites?: string;
  sigalgs?: string;
  groups?: string;
  dhParameters?: Uint8Array;
  dhAuto?: boolean;
  sessionIdContext?: string;
  /** Seconds. */
  sessionTimeout?: number;
  /** 48 bytes. */
  ticketKeys?: Uint8Array;
  /** SSL_OP_… bits. */
  sslOptions?: number | bigint;
}

/** A context in the engine. It is freed when `dispose()` was called and no connection holds it any more. */
export interface EngineContext {
  /** Made without a `ca`: it trusts the default roots. */
  readonly trustsDefaults: boolean;
  /** What the user should hear although the context was made: sentences. */
  warnings(): string[];
  addCa(pem: Uint8Array): void;
  addCrl(pem: Uint8Array): void;
  setCiphers(ciphers: string): void;
  ticketKeys(): Buffer;
  setTicketKeys(keys: Uint8Array): void;
  /** From now on `choose`, which may not throw, decides for each ticket; see `TicketAnswer` in `src/secure_context.h`. */
  setTicketChooser(choose: TicketChooser): void;
  certificate(): Buffer | null;
  issuer(): Buffer | null;
  dispose(): void;
}

export interface TicketAnswer {
  verdict: number;
  hmac: Uint8Array;
  aes: Uint8Array;
  name: Uint8Array;
  iv: Uint8Array;
}

export type TicketChooser = (name: Uint8Array, iv: Uint8Array, encrypt: boolean) => TicketAnswer | null;

/** A name → context table, `src/server_name_map.h`. */
export interface EngineServerNames {
  add(pattern: string, context: EngineContext): void;
  /** Null when no pattern matches. The result is valid as long as this table. */
  find(servername: string): EngineContext | null;
  dispose(): void;
}

/** See `ConnectionOptions` in `src/connection.h`. */
export interface ConnectionOptions {
  isServer: boolean;
  servername?: string;
  session?: Uint8Array;
  requestOcsp?: boolean;
  requestCertificate?: boolean;
  requireCertificate?: boolean;
  askClientHello?: boolean;
  askCertificate?: boolean;
  askNewSession?: boolean;
  pskIdentityHint?: string;
  alpnProtocols?: Uint8Array;
  npnProtocols?: Uint8Array;
  keylog?: boolean;
  trace?: boolean;
  sessions?: boolean;
  /** May throw: the handshake then fails and `takeCallbackError()` of the connection gives what was thrown. */
  chooseAlpn?: (servername: string, protocols: string[]) => string | undefined;
  psk?: (hintOrIdentity: string | null) => { identity: string; key: Uint8Array } | null;
}

/** See `src/protocol_message.h`. */
export interface ProtocolMessageEvent {
  readonly type: 'message';
  readonly sent: boolean;
  readonly protocol: string;
  readonly contentType: 'handshake' | 'alert' | 'changeCipherSpec';
  readonly name: string;
  readonly size: number;
  readonly missed: number;
}

/** See `src/event.h`. */
export type EngineEvent =
  | { type: 'handshakeStart' }
  | { type: 'handshakeDone' }
  | { type: 'renegotiationWish' }
  | { type: 'clientHello'; sessionId: Buffer }
  | { type: 'certificateWanted'; servername: string; ocspRequested: boolean }
  | { type: 'newSession'; id: Buffer; data: Buffer; ticket: Buffer }
  | { type: 'keylog'; line: string }
  | { type: 'ocspResponse'; response: Buffer }
  | { type: 'trace'; text: string }
  | ProtocolMessageEvent
  | { type: 'endOfData' };

/** Why `advance()` returned; see `Progress` in `src/connection.h`. */
export type Progress = 'needsInput' | 'suspended' | 'budgetFull' | 'idle' | 'closed' | 'failed';

/** The legacy certificate object's data, in Node's field names; see `src/certificate.h`. */
export interface CertificateData {
  subject: Record<string, string | string[]>;
  issuer: Record<string, string | string[]>;
  subjectaltname?: string;
  infoAccess?: Record<string, string[]>;
  ca: boolean;
  modulus?: string;
  bits?: number;
  exponent?: string;
  pubkey?: Buffer;
  asn1Curve?: string;
  nistCurve?: string;
  valid_from: string;
  valid_to: string;
  fingerprint: string;
  fingerprint256: string;
  fingerprint512: string;
  ext_key_usage?: string[];
  serialNumber: string;
  raw: Buffer;
}

/** One connection in the engine: bytes in and out, and queries. Every call is legal until `dispose()`. */
export interface EngineConnection {
  /** enc_in: what the transport delivered. Copied. */
  feed(chunk: Uint8Array): void;
  /** The transport ended. */
  endInput(): void;
  /** enc_out, all of it, as a fresh buffer; null when empty. */
  takeEncrypted(): Buffer | null;
  /** clear_in: takes as much of `chunks` from `offset` on as it has room for, and returns how many bytes that was. */
  write(chunks: readonly Uint8Array[], offset: number): number;
  /** Bytes of clear_in that TLS has not taken yet. */
  readonly pendingWrite: number;
  /** clear_out, all of it, as it was cut into records: views of one fresh buffer. */
  takeCleartext(): Buffer[];
  advance(): Progress;
  takeEvent(): EngineEvent | null;

  shutdown(): void;
  keyUpdate(): void;
  /** Throws what OpenSSL has against it. */
  renegotiate(): void;
  disableRenegotiation(): void;
  answerClientHello(session: Uint8Array | null): boolean;
  answerCertificate(context: EngineContext | null, ocspResponse: Uint8Array | null): boolean;
  answerNewSession(): boolean;
  /** `now` by a clock that never goes back, ms; see `RenegotiationPolicy` in `src/renegotiation_guard.h`. */
  answerRenegotiation(now: number, limit: number, windowMs: number): boolean;

  readonly established: boolean;
  /** The transport ended without a close_notify before it. */
  readonly truncated: boolean;
  readonly closeNotifyReceived: boolean;
  readonly closeNotifySent: boolean;
  error(): EngineError | null;
  /** What a chooser threw, once; undefined when none did. */
  takeCallbackError(): { error: unknown } | null;

  setServername(servername: string): boolean;
  setSession(session: Uint8Array): boolean;
  setAskCertificate(ask: boolean): boolean;
  setVerifyMode(requestCertificate: boolean, requireCertificate: boolean): void;
  /** May be called by a chooser. */
  setKeyCert(context: EngineContext): void;
  setMaxSendFragment(size: number): boolean;
  setKeylog(on: boolean): void;
  setTrace(on: boolean): void;
  setMessages(on: boolean): void;

  protocol(): string;
  cipher(): { name: string; standardName: string; version: string } | null;
  alpnProtocol(): string | null;
  npnProtocol(): string | null;
  servername(): string | null;
  groupName(): string;
  ephemeralKey(): { type: string; name: string; size: number };
  sharedSigalgs(): string[];
  sessionReused(): boolean;
  session(): Buffer | null;
  ticket(): Buffer | null;
  finished(): Buffer | null;
  peerFinished(): Buffer | null;
  exportKeyingMaterial(length: number, label: string, context?: Uint8Array): Buffer;
  /** Null when verification succeeded. */
  verifyError(): { code: string; reason: string } | null;
  /** The leaf first. Each with whether its issuer is the next one of the list, or itself. */
  peerCertificates(limit: number): { data: CertificateData; selfIssued: boolean }[];
  /** Whether the peer's certificate is for this host: what `checkServerIdentity()` says of `peerCertificates(1)`. */
  peerIs(hostname: string, asciiName: string): boolean;
  ownCertificate(): CertificateData | null;

  dispose(): void;
}

/** One wasm instance. Created at first use; see `loader.ts`. */
export interface Engine {
  createContext(options: ContextOptions): EngineContext;
  /** The certificates of a PEM bundle, as DER; a malformed one is refused. */
  parseRoots(pem: Uint8Array): Buffer[];
  /** Default trust roots, DER, that were not there yet when the first contexts asked for them. */
  addDefaultRoots(roots: readonly Uint8Array[]): void;
  /** Contexts made from now on ask anew for the default trust roots. */
  forgetDefaultRoots(): void;
  createServerNames(): EngineServerNames;
  createConnection(context: EngineContext, options: ConnectionOptions): EngineConnection;
  /** Lower-case names, sorted. */
  cipherNames(): string[];
  opensslVersion(): string;
  /** Null when the certificate belongs to `hostname`, otherwise Node's reason. See `src/server_identity.h`. */
  checkServerIdentity(
    hostname: string,
    asciiName: string,
    claims: { subjectAltName: string | undefined; commonNames: string[]; hasSubject: boolean },
  ): string | null;
  describeCertificate(der: Uint8Array): CertificateData;
  /** Live C++ objects (contexts, connections, name tables): zero when everything was disposed. */
  liveObjects(): number;
  /** Bytes of wasm memory. */
  memoryBytes(): number;
  /** Set once a wasm trap has poisoned the instance; each later call throws it (`ERR_WASM_TLS_TRAP`). */
  readonly trap: Error | null;
}

/** What an instance asks of its embedder; the options of `createTls()`. */
export interface EngineHooks {
  /** Fills `target` with cryptographically strong random bytes. Default: the platform's own. */
  random?: ((target: Uint8Array) => void) | undefined;
  /** Wall clock, ms since 1970. Default: `Date.now`. */
  now?: (() => number) | undefined;
  /** Whether error codes have 'SSL/TLS_ALERT_…', as OpenSSL since 3.2, or 'SSLV3_ALERT_…'. Default: the latter. */
  newAlertNames?: boolean | undefined;
}

/**
 * What the pump tells its owner, a TLSSocket. After each call the pump looks whether it was destroyed meanwhile, so an owner
 * may do anything in them, destroying included.
 */
export interface PumpOwner {
  onEvent(event: EngineEvent): void;
  /** Cleartext; false asks for no more until `resume()`. */
  onData(chunk: Buffer): boolean;
  /** No more cleartext: close_notify, or the transport ended after the handshake. */
  onEnd(): void;
  /** TLS failed; the alert, if any, is already on its way to the transport. */
  onFailure(error: EngineError): void;
  /**
   * The transport failed or closed before TLS was done; `error` is its own. Also when it ended while a question was open:
   * only the owner knows whether the answer is still of use to anybody.
   */
  onTransportClose(error: Error | null): void;
  /** Bytes moved in either direction: restarts inactivity timers. */
  onActivity(): void;
  /** Nothing of this chunk of the transport's is needed any more. */
  onTaken?(chunk: Uint8Array): void;
}

/**
 * Drives one connection over one transport, always in this order: write everything out; deliver events; deliver
 * cleartext; then ask for input.
 */
export interface Pump {
  readonly connection: EngineConnection;
  readonly transport: Duplex;
  /** Starts the handshake (client) or waits for it (server). */
  start(): void;
  /** Calls back when all of `chunks` has been encrypted and handed to the transport, and that is ready for more. */
  write(chunks: readonly Uint8Array[], callback: (error?: Error | null) => void): void;
  /** close_notify behind everything written; ends the transport's writable side; then calls back. */
  end(callback: (error?: Error | null) => void): void;
  /** The reader wants more cleartext. */
  resume(): void;
  /** After an answer or another intention: go on. */
  kick(): void;
  /** Lets go of the transport and disposes of the connection. The transport is not destroyed. */
  destroy(): void;
}
