/** One WebSocket that speaks Wisp: its handshake, and which packet concerns which stream. */
import type { Socket } from 'node:net';
import {
  CloseReason,
  encodeClose,
  encodeContinue,
  encodeInfo,
  encodeText,
  ExtensionId,
  NO_STREAM,
  parseCredentials,
  parsePacket,
  parseUint32,
  SERVER_STREAM_BIT,
  StreamType,
  type Extension,
  type Packet,
} from '../transport/wisp/frames.js';
import { isCredentials } from './access.js';
import type { Session } from './context.js';
import { WebSocketCode, type Link, type LinkOwner } from './link.js';
import { LookupQueue } from './resolver.js';
import type { Target } from './target.js';
import { WispDownload } from './wisp-download.js';
import { WispListeners } from './wisp-listeners.js';
import { PACKET_WINDOW, WispStream, type Features } from './wisp-stream.js';

type PacketOf<T extends Packet['type']> = Extract<Packet, { type: T }>;

/** How many bytes from the client pass between two looks at what waits for all of its targets. */
const checkBytes = 1024 * 1024;
const none = new Uint8Array(0);
const version1: Features = { openConfirmation: false, halfClose: false, listen: false, credits: null };

export class WispSession implements LinkOwner, Session {
  readonly #link: Link;
  readonly #streams = new Map<number, WispStream>();
  readonly #listeners: WispListeners;
  readonly #lookups = new LookupQueue();
  /** Null where downloads by HTTP are not offered. */
  readonly #download: WispDownload | null;
  /** Those of the streams, and what is left of others that are closed: both count against the limits. */
  readonly #targets = new Set<Target>();
  #receivedSinceCheck = 0;
  /** In a row. */
  #turnedAway = 0;
  /** Ids that were closed lately, which packets may still be under way to. */
  readonly #closed = new Set<number>();
  #features = version1;
  #greeted = false;
  #mustAuthenticate: boolean;
  #handshakeTimer: NodeJS.Timeout | null = null;

  /** @param authenticated a token did; otherwise a password is asked for where there are any */
  constructor(link: Link, authenticated: boolean) {
    this.#link = link;
    link.owner = this;
    const { settings } = this.#link.context;
    this.#listeners = new WispListeners(this.#link, {
      isFree: (id) => this.#isFree(id),
      accept: (id, label, socket, announce) => this.#accept(id, label, socket, announce),
    });
    this.#download = settings.downloadsByHttp && link.form === 'wisp2' ? new WispDownload(link) : null;
    this.#mustAuthenticate = !authenticated && settings.credentials.length > 0;
    if (this.#link.form === 'wisp2') this.#link.send(encodeInfo(this.#offer()));
    this.#link.send(encodeContinue(NO_STREAM, PACKET_WINDOW));
    if (this.#mustAuthenticate) {
      const refuse = () => this.#refuse(CloseReason.credentialsRequired);
      this.#handshakeTimer = setTimeout(refuse, settings.timeouts.handshake);
    }
  }

  #offer(): Extension[] {
    const { messageOfTheDay, allowListen } = this.#link.context.settings;
    const extensions: Extension[] = [
      { id: ExtensionId.openConfirmation, payload: none },
      { id: ExtensionId.halfClose, payload: none },
      { id: ExtensionId.credits, payload: none },
    ];
    if (this.#mustAuthenticate) extensions.unshift({ id: ExtensionId.password, payload: Uint8Array.of(1) });
    if (messageOfTheDay !== undefined) {
      extensions.push({ id: ExtensionId.messageOfTheDay, payload: encodeText(messageOfTheDay) });
    }
    if (allowListen !== null) extensions.push({ id: ExtensionId.listen, payload: none });
    if (this.#download !== null) extensions.push({ id: ExtensionId.download, payload: this.#download.token });
    return extensions;
  }

  // --- From the client.

  onMessage(message: Buffer): void {
    const packet = parsePacket(message);
    if (packet.type === 'info') return this.#info(packet);
    if (this.#mustAuthenticate) return this.#refuse(CloseReason.credentialsRequired);
    switch (packet.type) {
      case 'data':
        return this.#withStream(packet.streamId, (stream) => this.#data(stream, packet.payload));
      case 'credit':
        return this.#withStream(packet.streamId, (stream) => stream.credit(packet.bytes));
      case 'end':
        return this.#withStream(packet.streamId, (stream) => stream.end());
      case 'connect':
        return this.#connect(packet);
      case 'listen':
        return this.#listen(packet);
      case 'close':
        return this.#close(packet);
      case 'probe':
        return this.#probe(packet);
      case 'malformed':
        return this.#malformed(packet);
      default:
        // What only a server says.
        return this.#link.violation('wrong-direction', packet.streamId);
    }
  }

  onText(): void {
    this.#link.violation('text');
  }

  #withStream(id: number, use: (stream: WispStream) => void): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) use(stream);
    else if (!this.#closed.has(id)) this.#link.violation('unknown-stream', id);
  }

  #info({ extensions }: PacketOf<'info'>): void {
    if (this.#greeted || this.#link.form !== 'wisp2') return this.#link.violation('unexpected-info');
    this.#greeted = true;
    if (this.#mustAuthenticate && !this.#authenticate(extensions)) return;
    const asked = (id: number) => extensions.find((extension) => extension.id === id);
    const credits = asked(ExtensionId.credits);
    const window = credits === undefined ? null : parseUint32(credits.payload);
    if (credits !== undefined && (window === null || window >= SERVER_STREAM_BIT)) {
      this.#link.violation('bad-extension');
      return this.#refuse(CloseReason.incompatibleExtensions);
    }
    this.#features = {
      openConfirmation: asked(ExtensionId.openConfirmation) !== undefined,
      halfClose: asked(ExtensionId.halfClose) !== undefined,
      listen: asked(ExtensionId.listen) !== undefined && this.#link.context.settings.allowListen !== null,
      credits: window,
    };
    if (asked(ExtensionId.download) !== undefined) this.#download?.agree();
  }

  #probe({ nonce }: PacketOf<'probe'>): void {
    if (this.#download === null) this.#link.violation('not-negotiated');
    else this.#download.onProbe(nonce);
  }

  #authenticate(extensions: Extension[]): boolean {
    const offered = extensions.find(({ id }) => id === ExtensionId.password);
    const credentials = offered === undefined ? null : parseCredentials(offered.payload);
    if (credentials === null) {
      this.#refuse(CloseReason.credentialsRequired);
      return false;
    }
    if (!isCredentials(credentials, this.#link.context.settings.credentials)) {
      this.#refuse(CloseReason.wrongPassword);
      return false;
    }
    this.#mustAuthenticate = false;
    if (this.#handshakeTimer !== null) clearTimeout(this.#handshakeTimer);
    return true;
  }

  /** Ends the WebSocket before it has begun. */
  #refuse(reason: number): void {
    this.#link.send(encodeClose(NO_STREAM, reason));
    this.#link.cut(reason === CloseReason.incompatibleExtensions ? 'incompatible-extensions' : 'authentication');
  }

  #connect({ streamId, streamType, host, port }: PacketOf<'connect'>): void {
    const label = `${host}:${port}`;
    if (!this.#claim(streamId)) return;
    if (this.#link.context.closing || !this.#hasRoom()) return this.#turnAway(streamId, label, CloseReason.throttled);
    // UDP is never offered; another type does not exist.
    if (streamType !== StreamType.tcp) {
      const reason = streamType === StreamType.udp ? CloseReason.blocked : CloseReason.invalid;
      return this.#turnAway(streamId, label, reason);
    }
    this.#add(streamId, label, 'connect').connect(host, port, this.#lookups);
  }

  #listen(packet: PacketOf<'listen'>): void {
    if (!this.#features.listen) {
      this.#link.violation('not-negotiated', packet.streamId);
      return this.#turnAway(packet.streamId, `listen:${packet.port}`, CloseReason.blocked);
    }
    if (!this.#claim(packet.streamId)) return;
    if (this.#link.context.closing || !this.#hasRoom()) {
      return this.#turnAway(packet.streamId, `listen:${packet.port}`, CloseReason.throttled);
    }
    this.#listeners.listen(packet);
  }

  #close({ streamId, reason }: PacketOf<'close'>): void {
    if (streamId === NO_STREAM) return this.#link.close();
    if (this.#listeners.close(streamId)) this.#remember(streamId);
    else this.#withStream(streamId, (stream) => stream.closedByClient(reason));
  }

  #malformed({ streamId, error }: PacketOf<'malformed'>): void {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) return stream.violate(error, CloseReason.invalid);
    this.#listeners.close(streamId);
    if (streamId !== NO_STREAM) this.#link.send(encodeClose(streamId, CloseReason.invalid));
    this.#link.violation(error, streamId);
  }

  #data(stream: WispStream, payload: Uint8Array): void {
    stream.data(payload);
    this.#receivedSinceCheck += payload.length;
    if (this.#receivedSinceCheck < checkBytes) return;
    this.#receivedSinceCheck = 0;
    this.#checkBuffers();
  }

  // Each stream has a limit of its own, but there may be many: the one that holds most is given up.
  #checkBuffers(): void {
    const targets = [...this.#targets];
    const queued = targets.reduce((total, { queuedBytes }) => total + queuedBytes, 0);
    if (queued <= this.#link.context.settings.limits.connectionBufferBytes) return;
    const largest = targets.reduce((one, other) => (other.queuedBytes > one.queuedBytes ? other : one));
    const stream = [...this.#streams.values()].find(({ target }) => target === largest);
    if (stream === undefined) largest.reset();
    else stream.close(CloseReason.throttled, { why: 'connection-buffer' });
  }

  // --- Streams.

  /** Whether a client may use the id; if not, whatever has it ends, because nobody could tell the two apart. */
  #claim(id: number): boolean {
    const reserved = this.#features.listen && id >= SERVER_STREAM_BIT;
    if (this.#isFree(id) && !reserved) return true;
    const stream = this.#streams.get(id);
    if (this.#listeners.close(id) || stream === undefined) this.#turnAway(id, '', CloseReason.invalid);
    stream?.close(CloseReason.invalid, { why: 'duplicate-stream' });
    this.#link.violation('duplicate-stream', id);
    return false;
  }

  #isFree(id: number): boolean {
    return !this.#streams.has(id) && !this.#listeners.has(id);
  }

  #hasRoom(): boolean {
    return this.#targets.size + this.#listeners.size < this.#link.context.settings.limits.streams;
  }

  /** A stream that never comes to be. */
  #turnAway(id: number, label: string, reason: number): void {
    this.#link.send(encodeClose(id, reason));
    this.#link.streamClosed(id, label, reason);
    this.#remember(id);
    // To ask once too often is no offence; not to stop is.
    if (reason !== CloseReason.throttled || this.#link.context.closing) return;
    if (++this.#turnedAway > this.#link.context.settings.limits.streams) this.#link.violation('too-many-streams', id);
  }

  #add(id: number, label: string, kind: 'connect' | 'accept'): WispStream {
    const { metrics, log } = this.#link.context;
    const stream = new WispStream(this.#link, { id, label }, this.#features, () => this.#onGone(stream));
    this.#closed.delete(id);
    this.#streams.set(id, stream);
    this.#turnedAway = 0;
    this.#targets.add(stream.target);
    void stream.target.released.then(() => this.#targets.delete(stream.target));
    metrics.add('streams_total', 1, kind);
    metrics.add('streams');
    log.debug('stream', { connection: this.#link.id, stream: id, kind, target: label });
    return stream;
  }

  #accept(id: number, label: string, socket: Socket, announce: () => void): boolean {
    if (this.#link.context.closing || !this.#hasRoom()) return false;
    const stream = this.#add(id, label, 'accept');
    announce();
    stream.adopt(socket);
    return true;
  }

  #onGone(stream: WispStream): void {
    this.#streams.delete(stream.id);
    this.#remember(stream.id);
    this.#link.context.metrics.add('streams', -1);
    if (this.#link.context.closing) this.#endWhenDrained();
  }

  #remember(id: number): void {
    this.#closed.add(id);
    if (this.#closed.size <= 2 * this.#link.context.settings.limits.streams) return;
    for (const oldest of this.#closed) {
      this.#closed.delete(oldest);
      return;
    }
  }

  // --- The end.

  drain(): void {
    this.#listeners.closeAll();
    this.#endWhenDrained();
  }

  #endWhenDrained(): void {
    if (this.#streams.size === 0) this.#link.close(WebSocketCode.goingAway, 'shutdown');
  }

  cut(): void {
    for (const stream of [...this.#streams.values()]) stream.close(CloseReason.networkError, { why: 'shutdown' });
    this.#link.close(WebSocketCode.goingAway, 'shutdown');
  }

  onClose(): void {
    if (this.#handshakeTimer !== null) clearTimeout(this.#handshakeTimer);
    this.#download?.close();
    this.#listeners.closeAll();
    for (const stream of [...this.#streams.values()]) stream.abort();
  }
}
