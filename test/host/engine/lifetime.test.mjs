import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

import { Pair, clientContext, createEngine, serverContext, tls12, tls13 } from '../../support/engine.mjs';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

/** A build with checks is many times slower; it looks for other faults. */
const connections = process.env.WASM_TLS_ENGINE === undefined ? 10_000 : 400;

describe('engine: lifetimes', () => {
  it(`keeps nothing of ${connections} connections, whatever state they were left in`, function () {
    this.timeout(300_000);
    const engine = createEngine({}, () => []);
    const versions = [tls12, tls13];
    const contexts = versions.map((version) => [serverContext(engine, version), clientContext(engine, version)]);
    const idle = engine.liveObjects();
    let atHalf = 0;
    for (let i = 0; i < connections; i += 2) {
      if (i === connections / 2) atHalf = engine.memoryBytes();
      const [server, client] = contexts[(i / 2) % 2];
      openAndDispose(engine, server, client, i % 5);
    }
    assert.equal(engine.liveObjects(), idle);
    assert.equal(engine.memoryBytes(), atHalf);
    for (const context of contexts.flat()) context.dispose();
    assert.equal(engine.liveObjects(), 0);
  });

  it('frees what users forgot', async () => {
    const engine = createEngine({}, () => []);
    // In a function of its own, lest its variables outlive it in a register.
    (() => {
      const names = engine.createServerNames();
      names.add('a.example', clientContext(engine));
      serverContext(engine);
    })();
    assert.ok(engine.liveObjects() > 0);
    for (let round = 0; round < 50 && engine.liveObjects() > 0; round++) {
      collectGarbage();
      await setImmediate();
    }
    assert.equal(engine.liveObjects(), 0);
  });

  it('does not mind being told to free twice', () => {
    const pair = new Pair();
    pair.dispose();
    pair.dispose();
    assert.equal(pair.engine.liveObjects(), 0);
  });
});

/** Two connections, up to one of the states in which they may end. */
function openAndDispose(engine, serverSide, clientSide, state) {
  const server = engine.createConnection(serverSide, { isServer: true });
  const client = engine.createConnection(clientSide, { isServer: false, servername: 'localhost', sessions: true });
  const step = () => {
    client.advance();
    const up = client.takeEncrypted();
    if (up !== null) server.feed(up);
    server.advance();
    const down = server.takeEncrypted();
    if (down !== null) client.feed(down);
  };
  // 0: before anything; 1: in the middle; 2: failed; 3 and 4: with data on its way.
  if (state >= 1) step();
  if (state === 2) {
    client.feed(Buffer.from('this is no TLS record'));
    client.advance();
  }
  if (state >= 3) {
    for (let i = 0; i < 3; i++) step();
    assert.equal(client.established, true);
    server.write([Buffer.alloc(20_000)], 0);
    step();
    if (state === 4) client.advance();
  }
  client.dispose();
  server.dispose();
}
