/** *Inspect*: any TLS server's handshake, message by message. */
import type { App } from '../app.js';
import type { Target } from '../demo.js';
import { fill, h } from '../ui/dom.js';
import { button, card, download, field, liveRegion, notice, panelHead } from '../ui/parts.js';
import { agreed } from './agreed.js';
import { chainView } from './chain.js';
import { shakeHands, type Handshake } from './handshake.js';
import { parseAddress, Settings } from './settings.js';
import { timeline } from './timeline.js';
import { summary } from './tries.js';
import { verdict } from './verdict.js';

const explanation =
  'This page makes the TLS connection itself. The relay only passes bytes on, and what it passes on is encrypted.';

export const inspectPanel = (app: App): HTMLElement => new InspectPanel(app).element;

class InspectPanel {
  readonly #app: App;
  readonly #settings: Settings;
  readonly #address = h('input', {
    type: 'text',
    inputmode: 'url',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
  });
  readonly #connect = h('button', { type: 'submit', class: 'primary' }, 'Connect');
  readonly #targets: HTMLElement;
  readonly #status = liveRegion({ class: 'status' });
  readonly #result = h('div', { class: 'result' });
  readonly element: HTMLElement;

  /** What the certificate has to be for. */
  #host = '';
  /** With one server, in their order: the second can resume what the first has begun. */
  #tries: Handshake[] = [];
  #busy = false;

  constructor(app: App) {
    const { targets } = app.demo;
    this.#app = app;
    this.#settings = new Settings(app.demo);
    this.#targets = h(
      'ul',
      { class: 'targets' },
      targets.map((target) => this.#targetRow(target)),
    );
    this.#address.value = `${targets[0]!.host}:${targets[0]!.port}`;
    this.#address.addEventListener('change', () => this.#settings.suitAddress(parseAddress(this.#address.value)));
    this.element = this.#layOut();
  }

  #layOut(): HTMLElement {
    const submit = (event: Event): void => {
      event.preventDefault();
      this.#markTarget(null);
      void this.#run(false);
    };
    const form = h(
      'form',
      { class: 'address-form', onsubmit: submit },
      field('Host and port', this.#address),
      this.#connect,
    );
    return h(
      'section',
      { class: 'panel inspect', id: 'inspect' },
      panelHead('Inspect a handshake', explanation),
      h(
        'div',
        { class: 'sidebar-layout' },
        h('aside', { 'aria-label': 'Prepared servers' }, h('h2', {}, 'Prepared servers'), this.#targets),
        h('div', { class: 'stack' }, form, this.#settings.element, this.#status, this.#result),
      ),
    );
  }

  #targetRow(target: Target): HTMLElement {
    const { id, title, text, host, port } = target;
    const choose = (): void => {
      this.#markTarget(id);
      this.#address.value = `${host}:${port}`;
      this.#settings.suitTarget(target);
      void this.#run(false);
    };
    const label = [h('strong', {}, title), ' ', h('span', {}, text)];
    return h('li', {}, button(label, choose, { 'data-target': id }));
  }

  #markTarget(id: string | null): void {
    for (const element of this.#targets.querySelectorAll('button')) {
      if (element.dataset.target === id) element.setAttribute('aria-current', 'true');
      else element.removeAttribute('aria-current');
    }
  }

  async #run(resume: boolean): Promise<void> {
    if (this.#busy) return;
    const address = parseAddress(this.#address.value);
    if (address === null) {
      fill(this.#status, notice('bad', 'That is no address', h('p', {}, 'Type a host and a port: example.com:443.')));
      this.#address.focus();
      return;
    }
    this.#busy = true;
    this.#connect.disabled = true;
    fill(this.#status, h('p', { class: 'working' }, `Connecting to ${address.host}, port ${address.port} …`));
    try {
      const options = this.#settings.connectionOptions(address);
      const session = resume ? this.#tries.at(-1)?.session : null;
      const handshake = await shakeHands(this.#app.tls, { ...options, ...(session && { session }) });
      this.#host = this.#settings.servername(address) || address.host;
      this.#tries = resume ? [...this.#tries, handshake] : [handshake];
      this.#show(this.#tries.length - 1);
      if (handshake.error !== null) this.#app.failed(handshake.error);
    } catch (error) {
      const { message } = error as Error;
      fill(this.#status, notice('bad', 'These options do not go together', h('p', {}, message)));
      fill(this.#result);
    } finally {
      this.#busy = false;
      this.#connect.disabled = false;
    }
  }

  #show(index: number): void {
    const handshake = this.#tries[index]!;
    fill(this.#status, verdict(handshake, this.#host));
    fill(
      this.#result,
      this.#actions(handshake, index === this.#tries.length - 1),
      this.#tries.length > 1 ? this.#tryButtons(index) : null,
      h(
        'div',
        { class: 'columns' },
        card('Handshake', timeline(handshake, this.#host)),
        h(
          'div',
          { class: 'stack' },
          card('Agreed on', agreed(handshake)),
          card('Certificates', chainView(handshake, this.#host)),
        ),
      ),
    );
  }

  #actions({ keylog, session }: Handshake, isLast: boolean): HTMLElement {
    const title = 'For Wireshark: it can then decrypt a capture of this connection';
    return h(
      'div',
      { class: 'actions' },
      session !== null && isLast ? button('Connect again, resuming', () => void this.#run(true)) : null,
      keylog === '' ? null : button('Download the key log', () => download('wasm-tls.keylog', keylog), { title }),
    );
  }

  #tryButtons(shown: number): HTMLElement {
    const one = (handshake: Handshake, index: number): HTMLElement =>
      button(summary(handshake, index + 1), () => this.#show(index), { 'aria-pressed': String(index === shown) });
    return h('div', { class: 'tries', role: 'group', 'aria-label': 'Tries' }, this.#tries.map(one));
  }
}
