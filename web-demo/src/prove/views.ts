/** The two views of one connection: what this page saw, and what the relay saw. */
import type { Tap } from '../demo.js';
import { h, type Child } from '../ui/dom.js';
import { bytes as size, plural } from '../ui/format.js';
import { chip, notice } from '../ui/parts.js';
import {
  fromBase64,
  hexLines,
  indexOf,
  isReadable,
  measure,
  recordName,
  splitRecords,
  type TlsRecord,
} from './records.js';

const encoder = new TextEncoder();
const shownLines = 4;
const narrow = (): boolean => window.matchMedia('(max-width: 640px)').matches;

export interface Exchange {
  secret: string;
  request: string;
  response: string;
  tap: Tap | null;
}

function meters(bytes: Uint8Array): HTMLElement {
  const { bitsPerByte, printable } = measure(bytes);
  const meter = (label: string, value: number, text: string): HTMLElement =>
    h(
      'div',
      { class: 'gauge' },
      h('span', {}, label),
      h('meter', { min: 0, max: 1, value, 'aria-label': label }),
      h('span', {}, text),
    );
  return h(
    'div',
    { class: 'gauges' },
    meter('Readable characters', printable, `${Math.round(printable * 100)} %`),
    meter('Entropy', bitsPerByte / 8, `${bitsPerByte.toFixed(2)} of 8 bits`),
  );
}

/** The five bytes of a record that TLS never hides: its type, a version, and its length. */
const withHeader = (hex: string): Child => [h('b', {}, hex.slice(0, 14)), hex.slice(14)];

function recordView(record: TlsRecord): HTMLElement {
  const { bytes, offset, truncated } = record;
  const width = narrow() ? 8 : 16;
  const readable = isReadable(record);
  const lines = hexLines(bytes, offset, width, shownLines);
  const left = bytes.length - lines.length * width;
  return h(
    'li',
    { class: 'record' },
    h(
      'p',
      {},
      h('strong', {}, recordName(record)),
      `, ${size(bytes.length)} `,
      chip(readable ? 'warn' : 'good', readable ? 'in the clear' : 'encrypted'),
    ),
    h(
      'div',
      { class: 'hex', 'aria-hidden': 'true' },
      lines.map((line, index) =>
        h(
          'div',
          {},
          h('span', {}, line.offset),
          h('span', {}, index === 0 ? withHeader(line.hex) : line.hex),
          h('span', {}, line.text),
        ),
      ),
    ),
    left > 0 || truncated ? h('p', { class: 'muted' }, `… and ${size(Math.max(left, 0))} more`) : null,
  );
}

function direction(title: string, bytes: Uint8Array, total: number): HTMLElement {
  const records = splitRecords(bytes);
  const sealed = records.filter((record) => !isReadable(record));
  return h(
    'section',
    { class: 'direction' },
    h('h3', {}, title),
    h(
      'p',
      { class: 'muted' },
      `${size(total)} in ${plural(records.length, 'record')}, ${sealed.length} of them encrypted.`,
    ),
    h(
      'ol',
      { class: 'records', tabindex: '0', 'aria-label': `Records, ${title.toLowerCase()}` },
      records.map(recordView),
    ),
  );
}

/** Looks for the message in everything that went through the relay. */
function search(secret: string, seen: readonly Uint8Array[]): HTMLElement {
  const needle = encoder.encode(secret);
  const all = seen.reduce((sum, { length }) => sum + length, 0);
  const found = seen.some((bytes) => indexOf(bytes, needle) >= 0);
  return found
    ? notice('bad', 'Your message is in there', h('p', {}, 'It went through the relay in the clear. That must not be.'))
    : notice(
        'good',
        'Your message is nowhere in there',
        h('p', {}, `Looked for in all ${size(all)} that the relay passed on.`),
      );
}

const readable =
  'What it can read are the two hellos, which name the host and choose the algorithms. All that follows is encrypted, ' +
  'the certificate included.';

export function relayView({ secret, tap }: Exchange): HTMLElement {
  if (tap === null) {
    return notice('warn', 'The relay has not kept this connection', h('p', {}, 'Send your message once more.'));
  }
  const fromPage = fromBase64(tap.fromPage.base64);
  const fromServer = fromBase64(tap.fromServer.base64);
  const sealed = [fromPage, fromServer].flatMap(splitRecords).filter((record) => !isReadable(record));
  const largest = sealed.sort((a, b) => b.bytes.length - a.bytes.length)[0]?.bytes.subarray(5) ?? new Uint8Array();
  return h(
    'div',
    { class: 'stack' },
    search(secret, [fromPage, fromServer]),
    h('p', { class: 'muted' }, 'Its largest encrypted record:'),
    meters(largest),
    h('p', { class: 'muted' }, readable),
    direction('From this page', fromPage, tap.fromPage.total),
    direction('From the server', fromServer, tap.fromServer.total),
  );
}

export function pageView({ request, response }: Exchange): HTMLElement {
  return h(
    'div',
    { class: 'stack' },
    notice(
      'good',
      'Plain text, at both ends',
      h('p', {}, 'It exists in this tab and in the server, and nowhere between.'),
    ),
    h('p', { class: 'muted' }, 'All that this page wrote and read:'),
    meters(encoder.encode(request + response)),
    h('section', { class: 'direction' }, h('h3', {}, 'This page wrote'), h('pre', {}, request)),
    h('section', { class: 'direction' }, h('h3', {}, 'This page read'), h('pre', {}, response)),
  );
}
