import assert from 'node:assert/strict';

import { Pair, PumpPair, createEngine, withInstance } from '../../support/engine.mjs';

/** With every pointer in it invalid, the next call cannot but trap. */
function corrupt(instance) {
  instance.bytes.fill(0xff);
}

const isTrap = (error) =>
  error.code === 'ERR_WASM_TLS_TRAP' && error.cause instanceof WebAssembly.RuntimeError && error.message.length > 0;

describe('engine: a trapped instance', () => {
  it('is lost, says so at each call, and harms no other', () => {
    const { made: pair, instance } = withInstance(() => new Pair());
    const other = new Pair();
    corrupt(instance);
    assert.throws(() => pair.client.advance(), isTrap);
    assert.ok(isTrap(pair.engine.trap));

    const { trap } = pair.engine;
    for (const call of [
      () => pair.client.advance(),
      () => pair.server.feed(Buffer.from('x')),
      () => pair.server.takeEncrypted(),
      () => pair.server.established,
      () => pair.client.protocol(),
      () => pair.engine.createContext({ ca: [] }),
      () => pair.engine.cipherNames(),
      () => pair.engine.liveObjects(),
      () => pair.serverContext.ticketKeys(),
    ]) {
      assert.throws(call, (error) => error === trap);
    }
    // Nothing to free, and no reason to complain.
    pair.dispose();
    pair.dispose();

    other.run();
    assert.equal(other.client.established, true);
    assert.equal(other.engine.trap, null);
    createEngine({}, () => []);
  });

  it('is not what a stack overflow in a chooser makes', () => {
    let deep = false;
    const recurse = () => recurse() + 1;
    const pair = new Pair({
      client: { connection: { alpnProtocols: Buffer.from('\x02h2') } },
      server: {
        connection: {
          chooseAlpn() {
            deep = true;
            return String(recurse());
          },
        },
      },
    });
    pair.run();
    assert.equal(deep, true);
    assert.equal(pair.engine.trap, null);
    // Firefox has a class of its own for it.
    assert.ok(['RangeError', 'InternalError'].includes(pair.server.takeCallbackError().error.name));
    pair.dispose();
  });

  it('ends the connections of its pumps, each with the reason', async () => {
    const { made, instance } = withInstance(() => {
      const pumps = new PumpPair();
      return { pumps, engine: pumps.pair.engine };
    });
    const pumps = await made.pumps.start();
    corrupt(instance);
    pumps.client.write([Buffer.from('x')], () => {});
    assert.equal(pumps.clientOwner.log.at(-1), 'failure');
    assert.equal(pumps.clientOwner.error.code, 'ERR_WASM_TLS_TRAP');
    assert.ok(pumps.clientOwner.error.cause instanceof WebAssembly.RuntimeError);
    pumps.server.kick();
    assert.equal(pumps.serverOwner.error.code, 'ERR_WASM_TLS_TRAP');
    pumps.stop();
  });
});
