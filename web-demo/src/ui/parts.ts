/** The few building blocks that the panels have in common. */
import { freshId, h, type Child, type Properties } from './dom.js';

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

/** A message with a headline. `tone` is told in words too: by the headline. */
export function notice(tone: Tone, headline: string, ...children: Child[]): HTMLElement {
  return h('div', { class: `notice ${tone}` }, h('p', { class: 'notice-headline' }, headline), children);
}

/** The last line of whatever went wrong. */
export const advise = (advice: Child): HTMLElement => h('p', {}, h('strong', {}, 'What to do: '), advice);

export const chip = (tone: Tone, text: string): HTMLElement => h('span', { class: `chip ${tone}` }, text);

export function button(label: Child, onclick: () => void, properties: Properties = {}): HTMLButtonElement {
  return h('button', { type: 'button', onclick, ...properties }, label);
}

/** A control with its label, and a hint that is read with it. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  control.id ||= freshId('field');
  if (hint === undefined) return h('div', { class: 'field' }, h('label', { for: control.id }, label), control);
  const id = `${control.id}-hint`;
  control.setAttribute('aria-describedby', id);
  return h(
    'div',
    { class: 'field' },
    h('label', { for: control.id }, label),
    control,
    h('p', { class: 'hint', id }, hint),
  );
}

export function select(
  options: readonly (readonly [value: string, label: string])[],
  value: string,
): HTMLSelectElement {
  const element = h(
    'select',
    {},
    options.map(([each, label]) => h('option', { value: each, selected: each === value }, label)),
  );
  return element;
}

/** Names and values. A value of null leaves its name out. */
export function facts(rows: readonly (readonly [name: string, value: Child | null])[]): HTMLElement {
  const shown = rows.filter(([, value]) => value !== null);
  return h(
    'dl',
    { class: 'facts' },
    shown.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** A section with a heading of its own. */
export function card(heading: string, ...children: Child[]): HTMLElement {
  const id = freshId('card');
  return h('section', { class: 'card', 'aria-labelledby': id }, h('h2', { id }, heading), children);
}

export function panelHead(title: string, text: string): HTMLElement {
  return h('header', { class: 'panel-head' }, h('h1', { tabindex: '-1' }, title), h('p', {}, text));
}

/** Where a screen reader hears what has changed. */
export const liveRegion = (properties: Properties = {}): HTMLElement =>
  h('div', { 'aria-live': 'polite', ...properties });

/** A command to copy. */
export function command(text: string, label: string): HTMLElement {
  const copy = button('Copy', () => void write(), { class: 'small', 'aria-label': `Copy: ${label}` });
  const write = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Select it by hand';
    }
    setTimeout(() => (copy.textContent = 'Copy'), 2000);
  };
  return h('div', { class: 'command' }, h('code', { tabindex: '0' }, text), copy);
}

/** Offers `content` as a file. */
export function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/plain' }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
