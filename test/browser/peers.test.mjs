// Through a relay to servers that we did not write: what a page learns is what Node's own `tls` learns of the same server.

import assert from 'node:assert/strict';
import nativeTls from 'node:tls';

import { startRelay } from '../support/relay.mjs';
import { connectWith } from './in-page/connect.mjs';
import { rows } from './peers-table.mjs';
import { inBrowsers } from './support/browsers.mjs';

function assertOutcome(found, expected, who) {
  for (const [name, value] of Object.entries(expected)) {
    if (value instanceof RegExp) assert.match(found[name], value, `${who}: ${name}`);
    // Whether an alert is heard before a connection ends behind it is a matter of time.
    else if (Array.isArray(value)) assert.ok(value.includes(found[name]), `${who}: ${name} is ${found[name]}`);
    else assert.equal(found[name], value, `${who}: ${name} of ${JSON.stringify(found)}`);
  }
}

/** Some of nginx' reply and of an OCSP response is of the moment. */
const factsOf = (outcome) => ({ ...outcome, reply: undefined, ocsp: undefined });

async function withPeer({ peer }, body) {
  const server = await peer();
  try {
    return await body(server.port);
  } finally {
    await server.stop();
  }
}

const models = new Map();

/** What node:tls learns: the same for all browsers. */
function modelOf(row) {
  if (!models.has(row)) {
    models.set(
      row,
      withPeer(row, (port) => connectWith(nativeTls, { port, ...row.client })),
    );
  }
  return models.get(row);
}

inBrowsers('peers through a relay', ({ test, inPages }) => {
  let relay;
  let page;
  let done;
  let all;

  before('a page with a relay', async () => {
    relay = await startRelay();
    let ready;
    const opened = new Promise((resolve) => (ready = resolve));
    const over = new Promise((resolve) => (done = resolve));
    all = inPages('peers', async ({ open }) => {
      page = await open('connecting');
      await page.call('setRelay', { url: relay.url });
      ready();
      await over;
    });
    await Promise.race([opened, all]);
  });

  after('the page had no other errors', async () => {
    done();
    await all;
    await relay.stop();
  });

  for (const row of rows) {
    it(row.title, async () => {
      const model = await modelOf(row);
      assertOutcome(model, row.outcome, 'node:tls');
      const found = await withPeer(row, (port) => page.call('connect', { port, ...row.client }));
      assertOutcome(found, row.outcome, 'the page');
      if (Array.isArray(row.outcome.code)) return;
      assert.deepEqual(factsOf(found), factsOf(model));
    });
  }

  test('a port that nobody listens on', async ({ open }) => {
    const other = await open('connecting');
    await other.call('setRelay', { url: relay.url });
    assert.equal((await other.call('connect', { port: 1, say: 'x' })).code, 'ECONNREFUSED');
  });

  test('a host that the relay does not allow', async ({ open }) => {
    const other = await open('connecting');
    await other.call('setRelay', { url: relay.url });
    assert.equal((await other.call('connect', { host: '127.0.0.2', port: 1, say: 'x' })).code, 'EACCES');
  });

  test('a name that is not found', async ({ open }) => {
    const strict = await startRelay({ allow: ['*:*'], lookup: async () => [] });
    try {
      const other = await open('connecting');
      await other.call('setRelay', { url: strict.url });
      assert.equal((await other.call('connect', { host: 'nowhere.test', port: 1, say: 'x' })).code, 'ENOTFOUND');
    } finally {
      await strict.stop();
    }
  });

  test('no relay, and no WebSocket, are told', async ({ open }) => {
    const other = await open('connecting');
    assert.equal((await other.call('connect', { port: 1, say: 'x' })).code, 'ERR_WASM_TLS_NO_RELAY');
    await other.call('setRelay', { url: relay.url });
    await other.call('removeWebSocket');
    assert.equal((await other.call('connect', { port: 1, say: 'x' })).code, 'ERR_WASM_TLS_NO_WEBSOCKET');
  });
});
