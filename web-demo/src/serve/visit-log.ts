/** Requests as they come, the latest first. */
import { fill, h } from '../ui/dom.js';
import { bytes, plural } from '../ui/format.js';
import { chip, liveRegion } from '../ui/parts.js';
import type { Visit } from './web-server.js';

const shownVisits = 60;
const columns = ['Time', 'Request', 'Answer', 'Connection'];

export class VisitLog {
  readonly #told = liveRegion({ class: 'muted' });
  readonly #rows = h('tbody', {});
  readonly #empty = h('p', { class: 'muted' }, 'None yet. Requests appear here as they come.');
  readonly #table: HTMLElement;
  readonly element: HTMLElement;

  #visits = 0;

  constructor() {
    const header = columns.map((name) => h('th', { scope: 'col' }, name));
    this.#table = h(
      'div',
      { class: 'table-scroll log', hidden: true, tabindex: '0', role: 'region', 'aria-label': 'Requests' },
      h(
        'table',
        {},
        h('caption', { class: 'spoken' }, 'Requests, the latest first'),
        h('thead', {}, h('tr', {}, header)),
        this.#rows,
      ),
    );
    this.element = h('div', { class: 'stack' }, this.#told, this.#empty, this.#table);
  }

  add(visit: Visit): void {
    this.#visits += 1;
    this.#table.hidden = false;
    this.#empty.hidden = true;
    this.#rows.prepend(row(visit));
    while (this.#rows.children.length > shownVisits) this.#rows.lastElementChild!.remove();
    fill(this.#told, `${plural(this.#visits, 'visit')} so far, the latest: ${visit.request}.`);
  }
}

function row({ at, from, request, status, protocol, detail, bytes: size }: Visit): HTMLElement {
  const answer =
    status === null ? chip('bad', 'refused') : [chip(status < 400 ? 'good' : 'warn', String(status)), ' ', bytes(size)];
  return h(
    'tr',
    {},
    h('td', { class: 'number' }, at.toLocaleTimeString('en', { hour12: false })),
    h('td', {}, h('code', {}, request)),
    h('td', {}, answer),
    h('td', {}, protocol.replace('TLSv', 'TLS '), ' ', h('span', { class: 'muted' }, `${detail}, from ${from}`)),
  );
}
