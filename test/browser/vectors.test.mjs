// The same vectors as in test/vectors, by the same program, in pages: each browser compiles the kernels for itself.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { vectorFiles, wasmProgram, wasmRunner } from '../vectors/files.mjs';
import { inBrowsers } from './support/browsers.mjs';

const types = { js: 'text/javascript', wasm: 'application/wasm' };

inBrowsers("OpenSSL's vectors", ({ test }) => {
  test('are all right', async ({ open, site }) => {
    const { files } = await vectorFiles(await wasmRunner());
    const folder = await wasmProgram();
    for (const [extension, type] of Object.entries(types)) {
      const name = `evp_vectors.${extension}`;
      site.answer(`/vectors/${name}`, (response) => {
        response.writeHead(200, { 'content-type': type });
        fs.createReadStream(path.join(folder, name)).pipe(response);
      });
    }
    for (const { name, text } of files) {
      site.answer(`/vectors/${name}`, (response) =>
        response.writeHead(200, { 'content-type': 'text/plain' }).end(text),
      );
    }
    const page = await open('vectors');
    const names = files.map(({ name }) => name);
    assert.ok((await page.call('vectors', names)) > 5000);
  });
});
