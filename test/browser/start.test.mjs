// npm start itself: it says where the page is, and leaves nothing behind.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

import { inRepository } from '../../scripts/lib/paths.mjs';

describe('npm start', () => {
  let child;

  function start(...args) {
    child = spawn(process.execPath, [inRepository('scripts/start.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (child.said += chunk));
    child.ended = once(child, 'close');
    return child;
  }

  afterEach(async () => {
    child.kill('SIGKILL');
    await child.ended;
  });

  it('prints the address of the page, and ends with all that it has started', async function () {
    this.timeout(120_000);
    start('--port', '0');
    const address = await new Promise((resolve, reject) => {
      child.stdout.on('data', () => {
        const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(child.said);
        if (found) resolve(found[0]);
      });
      child.ended.then(() => reject(new Error(child.said)));
    });
    const page = await fetch(address);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>wasm-tls/);
    const { caPath, targets } = await (await fetch(new URL('/api/demo', address))).json();
    assert.ok(targets.length > 10);
    assert.ok(fs.existsSync(caPath));
    // npm passes on what the terminal has sent already.
    child.kill('SIGINT');
    child.kill('SIGINT');
    assert.deepEqual(await child.ended, [0, null], child.said);
    assert.ok(!fs.existsSync(caPath));
    await assert.rejects(fetch(address));
  });

  it('refuses options that it does not know', async () => {
    for (const args of [['--frob'], ['--port', 'many'], ['--port', '70000']]) {
      start(...args);
      assert.deepEqual(await child.ended, [1, null]);
      assert.match(child.said, /--/);
    }
  });
});
