/**
 * The pump: one connection, one transport, and the loop between them.
 *
 * A round of the loop, in this order: advance the engine; write everything out; deliver events; deliver cleartext; tell
 * what has ended; then take in what the transport and the writer have brought meanwhile. The loop goes on for as long as a
 * round made a difference. Calls of the owner's out of its own callbacks never recurse: they leave a note for the next
 * round. After each call into user code the pump looks whether it was destroyed.
 *
 * Memory stays bounded both ways. A reader that wants no more pauses the transport; a transport that wants no more stops
 * the writer, while records of the protocol itself (handshake, alerts) always go out.
 */
import type { Duplex } from 'node:stream';
import { trapCode } from './instance.js';
import { afterWaitingIo, atEndOfTurn } from './platform.js';
import type { EngineConnection, EngineError, Progress, Pump, PumpOwner } from './types.js';
import { WriteQueue, type WriteCallback } from './write-queue.js';

/** After this many bytes in one go the pump lets the event loop look after others: some 10 ms of work. */
const burst = 1024 * 1024;

/** Beyond what the transport wants to hold. Data never gets there, it waits before it is encrypted. */
const largestBacklog = 256 * 1024;

export function createPump(connection: EngineConnection, transport: Duplex, owner: PumpOwner): Pump {
  return new TransportPump(connection, transport, owner);
}

class TransportPump implements Pump {
  readonly connection: EngineConnection;
  readonly transport: Duplex;
  readonly #owner: PumpOwner;

  /** What the transport delivered and the engine has not seen. */
  #inbox: Uint8Array[] = [];
  readonly #writes = new WriteQueue();
  #endCallback: WriteCallback | null = null;

  // The loop.
  #running = false;
  #again = false;
  /** Something has changed that only `advance()` can act on. */
  #pending = false;
  #progress: Progress = 'needsInput';
  #burst = 0;
  #resting = false;

  /** Records that are out of the engine and that the reader did not want yet, or that are behind one that it threw at. */
  #cleartext: Buffer[] = [];

  // Backpressure.
  #readerFull = false;
  #resumed = false;
  #transportFull = false;
  #flowing = false;

  // Ends. Each is told once.
  #transportEnded = false;
  #transportClosed = false;
  #transportError: Error | null = null;
  #inputEnded = false;
  #endAsked = false;
  #shutdownAsked = false;
  #endTold = false;
  /** An owner that waits for an answer when the transport ends hears of it again when it closes. */
  #closeTold: 'ended' | 'closed' | null = null;
  #failureTold = false;
  #started = false;
  #handshakeTold = false;
  #destroyed = false;

  constructor(connection: EngineConnection, transport: Duplex, owner: PumpOwner) {
    this.connection = connection;
    this.transport = transport;
    this.#owner = owner;
    // Before anybody else hears of it, who may then ask the owner whether it is gone.
    transport.on('close', this.#onClose);
  }

  start(): void {
    const { transport } = this;
    transport.on('data', this.#onData);
    transport.on('drain', this.#onDrain);
    transport.on('end', this.#onEnd);
    transport.on('error', this.#onError);
    this.#started = true;
    this.#flowing = true;
    transport.resume();
    // What happened before anyone listened.
    this.#transportEnded = transport.readableEnded;
    this.#transportClosed = transport.destroyed;
    this.#transportError = transport.errored ?? null;
    this.#pending = true;
    this.#run();
  }

  write(chunks: readonly Uint8Array[], callback: WriteCallback): void {
    if (this.#destroyed || this.#endAsked) return atEndOfTurn(() => callback(this.#refusal()));
    this.#writes.push(chunks, callback);
    this.#run();
  }

  end(callback: WriteCallback): void {
    if (this.#destroyed || this.#endAsked) return atEndOfTurn(() => callback(this.#refusal()));
    this.#endAsked = true;
    this.#endCallback = callback;
    this.#run();
  }

  resume(): void {
    this.#resumed = true;
    if (!this.#readerFull) return;
    this.#readerFull = false;
    if (this.#progress === 'budgetFull') this.#pending = true;
    this.#run();
  }

  kick(): void {
    this.#pending = true;
    this.#run();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    const { transport } = this;
    transport.removeListener('data', this.#onData);
    transport.removeListener('drain', this.#onDrain);
    transport.removeListener('end', this.#onEnd);
    transport.removeListener('error', this.#onError);
    transport.removeListener('close', this.#onClose);
    this.#inbox = [];
    this.connection.dispose();
    const callbacks = this.#writes.clear();
    if (this.#endCallback !== null) callbacks.push(this.#endCallback);
    this.#endCallback = null;
    if (callbacks.length === 0) return;
    atEndOfTurn(() => {
      for (const callback of callbacks) callback(this.#refusal());
    });
  }

  // --- the transport speaks --------------------------------------------------------------------------------------------

  readonly #onData = (chunk: Uint8Array | string): void => {
    this.#inbox.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    this.#run();
  };

  readonly #onDrain = (): void => {
    this.#transportFull = false;
    this.#run();
  };

  readonly #onEnd = (): void => {
    this.#transportEnded = true;
    this.#run();
  };

  readonly #onError = (error: Error): void => {
    this.#transportError ??= error;
    this.#run();
  };

  readonly #onClose = (): void => {
    this.#transportClosed = true;
    if (this.#started) this.#run();
  };

  // --- the loop --------------------------------------------------------------------------------------------------------

  #run(): void {
    if (this.#running || this.#resting || this.#destroyed) {
      this.#again = true;
      return;
    }
    this.#running = true;
    let completed = false;
    try {
      do {
        this.#again = false;
        this.#round();
      } while (!this.#destroyed && !this.#rest() && this.#hasMore);
      completed = true;
    } catch (error) {
      if (!isTrap(error)) throw error;
      completed = true;
      this.#trapped(error);
    } finally {
      this.#running = false;
      // User code threw. Should the process survive that, then so does this connection.
      if (!completed && !this.#destroyed) afterWaitingIo(() => this.#run());
    }
    if (!this.#destroyed) this.#updateFlow();
  }

  /** Whether another round would make a difference. */
  get #hasMore(): boolean {
    return this.#again || this.#pending || (this.#mayEncrypt && this.connection.pendingWrite === 0);
  }

  get #mayEncrypt(): boolean {
    return !this.#transportFull && !this.#writes.allFed && this.#progress !== 'failed';
  }

  #round(): void {
    this.#takeIn();
    if (this.#destroyed) return;
    if (this.#pending) {
      this.#pending = false;
      this.#progress = this.connection.advance();
      if (this.#destroyed) return;
    }
    // A listener may refuse the peer before the handshake is through: its last message must not have gone out by then.
    if (!this.#handshakeTold && this.#progress !== 'failed') this.#deliverEvents();
    if (!this.#destroyed) this.#writeOut();
    if (!this.#destroyed) this.#deliverEvents();
    if (!this.#destroyed) this.#deliverCleartext();
    if (!this.#destroyed) this.#finishWriting();
    if (!this.#destroyed) this.#tellEnds();
  }

  /**
   * When the burst has been long enough: goes on later, and says so. A burst may be made of many short loops: a writer
   * that goes on from its callbacks, over a transport that takes everything at once, starts one for each write.
   */
  #rest(): boolean {
    if (this.#burst < burst) return false;
    this.#burst = 0;
    this.#resting = true;
    afterWaitingIo(() => {
      this.#resting = false;
      this.#run();
    });
    return true;
  }

  #updateFlow(): void {
    const flowing = !this.#readerFull && !this.#resting && !this.#overfull;
    if (flowing === this.#flowing) return;
    this.#flowing = flowing;
    if (flowing) this.transport.resume();
    else this.transport.pause();
  }

  /** Answers of the protocol itself pile up: the peer asks and asks, and does not read. */
  get #overfull(): boolean {
    const { transport } = this;
    return this.#transportFull && transport.writableLength > transport.writableHighWaterMark + largestBacklog;
  }

  // --- one round, step by step -----------------------------------------------------------------------------------------

  #takeIn(): void {
    const { connection } = this;
    if (this.#inbox.length > 0) {
      const chunks = this.#inbox;
      this.#inbox = [];
      // Nobody reads behind the end; a peer that goes on sending must not fill our memory.
      if (!connection.closeNotifyReceived && this.#progress !== 'failed') {
        for (const chunk of chunks) {
          connection.feed(chunk);
          this.#burst += chunk.length;
          this.#owner.onTaken?.(chunk);
        }
        this.#pending = true;
      }
      this.#owner.onActivity();
      if (this.#destroyed) return;
    }
    if (this.#transportEnded && !this.#inputEnded) {
      this.#inputEnded = true;
      connection.endInput();
      this.#pending = true;
    }
    if (this.#mayEncrypt && this.#writes.feed(connection)) this.#pending = true;
    if (this.#endCallback !== null && !this.#shutdownAsked && this.#writes.allFed) {
      this.#shutdownAsked = true;
      connection.shutdown();
      this.#pending = true;
    }
  }

  #writeOut(): void {
    const chunk = this.connection.takeEncrypted();
    if (chunk === null) return;
    // There may be room now for what did not fit into this chunk.
    if (this.#progress === 'budgetFull') this.#pending = true;
    this.#burst += chunk.length;
    if (!this.transport.writable) return;
    if (!this.transport.write(chunk)) this.#transportFull = true;
    if (!this.#destroyed) this.#owner.onActivity();
  }

  #deliverEvents(): void {
    const { connection } = this;
    for (let event = connection.takeEvent(); event !== null; event = connection.takeEvent()) {
      // The owner hears of the end of data by onEnd(), behind the last of the data.
      if (event.type === 'handshakeDone') this.#handshakeTold = true;
      if (event.type !== 'endOfData') this.#owner.onEvent(event);
      if (this.#destroyed) return;
    }
  }

  #deliverCleartext(): void {
    if (this.#readerFull) return;
    if (this.#cleartext.length === 0) {
      this.#cleartext = this.connection.takeCleartext();
      if (this.#cleartext.length === 0) return;
      if (this.#progress === 'budgetFull') this.#pending = true;
    }
    while (this.#cleartext.length > 0 && !this.#readerFull) {
      this.#resumed = false;
      const wantsMore = this.#owner.onData(this.#cleartext.shift()!);
      if (this.#destroyed) return;
      // A reader that said "full" and then, still inside that call, made room has had the last word.
      this.#readerFull = !wantsMore && !this.#resumed;
    }
  }

  /** The peer went away in the middle of a renegotiation: not even a close_notify can be sent any more. */
  get #brokenOff(): boolean {
    return this.#progress === 'closed' && this.connection.established && !this.connection.closeNotifySent;
  }

  /** Calls back for what is through, and after the last of it ends the transport. */
  #finishWriting(): void {
    if (this.#transportFull) return;
    const { connection, transport } = this;
    const isOver = !transport.writable || this.#brokenOff;
    const finished = isOver ? this.#writes.clear() : this.#writes.takeFinished(connection);
    if (finished.length > 0) {
      const error = isOver ? this.#refusal() : null;
      // Later, so that a writer collects its small pieces in the meantime and sends them as one.
      atEndOfTurn(() => {
        for (const callback of finished) callback(error);
      });
    }
    if (this.#endCallback !== null && (connection.closeNotifySent || isOver)) {
      const callback = this.#endCallback;
      this.#endCallback = null;
      if (transport.writable) transport.end(() => callback());
      else atEndOfTurn(callback);
    }
  }

  #tellEnds(): void {
    const { connection } = this;
    if (this.#progress === 'failed') return this.#tellFailure(connection.error());
    if (this.#transportError !== null) return this.#tellClose();
    // While a question is open the engine does not look at its input, and so not at its end either.
    if (this.#progress === 'suspended' && this.#inputEnded) return this.#tellClose();
    if (!connection.established) {
      if (this.#progress === 'closed' || this.#transportClosed) this.#tellClose();
      return;
    }
    if (this.#pending || this.#readerFull || this.#progress === 'suspended') return;
    if (connection.closeNotifyReceived || this.#inputEnded) this.#tellEnd();
    // Not before the last of the data has been delivered.
    if (this.#transportClosed && !this.#destroyed) {
      this.#tellEnd();
      if (!this.#destroyed) this.#tellClose();
    }
  }

  #tellEnd(): void {
    if (this.#endTold) return;
    this.#endTold = true;
    this.#owner.onEnd();
  }

  #tellClose(): void {
    const told = this.#transportClosed || this.#transportError !== null ? 'closed' : 'ended';
    if (this.#closeTold === 'closed' || this.#closeTold === told || this.#failureTold) return;
    this.#closeTold = told;
    this.#owner.onTransportClose(this.#transportError);
  }

  #tellFailure(error: EngineError | null): void {
    if (this.#failureTold || error === null) return;
    this.#failureTold = true;
    this.#owner.onFailure(error);
  }

  /** Why a write cannot be carried out, in the words of Node's streams. */
  #refusal(): Error {
    return this.#destroyed || !this.transport.writable || this.#brokenOff
      ? Object.assign(new Error('Cannot call write after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' })
      : Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
  }

  #trapped(error: Error): void {
    if (this.#destroyed) return;
    const nothing = { library: '', function: '', reason: '', stack: [] };
    this.#tellFailure({ kind: 'state', code: trapCode, message: error.message, cause: error.cause, ...nothing });
  }
}

function isTrap(error: unknown): error is Error {
  return error instanceof Error && (error as { code?: unknown }).code === trapCode;
}
