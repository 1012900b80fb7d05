/** Light, dark, or as the system has it: a choice that this browser remembers. */
import { freshId, h } from './dom.js';

const key = 'wasm-tls-demo-theme';
const themes = [
  ['auto', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;
type Theme = (typeof themes)[number][0];

function remembered(): Theme {
  try {
    const value = localStorage.getItem(key);
    return themes.find(([name]) => name === value)?.[0] ?? 'auto';
  } catch {
    return 'auto'; // Storage is switched off.
  }
}

function use(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // For this visit only, then.
  }
}

export function themeSwitch(): HTMLElement {
  const current = remembered();
  use(current);
  const name = freshId('theme');
  const options = themes.map(([value, label]) =>
    h(
      'label',
      {},
      h('input', { type: 'radio', name, value, checked: value === current, onchange: () => use(value) }),
      h('span', {}, label),
    ),
  );
  return h('fieldset', { class: 'segmented' }, h('legend', { class: 'spoken' }, 'Colours'), options);
}
