/** Each try with what it has cost, so that one can see what resumption saves. */
import { h } from '../ui/dom.js';
import { bytes, milliseconds, plural } from '../ui/format.js';
import type { Handshake } from './handshake.js';
import { beforeSecure, total } from './messages.js';

export function summary(handshake: Handshake, number: number): HTMLElement[] {
  const { negotiated, secure, connected } = handshake;
  const before = beforeSecure(handshake);
  const kind = negotiated === null ? 'failed' : negotiated.resumed ? 'resumed' : 'full';
  const time = secure === null || connected === null ? [] : [milliseconds(secure - connected)];
  const cost = [plural(before.length, 'message'), bytes(total(before)), ...time].join(', ');
  return [h('strong', {}, `Try ${number}: ${kind}`), h('span', {}, cost)];
}
