/**
 * The packets of Wisp 1.2 and 2, and of this project's extensions (docs/relay.md), as client and relay both need them.
 *
 * - **Packet**: type u8, stream id u32, payload; little-endian; one WebSocket message each.
 * - `encode…()` gives a message in a buffer of its own, whose `buffer` holds nothing else. DATA costs one copy of its
 *   payload; who reads into a buffer with `HEADER_BYTES` free in front calls `writeDataHeader()` and copies nothing.
 * - `parsePacket()` never throws. It returns a packet, or one of type `'malformed'` that says what is wrong with it.
 *   Payloads, those of DATA and of extensions, are views of the message.
 * - A stream id is any u32 but 0, which stands for the WebSocket as a whole. Which ids are in use, and which extension is
 *   in force, is not known here.
 *
 * Plain computing: nothing of Node, of a browser or of TLS.
 */

/** Type and stream id, in front of every payload. */
export const HEADER_BYTES = 5;

/** The stream that stands for the whole WebSocket. */
export const NO_STREAM = 0;

/** Stream ids of accepted connections, which the server chooses, have this bit; a client's do not. */
export const SERVER_STREAM_BIT = 0x80000000;

/** Most bytes that may be granted and unused at a time, per stream. */
export const MAX_CREDITS = 0x7fffffff;

/** What the relay says of the extension for downloads: by this its client is known when it asks by HTTP. */
export const DOWNLOAD_TOKEN_BYTES = 16;

/** What is said one way to be repeated the other way. */
export const PROBE_BYTES = 8;

/** What a client offers to get INFO before the first CONTINUE, and with it version 2. */
export const WISP_V2_SUBPROTOCOL = 'wisp-v2';

export const PacketType = {
  connect: 0x01,
  data: 0x02,
  continue: 0x03,
  close: 0x04,
  info: 0x05,
  end: 0xf1,
  credit: 0xf2,
  listen: 0xf3,
  listening: 0xf4,
  accept: 0xf5,
  probe: 0xf6,
  switch: 0xf7,
} as const;

export const StreamType = { tcp: 0x01, udp: 0x02 } as const;

export const ExtensionId = {
  udp: 0x01,
  password: 0x02,
  messageOfTheDay: 0x04,
  openConfirmation: 0x05,
  halfClose: 0xf1,
  credits: 0xf2,
  listen: 0xf3,
  download: 0xf4,
} as const;

export const CloseReason = {
  unspecified: 0x01,
  voluntary: 0x02,
  networkError: 0x03,
  incompatibleExtensions: 0x04,
  invalid: 0x41,
  unreachable: 0x42,
  connectTimeout: 0x43,
  refused: 0x44,
  transferTimeout: 0x47,
  blocked: 0x48,
  throttled: 0x49,
  clientError: 0x81,
  wrongPassword: 0xc0,
  wrongSignature: 0xc1,
  credentialsRequired: 0xc2,
  addressInUse: 0xf0,
} as const;

export interface Extension {
  id: number;
  payload: Uint8Array;
}

export interface Credentials {
  username: string;
  password: string;
}

/** What is wrong with a message. */
export type FrameError =
  | 'short-header'
  | 'unknown-type'
  | 'short-payload'
  | 'trailing-bytes'
  | 'bad-utf8'
  | 'bad-stream';

export type Packet =
  | { type: 'connect'; streamId: number; streamType: number; port: number; host: string }
  | { type: 'data'; streamId: number; payload: Uint8Array }
  | { type: 'continue'; streamId: number; packets: number }
  | { type: 'close'; streamId: number; reason: number }
  | { type: 'info'; streamId: number; major: number; minor: number; extensions: Extension[] }
  | { type: 'end'; streamId: number }
  | { type: 'credit'; streamId: number; bytes: number }
  | { type: 'listen'; streamId: number; port: number; host: string }
  | { type: 'listening'; streamId: number; port: number; address: string }
  | { type: 'accept'; streamId: number; listenerId: number; remotePort: number; remoteAddress: string }
  | { type: 'probe'; streamId: number; nonce: Uint8Array }
  | { type: 'switch'; streamId: number }
  | Malformed;

export interface Malformed {
  type: 'malformed';
  error: FrameError;
  /** `NO_STREAM` where the header itself is cut off. */
  streamId: number;
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// --- Encoding.

/** Writes the header of a DATA packet at `offset`; its payload starts `HEADER_BYTES` later. */
export function writeDataHeader(target: Uint8Array, streamId: number, offset = 0): void {
  writeHeader(target, PacketType.data, streamId, offset);
}

export function encodeData(streamId: number, payload: Uint8Array): Uint8Array {
  const message = allocate(PacketType.data, streamId, payload.length);
  message.set(payload, HEADER_BYTES);
  return message;
}

export function encodeConnect(streamId: number, host: string, port: number, streamType: number = StreamType.tcp) {
  const name = utf8Encoder.encode(host);
  const message = allocate(PacketType.connect, streamId, 3 + name.length);
  message[5] = streamType;
  writeUint16(message, 6, port);
  message.set(name, 8);
  return message;
}

/** @param packets how many DATA packets the server takes now */
export function encodeContinue(streamId: number, packets: number): Uint8Array {
  return encodeNumber(PacketType.continue, streamId, packets);
}

export function encodeClose(streamId: number, reason: number): Uint8Array {
  const message = allocate(PacketType.close, streamId, 1);
  message[5] = reason;
  return message;
}

export function encodeInfo(extensions: readonly Extension[], major = 2, minor = 0): Uint8Array {
  const size = extensions.reduce((total, { payload }) => total + 5 + payload.length, 2);
  const message = allocate(PacketType.info, NO_STREAM, size);
  message[5] = major;
  message[6] = minor;
  let offset = 7;
  for (const { id, payload } of extensions) {
    message[offset] = id;
    writeUint32(message, offset + 1, payload.length);
    message.set(payload, offset + 5);
    offset += 5 + payload.length;
  }
  return message;
}

/** The sender sends no more DATA on this stream. */
export function encodeEnd(streamId: number): Uint8Array {
  return allocate(PacketType.end, streamId, 0);
}

/** @param bytes how many more payload bytes of DATA the server may send */
export function encodeCredit(streamId: number, bytes: number): Uint8Array {
  return encodeNumber(PacketType.credit, streamId, bytes);
}

/**
 * @param port 0 for any
 * @param host empty for the relay's default
 */
export function encodeListen(streamId: number, port: number, host: string): Uint8Array {
  return encodeEndpoint(PacketType.listen, streamId, port, host);
}

export function encodeListening(streamId: number, port: number, address: string): Uint8Array {
  return encodeEndpoint(PacketType.listening, streamId, port, address);
}

export function encodeAccept(streamId: number, listenerId: number, remotePort: number, remoteAddress: string) {
  const address = utf8Encoder.encode(remoteAddress);
  const message = allocate(PacketType.accept, streamId, 6 + address.length);
  writeUint32(message, 5, listenerId);
  writeUint16(message, 9, remotePort);
  message.set(address, 11);
  return message;
}

/** @param nonce `PROBE_BYTES` that only who reads the response's body can know */
export function encodeProbe(nonce: Uint8Array): Uint8Array {
  const message = allocate(PacketType.probe, NO_STREAM, PROBE_BYTES);
  message.set(nonce, HEADER_BYTES);
  return message;
}

/** The last message of the relay's on the WebSocket: everything behind it is in the response's body. */
export function encodeSwitch(): Uint8Array {
  return allocate(PacketType.switch, NO_STREAM, 0);
}

/** The payload of a number in INFO, such as the initial window of the credits. */
export function encodeUint32(value: number): Uint8Array {
  const payload = new Uint8Array(4);
  writeUint32(payload, 0, value);
  return payload;
}

/** The client's payload of the password extension; a `RangeError` when either is too long for its length field. */
export function encodeCredentials({ username, password }: Credentials): Uint8Array {
  const name = utf8Encoder.encode(username);
  const secret = utf8Encoder.encode(password);
  if (name.length > 0xff) throw new RangeError('A username has at most 255 bytes.');
  if (secret.length > 0xffff) throw new RangeError('A password has at most 65535 bytes.');
  const payload = new Uint8Array(3 + name.length + secret.length);
  payload[0] = name.length;
  writeUint16(payload, 1, secret.length);
  payload.set(name, 3);
  payload.set(secret, 3 + name.length);
  return payload;
}

export function encodeText(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

function allocate(type: number, streamId: number, payloadBytes: number): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + payloadBytes);
  writeHeader(message, type, streamId, 0);
  return message;
}

function encodeNumber(type: number, streamId: number, value: number): Uint8Array {
  const message = allocate(type, streamId, 4);
  writeUint32(message, 5, value);
  return message;
}

function encodeEndpoint(type: number, streamId: number, port: number, host: string): Uint8Array {
  const name = utf8Encoder.encode(host);
  const message = allocate(type, streamId, 2 + name.length);
  writeUint16(message, 5, port);
  message.set(name, 7);
  return message;
}

function writeHeader(target: Uint8Array, type: number, streamId: number, offset: number): void {
  target[offset] = type;
  writeUint32(target, offset + 1, streamId);
}

function writeUint16(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value;
  target[offset + 1] = value >>> 8;
}

export function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value;
  target[offset + 1] = value >>> 8;
  target[offset + 2] = value >>> 16;
  target[offset + 3] = value >>> 24;
}

// --- Parsing.

/** What a message says. Which packets a side may get, and when, is for the side to judge. */
export function parsePacket(message: Uint8Array): Packet {
  if (message.length < HEADER_BYTES) return malformed('short-header', NO_STREAM);
  const streamId = uint32(message, 1);
  const size = message.length - HEADER_BYTES;
  switch (message[0]) {
    case PacketType.data:
      if (streamId === NO_STREAM) return malformed('bad-stream', streamId);
      return { type: 'data', streamId, payload: message.subarray(HEADER_BYTES) };
    case PacketType.continue:
      return fixed(size, 4, streamId) ?? { type: 'continue', streamId, packets: uint32(message, 5) };
    case PacketType.close:
      return fixed(size, 1, streamId) ?? { type: 'close', streamId, reason: message[5]! };
    case PacketType.end:
      return onStream(streamId) ?? fixed(size, 0, streamId) ?? { type: 'end', streamId };
    case PacketType.credit:
      return onStream(streamId) ?? fixed(size, 4, streamId) ?? { type: 'credit', streamId, bytes: uint32(message, 5) };
    case PacketType.connect:
      return onStream(streamId) ?? parseConnect(message, streamId);
    case PacketType.listen:
    case PacketType.listening:
      return onStream(streamId) ?? parseEndpoint(message, streamId);
    case PacketType.accept:
      return onStream(streamId) ?? parseAccept(message, streamId);
    case PacketType.info:
      return parseInfo(message, streamId);
    case PacketType.probe:
      return (
        onNoStream(streamId) ??
        fixed(size, PROBE_BYTES, streamId) ?? { type: 'probe', streamId, nonce: message.subarray(HEADER_BYTES) }
      );
    case PacketType.switch:
      return onNoStream(streamId) ?? fixed(size, 0, streamId) ?? { type: 'switch', streamId };
    default:
      return malformed('unknown-type', streamId);
  }
}

/** The value of an extension's payload that is one u32, or null. */
export function parseUint32(payload: Uint8Array): number | null {
  return payload.length === 4 ? uint32(payload, 0) : null;
}

/** The client's payload of the password extension, or null when it is malformed. */
export function parseCredentials(payload: Uint8Array): Credentials | null {
  if (payload.length < 3) return null;
  const passwordAt = 3 + payload[0]!;
  if (payload.length !== passwordAt + uint16(payload, 1)) return null;
  const username = text(payload, 3, passwordAt);
  const password = text(payload, passwordAt);
  return username === null || password === null ? null : { username, password };
}

/** The text of a payload, or null when it is not UTF-8. */
export function parseText(payload: Uint8Array): string | null {
  return text(payload, 0);
}

function parseConnect(message: Uint8Array, streamId: number): Packet {
  if (message.length < 8) return malformed('short-payload', streamId);
  const host = text(message, 8);
  if (host === null) return malformed('bad-utf8', streamId);
  return { type: 'connect', streamId, streamType: message[5]!, port: uint16(message, 6), host };
}

function parseEndpoint(message: Uint8Array, streamId: number): Packet {
  if (message.length < 7) return malformed('short-payload', streamId);
  const port = uint16(message, 5);
  const name = text(message, 7);
  if (name === null) return malformed('bad-utf8', streamId);
  if (message[0] === PacketType.listen) return { type: 'listen', streamId, port, host: name };
  return { type: 'listening', streamId, port, address: name };
}

function parseAccept(message: Uint8Array, streamId: number): Packet {
  if (message.length < 11) return malformed('short-payload', streamId);
  const remoteAddress = text(message, 11);
  if (remoteAddress === null) return malformed('bad-utf8', streamId);
  return {
    type: 'accept',
    streamId,
    listenerId: uint32(message, 5),
    remotePort: uint16(message, 9),
    remoteAddress,
  };
}

function parseInfo(message: Uint8Array, streamId: number): Packet {
  const elsewhere = onNoStream(streamId);
  if (elsewhere !== null) return elsewhere;
  if (message.length < 7) return malformed('short-payload', streamId);
  const extensions: Extension[] = [];
  for (let offset = 7; offset < message.length; ) {
    if (message.length - offset < 5) return malformed('short-payload', streamId);
    const end = offset + 5 + uint32(message, offset + 1);
    if (end > message.length) return malformed('short-payload', streamId);
    extensions.push({ id: message[offset]!, payload: message.subarray(offset + 5, end) });
    offset = end;
  }
  return { type: 'info', streamId, major: message[5]!, minor: message[6]!, extensions };
}

function malformed(error: FrameError, streamId: number): Malformed {
  return { type: 'malformed', error, streamId };
}

function onStream(streamId: number): Malformed | null {
  return streamId === NO_STREAM ? malformed('bad-stream', streamId) : null;
}

function onNoStream(streamId: number): Malformed | null {
  return streamId === NO_STREAM ? null : malformed('bad-stream', streamId);
}

function fixed(size: number, expected: number, streamId: number): Malformed | null {
  if (size === expected) return null;
  return malformed(size < expected ? 'short-payload' : 'trailing-bytes', streamId);
}

function text(bytes: Uint8Array, start: number, end = bytes.length): string | null {
  try {
    return utf8Decoder.decode(bytes.subarray(start, end));
  } catch {
    return null;
  }
}

function uint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

function uint32(bytes: Uint8Array, offset: number): number {
  return (uint16(bytes, offset) | (uint16(bytes, offset + 2) << 16)) >>> 0;
}
