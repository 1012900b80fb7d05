/** One connection: `EngineConnection` over its Embind handle and the status words beside it (bindings/handles.h). */
import type * as bindings from '../../bindings/engine.js';
import { buffer, bufferOrNull } from './bytes.js';
import { toCertificateData } from './certificate.js';
import { asContext, type Context } from './context.js';
import { throwFailure, toEngineError, type Instance } from './instance.js';
import type {
  CertificateData,
  ConnectionOptions,
  EngineConnection,
  EngineContext,
  EngineError,
  EngineEvent,
  Progress,
} from './types.js';

/** `ConnectionHandle::Word` and `Flag` in bindings/handles.h. */
const Word = {
  progress: 0,
  encOut: 1,
  encOutSize: 2,
  clearOut: 3,
  clearOutSize: 4,
  records: 5,
  recordCount: 6,
  clearInSize: 7,
  flags: 8,
} as const;
const Flag = { eventWaiting: 1, established: 2, closeNotifyReceived: 4, truncated: 8, closeNotifySent: 16 } as const;

/** `Progress` in src/connection.h. */
const progressNames: readonly Progress[] = ['needsInput', 'suspended', 'budgetFull', 'idle', 'closed', 'failed'];

/** As much of a large write as is copied into wasm memory at once. */
const clearInLimit = 64 * 1024;

export class Connection implements EngineConnection {
  readonly #instance: Instance;
  readonly #handle: bindings.Connection;
  /** Index of the first status word. */
  readonly #status: number;
  #callbackError: { error: unknown } | null = null;
  #advancing = false;
  #disposed = false;

  constructor(instance: Instance, context: Context, options: ConnectionOptions) {
    this.#instance = instance;
    const complete = completeOptions(options, (error) => (this.#callbackError ??= { error }));
    const contextHandle = context.handle(instance);
    const handle = instance.call((module) => module.createConnection(contextHandle, complete));
    try {
      throwFailure(instance.call(() => handle.error()));
    } catch (error) {
      instance.release(handle);
      throw error;
    }
    this.#handle = handle;
    instance.keep(this);
    this.#status = instance.call(() => handle.status()) / 4;
  }

  // --- the hot path ----------------------------------------------------------------------------------------------------

  feed(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#check();
    try {
      const address = this.#handle.extendEncIn(chunk.length);
      this.#instance.bytes.set(chunk, address);
    } catch (error) {
      throw this.#instance.poison(error);
    }
  }

  endInput(): void {
    this.#call((handle) => handle.endEncIn());
  }

  takeEncrypted(): Buffer | null {
    const size = this.#word(Word.encOutSize);
    if (size === 0) return null;
    const bytes = this.#copy(this.#word(Word.encOut), size);
    this.#call((handle) => handle.consumeEncOut(size));
    return bytes;
  }

  write(chunks: readonly Uint8Array[], offset: number): number {
    const room = clearInLimit - this.#word(Word.clearInSize);
    const size = Math.min(totalLength(chunks, offset + room) - offset, room);
    if (size <= 0) return 0;
    try {
      const address = this.#handle.extendClearIn(size);
      this.#fill(address, size, chunks, offset);
    } catch (error) {
      throw this.#instance.poison(error);
    }
    return size;
  }

  #fill(address: number, size: number, chunks: readonly Uint8Array[], offset: number): void {
    const { bytes } = this.#instance;
    const end = address + size;
    let at = address - offset;
    for (const chunk of chunks) {
      const from = Math.max(0, address - at);
      const part = from === 0 && at + chunk.length <= end ? chunk : chunk.subarray(from, end - at);
      bytes.set(part, at + from);
      at += chunk.length;
      if (at >= end) return;
    }
  }

  get pendingWrite(): number {
    return this.#word(Word.clearInSize);
  }

  takeCleartext(): Buffer[] {
    const size = this.#word(Word.clearOutSize);
    if (size === 0) return [];
    const bytes = this.#copy(this.#word(Word.clearOut), size);
    const records = this.#cutIntoRecords(bytes);
    this.#call((handle) => handle.consumeClearOut(size));
    return records;
  }

  #cutIntoRecords(bytes: Buffer): Buffer[] {
    const count = this.#word(Word.recordCount);
    if (count === 1) return [bytes];
    const first = this.#word(Word.records) / Uint32Array.BYTES_PER_ELEMENT;
    let at = 0;
    return Array.from(this.#instance.words.subarray(first, first + count), (size) => bytes.subarray(at, (at += size)));
  }

  advance(): Progress {
    this.#check();
    this.#advancing = true;
    try {
      this.#handle.advance();
    } catch (error) {
      throw this.#instance.poison(error);
    } finally {
      this.#advancing = false;
      // A chooser's user code may have ended it; the handle had to live until OpenSSL was off the stack.
      if (this.#disposed) this.#instance.release(this.#handle);
    }
    return this.#disposed ? 'failed' : progressNames[this.#word(Word.progress)]!;
  }

  takeEvent(): EngineEvent | null {
    if (!this.#flag(Flag.eventWaiting)) return null;
    const event = this.#call((handle) => handle.takeEvent());
    return event === null ? null : toEngineEvent(event);
  }

  // --- intentions and answers ------------------------------------------------------------------------------------------

  shutdown(): void {
    this.#call((handle) => handle.shutdown());
  }

  keyUpdate(): void {
    this.#call((handle) => handle.keyUpdate());
  }

  renegotiate(): void {
    throwFailure(this.#call((handle) => handle.renegotiate()));
  }

  disableRenegotiation(): void {
    this.#call((handle) => handle.disableRenegotiation());
  }

  answerClientHello(session: Uint8Array | null): boolean {
    return this.#call((handle) => handle.answerClientHello(session));
  }

  answerCertificate(context: EngineContext | null, ocspResponse: Uint8Array | null): boolean {
    const contextHandle = context === null ? null : asContext(context).handle(this.#instance);
    return this.#call((handle) => handle.answerCertificate(contextHandle, ocspResponse));
  }

  answerNewSession(): boolean {
    return this.#call((handle) => handle.answerNewSession());
  }

  answerRenegotiation(now: number, limit: number, windowMs: number): boolean {
    return this.#call((handle) => handle.answerRenegotiation(now, limit, windowMs));
  }

  // --- state -----------------------------------------------------------------------------------------------------------

  get established(): boolean {
    return this.#flag(Flag.established);
  }

  get truncated(): boolean {
    return this.#flag(Flag.truncated);
  }

  get closeNotifyReceived(): boolean {
    return this.#flag(Flag.closeNotifyReceived);
  }

  get closeNotifySent(): boolean {
    return this.#flag(Flag.closeNotifySent);
  }

  error(): EngineError | null {
    const error = this.#call((handle) => handle.error());
    return error === undefined ? null : toEngineError(error);
  }

  takeCallbackError(): { error: unknown } | null {
    const error = this.#callbackError;
    this.#callbackError = null;
    return error;
  }

  setServername(servername: string): boolean {
    return this.#call((handle) => handle.setServername(servername));
  }

  setSession(session: Uint8Array): boolean {
    return this.#call((handle) => handle.setSession(session));
  }

  setAskCertificate(ask: boolean): boolean {
    return this.#call((handle) => handle.setAskCertificate(ask));
  }

  setVerifyMode(requestCertificate: boolean, requireCertificate: boolean): void {
    this.#call((handle) => handle.setVerifyMode(requestCertificate, requireCertificate));
  }

  setKeyCert(context: EngineContext): void {
    const contextHandle = asContext(context).handle(this.#instance);
    throwFailure(this.#call((handle) => handle.setKeyCert(contextHandle)));
  }

  setMaxSendFragment(size: number): boolean {
    return this.#call((handle) => handle.setMaxSendFragment(size));
  }

  setKeylog(on: boolean): void {
    this.#call((handle) => handle.setKeylog(on));
  }

  setTrace(on: boolean): void {
    this.#call((handle) => handle.setTrace(on));
  }

  setMessages(on: boolean): void {
    this.#call((handle) => handle.setMessages(on));
  }

  protocol(): string {
    return this.#call((handle, module) => module.protocol(handle));
  }

  cipher(): { name: string; standardName: string; version: string } | null {
    return this.#call((handle, module) => module.cipher(handle)) ?? null;
  }

  alpnProtocol(): string | null {
    return this.#call((handle, module) => module.alpnProtocol(handle));
  }

  npnProtocol(): string | null {
    return this.#call((handle, module) => module.npnProtocol(handle));
  }

  servername(): string | null {
    return this.#call((handle, module) => module.servername(handle));
  }

  groupName(): string {
    return this.#call((handle, module) => module.groupName(handle));
  }

  ephemeralKey(): { type: string; name: string; size: number } {
    return this.#call((handle, module) => module.ephemeralKey(handle));
  }

  sharedSigalgs(): string[] {
    return this.#call((handle, module) => module.sharedSigalgs(handle));
  }

  sessionReused(): boolean {
    return this.#call((handle, module) => module.sessionReused(handle));
  }

  session(): Buffer | null {
    return bufferOrNull(this.#call((handle, module) => module.session(handle)));
  }

  ticket(): Buffer | null {
    return bufferOrNull(this.#call((handle, module) => module.ticket(handle)));
  }

  finished(): Buffer | null {
    return bufferOrNull(this.#call((handle, module) => module.finished(handle)));
  }

  peerFinished(): Buffer | null {
    return bufferOrNull(this.#call((handle, module) => module.peerFinished(handle)));
  }

  exportKeyingMaterial(length: number, label: string, context?: Uint8Array): Buffer {
    const outcome = this.#call((handle, module) => module.exportKeyingMaterial(handle, length, label, context ?? null));
    throwFailure(outcome.error);
    return buffer(outcome.key ?? new Uint8Array());
  }

  verifyError(): { code: string; reason: string } | null {
    return this.#call((handle, module) => module.verifyError(handle)) ?? null;
  }

  peerCertificates(limit: number): { data: CertificateData; selfIssued: boolean }[] {
    return this.#call((handle, module) => module.peerCertificates(handle, limit)).map(
      ({ certificate, selfIssued }) => ({ data: toCertificateData(certificate), selfIssued }),
    );
  }

  peerIs(hostname: string, asciiName: string): boolean {
    return this.#call((handle, module) => module.peerIs(handle, hostname, asciiName));
  }

  ownCertificate(): CertificateData | null {
    const certificate = this.#call((handle, module) => module.ownCertificate(handle));
    return certificate === undefined ? null : toCertificateData(certificate);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#instance.letGo(this);
    if (!this.#advancing) this.#instance.release(this.#handle);
  }

  // --- inside ----------------------------------------------------------------------------------------------------------

  #check(): void {
    if (this.#disposed) throw new Error('This connection has been disposed of');
    this.#instance.check();
  }

  #call<T>(enter: (handle: bindings.Connection, module: Instance['module']) => T): T {
    this.#check();
    try {
      return enter(this.#handle, this.#instance.module);
    } catch (error) {
      throw this.#instance.poison(error);
    }
  }

  #word(index: number): number {
    this.#check();
    return this.#instance.words[this.#status + index]!;
  }

  #flag(flag: number): boolean {
    return (this.#word(Word.flags) & flag) !== 0;
  }

  #copy(address: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    bytes.set(this.#instance.bytes.subarray(address, address + size));
    return bytes;
  }
}

/** Of no more chunks than it takes to come to `enough`. */
function totalLength(chunks: readonly Uint8Array[], enough: number): number {
  let total = 0;
  for (let i = 0; i < chunks.length && total < enough; i++) total += chunks[i]!.length;
  return total;
}

function toEngineEvent(event: NonNullable<ReturnType<bindings.Connection['takeEvent']>>): EngineEvent {
  switch (event.type) {
    case 'clientHello':
      return { type: 'clientHello', sessionId: buffer(event.sessionId) };
    case 'newSession':
      return { type: 'newSession', id: buffer(event.id), data: buffer(event.data), ticket: buffer(event.ticket) };
    case 'ocspResponse':
      return { type: 'ocspResponse', response: buffer(event.response) };
    default:
      return event;
  }
}

/** The choosers run while OpenSSL is on the stack: whatever goes wrong in them is told to `fail`, and they choose nothing. */
function completeOptions(options: ConnectionOptions, fail: (error: unknown) => void): bindings.ConnectionOptions {
  const { chooseAlpn, psk } = options;
  const attempt = <T>(choose: () => T): T | null => {
    try {
      return choose();
    } catch (error) {
      fail(error);
      return null;
    }
  };
  return {
    isServer: options.isServer,
    servername: options.servername ?? '',
    session: options.session ?? null,
    requestOcsp: options.requestOcsp ?? false,
    requestCertificate: options.requestCertificate ?? false,
    requireCertificate: options.requireCertificate ?? false,
    askClientHello: options.askClientHello ?? false,
    askCertificate: options.askCertificate ?? false,
    askNewSession: options.askNewSession ?? false,
    pskIdentityHint: options.pskIdentityHint ?? '',
    alpnProtocols: options.alpnProtocols ?? null,
    npnProtocols: options.npnProtocols ?? null,
    keylog: options.keylog ?? false,
    trace: options.trace ?? false,
    sessions: options.sessions ?? false,
    chooseAlpn:
      chooseAlpn === undefined
        ? null
        : (servername, protocols) =>
            attempt(() => {
              const chosen = chooseAlpn(servername, protocols);
              return chosen === undefined ? null : requireString(chosen);
            }),
    psk:
      psk === undefined
        ? null
        : (hintOrIdentity) =>
            attempt(() => {
              const answer = psk(hintOrIdentity);
              return answer && { identity: requireString(answer.identity), key: requireBytes(answer.key) };
            }),
  };
}

function requireString(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('A chooser must answer with a string');
  return value;
}

function requireBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('A chooser must answer with bytes');
  return value;
}
