/** A rate over time, drawn while it is measured. */
import { fill, svg } from '../ui/dom.js';

const height = 180;
const usualWidth = 640;
const margin = { left: 8, right: 8, top: 24, bottom: 22 };

export interface Sample {
  /** Milliseconds since the start. */
  at: number;
  /** MB/s. */
  rate: number;
}

/** 1, 2 or 5 times a power of ten, and not less than `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= value)!;
}

export class Chart {
  readonly element = svg('svg', { class: 'chart', height, role: 'img' });
  #samples: Sample[] = [];

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.element);
    this.clear();
  }

  clear(): void {
    this.#samples = [];
    this.#draw();
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
    this.#draw();
  }

  #draw(): void {
    const samples = this.#samples;
    const width = this.element.clientWidth || usualWidth;
    const last = samples.at(-1);
    const top = roundUp(Math.max(10, ...samples.map(({ rate }) => rate)));
    const end = Math.max(1000, last?.at ?? 0);
    const bottom = height - margin.bottom;
    const x = (at: number): number => margin.left + (at / end) * (width - margin.left - margin.right);
    const y = (rate: number): number => bottom - (rate / top) * (bottom - margin.top);
    const points = samples.map(({ at, rate }) => `${x(at).toFixed(1)},${y(rate).toFixed(1)}`);
    const first = samples[0];
    const area = first && last ? `${x(first.at)},${bottom} ${points.join(' ')} ${x(last.at)},${bottom}` : '';
    const rule = (rate: number): SVGElement =>
      svg('line', { class: 'rule', x1: margin.left, x2: width - margin.right, y1: y(rate), y2: y(rate) });
    this.element.setAttribute(
      'aria-label',
      last === undefined
        ? 'Nothing measured yet.'
        : `${last.rate.toFixed(0)} MB/s after ${(last.at / 1000).toFixed(1)} s.`,
    );
    fill(
      this.element,
      [0, top / 2, top].map(rule),
      svg('text', { x: margin.left, y: margin.top - 8 }, `${top} MB/s`),
      svg('text', { x: margin.left, y: height - 5 }, '0 s'),
      svg('text', { x: width - margin.right, y: height - 5, 'text-anchor': 'end' }, `${(end / 1000).toFixed(1)} s`),
      svg('polygon', { class: 'area', points: area }),
      svg('polyline', { class: 'curve', points: points.join(' ') }),
    );
  }
}
