/** *Serve*: this tab as an HTTPS server. */
import type { App } from '../app.js';
import { requestVisit } from '../demo.js';
import { failure } from '../failures.js';
import { fill, h } from '../ui/dom.js';
import { bytes, plural } from '../ui/format.js';
import { button, card, chip, command, field, liveRegion, notice, panelHead } from '../ui/parts.js';
import { WebServer, type Visit } from './web-server.js';

const shownVisits = 60;

export function servePanel(app: App): HTMLElement {
  let server: WebServer | null = null;
  const log = visitLog();

  const page = h('textarea', { rows: 4, spellcheck: 'false' });
  page.value = 'Hello from a browser tab!\nThis answer was encrypted by OpenSSL in WebAssembly.';
  page.addEventListener('input', () => server && (server.page = page.value));
  const status = liveRegion({ class: 'status' });
  const how = h('div', {});
  const toggle = button('Start serving', () => (server === null ? void start() : stop()), {
    class: 'primary',
    'data-action': 'serve',
  });

  async function start(): Promise<void> {
    toggle.disabled = true;
    fill(status, h('p', { class: 'working' }, 'Asking the relay for a port …'));
    const starting = new WebServer(app);
    starting.page = page.value;
    starting.onVisit = log.add;
    starting.onError = (error) => {
      if (server === starting) stop();
      fill(status, failure(error));
      app.failed(error);
    };
    try {
      const port = await starting.listen();
      server = starting;
      fill(
        status,
        notice('good', `This tab serves https://localhost:${port}/`, h('p', {}, 'As long as it stays open.')),
      );
      fill(how, instructions(app, port));
      toggle.textContent = 'Stop serving';
      toggle.className = '';
    } catch (error) {
      starting.onError(error as Error);
    } finally {
      toggle.disabled = false;
    }
  }

  function stop(): void {
    server?.close();
    server = null;
    toggle.textContent = 'Start serving';
    toggle.className = 'primary';
    fill(how);
    fill(status, h('p', { class: 'muted' }, 'Stopped: the port is given back.'));
  }

  return h(
    'section',
    { class: 'panel serve', id: 'serve' },
    panelHead(
      'Serve HTTPS from this tab',
      'The page takes a port of the relay and answers there. The certificate’s key is in this tab; the relay never sees it.',
    ),
    h(
      'div',
      { class: 'columns even' },
      card(
        'The server',
        field('What visitors get', page, 'Changes count from the next request on.'),
        h('div', { class: 'actions' }, toggle),
        status,
        how,
      ),
      card('Visitors', log.element),
    ),
  );
}

/** How to visit: commands to copy, and a visitor for who has no terminal at hand. */
function instructions(app: App, port: number): HTMLElement {
  const curl = `curl --cacert ${app.demo.caPath}`;
  const outcome = liveRegion();
  const visit = button('Let Node visit', () => void fetchIt(), { 'data-action': 'visit' });
  const fetchIt = async (): Promise<void> => {
    visit.disabled = true;
    const answer = await requestVisit(port, '/').catch((error: Error) => ({ error: error.message }));
    visit.disabled = false;
    if ('error' in answer) fill(outcome, notice('bad', 'Node got no answer', h('p', {}, answer.error)));
    else fill(outcome, notice('good', `Node got ${answer.status} over ${answer.protocol}`, h('pre', {}, answer.body)));
  };
  return h(
    'div',
    { class: 'stack' },
    h('p', {}, 'In a terminal on this machine:'),
    command(`${curl} https://localhost:${port}/`, 'a request'),
    command(`${curl} -d 'to be sent back' https://localhost:${port}/echo`, 'a request with a body'),
    command(`${curl} --parallel "https://localhost:${port}/?n=[1-20]"`, 'twenty requests at once'),
    h('p', { class: 'muted' }, 'No terminal at hand? The demo’s own server can visit too, with Node’s https.'),
    h('div', { class: 'actions' }, visit),
    outcome,
  );
}

function visitLog(): { element: HTMLElement; add: (visit: Visit) => void } {
  let visits = 0;
  const told = liveRegion({ class: 'muted' });
  const rows = h('tbody', {});
  const empty = h('p', { class: 'muted' }, 'None yet. Requests appear here as they come.');
  const columns = ['Time', 'Request', 'Answer', 'Connection'];
  const table = h(
    'div',
    { class: 'table-scroll log', hidden: true, tabindex: '0', role: 'region', 'aria-label': 'Requests' },
    h(
      'table',
      {},
      h('caption', { class: 'spoken' }, 'Requests, the latest first'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((name) => h('th', { scope: 'col' }, name)),
        ),
      ),
      rows,
    ),
  );
  const add = (visit: Visit): void => {
    visits += 1;
    table.hidden = false;
    empty.hidden = true;
    rows.prepend(visitRow(visit));
    while (rows.children.length > shownVisits) rows.lastElementChild!.remove();
    fill(told, `${plural(visits, 'visit')} so far, the latest: ${visit.request}.`);
  };
  return { element: h('div', { class: 'stack' }, told, empty, table), add };
}

function visitRow({ at, from, request, status, protocol, detail, bytes: size }: Visit): HTMLElement {
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
