/** *Serve*: this tab as an HTTPS server. */
import type { App } from '../app.js';
import { requestVisit } from '../demo.js';
import { failure } from '../failures.js';
import { fill, h } from '../ui/dom.js';
import { button, card, command, field, liveRegion, notice, panelHead } from '../ui/parts.js';
import { VisitLog } from './visit-log.js';
import { WebServer } from './web-server.js';

const explanation =
  'The page takes a port of the relay and answers there. The certificate’s key is in this tab; the relay never sees it.';
const firstPage = 'Hello from a browser tab!\nThis answer was encrypted by OpenSSL in WebAssembly.';

export const servePanel = (app: App): HTMLElement => new ServePanel(app).element;

class ServePanel {
  readonly #app: App;
  readonly #log = new VisitLog();
  readonly #page = h('textarea', { rows: 4, spellcheck: 'false' });
  readonly #toggle = button('', () => (this.#server === null ? void this.#start() : this.#stop()));
  readonly #status = liveRegion({ class: 'status' });
  readonly #how = h('div', {});
  readonly element: HTMLElement;

  #server: WebServer | null = null;

  constructor(app: App) {
    this.#app = app;
    this.#page.value = firstPage;
    this.#page.addEventListener('input', () => {
      if (this.#server !== null) this.#server.page = this.#page.value;
    });
    this.#offer('Start serving', 'primary');
    this.element = h(
      'section',
      { class: 'panel serve', id: 'serve' },
      panelHead('Serve HTTPS from this tab', explanation),
      h(
        'div',
        { class: 'columns even' },
        card(
          'The server',
          field('What visitors get', this.#page, 'Changes count from the next request on.'),
          h('div', { class: 'actions' }, this.#toggle),
          this.#status,
          this.#how,
        ),
        card('Visitors', this.#log.element),
      ),
    );
  }

  #offer(label: string, style: string): void {
    this.#toggle.textContent = label;
    this.#toggle.className = style;
  }

  async #start(): Promise<void> {
    this.#toggle.disabled = true;
    fill(this.#status, h('p', { class: 'working' }, 'Asking the relay for a port …'));
    const server = new WebServer(this.#app);
    server.page = this.#page.value;
    server.onVisit = (visit) => this.#log.add(visit);
    server.onError = (error) => this.#broke(error);
    try {
      const port = await server.listen();
      this.#server = server;
      const headline = `This tab serves https://localhost:${port}/`;
      fill(this.#status, notice('good', headline, h('p', {}, 'As long as it stays open.')));
      fill(this.#how, instructions(this.#app, port));
      this.#offer('Stop serving', '');
    } catch (error) {
      this.#broke(error as Error);
    } finally {
      this.#toggle.disabled = false;
    }
  }

  #stop(): void {
    this.#server?.close();
    this.#server = null;
    this.#offer('Start serving', 'primary');
    fill(this.#how);
    fill(this.#status, h('p', { class: 'muted' }, 'Stopped: the port is given back.'));
  }

  #broke(error: Error): void {
    this.#stop();
    fill(this.#status, failure(error));
    this.#app.failed(error);
  }
}

/** How to visit: commands to copy, and a visitor for who has no terminal at hand. */
function instructions(app: App, port: number): HTMLElement {
  const curl = `curl --cacert ${app.demo.caPath}`;
  const outcome = liveRegion();
  const visit = button('Let Node visit', () => void letNodeVisit(port, visit, outcome), { 'data-action': 'visit' });
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

async function letNodeVisit(port: number, visit: HTMLButtonElement, outcome: HTMLElement): Promise<void> {
  visit.disabled = true;
  const answer = await requestVisit(port, '/').catch((error: Error) => ({ error: error.message }));
  visit.disabled = false;
  if ('error' in answer) fill(outcome, notice('bad', 'Node got no answer', h('p', {}, answer.error)));
  else fill(outcome, notice('good', `Node got ${answer.status} over ${answer.protocol}`, h('pre', {}, answer.body)));
}
