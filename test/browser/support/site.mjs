// What a page of the tests is served by: dist/, what was built for the page, and a strict Content-Security-Policy.

import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { build, inRepository } from '../../../scripts/lib/paths.mjs';

/** Nothing but what the README says a page must allow. */
export const strictPolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws://127.0.0.1:*; worker-src 'self'";

/** Where the modules that are built for pages lie. */
export const builtPages = path.join(build, 'browser-tests');

const types = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.der': 'application/octet-stream',
  '.map': 'application/json',
};

const folders = { '/dist/': inRepository('dist'), '/built/': builtPages };

function html(modules) {
  const scripts = modules.map((module) => `<script type="module" src="${module}"></script>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>wasm-tls</title>${scripts.join('')}</html>`;
}

export class Site {
  #server = http.createServer((request, response) => this.#answer(request, response));
  #special = new Map();
  /** The paths that were asked for, in this order. */
  requests = [];

  static async start() {
    const site = new Site();
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    site.origin = `http://127.0.0.1:${site.#server.address().port}`;
    return site;
  }

  /** Answers `pathname` by `respond(response, request)`, in front of all else. `forget()` ends that. */
  answer(pathname, respond) {
    this.#special.set(pathname, respond);
  }

  /** A page at `pathname` with these modules. */
  page(pathname, modules, policy = strictPolicy) {
    this.answer(pathname, (response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
      response.end(html(modules));
    });
  }

  forget() {
    this.#special.clear();
    this.requests.length = 0;
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    // Browsers ask for it with each page.
    if (pathname === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    this.requests.push(pathname);
    const special = this.#special.get(pathname);
    if (special !== undefined) {
      special(response, request);
      return;
    }
    const prefix = Object.keys(folders).find((name) => pathname.startsWith(name));
    // URLs have no `..` left in them.
    const file = prefix && path.join(folders[prefix], pathname.slice(prefix.length));
    const type = types[path.extname(pathname)];
    if (!file || !type || !fs.existsSync(file)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.');
      return;
    }
    // A worker has the policy that its file is served with.
    response.writeHead(200, { 'content-type': type, 'content-security-policy': strictPolicy });
    fs.createReadStream(file).pipe(response);
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
