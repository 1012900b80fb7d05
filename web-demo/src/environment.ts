/** What the page needs of the browser, and of its own server: a banner that tells what to do where something is missing. */
import { fill, h } from './ui/dom.js';
import { advise, button, notice } from './ui/parts.js';

interface Problem {
  headline: string;
  text: string;
  advice: string;
}

function isWasmAllowed(): boolean {
  try {
    // The shortest module that there is.
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return true;
  } catch {
    return false;
  }
}

/** Null when everything is there. */
export function missingInBrowser(): Problem | null {
  if (typeof WebAssembly !== 'object') {
    return {
      headline: 'This browser has no WebAssembly',
      text: 'The TLS stack of this page is OpenSSL, compiled to WebAssembly.',
      advice: 'Use a current browser, or leave its lockdown or enhanced security mode for this page.',
    };
  }
  if (!isWasmAllowed()) {
    return {
      headline: 'WebAssembly is blocked here',
      text: 'The page’s Content-Security-Policy, or an extension, forbids WebAssembly.',
      advice:
        "A server that changes the policy must leave 'wasm-unsafe-eval' in script-src. Or switch the extension off.",
    };
  }
  if (typeof WebSocket !== 'function') {
    return {
      headline: 'This browser has no WebSocket',
      text: 'Pages cannot open TCP connections, so this one asks a relay to, over a WebSocket.',
      advice: 'Use a current browser, or switch off what blocks WebSockets.',
    };
  }
  return null;
}

export function stackFailed(error: Error): Problem {
  return {
    headline: 'The TLS stack did not load',
    text: error.message,
    advice: 'Reload the page. If it stays so, run npm start again: it builds what is missing.',
  };
}

export const serverGone: Problem = {
  headline: 'The demo’s server is gone',
  text: 'Neither its relay nor its web server answers any more. Whatever was connected is not.',
  advice: 'Run npm start in the repository, and reload this page at the address that it prints.',
};

export function showProblem({ headline, text, advice }: Problem): void {
  const banner = document.getElementById('banner')!;
  fill(
    banner,
    notice(
      'bad',
      headline,
      h('p', {}, text),
      advise(advice),
      h(
        'div',
        { class: 'actions' },
        button('Reload', () => location.reload()),
      ),
    ),
  );
}

export function clearProblem(): void {
  fill(document.getElementById('banner')!);
}
