import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { EngineFailure, Pair, clientContext, createEngine, serverContext } from '../../support/engine.mjs';
import { fixtures } from '../../support/pki.mjs';

/** The same bytes each time. */
function predictable(seed) {
  let state = Buffer.from(seed);
  return (target) => {
    for (let at = 0; at < target.length; at += state.length) {
      state = createHash('sha256').update(state).digest();
      target.set(state.subarray(0, target.length - at), at);
    }
  };
}

describe('engine: host functions', () => {
  it('takes all randomness from the hook', () => {
    const hello = (seed) => {
      const engine = createEngine({ random: predictable(seed), now: () => 1.8e12 }, () => []);
      const context = clientContext(engine);
      const connection = engine.createConnection(context, { isServer: false });
      connection.advance();
      return connection.takeEncrypted();
    };
    assert.ok(hello('a').equals(hello('a')));
    assert.ok(!hello('a').equals(hello('b')));
  });

  it('asks the platform without a hook', () => {
    const pairs = [new Pair(), new Pair()];
    const [one, two] = pairs.map(({ client }) => (client.advance(), client.takeEncrypted()));
    assert.ok(!one.equals(two));
  });

  it('gives the hook no view of its memory', () => {
    const kept = [];
    const engine = createEngine(
      {
        random(target) {
          kept.push(target);
          predictable('x')(target);
        },
      },
      () => [],
    );
    clientContext(engine);
    assert.ok(kept.length > 0);
    for (const target of kept) {
      assert.equal(target.buffer.byteLength, target.length);
      assert.ok(target.every((byte) => byte === 0));
    }
  });

  it('fails the operation, and nothing else, when randomness fails', () => {
    let broken = true;
    const engine = createEngine(
      {
        random(target) {
          if (broken) throw new Error('no entropy');
          predictable('x')(target);
        },
      },
      () => [],
    );
    assert.throws(() => serverContext(engine), EngineFailure);
    assert.equal(engine.trap, null);
    assert.equal(engine.liveObjects(), 0);
    broken = false;
    const pair = new Pair({ engine });
    broken = true;
    // What was drawn ahead of its use, 1 KiB, is enough for some ten.
    let progress = pair.client.advance();
    for (let i = 0; i < 20 && progress !== 'failed'; ++i) {
      const client = engine.createConnection(pair.clientContext, { isServer: false });
      progress = client.advance();
      client.dispose();
    }
    assert.equal(progress, 'failed');
    assert.equal(engine.trap, null);
    pair.dispose();
  });

  it('judges certificates by the clock of the hook', () => {
    const verdictAt = (date) => {
      const engine = createEngine({ now: () => Date.parse(date) }, () => []);
      const { cert, key } = fixtures().expired;
      const pair = new Pair({ engine, server: { context: { cert: [cert], key: [{ pem: key }] } } });
      pair.run();
      return pair.client.verifyError()?.code;
    };
    assert.equal(verdictAt('2026-06-01'), 'CERT_HAS_EXPIRED');
    assert.equal(verdictAt('2020-06-01'), 'CERT_NOT_YET_VALID');
  });

  it('survives a clock that throws', () => {
    const engine = createEngine(
      {
        now() {
          throw new Error('no time');
        },
      },
      () => [],
    );
    const pair = new Pair({ engine });
    pair.run();
    assert.equal(pair.client.verifyError(), null);
  });

  it('reads the default roots once, and only when they are needed', () => {
    let asked = 0;
    const der = Buffer.from(
      fixtures()
        .ca.cert.toString()
        .replace(/-.*-|\s/g, ''),
      'base64',
    );
    const engine = createEngine({}, () => {
      asked++;
      return [der];
    });
    const pair = new Pair({ engine });
    assert.equal(asked, 0);
    const context = engine.createContext({ cipherSuites: 'TLS_AES_128_GCM_SHA256' });
    engine.createContext({ cipherSuites: 'TLS_AES_128_GCM_SHA256' }).dispose();
    assert.equal(asked, 1);
    pair.client.dispose();
    pair.client = engine.createConnection(context, { isServer: false, servername: 'localhost' });
    pair.run();
    assert.equal(pair.client.verifyError(), null);
    pair.dispose();
    context.dispose();
    assert.equal(engine.liveObjects(), 0);
  });
});
