// TypeScript bindings for emscripten-generated code.  Automatically generated at compile time.
declare namespace RuntimeExports {
    const HEAPU8: any;
    const HEAPF32: any;
    const HEAPF64: any;
    const HEAP_DATA_VIEW: any;
    const HEAP8: any;
    const HEAP16: any;
    const HEAPU16: any;
    const HEAP32: any;
    const HEAPU32: any;
    const HEAP64: any;
    const HEAPU64: any;
}
interface WasmModule {
}

type EmbindString = ArrayBuffer|Uint8Array|Uint8ClampedArray|Int8Array|string;
export interface Connection {
  status(): number;
  advance(): void;
  extendEncIn(_0: number): number;
  endEncIn(): void;
  consumeEncOut(_0: number): void;
  extendClearIn(_0: number): number;
  consumeClearOut(_0: number): void;
  shutdown(): void;
  keyUpdate(): void;
  disableRenegotiation(): void;
  answerNewSession(): boolean;
  answerRenegotiation(_0: number, _1: number, _2: number): boolean;
  setServername(_0: EmbindString): boolean;
  setAskCertificate(_0: boolean): boolean;
  setVerifyMode(_0: boolean, _1: boolean): void;
  setMaxSendFragment(_0: number): boolean;
  setKeylog(_0: boolean): void;
  setTrace(_0: boolean): void;
  setMessages(_0: boolean): void;
  takeEvent(): { type: 'handshakeStart' } | { type: 'handshakeDone' } | { type: 'renegotiationWish' } | { type: 'clientHello', sessionId: Uint8Array } | { type: 'certificateWanted', servername: string, ocspRequested: boolean } | { type: 'newSession', id: Uint8Array, data: Uint8Array, ticket: Uint8Array } | { type: 'keylog', line: string } | { type: 'ocspResponse', response: Uint8Array } | { type: 'trace', text: string } | { type: 'message', sent: boolean, protocol: string, contentType: 'handshake' | 'alert' | 'changeCipherSpec', name: string, size: number, missed: number } | { type: 'endOfData' } | null;
  setSession(_0: Uint8Array): boolean;
  setAlpnProtocols(_0: Uint8Array): boolean;
  answerClientHello(_0: Uint8Array | null): boolean;
  answerCertificate(_0: SecureContext | null, _1: Uint8Array | null): boolean;
  error(): ErrorData | undefined;
  renegotiate(): ErrorData | undefined;
  setKeyCert(_0: SecureContext): ErrorData | undefined;
  delete(): void;
}

export interface SecureContext {
  setTicketChooser(_0: (name: Uint8Array, iv: Uint8Array, encrypt: boolean) => { verdict: number, hmac: Uint8Array, aes: Uint8Array, name: Uint8Array, iv: Uint8Array } | null): void;
  share(): SecureContext;
  ticketKeys(): Uint8Array;
  certificate(): Uint8Array | null;
  issuer(): Uint8Array | null;
  warnings(): string[];
  error(): ErrorData | undefined;
  addCa(_0: Uint8Array): ErrorData | undefined;
  addCrl(_0: Uint8Array): ErrorData | undefined;
  setCiphers(_0: EmbindString): ErrorData | undefined;
  setTicketKeys(_0: Uint8Array): ErrorData | undefined;
  delete(): void;
}

export interface ServerNameMap {
  add(_0: EmbindString, _1: SecureContext, _2: number): void;
  find(_0: EmbindString): number;
  delete(): void;
}

export interface TrustStore {
  error(): ErrorData | undefined;
  add(_0: readonly Uint8Array[]): ErrorData | undefined;
  delete(): void;
}

export type ConnectionOptions = {
  isServer: boolean,
  servername: EmbindString,
  session: Uint8Array | null,
  requestOcsp: boolean,
  requestCertificate: boolean,
  requireCertificate: boolean,
  askClientHello: boolean,
  askCertificate: boolean,
  askNewSession: boolean,
  pskIdentityHint: EmbindString,
  alpnProtocols: Uint8Array | null,
  npnProtocols: Uint8Array | null,
  keylog: boolean,
  trace: boolean,
  sessions: boolean,
  chooseAlpn: ((servername: string, protocols: string[]) => string | null) | null,
  psk: ((hintOrIdentity: string | null) => { identity: string, key: Uint8Array } | null) | null
};

export type CipherInfo = {
  name: string,
  standardName: string,
  version: string
};

export type EphemeralKeyInfo = {
  type: string,
  name: string,
  size: number
};

export type VerifyError = {
  code: string,
  reason: string
};

export type SecureContextOptions = {
  minVersion: number,
  maxVersion: number,
  cert: readonly Uint8Array[],
  key: readonly { pem: Uint8Array, passphrase?: Uint8Array | undefined }[],
  pfx: readonly { der: Uint8Array, passphrase?: Uint8Array | undefined }[],
  ca: readonly Uint8Array[] | null,
  crl: readonly Uint8Array[],
  allowPartialTrustChain: boolean,
  ciphers: EmbindString,
  cipherSuites: EmbindString,
  sigalgs: EmbindString,
  groups: EmbindString,
  dhParameters: Uint8Array | null,
  dhAuto: boolean,
  sessionIdContext: EmbindString,
  sessionTimeout: number | null,
  ticketKeys: Uint8Array | null,
  sslOptions: bigint
};

export type ErrorData = {
  kind: string,
  code: string,
  library: string,
  function: string,
  reason: string,
  message: string,
  stack: string[]
};

export type RootsOutcome = {
  certificates: readonly Uint8Array[],
  error: ErrorData | undefined
};

export type KeyingMaterialOutcome = {
  key: Uint8Array | null,
  error: ErrorData | undefined
};

export type CertificateData = {
  subject: string[],
  issuer: string[],
  subjectAltName: string | null,
  infoAccess: string[],
  ca: boolean,
  modulus: string,
  exponent: string,
  asn1Curve: string,
  nistCurve: string,
  bits: number,
  pubkey: Uint8Array,
  validFrom: string,
  validTo: string,
  fingerprint: string,
  fingerprint256: string,
  fingerprint512: string,
  extKeyUsage: string[],
  serialNumber: string,
  raw: Uint8Array
};

export type PeerCertificate = {
  certificate: CertificateData,
  selfIssued: boolean
};

export type CertificateOutcome = {
  certificate: CertificateData | undefined,
  error: ErrorData | undefined
};

interface EmbindModule {
  Connection: {};
  sessionReused(_0: Connection): boolean;
  peerCertificates(_0: Connection, _1: number): PeerCertificate[];
  peerIs(_0: Connection, _1: EmbindString, _2: EmbindString): boolean;
  liveObjects(): number;
  SecureContext: {};
  ServerNameMap: {
    new(): ServerNameMap;
  };
  TrustStore: {};
  createConnection(_0: SecureContext, _1: ConnectionOptions): Connection;
  session(_0: Connection): Uint8Array | null;
  ticket(_0: Connection): Uint8Array | null;
  finished(_0: Connection): Uint8Array | null;
  peerFinished(_0: Connection): Uint8Array | null;
  createTrustStore(_0: readonly Uint8Array[]): TrustStore;
  cipher(_0: Connection): CipherInfo | undefined;
  ephemeralKey(_0: Connection): EphemeralKeyInfo;
  verifyError(_0: Connection): VerifyError | undefined;
  protocol(_0: Connection): string;
  groupName(_0: Connection): string;
  opensslVersion(): string;
  alpnProtocol(_0: Connection): string | null;
  npnProtocol(_0: Connection): string | null;
  servername(_0: Connection): string | null;
  sharedSigalgs(_0: Connection): string[];
  cipherNames(): string[];
  checkServerIdentity(_0: EmbindString, _1: EmbindString, _2: string | null, _3: string[], _4: boolean): string | null;
  createSecureContext(_0: SecureContextOptions, _1: TrustStore | null): SecureContext;
  parseRoots(_0: Uint8Array): RootsOutcome;
  exportKeyingMaterial(_0: Connection, _1: number, _2: EmbindString, _3: Uint8Array | null): KeyingMaterialOutcome;
  init(_0: boolean): ErrorData | undefined;
  describeCertificate(_0: Uint8Array): CertificateOutcome;
  ownCertificate(_0: Connection): CertificateData | undefined;
}

export type MainModule = WasmModule & typeof RuntimeExports & EmbindModule;
export default function MainModuleFactory (options?: unknown): MainModule;
