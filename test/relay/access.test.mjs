// Who may use a relay: origins, tokens, passwords, and how many at a time.

import assert from 'node:assert/strict';

import { OriginPolicy } from '../../dist/relay/access.js';
import { RateLimit } from '../../dist/relay/rate-limit.js';
import { CloseReason, encodeCredentials, encodeData, ExtensionId } from '../../dist/transport/wisp/frames.js';
import { useCleanup } from '../support/cleanup.mjs';
import { extensions, RawClient, startEcho, startRelay, startTarget, until, WispClient } from '../support/relay.mjs';

const plain = extensions();

describe('origins', () => {
  const table = [
    [undefined, 'http://localhost:8080', true],
    [undefined, 'https://127.0.0.1', true],
    [undefined, 'http://[::1]:3000', true],
    [undefined, 'http://demo.localhost', true],
    [undefined, 'https://example.com', false],
    [undefined, 'http://localhost.example.com', false],
    [undefined, 'http://127.0.0.1.example.com', false],
    [undefined, 'null', false],
    [undefined, 'file://', false],
    [undefined, 'chrome-extension://localhost', false],
    [['https://app.example'], 'https://app.example', true],
    [['https://app.example'], 'HTTPS://APP.EXAMPLE', true],
    [['https://app.example'], 'http://app.example', false],
    [['https://app.example'], 'https://app.example:8443', false],
    [['https://app.example'], 'http://localhost', false],
    [['https://*.app.example'], 'https://one.app.example', true],
    [['https://*.app.example'], 'https://app.example', false],
    [['https://*.app.example'], 'https://evilapp.example', false],
    [['*'], 'https://anything.example', true],
    [['null'], 'null', true],
  ];
  for (const [patterns, origin, allowed] of table) {
    it(`${origin} is ${allowed ? 'let in' : 'refused'} by ${patterns ?? 'default'}`, () => {
      assert.equal(new OriginPolicy(patterns, false).allows(origin), allowed);
    });
  }

  it('none is no browser, and let in unless it is required', () => {
    assert.ok(new OriginPolicy(undefined, false).allows(undefined));
    assert.ok(!new OriginPolicy(['*'], true).allows(undefined));
  });
});

describe('the relay, who gets in', () => {
  const use = useCleanup();

  it('a page from elsewhere is refused with 403, logged and counted', async () => {
    const relay = await use(startRelay());
    assert.equal(await RawClient.refused(relay.url, [], { origin: 'https://evil.example' }), 403);
    // After DNS rebinding a page has a name of its own in both.
    const headers = { host: 'evil.example' };
    assert.equal(await RawClient.refused(relay.url, [], { origin: 'http://evil.example', headers }), 403);
    assert.equal(relay.metric('connections_rejected_total{reason="origin"}'), 2);
    assert.deepEqual(relay.events('rejected').map(({ status, why }) => [status, why])[0], [403, 'origin']);
    await use(WispClient.start(relay.url, plain, { origin: `http://localhost:${relay.port}` }));
  });

  it('a token, as the last folder or as ?token=', async () => {
    const relay = await use(startRelay({ tokens: ['first.token', 'second-token'], path: '/wisp/' }));
    const echo = await use(startEcho());
    const base = `ws://127.0.0.1:${relay.port}/wisp/`;
    for (const path of ['', 'wrong/', '?token=wrong', '?token=', '/', 'first.token', `127.0.0.1:${echo.port}`]) {
      assert.ok([401, 404].includes(await RawClient.refused(base + path)), path);
    }
    for (const path of ['first.token/', '?token=second-token']) await use(WispClient.start(base + path));
    const one = await use(RawClient.open(`${base}second-token/127.0.0.1:${echo.port}`));
    one.send(Buffer.from('x'));
    assert.equal((await one.messages.next()).toString(), 'x');
    assert.ok(!JSON.stringify(relay.records).includes('second-token'));
  });

  it('another path is 404', async () => {
    const relay = await use(startRelay({ path: '/wisp/' }));
    assert.equal(await RawClient.refused(relay.url), 404);
  });

  const credentials = [{ username: 'me', password: 'secret' }];
  const password = (name, secret) => ({
    id: ExtensionId.password,
    payload: encodeCredentials({ username: name, password: secret }),
  });

  it('a password, by the extension', async () => {
    const relay = await use(startRelay({ credentials }));
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, [...plain, password('me', 'secret')]));
    assert.deepEqual([client.info.extensions[0].id, [...client.info.extensions[0].payload]], [0x02, [1]]);
    const id = client.connect(echo.port);
    assert.equal(await client.asks(id, 'let in'), 'let in');
  });

  for (const [name, hello, reason] of [
    ['a wrong password', [password('me', 'guess')], CloseReason.wrongPassword],
    ['a wrong name', [password('you', 'secret')], CloseReason.wrongPassword],
    ['none at all', plain, CloseReason.credentialsRequired],
    ['half of one', [{ id: ExtensionId.password, payload: Buffer.from([2, 9]) }], CloseReason.credentialsRequired],
  ]) {
    it(`${name}: CLOSE 0x${reason.toString(16)}, and the WebSocket ends`, async () => {
      const relay = await use(startRelay({ credentials }));
      const client = await use(WispClient.start(relay.url, hello));
      assert.deepEqual(await client.next(0), { type: 'close', streamId: 0, reason });
      assert.deepEqual(await client.closed, { code: 1008, reason: 'authentication' });
      assert.ok(!JSON.stringify(relay.records).includes('secret'));
    });
  }

  it('a stream before the password is refused, and so is silence', async () => {
    const relay = await use(startRelay({ credentials, timeouts: { handshake: 30 } }));
    const early = await use(RawClient.open(relay.url, ['wisp-v2']));
    early.send(encodeData(1, Buffer.from('x')));
    assert.equal((await early.closed).code, 1008);
    const silent = await use(RawClient.open(relay.url, ['wisp-v2']));
    assert.equal((await silent.closed).code, 1008);
  });

  it('who cannot be asked for a password needs a token', async () => {
    const relay = await use(startRelay({ credentials, tokens: ['token'] }));
    assert.equal(await RawClient.refused(relay.url), 401);
    assert.equal(await RawClient.refused(`${relay.url}127.0.0.1:80`), 401);
    await use(WispClient.start(`${relay.url}token/`));
    const asked = await use(WispClient.start(`${relay.url}token/`, plain));
    assert.ok(!asked.info.extensions.some(({ id }) => id === ExtensionId.password));
  });

  it('X-Forwarded-For counts only behind a proxy that is trusted, and its last address', async () => {
    const headers = (address) => ({ headers: { 'x-forwarded-for': address } });
    const own = await use(startRelay());
    await use(WispClient.start(own.url, plain, headers('192.0.2.1')));
    assert.equal(own.events('connection')[0].client, '127.0.0.1');
    const behind = await use(startRelay({ trustProxy: true, limits: { connectionsPerAddress: 1 } }));
    await use(WispClient.start(behind.url, plain, headers('198.51.100.7, 192.0.2.1')));
    await use(WispClient.start(behind.url, plain, headers('192.0.2.1, [2001:db8::2]:99')));
    await use(WispClient.start(behind.url, plain, headers('not an address')));
    assert.equal(await RawClient.refused(behind.url, [], headers('192.0.2.1:4000')), 429);
    assert.deepEqual(
      behind.events('connection').map(({ client }) => client),
      ['192.0.2.1', '2001:db8::2', '127.0.0.1'],
    );
  });
});

describe('the relay, limits', () => {
  const use = useCleanup();

  it('WebSockets from one address: 429, until one ends', async () => {
    const relay = await use(startRelay({ limits: { connectionsPerAddress: 2 } }));
    const first = await use(WispClient.start(relay.url));
    await use(WispClient.start(relay.url));
    assert.equal(await RawClient.refused(relay.url), 429);
    first.ws.close();
    await until(() => relay.metric('connections') === 1);
    await use(WispClient.start(relay.url));
  });

  it('WebSockets altogether: 503', async () => {
    const relay = await use(startRelay({ limits: { connections: 1 } }));
    await use(WispClient.start(relay.url));
    assert.equal(await RawClient.refused(relay.url), 503);
    assert.equal(relay.metric('connections_rejected_total{reason="connections"}'), 1);
  });

  it('streams of one WebSocket: CLOSE 0x49, until one ends', async () => {
    const relay = await use(startRelay({ limits: { streams: 2 } }));
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    const first = client.connect(echo.port);
    await client.asks(first, 'one');
    const second = client.connect(echo.port);
    assert.equal(await client.closeReason(client.connect(echo.port)), CloseReason.throttled);
    await client.asks(second, 'two');
    client.send(Buffer.from(`04${first.toString(16).padStart(2, '0')}00000002`, 'hex'));
    await until(() => relay.metric('streams') === 1 && echo.sockets.size === 1);
    await client.asks(client.connect(echo.port), 'three');
  });

  it('bytes of one WebSocket: it ends', async () => {
    const relay = await use(startRelay({ limits: { totalBytes: 1000 } }));
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    const id = client.connect(echo.port);
    client.send(encodeData(id, Buffer.alloc(501)));
    assert.deepEqual(await client.closed, { code: 1008, reason: 'total-bytes' });
  });

  it('bytes per second: beyond them the connection stands still, and others go on', async () => {
    const relay = await use(startRelay({ limits: { bytesPerSecond: 10_000 } }));
    const target = await use(startTarget((socket) => socket.end(Buffer.alloc(5_000_000, 'x'))));
    const echo = await use(startEcho());
    const fast = await use(WispClient.start(relay.url, plain));
    await fast.read(fast.connect(target.port), 1);
    const other = await use(WispClient.start(relay.url, plain));
    const id = other.connect(echo.port);
    for (let turn = 0; turn < 50; turn++) await other.asks(id, 'still here');
    assert.ok(relay.metric('bytes_total{direction="to-client"}') < 2_000_000);
  });

  it('who stands still for its rate is not taken for dead', async () => {
    const relay = await use(startRelay({ limits: { bytesPerSecond: 100_000 }, timeouts: { ping: 150 } }));
    const target = await use(startTarget((socket) => socket.end(Buffer.alloc(250_000, 'x'))));
    const client = await use(WispClient.start(relay.url, plain));
    assert.equal((await client.read(client.connect(target.port), 250_000)).length, 250_000);
    assert.equal(relay.metric('connections_cut_total{reason="silent"}'), 0);
  });

  it('a bucket fills at its rate and not beyond', () => {
    let now = 0;
    const rate = new RateLimit(1000, () => now);
    assert.equal(rate.wait(), 0);
    rate.take(1500);
    assert.equal(rate.wait(), 501);
    now = 501;
    assert.equal(rate.wait(), 0);
    now = 1_000_000;
    rate.take(1000);
    assert.equal(rate.wait(), 1);
    const none = new RateLimit(0, () => now);
    none.take(1e12);
    assert.equal(none.wait(), 0);
  });
});
