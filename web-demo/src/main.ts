/** The page: looks whether everything is there, loads the TLS stack, and shows one panel at a time. */
import type { App } from './app.js';
import { isServerThere, loadDemo, relayUrl, type Demo } from './demo.js';
import { clearProblem, missingInBrowser, serverGone, showProblem, stackFailed } from './environment.js';
import { inspectPanel } from './inspect/panel.js';
import { provePanel } from './prove/panel.js';
import { queryPanel } from './query/panel.js';
import { servePanel } from './serve/panel.js';
import './styles/index.css';
import { fill } from './ui/dom.js';
import { bytes } from './ui/format.js';
import { themeSwitch } from './ui/theme.js';

const panels = { inspect: inspectPanel, query: queryPanel, serve: servePanel, prove: provePanel };
type PanelName = keyof typeof panels;

const element = (id: string): HTMLElement => document.getElementById(id)!;

/** Each is made when it is first shown, and kept: what runs in one goes on behind another. */
const made = new Map<PanelName, HTMLElement>();

function panelNamed(hash: string): PanelName {
  const name = hash.slice(1);
  return name in panels ? (name as PanelName) : 'inspect';
}

function show(app: App, moveFocus: boolean): void {
  const name = panelNamed(location.hash);
  let panel = made.get(name);
  if (panel === undefined) {
    panel = panels[name](app);
    made.set(name, panel);
    element('main').append(panel);
  }
  for (const [each, other] of made) other.hidden = each !== name;
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.tabs a')) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const heading = panel.querySelector('h1')!;
  document.title = `${heading.textContent} · wasm-tls`;
  if (!moveFocus) return;
  heading.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

/** What came over the wire for the module, as far as the browser tells. */
function moduleSize(): string | null {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  const wasm = entries.find(({ name }) => name.endsWith('.wasm'));
  return wasm !== undefined && wasm.decodedBodySize > 0 ? `${bytes(wasm.decodedBodySize)} of WebAssembly` : null;
}

async function watchServer(): Promise<void> {
  if (await isServerThere()) clearProblem();
  else showProblem(serverGone);
}

async function loadStack(demo: Demo): Promise<App> {
  const { tls, setDefaultRelay } = await import('./stack.js');
  setDefaultRelay(relayUrl(demo));
  const openssl = tls.engine.opensslVersion().split(' ').slice(0, 2).join(' ');
  fill(element('facts'), [openssl, moduleSize()].filter((fact) => fact !== null).join(' · '));
  return { demo, tls, failed: () => void watchServer() };
}

async function start(): Promise<void> {
  element('theme').replaceWith(themeSwitch());
  const missing = missingInBrowser();
  if (missing !== null) return showProblem(missing);
  let demo: Demo;
  try {
    demo = await loadDemo();
  } catch {
    return showProblem(serverGone);
  }
  try {
    const app = await loadStack(demo);
    show(app, false);
    window.addEventListener('hashchange', () => show(app, true));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void watchServer();
    });
  } catch (error) {
    showProblem(stackFailed(error as Error));
  }
}

void start();
