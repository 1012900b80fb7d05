/** The handshake as a ladder: what the page says stands on the left, what the server says on the right. */
import { h, spoken } from '../ui/dom.js';
import { bytes, milliseconds, plural } from '../ui/format.js';
import type { Handshake } from './handshake.js';
import { beforeSecure, flightsOf, total, type Flight, type Message } from './messages.js';

/** A width that lets 4 and 4,000 bytes be compared at a glance: steps of the logarithm. */
const steps = 12;
const width = (size: number): number => Math.max(1, Math.min(steps, Math.round(Math.log2(size))));

function messageRow(message: Message): HTMLElement {
  const { direction, contentType, name, bytes: size, at, encrypted, meaning } = message;
  const who = direction === 'sent' ? 'This page: ' : 'The server: ';
  return h(
    'li',
    { class: `message ${direction} ${contentType}` },
    h('time', { class: 'message-time' }, milliseconds(at)),
    h(
      'div',
      { class: 'message-body' },
      h(
        'p',
        { class: 'message-head' },
        h('strong', { class: 'message-name' }, spoken(who), name),
        ' ',
        h('span', { class: 'message-size' }, bytes(size)),
        ' ',
        h('span', { class: encrypted ? 'seal closed' : 'seal' }, encrypted ? 'encrypted' : 'in the clear'),
      ),
      h('span', { class: `bar w${width(size)}`, 'aria-hidden': 'true' }),
      h('p', { class: 'message-meaning' }, meaning),
    ),
  );
}

function flightBlock({ waited, messages }: Flight): HTMLElement[] {
  const pause =
    waited === null || waited < 0.05
      ? []
      : [h('li', { class: 'pause' }, h('span', {}, `${milliseconds(waited)} later`))];
  return [...pause, ...messages.map(messageRow)];
}

export function timeline(handshake: Handshake, host: string): HTMLElement {
  const { messages, connected, secure, error } = handshake;
  const mark = (at: number | null, text: string): HTMLElement | null =>
    at === null
      ? null
      : h('li', { class: 'milestone' }, h('time', { class: 'message-time' }, milliseconds(at)), h('span', {}, text));
  const before = beforeSecure(handshake);
  const after = messages.slice(before.length);
  return h(
    'div',
    { class: 'ladder' },
    h('div', { class: 'ladder-ends', 'aria-hidden': 'true' }, h('span', {}, 'This page'), h('span', {}, host)),
    h(
      'ol',
      {},
      mark(connected, 'Connected through the relay'),
      flightsOf(before).map(flightBlock),
      mark(secure, 'Secure: the handshake is done'),
      flightsOf(after).map(flightBlock),
      error === null ? null : h('li', { class: 'milestone failed' }, h('span', {}, error.code ?? error.message)),
    ),
    h(
      'p',
      { class: 'muted' },
      `${plural(messages.length, 'message')}, ${bytes(total(messages))}. Sizes are those of the messages, `,
      'without the records around them.',
    ),
  );
}
