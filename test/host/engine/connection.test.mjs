import assert from 'node:assert/strict';

import { EngineFailure, Pair, createEngine, readAll, tls12, tls13 } from '../../support/engine.mjs';
import { fixtures } from '../../support/pki.mjs';

describe('engine: connections in memory', () => {
  let open = [];
  const pair = (options) => {
    const made = new Pair(options);
    open.push(made);
    return made;
  };
  afterEach(() => {
    const engines = new Set(open.map(({ engine }) => engine));
    for (const { dispose } of open.map((it) => ({ dispose: () => it.dispose() }))) dispose();
    open = [];
    for (const engine of engines) if (engine.trap === null) assert.equal(engine.liveObjects(), 0);
  });

  for (const [version, context] of [
    ['TLSv1.2', tls12],
    ['TLSv1.3', tls13],
  ]) {
    describe(version, () => {
      it('completes a handshake and says what came of it', () => {
        const it = pair({ context });
        it.run();
        for (const side of [it.client, it.server]) {
          assert.equal(side.established, true);
          assert.equal(side.protocol(), version);
          assert.equal(side.servername(), 'localhost');
          assert.equal(side.error(), null);
          assert.match(side.cipher().name, /AES/);
          assert.ok(side.finished().length > 0);
          assert.deepEqual(side.finished(), (side === it.client ? it.server : it.client).peerFinished());
        }
        assert.equal(it.client.verifyError(), null);
        assert.deepEqual(it.client.ephemeralKey(), { type: 'ECDH', name: 'X25519', size: 253 });
        const [leaf] = it.client.peerCertificates(1);
        assert.equal(leaf.data.subject.CN, 'localhost');
        assert.equal(Object.getPrototypeOf(leaf.data.subject), null);
        assert.equal(it.server.ownCertificate().fingerprint256, leaf.data.fingerprint256);
        const keys = [it.client, it.server].map((side) => side.exportKeyingMaterial(32, 'label', Buffer.from('c')));
        assert.deepEqual(keys[0], keys[1]);
        assert.equal(keys[0].length, 32);
      });

      it('takes its input byte by byte', () => {
        const it = pair({ context });
        it.run(1);
        it.client.write([Buffer.from('hello')], 0);
        it.run(1);
        assert.equal(readAll(it.server).toString(), 'hello');
      });

      it('carries data both ways, in large pieces and small ones', () => {
        const it = pair({ context });
        it.run();
        const bytes = Buffer.alloc(300_000, 'wasm');
        for (const [from, to] of [
          [it.client, it.server],
          [it.server, it.client],
        ]) {
          const received = [];
          for (let at = 0; at < bytes.length || from.pendingWrite > 0; ) {
            at += from.write([bytes], at);
            from.advance();
            it.carry(from, to);
            to.advance();
            received.push(readAll(to));
          }
          assert.ok(Buffer.concat(received).equals(bytes));
        }
      });

      it('resumes a session', () => {
        const first = pair({ context, client: { connection: { sessions: true } } });
        first.run();
        const session = first.eventsOf('client', 'newSession').at(-1).data;
        const ticketKeys = first.serverContext.ticketKeys();
        const second = pair({
          engine: first.engine,
          context,
          server: { context: { ticketKeys } },
          client: { connection: { session } },
        });
        second.run();
        assert.equal(second.client.sessionReused(), true);
        assert.equal(second.server.sessionReused(), true);
        assert.ok(second.client.session().length > 0);
      });

      it('tells a close from a truncation', () => {
        const it = pair({ context });
        it.run();
        it.client.shutdown();
        it.run();
        assert.equal(it.client.closeNotifySent, true);
        assert.equal(it.server.closeNotifyReceived, true);
        assert.equal(it.eventsOf('server', 'endOfData').length, 1);
        it.client.endInput();
        assert.equal(it.client.truncated, true);
        assert.equal(it.server.truncated, false);
      });

      it('stays failed, and still gives its alert', () => {
        const it = pair({ context });
        it.server.feed(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
        assert.equal(it.server.advance(), 'failed');
        assert.equal(it.server.error().code, 'ERR_SSL_HTTP_REQUEST');
        assert.equal(it.server.error().kind, 'ssl');
        assert.equal(it.server.advance(), 'failed');
      });

      it('suspends for an answer', () => {
        const it = pair({ context, server: { connection: { askCertificate: true } } });
        const { server } = it.run();
        assert.equal(server, 'suspended');
        assert.equal(it.eventsOf('server', 'certificateWanted')[0].servername, 'localhost');
        assert.equal(it.server.answerCertificate(null, null), true);
        assert.equal(it.server.answerCertificate(null, null), false);
        it.run();
        assert.equal(it.client.established, true);
      });
    });
  }

  it('lets a server move to another context', () => {
    const it = pair({ server: { connection: { askCertificate: true } } });
    it.run();
    const names = it.engine.createServerNames();
    const { cert, key } = fixtures().sniA;
    const other = it.engine.createContext({
      ca: [],
      cert: [cert],
      key: [{ pem: key }],
      cipherSuites: 'TLS_AES_128_GCM_SHA256',
    });
    names.add('*.example.com', other);
    other.dispose();
    assert.equal(names.find('b.example.org'), null);
    it.server.answerCertificate(names.find('A.example.com'), null);
    names.dispose();
    it.run();
    assert.equal(it.client.peerCertificates(1)[0].data.subject.CN, 'a.example.com');
  });

  it('finds contexts by name, the newest of each pattern', () => {
    const engine = createEngine({}, () => []);
    const contexts = ['serverRsa', 'sniA', 'sniB'].map((name) => {
      const { cert, key } = fixtures()[name];
      return engine.createContext({ ca: [], cert: [cert], key: [{ pem: key }] });
    });
    const names = engine.createServerNames();
    const found = (servername) => names.find(servername)?.certificate();
    for (const [pattern, context] of [
      ['*.example', 0],
      ['*.EXAMPLE', 2],
      ['a.example', 0],
      ['c.example', 0],
      ['A.example', 1],
    ]) {
      names.add(pattern, contexts[context]);
    }
    const earlier = names.find('c.example');
    names.add('c.example', contexts[2]);
    const [zero, one, two] = contexts.map((context) => context.certificate());
    for (const context of contexts) context.dispose();
    assert.ok(found('a.example.org') === undefined);
    assert.ok(found('d.example').equals(two));
    assert.ok(found('c.example').equals(two));
    assert.ok(earlier.certificate().equals(zero), 'still there for who has it');
    assert.ok(found('a.example').equals(one));
    names.dispose();
    earlier.dispose();
  });

  it('keeps a context alive for its connections', () => {
    const it = pair();
    it.clientContext.dispose();
    it.serverContext.dispose();
    it.run();
    assert.equal(it.client.established, true);
    assert.throws(() => it.engine.createConnection(it.clientContext, { isServer: false }), /disposed/);
  });

  it('asks the choosers', () => {
    const alpn = (...names) => Buffer.concat(names.map((name) => Buffer.from([name.length, ...Buffer.from(name)])));
    const it = pair({
      client: { connection: { alpnProtocols: alpn('h2', 'http/1.1') } },
      server: { connection: { chooseAlpn: (servername, protocols) => (servername, protocols.at(-1)) } },
    });
    it.run();
    assert.equal(it.client.alpnProtocol(), 'http/1.1');
    assert.equal(it.server.alpnProtocol(), 'http/1.1');
  });

  it('connects by a pre-shared key', () => {
    const key = Buffer.from('d731ef57be09e5204f0b205b60627028', 'hex');
    const context = { ...tls12, ciphers: 'PSK+AES128' };
    const it = pair({
      context,
      server: { connection: { psk: (identity) => (identity === 'me' ? { identity: '', key } : null) } },
      client: { connection: { psk: () => ({ identity: 'me', key }) } },
    });
    it.run();
    assert.equal(it.client.established, true);
    assert.match(it.client.cipher().name, /PSK/);
  });

  it('keeps what a chooser throws away from the engine', () => {
    const failure = new Error('from user code');
    const it = pair({
      client: { connection: { alpnProtocols: Buffer.from('\x02h2') } },
      server: {
        connection: {
          chooseAlpn() {
            throw failure;
          },
        },
      },
    });
    it.run();
    assert.equal(it.server.established, false);
    assert.equal(it.server.takeCallbackError().error, failure);
    assert.equal(it.server.takeCallbackError(), null);
    assert.equal(it.client.error().code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
    assert.equal(it.engine.trap, null);
  });

  it('survives a chooser that disposes of its connection', () => {
    const it = pair({
      client: { connection: { alpnProtocols: Buffer.from('\x02h2') } },
      server: {
        connection: {
          chooseAlpn(_, [first]) {
            it.server.dispose();
            return first;
          },
        },
      },
    });
    it.client.advance();
    it.carry(it.client, it.server);
    assert.equal(it.server.advance(), 'failed');
    assert.throws(() => it.server.established, /disposed/);
    assert.equal(it.engine.trap, null);
  });

  it('throws what the engine refuses, as plain data', () => {
    const engine = createEngine({}, () => []);
    const refused = (options, code) =>
      assert.throws(
        () => engine.createContext({ ca: [], ...options }),
        (error) => error instanceof EngineFailure && error.engineError.code === code,
      );
    refused({ cert: [Buffer.from('no certificate')] }, 'ERR_OSSL_PEM_NO_START_LINE');
    refused({ ciphers: 'no-such-cipher' }, 'ERR_SSL_NO_CIPHER_MATCH');
    refused({ ticketKeys: Buffer.alloc(47) }, 'ERR_INVALID_ARG_VALUE');
    assert.throws(() => engine.describeCertificate(Buffer.from('junk')), EngineFailure);
    assert.equal(engine.liveObjects(), 0);
  });

  it('reads the same key from each of its wrappings', () => {
    const { serverRsa, passphrase, ...all } = fixtures();
    const engine = createEngine({}, () => []);
    const secret = Buffer.from(passphrase);
    const wrappings = [
      { cert: [serverRsa.cert], key: [{ pem: all.encryptedKey, passphrase: secret }] },
      { cert: [serverRsa.cert], key: [{ pem: all.encryptedTraditionalKey, passphrase: secret }] },
      { cert: [serverRsa.cert], key: [{ pem: all.traditionalKey }] },
      { pfx: [{ der: all.pfx, passphrase: secret }] },
      { pfx: [{ der: all.legacyPfx, passphrase: secret }] },
    ];
    const leaf = engine.describeCertificate(Buffer.from(serverRsa.cert.toString().replace(/-.*-|\s/g, ''), 'base64'));
    for (const wrapping of wrappings) {
      const context = engine.createContext({ ca: [], ...wrapping });
      assert.ok(context.certificate().equals(leaf.raw));
      context.dispose();
    }
    assert.equal(engine.liveObjects(), 0);
  });

  it('tells instances apart', () => {
    const [one, two] = [pair(), pair()];
    assert.throws(() => one.engine.createConnection(two.clientContext, { isServer: false }), /another instance/);
    one.run();
    two.run();
    assert.equal(two.client.established, true);
  });

  it('answers questions about itself', () => {
    const engine = createEngine({}, () => []);
    assert.match(engine.opensslVersion(), /^OpenSSL 3\.5\./);
    const names = engine.cipherNames();
    assert.ok(names.includes('tls_aes_128_gcm_sha256'));
    assert.deepEqual(names, [...names].sort());
    const claims = { subjectAltName: 'DNS:a.com', commonNames: [], hasSubject: true };
    assert.equal(engine.checkServerIdentity('a.com', 'a.com', claims), null);
    assert.match(engine.checkServerIdentity('b.com', 'b.com', claims), /is not in the cert's altnames: DNS:a\.com/);
  });
});
