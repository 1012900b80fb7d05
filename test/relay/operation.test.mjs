// What an operator sees and does: health, metrics, logs, another HTTP server, shutdown.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';

import { createRelay } from '../../dist/relay.mjs';
import { CloseReason, encodeClose, encodeData } from '../../dist/transport/wisp/frames.js';
import { useCleanup } from '../support/cleanup.mjs';
import { extensions, RawClient, startEcho, startRelay, startTarget, until, WispClient } from '../support/relay.mjs';

const plain = extensions();

async function get(port, path) {
  const [response] = await once(http.get({ port, host: '127.0.0.1', path, agent: false }), 'response');
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    text: (await response.toArray()).join(''),
  };
}

describe('the relay, operation', () => {
  const use = useCleanup();

  it('health and everything else over HTTP', async () => {
    const relay = await use(startRelay({ path: '/wisp/' }));
    assert.deepEqual(await get(relay.port, '/wisp/healthz'), {
      status: 200,
      type: 'text/plain; charset=utf-8',
      text: 'ok\n',
    });
    assert.equal((await get(relay.port, '/wisp/')).status, 426);
    assert.equal((await get(relay.port, '/')).status, 404);
    assert.equal((await get(relay.port, '/metrics')).status, 404);
  });

  it('metrics on a port of their own, when asked for', async () => {
    const relay = await use(startRelay({ metrics: '0' }));
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    await client.asks(client.connect(echo.port), 'twelve bytes');
    const { address, port } = relay.relay.metricsAddress();
    assert.equal(address, '127.0.0.1');
    const { type, text } = await get(port, '/metrics');
    assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(text, /^wasm_tls_relay_bytes_total\{direction="to-client"\} 12$/m);
    assert.match(text, /^wasm_tls_relay_streams 1$/m);
    for (const line of text.trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) wasm_tls_relay_\w+ .+|wasm_tls_relay_\w+(\{\w+="[\w.-]+"\})? \d+)$/);
    }
    assert.equal((await get(port, '/')).status, 404);
  });

  it('logs say who and what, never payload, from the level on that is wanted', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    const id = client.connect(echo.port);
    await client.asks(id, 'payload that nobody should see');
    client.ws.close();
    await until(() => relay.events('connection-close').length === 1);
    const text = JSON.stringify(relay.records);
    assert.ok(!text.includes('payload that'));
    const { time, milliseconds, ...rest } = relay.events('connection-close')[0];
    assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.ok(milliseconds >= 0);
    assert.deepEqual(rest, {
      level: 'info',
      event: 'connection-close',
      connection: 1,
      client: '127.0.0.1',
      code: 1005,
      cut: undefined,
      toClient: 30,
      toTarget: 30,
    });
    const quiet = await use(startRelay({ logLevel: 'warn' }));
    await use(WispClient.start(quiet.url, plain));
    assert.deepEqual(quiet.records, []);
  });

  it('a tap sees what passes, and which way', async () => {
    const seen = [];
    const tap = ({ bytes, ...rest }) => seen.push({ ...rest, text: Buffer.from(bytes).toString() });
    const relay = await use(startRelay({ tap }));
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    const id = client.connect(echo.port);
    await client.asks(id, 'ciphertext');
    assert.deepEqual(seen, [
      { connection: 1, stream: id, direction: 'to-target', text: 'ciphertext' },
      { connection: 1, stream: id, direction: 'to-client', text: 'ciphertext' },
    ]);
  });

  it('serves beside another HTTP server', async () => {
    const echo = await use(startEcho());
    const relay = createRelay({ path: '/relay/', allow: ['127.0.0.1:*'], allowPrivate: true, timeouts: { grace: 0 } });
    const server = http.createServer((request, response) => {
      if (!relay.handleRequest(request, response)) response.end('a page');
    });
    server.on('upgrade', (request, socket, head) => {
      if (!relay.handleUpgrade(request, socket, head)) socket.end('HTTP/1.1 418 no\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use({ stop: () => relay.close().then(() => server.close()) });
    const { port } = server.address();
    assert.equal((await get(port, '/')).text, 'a page');
    assert.equal((await get(port, '/relay/healthz')).text, 'ok\n');
    assert.equal(await RawClient.refused(`ws://127.0.0.1:${port}/other/`), 418);
    const client = await use(WispClient.start(`ws://127.0.0.1:${port}/relay/`, plain));
    assert.equal(await client.asks(client.connect(echo.port), 'beside'), 'beside');
    assert.equal(relay.address(), null);
  });

  it('a port that is in use is an error of listen()', async () => {
    const relay = await use(startRelay());
    await assert.rejects(createRelay({ port: relay.port }).listen(), { code: 'EADDRINUSE' });
    const other = createRelay({ port: 0, metrics: String(relay.port) });
    await assert.rejects(other.listen(), { code: 'EADDRINUSE' });
    assert.equal(other.address(), null);
  });
});

describe('the relay, shutdown', () => {
  const use = useCleanup();

  it('takes nobody new, lets streams end, then says goodbye', async () => {
    const relay = await use(startRelay({ timeouts: { grace: 20_000 } }));
    const echo = await use(startEcho());
    const idle = await use(WispClient.start(relay.url, plain));
    const busy = await use(WispClient.start(relay.url, plain));
    const id = busy.connect(echo.port);
    await busy.asks(id, 'before');
    const closed = relay.relay.close();
    assert.deepEqual(await idle.closed, { code: 1001, reason: 'shutdown' });
    await assert.rejects(get(relay.port, '/healthz'), { code: 'ECONNREFUSED' });
    assert.equal(await busy.asks(id, 'meanwhile'), 'meanwhile');
    assert.equal(await busy.closeReason(busy.connect(echo.port)), CloseReason.throttled);
    busy.send(encodeClose(id, CloseReason.voluntary));
    assert.deepEqual(await busy.closed, { code: 1001, reason: 'shutdown' });
    await closed;
    assert.equal(relay.records.at(-1).event, 'stopped');
  });

  it('after the grace period streams are cut, and told so', async () => {
    const relay = await use(startRelay({ timeouts: { grace: 10 } }));
    const target = await use(startTarget());
    const client = await use(WispClient.start(relay.url, plain));
    const id = client.connect(target.port);
    client.send(encodeData(id, Buffer.from('x')));
    await target.connections.next();
    const one = await use(RawClient.open(`${relay.url}127.0.0.1:${target.port}`, ['wasm-tls-tcp']));
    assert.equal(await one.messages.next(), 'open');
    await relay.relay.close();
    assert.equal(await client.closeReason(id), CloseReason.networkError);
    assert.equal(await one.messages.next(), 'error ECONNRESET');
    assert.equal((await one.closed).code, 1001);
    await until(() => target.sockets.size <= 2);
  });

  it('a client that does not answer is not waited for', async () => {
    const relay = await use(startRelay());
    const client = await use(WispClient.start(relay.url, plain));
    client.ws._socket.pause();
    await relay.relay.close();
    assert.equal(relay.metric('connections'), 0);
  });
});
