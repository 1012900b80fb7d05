/** What the two sides have agreed on. */
import { h } from '../ui/dom.js';
import { bytes, milliseconds } from '../ui/format.js';
import { facts } from '../ui/parts.js';
import type { Handshake } from './handshake.js';
import { beforeSecure, total } from './messages.js';

/** OpenSSL has its own names for some of them. */
const groupNames: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

export function agreed(handshake: Handshake): HTMLElement {
  const { negotiated, connected, secure } = handshake;
  if (negotiated === null) return h('p', { class: 'muted' }, 'On nothing: the handshake was not finished.');
  const { protocol, suite, group, alpn, servername, resumed, ownCertificate } = negotiated;
  const before = beforeSecure(handshake);
  const sum = (way: string): string => bytes(total(before.filter(({ direction }) => direction === way)));
  return facts([
    ['Protocol', protocol.replace('TLSv', 'TLS ')],
    ['Cipher suite', h('code', {}, suite)],
    ['Key exchange', group === null ? 'with the certificate’s key' : (groupNames[group] ?? group)],
    ['Application protocol', alpn ?? 'none agreed'],
    ['Server name sent', servername === '' ? 'none' : servername],
    ['Session', resumed ? 'resumed' : 'new'],
    ['Our certificate', ownCertificate ? 'the demo visitor’s' : 'none'],
    ['TLS took', secure !== null && connected !== null ? milliseconds(secure - connected) : null],
    ['Sent, received', `${sum('sent')}, ${sum('received')}`],
  ]);
}
