/** The messages of a handshake: what each is for, whether others can read it, and how they make up flights. */
import type { ProtocolMessage } from 'wasm-tls';

export interface Message {
  direction: 'sent' | 'received';
  contentType: ProtocolMessage['contentType'];
  name: string;
  bytes: number;
  /** Milliseconds from the call of `tls.connect()` on. */
  at: number;
  encrypted: boolean;
  meaning: string;
}

/** Those that go the same way without waiting for the other side. */
export interface Flight {
  direction: 'sent' | 'received';
  messages: Message[];
  /** Milliseconds since the flight before; null for the first. */
  waited: number | null;
}

type Meaning = string | ((direction: 'sent' | 'received') => string);

const meanings: Record<string, Meaning> = {
  ClientHello: 'Offers versions, suites, groups and a first key share, and says which host it wants.',
  HelloRetryRequest: 'Fine, but with another group: send a key share for that one.',
  ServerHello: 'Chooses version and suite, and sends its key share. Both sides now have a secret.',
  EncryptedExtensions: 'The rest of what it chose, such as ALPN, already under that secret.',
  CertificateRequest: 'Asks for the client’s certificate.',
  Certificate: (direction) =>
    direction === 'sent' ? 'The client’s certificate, or that it has none.' : 'Who it is: its certificate, and the chain up to a root.',
  CertificateVerify: (direction) =>
    direction === 'sent'
      ? 'A signature over all of it: the client has the key of its certificate.'
      : 'A signature over all of it: it has the key that belongs to the certificate.',
  CertificateStatus: 'What the authority says today about the certificate (OCSP).',
  ServerKeyExchange: 'Its key share, signed with the key of the certificate.',
  ServerHelloDone: 'That is all for now.',
  ClientKeyExchange: 'The client’s key share. Both sides now have a secret.',
  Finished: 'A checksum over the whole conversation: nobody has changed anything on the way.',
  NewSessionTicket: 'A ticket: with it the next handshake is shorter.',
  KeyUpdate: 'New keys from here on.',
  ChangeCipherSpec: 'From here on encrypted. In TLS 1.3 only for the sake of old machines on the way.',
  HelloRequest: 'Asks for a new handshake.',
  close_notify: 'The regular end.',
}; // prettier-ignore

function meaningOf({ contentType, name, direction }: ProtocolMessage): string {
  const meaning = meanings[name];
  if (typeof meaning === 'function') return meaning(direction);
  if (meaning !== undefined) return meaning;
  return contentType === 'alert' ? 'An alert: this is the end, and why.' : '';
}

const alwaysClear = new Set(['ClientHello', 'ServerHello', 'HelloRetryRequest', 'ChangeCipherSpec']);

/** Adds what follows from their order. `secure` is when the handshake was done. */
export function measured(told: readonly ProtocolMessage[], start: number, secure: number | null): Message[] {
  const isNew = told.some(({ name, protocol }) => name === 'EncryptedExtensions' && protocol === 'TLSv1.3');
  const agreedAt = told.findIndex(({ name }) => name === 'ServerHello');
  return told.map((message, index) => {
    const at = message.time - start;
    const encrypted = isNew
      ? index > agreedAt && !alwaysClear.has(message.name)
      : message.name === 'Finished' || (secure !== null && at > secure);
    const { direction, contentType, name, bytes } = message;
    return { direction, contentType, name, bytes, at, encrypted, meaning: meaningOf(message) };
  });
}

export function flightsOf(messages: readonly Message[]): Flight[] {
  const flights: Flight[] = [];
  for (const message of messages) {
    const last = flights.at(-1);
    if (last?.direction === message.direction) last.messages.push(message);
    else {
      const before = last?.messages.at(-1);
      const waited = before === undefined ? null : message.at - before.at;
      flights.push({ direction: message.direction, messages: [message], waited });
    }
  }
  return flights;
}

export const total = (messages: readonly Message[]): number => messages.reduce((sum, { bytes }) => sum + bytes, 0);

/** Those of the handshake itself; all of them when it was not finished. */
export const beforeSecure = ({
  messages,
  secure,
}: {
  messages: readonly Message[];
  secure: number | null;
}): Message[] => messages.filter(({ at }) => secure === null || at <= secure);
