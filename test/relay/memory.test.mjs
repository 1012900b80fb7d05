// What a relay needs for streams that do nothing.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { extensions, startEcho, WispClient } from '../support/relay.mjs';

const streams = 2000;
const connections = 4;
const promised = 150;

describe('the relay, memory', function suite() {
  this.timeout(120_000);
  const use = useCleanup();

  async function startProcess(options) {
    const program = new URL('../support/relay-process.mjs', import.meta.url);
    const child = fork(program, [JSON.stringify(options)], { execArgv: ['--expose-gc'] });
    await use({ stop: () => child.kill() });
    const [{ port }] = await once(child, 'message');
    const measure = async () => {
      child.send('measure');
      return (await once(child, 'message'))[0];
    };
    return { url: `ws://127.0.0.1:${port}/`, measure };
  }

  it(`holds ${streams} idle streams in ${promised} MB`, async () => {
    const echo = await use(startEcho());
    const options = { port: 0, allow: ['127.0.0.1:*'], allowPrivate: true };
    const relay = await startProcess(options);
    const before = await relay.measure();
    for (let index = 0; index < connections; index++) {
      const client = await use(WispClient.start(relay.url, extensions({ credits: 1_000_000 })));
      const ids = Array.from({ length: streams / connections }, () => client.connect(echo.port));
      // Each has carried something, so that what it allocates for that is there.
      for (const id of ids) await client.asks(id, 'x'.repeat(1000));
    }
    const { rss, streams: open } = await relay.measure();
    assert.equal(open, streams);
    const each = Math.round((rss - before.rss) / streams);
    console.log(
      `      ${Math.round(rss / 1e6)} MB with them, ${Math.round(before.rss / 1e6)} MB before: ${each} bytes each`,
    );
    assert.ok(rss <= promised * 1e6);
  });
});
