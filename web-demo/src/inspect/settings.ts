/** What *Inspect* lets its user choose, as a form, and what `tls.connect()` is told of it. */
import type { ConnectionOptions } from 'wasm-tls';
import type { Demo, Target } from '../demo.js';
import { field, select } from '../ui/parts.js';
import { fill, h } from '../ui/dom.js';

const versions = [
  ['TLSv1', 'TLS 1.0'],
  ['TLSv1.1', 'TLS 1.1'],
  ['TLSv1.2', 'TLS 1.2'],
  ['TLSv1.3', 'TLS 1.3'],
] as const;

const suites = [
  ['', 'Node’s defaults'],
  ['TLS_AES_128_GCM_SHA256', 'AES-128-GCM, TLS 1.3'],
  ['TLS_AES_256_GCM_SHA384', 'AES-256-GCM, TLS 1.3'],
  ['TLS_CHACHA20_POLY1305_SHA256', 'ChaCha20-Poly1305, TLS 1.3'],
  ['ECDHE+AESGCM', 'ECDHE with AES-GCM, TLS 1.2'],
  ['ECDHE+CHACHA20', 'ECDHE with ChaCha20, TLS 1.2'],
  ['AES128-SHA', 'RSA key transport with CBC, outdated'],
  ['own', 'A list of your own'],
] as const;

const groups = ['X25519MLKEM768', 'X25519', 'P-256', 'X448', 'P-384', 'P-521'];

const roots = [
  ['demo', 'The demo’s root'],
  ['mozilla', 'Mozilla’s roots'],
  ['none', 'None'],
] as const;

export interface Address {
  host: string;
  port: number;
}

/** HOST:PORT; an IPv6 address in brackets. Null for anything else. */
export function parseAddress(text: string): Address | null {
  const match = /^\s*(?:https:\/\/)?(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?\/?\s*$/i.exec(text);
  if (match === null) return null;
  const port = Number(match[3] ?? 443);
  return port >= 1 && port <= 65535 ? { host: match[1] ?? match[2]!, port } : null;
}

export class Settings {
  readonly #demo: Demo;
  readonly #min = select(versions, 'TLSv1.2');
  readonly #max = select(versions, 'TLSv1.3');
  readonly #suites = select(suites, '');
  readonly #ownSuites = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false' });
  readonly #groups: HTMLInputElement[];
  readonly #alpn = h('input', { type: 'text', value: 'http/1.1', autocomplete: 'off', spellcheck: 'false' });
  readonly #sni = h('input', { type: 'text', placeholder: 'the host', autocomplete: 'off', spellcheck: 'false' });
  readonly #roots = select(roots, 'demo');
  readonly #client = select(
    [
      ['none', 'None'],
      ['demo', 'The demo visitor’s'],
    ],
    'none',
  );
  readonly #summary = h('span', { class: 'muted' });
  readonly element: HTMLElement;

  constructor(demo: Demo) {
    this.#demo = demo;
    this.#groups = groups.map((name) => h('input', { type: 'checkbox', value: name, checked: true }));
    const ownSuites = field('Your own list', this.#ownSuites, 'As OpenSSL writes it: ECDHE+AESGCM:!AES256');
    ownSuites.hidden = true;
    this.#suites.addEventListener('change', () => (ownSuites.hidden = this.#suites.value !== 'own'));
    const groupChoice = h(
      'fieldset',
      { class: 'field wide' },
      h('legend', {}, 'Groups for the key exchange'),
      h(
        'div',
        { class: 'checks' },
        this.#groups.map((input) => h('label', {}, input, input.value)),
      ),
    );
    this.element = h(
      'details',
      { class: 'options', onchange: () => this.#summarize() },
      h('summary', {}, h('span', {}, 'Options'), ' ', this.#summary),
      h(
        'div',
        { class: 'options-grid' },
        field('Lowest version', this.#min),
        field('Highest version', this.#max),
        field('Cipher suites', this.#suites),
        ownSuites,
        field('Trust roots', this.#roots),
        field('Client certificate', this.#client),
        field('ALPN', this.#alpn, 'Protocols to offer, with commas; empty for none.'),
        field('Server name (SNI)', this.#sni, 'Empty: the host. A dash: none.'),
        groupChoice,
      ),
    );
    this.#summarize();
  }

  /** As this target wants it; what was changed for the one before is changed back. */
  suitTarget(target: Target): void {
    this.#alpn.value = target.settings.alpn ?? 'http/1.1';
    this.#roots.value = 'demo';
    this.#summarize();
  }

  /** The demo's root is of use on this machine alone. */
  suitAddress(address: Address | null): void {
    if (address === null) return;
    this.#roots.value = /^(localhost$|127\.|::1$)/.test(address.host) ? 'demo' : 'mozilla';
    this.#summarize();
  }

  get #chosenGroups(): string[] {
    return this.#groups.filter(({ checked }) => checked).map(({ value }) => value);
  }

  #summarize(): void {
    const label = ({ selectedOptions }: HTMLSelectElement): string => selectedOptions[0]?.textContent ?? '';
    const parts = [
      this.#min.value === this.#max.value ? label(this.#max) : `${label(this.#min)} to ${label(this.#max)}`,
      this.#suites.value === '' ? null : label(this.#suites).replace(/^A list/, 'a list'),
      label(this.#roots).toLowerCase().replace('mozilla', 'Mozilla').replace('none', 'no roots'),
      this.#client.value === 'demo' ? 'with a client certificate' : null,
    ];
    fill(this.#summary, parts.filter((part) => part !== null).join(', '));
  }

  /** What was asked for by SNI, and what a certificate must be for. */
  servername({ host }: Address): string {
    const given = this.#sni.value.trim();
    if (given === '-' || (given === '' && /^[\d.]+$|:/.test(host))) return '';
    return given || host;
  }

  get #ciphers(): { ciphers?: string } {
    const list = this.#suites.value === 'own' ? this.#ownSuites.value.trim() : this.#suites.value;
    // To OpenSSL, versions this old are below its usual level of security.
    if (this.#min.value < 'TLSv1.2') return { ciphers: `${list || 'DEFAULT'}:@SECLEVEL=0` };
    return list === '' ? {} : { ciphers: list };
  }

  /** Throws a sentence for what cannot be. */
  connectionOptions(address: Address): ConnectionOptions {
    if (this.#min.value > this.#max.value) throw new Error('The lowest version is above the highest.');
    if (this.#chosenGroups.length === 0) throw new Error('Choose at least one group for the key exchange.');
    const alpn = this.#alpn.value.split(',').flatMap((name) => name.trim() || []);
    return {
      ...address,
      servername: this.servername(address),
      minVersion: this.#min.value as 'TLSv1.3',
      maxVersion: this.#max.value as 'TLSv1.3',
      // This page wants to look at what a program would refuse.
      rejectUnauthorized: false,
      // All of them is what OpenSSL chooses by itself, with key shares for the first two.
      ...(this.#chosenGroups.length < groups.length && { ecdhCurve: this.#chosenGroups.join(':') }),
      ...this.#ciphers,
      ...(alpn.length > 0 && { ALPNProtocols: alpn }),
      ...(this.#roots.value === 'demo' && { ca: this.#demo.ca }),
      ...(this.#roots.value === 'none' && { ca: [] }),
      ...(this.#client.value === 'demo' && this.#demo.client),
    };
  }
}
