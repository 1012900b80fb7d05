/** The throughput test: a button, a bar, a chart, and what came of earlier runs. */
import type { App } from '../app.js';
import { failure } from '../failures.js';
import { fill, h } from '../ui/dom.js';
import { bytes as size, rate } from '../ui/format.js';
import { button, card, field, liveRegion, select } from '../ui/parts.js';
import { Chart } from './chart.js';
import { Cancelled, measureThroughput, type Progress, type Run } from './throughput.js';

const mebibyte = 1024 * 1024;
const sampleEvery = 150;

const directions = [
  ['download', 'Download'],
  ['upload', 'Upload'],
] as const;
const suites = [
  ['TLS_CHACHA20_POLY1305_SHA256', 'ChaCha20-Poly1305'],
  ['TLS_AES_128_GCM_SHA256', 'AES-128-GCM'],
  ['TLS_AES_256_GCM_SHA384', 'AES-256-GCM'],
] as const;
const amounts = [8, 32, 64, 128, 256].map((count) => [String(count * mebibyte), `${count} MiB`] as const);

const labelOf = ({ selectedOptions }: HTMLSelectElement): string => selectedOptions[0]!.text;

export const throughputCard = (app: App): HTMLElement => new ThroughputCard(app).element;

class ThroughputCard {
  readonly #app: App;
  readonly #direction = select(directions, 'download');
  readonly #amount = select(amounts, String(32 * mebibyte));
  readonly #suite = select(suites, suites[0][0]);
  readonly #start = button('Start', () => void this.#run(), { class: 'primary', 'data-action': 'measure' });
  readonly #cancel = button('Cancel', () => this.#controller?.abort(), { disabled: true });
  readonly #bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress' });
  readonly #figure = h('p', { class: 'figure' }, '–');
  readonly #status = liveRegion({ class: 'status' });
  readonly #chart = new Chart();
  readonly #results = new ResultTable();
  readonly element: HTMLElement;

  #controller: AbortController | null = null;

  constructor(app: App) {
    this.#app = app;
    this.element = card(
      'How fast is it?',
      h('p', { class: 'muted' }, 'From Node’s TLS through the relay to this page, or back. All of it on one machine.'),
      h(
        'div',
        { class: 'field-row' },
        field('Direction', this.#direction),
        field('Amount', this.#amount),
        field('Cipher', this.#suite),
        h('div', { class: 'actions' }, this.#start, this.#cancel),
      ),
      h('div', { class: 'speed' }, this.#figure, this.#bar),
      this.#chart.element,
      this.#status,
      this.#results.element,
    );
  }

  async #run(): Promise<void> {
    this.#controller = new AbortController();
    this.#start.disabled = true;
    this.#cancel.disabled = false;
    this.#chart.clear();
    this.#bar.value = 0;
    fill(this.#status, h('p', { class: 'working' }, `${labelOf(this.#direction)} of ${labelOf(this.#amount)} …`));
    const direction = this.#direction.value as Run['direction'];
    const run = { direction, bytes: Number(this.#amount.value), suite: this.#suite.value };
    const sampler = new Sampler(this.#chart);
    try {
      const { bytes, time } = await measureThroughput(this.#app, run, this.#controller.signal, (progress) => {
        if (sampler.take(progress)) this.#show(progress.bytes / run.bytes, `${sampler.rate.toFixed(0)} MB/s`);
      });
      sampler.take({ bytes, time }, true);
      this.#show(1, rate(bytes, time));
      fill(this.#status, h('p', {}, `${size(bytes)} in ${(time / 1000).toFixed(2)} seconds: ${rate(bytes, time)}.`));
      this.#results.add([labelOf(this.#direction), size(bytes), labelOf(this.#suite)], rate(bytes, time));
    } catch (error) {
      this.#broke(error as Error, sampler.bytes);
    } finally {
      this.#controller = null;
      this.#start.disabled = false;
      this.#cancel.disabled = true;
    }
  }

  #show(share: number, figure: string): void {
    this.#bar.value = share;
    this.#figure.textContent = figure;
  }

  #broke(error: Error, bytes: number): void {
    if (error instanceof Cancelled) {
      fill(this.#status, h('p', {}, `Cancelled after ${size(bytes)}.`));
      return;
    }
    fill(this.#status, failure(error));
    this.#app.failed(error);
  }
}

/** Thins out what is told of progress to what a chart can show. */
class Sampler {
  readonly #chart: Chart;
  #last: Progress = { bytes: 0, time: 0 };
  /** MB/s, of the latest sample. */
  rate = 0;

  constructor(chart: Chart) {
    this.#chart = chart;
  }

  get bytes(): number {
    return this.#last.bytes;
  }

  /** Whether this was time for a sample. */
  take(progress: Progress, isEnd = false): boolean {
    const elapsed = progress.time - this.#last.time;
    if (elapsed <= 0 || (elapsed < sampleEvery && !isEnd)) return false;
    this.rate = (progress.bytes - this.#last.bytes) / elapsed / 1000;
    this.#chart.add({ at: progress.time, rate: this.rate });
    this.#last = { ...progress };
    return true;
  }
}

class ResultTable {
  readonly #rows = h('tbody', {});
  readonly element: HTMLElement;

  constructor() {
    const header = ['Direction', 'Amount', 'Cipher', 'Rate'].map((name) => h('th', { scope: 'col' }, name));
    const caption = h('caption', { class: 'spoken' }, 'Finished runs, the latest first');
    const table = h('table', {}, caption, h('thead', {}, h('tr', {}, header)), this.#rows);
    this.element = h('div', { class: 'table-scroll', hidden: true }, table);
  }

  add(cells: readonly string[], speed: string): void {
    this.element.hidden = false;
    const row = cells.map((text) => h('td', {}, text));
    this.#rows.prepend(h('tr', {}, row, h('td', { class: 'number' }, speed)));
  }
}
