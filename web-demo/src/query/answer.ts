/** What PostgreSQL answered, and what can be said of the connection to it. */
import { explain } from '../failures.js';
import { h } from '../ui/dom.js';
import { milliseconds, plural } from '../ui/format.js';
import { advise, facts as factList, notice } from '../ui/parts.js';
import type { Facts, Result } from './database.js';

/** `severity` is set where the server speaks. */
export type DatabaseError = Error & { code?: string; hint?: string; detail?: string; severity?: string };

/** More rows than this are no help to anybody. */
const shownRows = 200;

export function summary({ rows, columns, command, milliseconds: time }: Result): string {
  const what = columns.length > 0 ? plural(rows.length, 'row') : command;
  return `${what} in ${milliseconds(time)}.`;
}

export function resultTable({ columns, rows }: Result): HTMLElement {
  const cell = (value: string | null): HTMLElement =>
    value === null ? h('td', { class: 'null' }, 'null') : h('td', {}, value);
  const header = columns.map((name) => h('th', { scope: 'col' }, name));
  const body = rows.slice(0, shownRows).map((row) => h('tr', {}, row.map(cell)));
  const hidden = rows.length - shownRows;
  return h(
    'div',
    {},
    h(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Result' },
      h('table', {}, h('thead', {}, h('tr', {}, header)), h('tbody', {}, body)),
    ),
    hidden > 0 ? h('p', { class: 'muted' }, `${plural(hidden, 'more row')} not shown.`) : null,
  );
}

export function problem(error: DatabaseError): HTMLElement {
  const { severity, code, detail, hint, message } = error;
  if (severity === undefined) {
    const { headline, what, advice } = explain(error);
    return notice('bad', `No connection: ${headline}`, h('p', {}, what), advise(advice));
  }
  return notice(
    'bad',
    `PostgreSQL says: ${message}`,
    detail ? h('p', {}, detail) : null,
    hint ? advise(hint) : null,
    h('p', { class: 'muted' }, 'Code: ', h('code', {}, code ?? severity)),
  );
}

export function connectionFacts({ protocol, suite, verified, mechanism, server }: Facts): HTMLElement {
  return factList([
    ['Server', server],
    ['TLS', protocol.replace('TLSv', '')],
    ['Cipher suite', h('code', {}, suite)],
    ['Certificate', verified ? 'verified, and for this host (verify-full)' : 'not verified'],
    ['Password', h('code', {}, mechanism)],
    ['Channel binding', mechanism.endsWith('-PLUS') ? 'yes: the proof is good on this connection alone' : 'no'],
  ]);
}
