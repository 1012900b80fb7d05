// A page of our own in Debian's Chromium, served from loopback under a strict policy.

import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { chromium } from 'playwright-core';

const types = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What wasm needs and nothing more: no inline scripts, no eval, nothing from elsewhere. */
export const strictPolicy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws:";

/** Serves the files of `folder`; { origin, requested, stop }. `requested` has the path of every request. */
export async function serveFolder(folder, { policy = strictPolicy } = {}) {
  const requested = [];
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    requested.push(pathname);
    const file = path.join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const type = types[path.extname(file)] ?? 'application/octet-stream';
    fs.readFile(file, (error, content) => {
      response.writeHead(error ? 404 : 200, { 'content-type': type, 'content-security-policy': policy });
      response.end(error ? '' : content);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  // Crypto of the browser's own is for https: and for localhost.
  return { origin: `http://localhost:${server.address().port}`, requested, stop };
}

/** Chromium as a program; `newPage()` gives pages that remember what went wrong in them as `problems`. */
export async function startChromium() {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  return {
    async newPage() {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.problems = [];
      page.on('pageerror', (error) => page.problems.push(error.stack ?? String(error)));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) page.problems.push(`${message.type()}: ${message.text()}`);
      });
      return page;
    },
    stop: () => browser.close(),
  };
}
