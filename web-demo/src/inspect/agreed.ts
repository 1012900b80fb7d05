/** What the two sides have agreed on. */
import { h } from '../ui/dom.js';
import { bytes, milliseconds } from '../ui/format.js';
import { facts } from '../ui/parts.js';
import type { Handshake } from './handshake.js';
import { beforeSecure, total, type Message } from './messages.js';

/** OpenSSL has its own names for some of them. */
const groupNames: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** Of a message without a certificate in it: header, context, length. */
const emptyCertificate = 8;

function ownCertificate(messages: readonly Message[]): string {
  const sent = messages.find(({ direction, name }) => direction === 'sent' && name === 'Certificate');
  if (sent === undefined) return 'not asked for';
  return sent.bytes > emptyCertificate ? 'asked for, and shown' : 'asked for, and we have none';
}

export function agreed(handshake: Handshake): HTMLElement {
  const { negotiated, connected, secure } = handshake;
  if (negotiated === null) return h('p', { class: 'muted' }, 'On nothing: the handshake was not finished.');
  const { protocol, suite, group, alpn, servername, resumed } = negotiated;
  const before = beforeSecure(handshake);
  const sum = (way: string): string => bytes(total(before.filter(({ direction }) => direction === way)));
  return facts([
    ['Protocol', protocol.replace('TLSv', 'TLS ')],
    ['Cipher suite', h('code', {}, suite)],
    ['Key exchange', group === null ? 'with the certificate’s key' : (groupNames[group] ?? group)],
    ['Application protocol', alpn ?? 'none agreed'],
    ['Server name sent', servername === '' ? 'none' : servername],
    ['Session', resumed ? 'resumed' : 'new'],
    ['Our certificate', ownCertificate(before)],
    ['TLS took', secure !== null && connected !== null ? milliseconds(secure - connected) : null],
    ['Sent, received', `${sum('sent')}, ${sum('received')}`],
  ]);
}
