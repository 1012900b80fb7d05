// The pages' own server: one page for each subject, and the files that it loads, with a list of those.

import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { inRepository } from '../../../scripts/lib/paths.mjs';
import { patchRoot } from './libcurl-roots.mjs';

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

/**
 * What runs in each page: the library is loaded, and the first handshake made, as soon as the page is there. The times of
 * both count from the line before the first import.
 */
function page(subject, settings) {
  return `<!doctype html><meta charset="utf-8"><title>${subject}</title>
<script>
  window.started = new Promise((resolve, reject) => Object.assign(window, { resolve, reject }));
  performance.mark('begin');
</script>
<script type="module">
  import * as subject from '/subjects/${subject}.mjs';
  const settings = ${JSON.stringify(settings).replaceAll('<', '\\u003c')};
  const since = () => performance.now() - performance.getEntriesByName('begin')[0].startTime;
  window.subject = subject;
  try {
    await subject.load(settings);
    const ready = since();
    await subject.handshake(settings.ports[settings.first]);
    window.resolve({ ready, handshake: since() });
  } catch (error) {
    window.reject(error);
  }
</script>`;
}

/**
 * @param {{packages: string, settings: object, subjects: Record<string, object>, library?: string}} options where the
 *   competitors are installed, what every page is told, what those of each subject are told besides, and what stands for
 *   this package's dist/
 */
export async function servePages({ packages, settings, subjects, library = inRepository('dist') }) {
  const folders = {
    'wasm-tls': library,
    'wisp-js': inRepository('node_modules/@mercuryworkshop/wisp-js/dist'),
    epoxy: path.join(packages, '@mercuryworkshop/epoxy-tls/full'),
    libcurl: path.join(packages, 'libcurl.js'),
    subjects: inRepository('bench/browser/subjects'),
  };
  const files = new Map();
  const read = (folder, name) => {
    const file = path.join(folders[folder], name);
    if (!files.has(file)) {
      const bytes = fs.readFileSync(file);
      files.set(file, name === 'libcurl.wasm' ? patchRoot(bytes, settings.ca) : bytes);
    }
    return files.get(file);
  };

  let loaded = new Map();
  const server = http.createServer((request, response) => {
    const [, folder, ...rest] = request.url.split('/');
    const name = rest.join('/');
    if (rest.length === 0 && folder in subjects) {
      response.setHeader('Content-Type', 'text/html');
      response.end(page(folder, { ...settings, ...subjects[folder] }));
    } else if (folder in folders && fs.existsSync(path.join(folders[folder], name))) {
      const bytes = read(folder, name);
      if (folder !== 'subjects') loaded.set(name, bytes);
      response.setHeader('Content-Type', types[path.extname(name)] ?? 'application/octet-stream');
      response.end(bytes);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: (subject) => `http://localhost:${server.address().port}/${subject}`,
    /** The files of the library's own that were loaded since the last call, by name. */
    takeLoaded() {
      const result = loaded;
      loaded = new Map();
      return result;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
