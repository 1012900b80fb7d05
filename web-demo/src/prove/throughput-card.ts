/** The throughput test: a button, a bar, a chart, and what came of earlier runs. */
import type { App } from '../app.js';
import { explainBriefly } from '../failures.js';
import { fill, h } from '../ui/dom.js';
import { bytes as size, rate } from '../ui/format.js';
import { button, card, field, liveRegion, notice, select } from '../ui/parts.js';
import { Chart } from './chart.js';
import { Cancelled, measureThroughput, type Progress, type Run } from './throughput.js';

const mebibyte = 1024 * 1024;
const sampleEvery = 150;

export function throughputCard(app: App): HTMLElement {
  const direction = select(
    [
      ['download', 'Download'],
      ['upload', 'Upload'],
    ],
    'download',
  );
  const amount = select(
    [8, 32, 64, 128, 256].map((count) => [String(count * mebibyte), `${count} MiB`] as const),
    String(32 * mebibyte),
  );
  const suite = select(
    [
      ['TLS_CHACHA20_POLY1305_SHA256', 'ChaCha20-Poly1305'],
      ['TLS_AES_128_GCM_SHA256', 'AES-128-GCM'],
      ['TLS_AES_256_GCM_SHA384', 'AES-256-GCM'],
    ],
    'TLS_CHACHA20_POLY1305_SHA256',
  );
  const start = button('Start', () => void run(), { class: 'primary', 'data-action': 'measure' });
  const cancel = button('Cancel', () => controller?.abort(), { disabled: true });
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress' });
  const figure = h('p', { class: 'figure' }, '–');
  const status = liveRegion({ class: 'status' });
  const chart = new Chart();
  const results = resultList();
  let controller: AbortController | null = null;

  async function run(): Promise<void> {
    controller = new AbortController();
    start.disabled = true;
    cancel.disabled = false;
    chart.clear();
    fill(status, h('p', { class: 'working' }, 'Connecting …'));
    const wanted: Run = {
      direction: direction.value as Run['direction'],
      bytes: Number(amount.value),
      suite: suite.value,
    };
    let before: Progress = { bytes: 0, time: 0 };
    const onProgress = ({ bytes, time }: Progress): void => {
      if (time - before.time < sampleEvery) return;
      const speed = (bytes - before.bytes) / (time - before.time) / 1000;
      chart.add({ at: time, rate: speed });
      before = { bytes, time };
      bar.value = bytes / wanted.bytes;
      figure.textContent = `${speed.toFixed(0)} MB/s`;
      if (status.textContent === 'Connecting …') fill(status, h('p', {}, `${direction.selectedOptions[0]!.text} …`));
    };
    try {
      const { bytes, time } = await measureThroughput(app, wanted, controller.signal, onProgress);
      if (time > before.time) chart.add({ at: time, rate: (bytes - before.bytes) / (time - before.time) / 1000 });
      bar.value = 1;
      figure.textContent = rate(bytes, time);
      fill(status, h('p', {}, `${size(bytes)} in ${(time / 1000).toFixed(2)} seconds: ${rate(bytes, time)}.`));
      results.add(wanted, suite.selectedOptions[0]!.text, rate(bytes, time));
    } catch (error) {
      if (error instanceof Cancelled) {
        fill(status, h('p', {}, `Cancelled after ${size(before.bytes)}.`));
      } else {
        fill(status, notice('bad', 'It broke off', h('p', {}, explainBriefly(error as Error))));
        app.failed(error as Error);
      }
    } finally {
      controller = null;
      start.disabled = false;
      cancel.disabled = true;
    }
  }

  return card(
    'How fast is it?',
    h('p', { class: 'muted' }, 'From Node’s TLS through the relay to this page, or back. All of it on one machine.'),
    h(
      'div',
      { class: 'field-row' },
      field('Direction', direction),
      field('Amount', amount),
      field('Cipher', suite),
      h('div', { class: 'actions' }, start, cancel),
    ),
    h('div', { class: 'speed' }, figure, bar),
    chart.element,
    status,
    results.element,
  );
}

function resultList(): { element: HTMLElement; add: (run: Run, suite: string, speed: string) => void } {
  const rows = h('tbody', {});
  const columns = ['Direction', 'Amount', 'Cipher', 'Rate'];
  const header = h(
    'thead',
    {},
    h(
      'tr',
      {},
      columns.map((name) => h('th', { scope: 'col' }, name)),
    ),
  );
  const caption = h('caption', { class: 'spoken' }, 'Finished runs, the latest first');
  const element = h('div', { class: 'table-scroll', hidden: true }, h('table', {}, caption, header, rows));
  const add = ({ direction, bytes }: Run, suite: string, speed: string): void => {
    element.hidden = false;
    const cells = [direction, size(bytes), suite].map((text) => h('td', {}, text));
    rows.prepend(h('tr', {}, cells, h('td', { class: 'number' }, speed)));
  };
  return { element, add };
}
