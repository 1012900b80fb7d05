// Downloads by HTTP, the relay's side: who gets one, when it is used, in which order things come, and how it ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import nativeNet from 'node:net';

import {
  CloseReason, encodeClose, encodeCredit, encodeData, encodeEnd, encodeInfo, encodeProbe, parsePacket,
} from '../../dist/transport/wisp/frames.js'; // prettier-ignore
import { ReadBuffer, READ_BYTES } from '../../dist/relay/read-buffers.js';
import { useCleanup } from '../support/cleanup.mjs';
import { ask, DownloadClient, startWithDownload, tokenOf, withDownload } from '../support/download-client.mjs';
import {
  RawClient,
  extensions,
  gone,
  startEcho,
  startRelay,
  startTarget,
  until,
  WispClient,
} from '../support/relay.mjs';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const noProbe = encodeProbe(new Uint8Array(8));

/** How many reads there is a buffer of the pools for. */
function freeBuffers() {
  const releases = [];
  for (;;) {
    const buffer = new ReadBuffer();
    // What one has that is filled is followed by one of a pool.
    for (let read = 0; read < 2; read++) {
      const { length } = buffer.next(READ_BYTES);
      const { release } = buffer.taken(length);
      if (release !== undefined) releases.push(release);
      else if (read > 0) {
        for (const each of releases) each();
        return releases.length;
      }
    }
  }
}

/** A target that sends as much as it can until it is hung up on. */
function flood(socket) {
  const piece = Buffer.alloc(mebibyte);
  const write = () => {
    while (socket.write(piece));
    socket.once('drain', write);
  };
  socket.on('error', () => {});
  write();
}

describe('the relay, downloads by HTTP', () => {
  const use = useCleanup();

  /** A client whose download is switched to. */
  async function switched(relay, options) {
    const client = await use(startWithDownload(relay, options));
    const download = await use(DownloadClient.start(relay, tokenOf(client)));
    await download.switched(client);
    return { client, download };
  }

  it('bring everything from the SWITCH on, and the WebSocket nothing', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const { client, download } = await switched(relay);
    const id = client.connect(echo.port);
    assert.deepEqual(await download.next(), { type: 'continue', streamId: id, packets: 64 });
    client.send(encodeData(id, Buffer.from('hello')));
    assert.equal(String(await download.read(id, 5)), 'hello');
    client.send(encodeEnd(id));
    assert.deepEqual(await download.next(), { type: 'end', streamId: id });
    await client.pinged();
    assert.equal(client.waiting(id), 0);
    assert.equal(client.messages.length, 0);
    assert.equal(relay.metric('downloads_total{step="asked"}'), 1);
    assert.equal(relay.metric('downloads_total{step="switched"}'), 1);
    assert.equal(relay.metric('downloads'), 1);
    assert.equal(relay.metric('bytes_total{direction="to-client"}'), 5);
    assert.deepEqual(relay.events('download').map(({ connection }) => connection), [1]); // prettier-ignore
    client.ws.close();
    assert.equal((await client.closed).code, 1005);
    await download.closed;
    await until(() => relay.metric('downloads') === 0);
    assert.equal(relay.metric('connections_cut_total{reason="download-lost"}'), 0);
  });

  it('begin where the WebSocket has ended, in the middle of a stream', async () => {
    const relay = await use(startRelay());
    const size = 8 * mebibyte;
    const bytes = Buffer.from(Uint32Array.from({ length: size / 4 }, (_, index) => index).buffer);
    const source = await use(startTarget((socket) => socket.end(bytes)));
    const client = await use(startWithDownload(relay, { credits: 2 ** 31 - 1 }));
    const received = [];
    const id = client.connect(source.port);
    received.push(await client.read(id, mebibyte));
    const download = await use(DownloadClient.start(relay, tokenOf(client)));
    await download.switched(client);
    while (client.waiting(id) > 0) received.push(Buffer.from((await client.next(id)).payload ?? []));
    const before = Buffer.concat(received).length;
    const after = before === size ? Buffer.alloc(0) : await download.read(id, size - before);
    assert.ok(Buffer.concat([...received, after]).equals(bytes));
  });

  it('are not begun before both probes have come back', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(startWithDownload(relay));
    const download = await use(DownloadClient.start(relay, tokenOf(client)));
    const first = await download.next();
    const id = client.connect(echo.port);
    assert.equal(await client.asks(id, 'one'), 'one');
    assert.equal(download.packets.length, 0, 'there is one probe at a time');
    client.send(encodeProbe(first.nonce));
    const second = await download.next();
    assert.notDeepEqual(second.nonce, first.nonce);
    assert.equal(await client.asks(id, 'two'), 'two');
    assert.equal(relay.metric('downloads_total{step="switched"}'), 0);
    client.send(encodeProbe(second.nonce));
    assert.equal((await client.next(0)).type, 'switch');
  });

  it('that are lost before that are no matter', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(startWithDownload(relay));
    const download = await use(DownloadClient.start(relay, tokenOf(client)));
    const { nonce } = await download.next();
    download.stop();
    await download.closed;
    const id = client.connect(echo.port);
    assert.equal(await client.asks(id, 'still there'), 'still there');
    // It was on its way.
    client.send(encodeProbe(nonce));
    assert.equal(await client.asks(id, 'and now'), 'and now');
    assert.equal((await ask(relay, tokenOf(client))).statusCode, 404);
  });

  it('that are lost after that are the end of the WebSocket, and reset its targets', async () => {
    const relay = await use(startRelay());
    const target = await use(startTarget());
    const { client, download } = await switched(relay);
    client.connect(target.port);
    const socket = await target.connections.next();
    const failed = once(socket, 'error');
    download.stop();
    assert.deepEqual(await client.closed, { code: 1011, reason: 'download-lost' });
    assert.equal((await failed)[0].code, 'ECONNRESET');
    assert.equal(relay.metric('connections_cut_total{reason="download-lost"}'), 1);
  });

  it('end with the WebSocket, however that ends', async () => {
    const relay = await use(startRelay());
    const target = await use(startTarget());
    for (const end of ['close', 'terminate']) {
      const { client, download } = await switched(relay);
      client.connect(target.port);
      const socket = await target.connections.next();
      client.ws[end]();
      await download.closed;
      await gone(socket);
    }
    await until(() => relay.metric('connections') === 0);
    assert.equal(relay.metric('downloads'), 0);
    const client = await use(startWithDownload(relay));
    const unused = await use(DownloadClient.start(relay, tokenOf(client)));
    await unused.next();
    client.stop();
    await unused.closed;
  });

  it('bring what was said before the relay stopped', async () => {
    const relay = await use(startRelay({ timeouts: { grace: 10_000 } }));
    const size = 512 * kibibyte;
    const target = await use(startTarget());
    const { client, download } = await switched(relay);
    const id = client.connect(target.port);
    const socket = await target.connections.next();
    download.response.pause();
    const stopped = relay.stop();
    socket.end(Buffer.alloc(size));
    client.send(encodeEnd(id));
    const { code } = await client.closed;
    assert.equal(code, 1001);
    download.response.resume();
    assert.equal((await download.read(id, size)).length, size);
    assert.deepEqual(await download.next(), { type: 'end', streamId: id });
    await download.closed;
    await stopped;
  });

  it('are read no faster than the client reads them', async () => {
    const relay = await use(startRelay());
    const size = 256 * mebibyte;
    const piece = Buffer.alloc(mebibyte);
    let sent = 0;
    const source = await use(startTarget((socket) => {
      const write = () => {
        while (sent < size) {
          sent += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', write);
        }
        socket.end();
      };
      write();
    })); // prettier-ignore
    const { client, download } = await switched(relay, { credits: 2 ** 31 - 1 });
    const id = client.connect(source.port);
    await download.read(id, 1);
    download.response.pause();
    let before;
    do {
      before = sent;
      await client.pinged();
      await new Promise((resolve) => setTimeout(resolve, 100));
    } while (sent > before);
    assert.ok(sent < 64 * mebibyte, `${sent} bytes have gone out`);
    download.response.resume();
    let received = 0;
    while (received < size - mebibyte) received += (await download.next()).payload?.length ?? 0;
  });

  for (const way of ['half-closed', 'destroyed', 'unread']) {
    it(`give back what targets were read into (${way})`, async () => {
      const relay = await use(startRelay({ timeouts: { ping: way === 'unread' ? 20 : 0 } }));
      const before = freeBuffers();
      const source = await use(startTarget(flood));
      const { client, download } = await switched(relay, { credits: 2 ** 31 - 1 });
      const id = client.connect(source.port);
      await download.read(id, 8 * mebibyte);
      download.response.pause();
      if (way === 'half-closed') download.response.socket.end();
      else if (way === 'destroyed') download.stop();
      const { code } = await client.closed;
      assert.equal(code, way === 'unread' ? 1006 : 1011);
      await until(() => relay.metric('connections') === 0);
      await until(() => freeBuffers() === before);
      assert.equal(relay.metric('connections_cut_total{reason="silent"}'), way === 'unread' ? 1 : 0);
    });
  }

  it('of who hung up before they began are over', async () => {
    const relay = await use(startRelay());
    const client = await use(startWithDownload(relay));
    const socket = nativeNet.connect(relay.port, '127.0.0.1');
    await use({ stop: () => socket.destroy() });
    socket.resume();
    socket.end(`POST /?download=${tokenOf(client)} HTTP/1.1\r\nHost: relay\r\nContent-Length: 0\r\n\r\n`);
    await once(socket, 'close');
    await client.pinged();
    assert.equal((await ask(relay, tokenOf(client))).statusCode, 404);
  });

  it('keep to the credits', async () => {
    const relay = await use(startRelay());
    const source = await use(startTarget((socket) => socket.end(Buffer.alloc(100))));
    const { client, download } = await switched(relay, { credits: 10 });
    const id = client.connect(source.port);
    assert.equal((await download.read(id, 10)).length, 10);
    await client.pinged();
    assert.equal(download.packets.length, 0);
    client.send(encodeCredit(id, 90));
    assert.equal((await download.read(id, 90)).length, 90);
  });

  it('are kept alive where there is nothing to say', async () => {
    const relay = await use(startRelay({ timeouts: { ping: 20 } }));
    const { download } = await switched(relay);
    await until(() => download.keptAlive >= 2);
  });

  it('end where the client has had all that it may have', async () => {
    const relay = await use(startRelay({ limits: { totalBytes: 1000 } }));
    const source = await use(startTarget());
    const { client, download } = await switched(relay);
    const id = client.connect(source.port);
    const socket = await source.connections.next();
    socket.write(Buffer.alloc(900));
    assert.equal((await download.read(id, 900)).length, 900);
    socket.write(Buffer.alloc(200));
    assert.deepEqual(await client.closed, { code: 1008, reason: 'total-bytes' });
    await download.closed;
    assert.equal(download.packets.length, 0);
  });
});

describe('the relay, requests for downloads', () => {
  const use = useCleanup();
  const page = 'https://app.example';

  it('need the token of a WebSocket that wants one and is open, once', async () => {
    const relay = await use(startRelay());
    const client = await use(WispClient.start(relay.url, extensions()));
    await client.pinged();
    const other = await use(startWithDownload(relay));
    const closed = await use(startWithDownload(relay));
    closed.stop();
    await until(() => relay.metric('connections') === 2);
    const refused = {
      'is guessed': '0'.repeat(32),
      'was not taken up': tokenOf(client),
      'is of a WebSocket that is gone': tokenOf(closed),
    };
    for (const [what, token] of Object.entries(refused)) {
      assert.equal((await ask(relay, token)).statusCode, 404, what);
    }
    await use(DownloadClient.start(relay, tokenOf(other)));
    assert.equal((await ask(relay, tokenOf(other))).statusCode, 404, 'was used');
    assert.equal(relay.metric('downloads_rejected_total{reason="token"}'), 4);
    const text = JSON.stringify(relay.records);
    for (const each of [client, other, closed]) assert.ok(!text.includes(tokenOf(each)), 'no token is logged');
  });

  it('are those with a token alone: everything else is somebody else’s', async () => {
    const relay = await use(startRelay());
    const client = await use(startWithDownload(relay));
    const token = tokenOf(client);
    for (const value of ['', 'x', 'z'.repeat(32), `${token}00`, `${token}%0a`, token.slice(2)]) {
      assert.equal((await ask(relay, value)).statusCode, 426, value);
      assert.equal((await ask(relay, value, { path: '/folder/' })).statusCode, 404, value);
    }
    assert.equal(relay.metric('downloads_rejected_total{reason="token"}'), 0);
    const own = http.createServer((request, response) => {
      if (!relay.relay.handleRequest(request, response)) response.end('the program’s own');
    });
    await use({ stop: () => own.close() });
    own.listen(0, '127.0.0.1');
    await once(own, 'listening');
    const [response] = await once(http.get({ port: own.address().port, path: '/files/?download=all', agent: false }), 'response'); // prettier-ignore
    response.setEncoding('utf8');
    assert.equal((await response.toArray()).join(''), 'the program’s own');
    const { statusCode, headers } = await ask(relay, token.toUpperCase());
    assert.deepEqual([statusCode, headers.connection], [200, 'close']);
  });

  it('need a password where the WebSocket does', async () => {
    const relay = await use(startRelay({ credentials: [{ username: 'me', password: 'secret' }] }));
    const client = await use(RawClient.open(relay.url, ['wisp-v2']));
    const { extensions: offered } = parsePacket(await client.messages.next());
    const token = tokenOf({ info: { extensions: offered } });
    assert.equal((await ask(relay, token)).statusCode, 404);
    client.send(encodeInfo(withDownload()));
    await client.closed;
    assert.equal((await ask(relay, token)).statusCode, 404);
  });

  it('say which pages may read them: those, and no other', async () => {
    const relay = await use(startRelay({ origins: [page] }));
    const client = await use(startWithDownload(relay, {}, { origin: page }));
    const foreign = await ask(relay, tokenOf(client), { headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.statusCode, 403);
    assert.equal(foreign.headers['access-control-allow-origin'], undefined);
    const { statusCode, headers } = await ask(relay, tokenOf(client), { headers: { origin: page } });
    assert.equal(statusCode, 200);
    assert.deepEqual(
      ['access-control-allow-origin', 'vary', 'cache-control', 'set-cookie', 'content-encoding'].map(
        (name) => headers[name],
      ),
      [page, 'Origin', 'no-store, no-transform', undefined, undefined],
    );
    assert.equal(relay.metric('downloads_rejected_total{reason="origin"}'), 1);
  });

  it('need an origin where the WebSocket does', async () => {
    const relay = await use(startRelay({ origins: [page], requireOrigin: true }));
    const client = await use(startWithDownload(relay, {}, { origin: page }));
    assert.equal((await ask(relay, tokenOf(client))).statusCode, 403);
  });

  it('are POST; another method does not use the token up', async () => {
    const relay = await use(startRelay());
    const client = await use(startWithDownload(relay));
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      assert.equal((await ask(relay, tokenOf(client), { method })).statusCode, 405, method);
    }
    await use(DownloadClient.start(relay, tokenOf(client)));
  });

  it('may be below the folder of a token', async () => {
    const relay = await use(startRelay({ path: '/relay/', tokens: ['open'] }));
    const client = await use(WispClient.start(`${relay.url}relay/open/`, withDownload()));
    await client.pinged();
    assert.equal((await ask(relay, tokenOf(client))).statusCode, 404);
    assert.equal((await ask(relay, tokenOf(client), { path: '/relay/example.com:1' })).statusCode, 404);
    await use(DownloadClient.start(relay, tokenOf(client), { path: '/relay/open/' }));
  });

  it('are not there when they are switched off', async () => {
    const relay = await use(startRelay({ downloadsByHttp: false }));
    const client = await use(WispClient.start(relay.url, withDownload()));
    assert.ok(client.info.extensions.every(({ id }) => id !== 0xf4));
    assert.equal((await ask(relay, '0'.repeat(32))).statusCode, 426);
    client.send(noProbe);
    await until(() => relay.metric('violations_total{kind="not-negotiated"}') === 1);
  });

  it('are refused while the relay stops', async () => {
    const relay = await use(startRelay({ timeouts: { grace: 10_000 } }));
    const target = await use(startTarget());
    const client = await use(startWithDownload(relay));
    const id = client.connect(target.port);
    await client.next(id);
    const agent = new http.Agent({ keepAlive: true });
    await use({ stop: () => agent.destroy() });
    const url = `http://127.0.0.1:${relay.port}/`;
    // A connection that is in use when the relay stops listening.
    const pending = http.request(`${url}?download=${tokenOf(client)}`, { method: 'POST', agent });
    pending.flushHeaders();
    const [socket] = await once(pending, 'socket');
    if (socket.connecting) await once(socket, 'connect');
    await client.pinged();
    const stopped = relay.stop();
    pending.end();
    const [response] = await once(pending, 'response');
    assert.ok([200, 503].includes(response.statusCode));
    response.destroy();
    client.send(encodeClose(id, CloseReason.voluntary));
    await stopped;
  });

  it('do no harm in a flood', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(startWithDownload(relay));
    const id = client.connect(echo.port);
    const flood = Array.from({ length: 300 }, async (_, index) => {
      const response = await ask(relay, index.toString(16).padStart(32, '0'));
      response.resume();
      return response.statusCode;
    });
    assert.equal(await client.asks(id, 'unharmed'), 'unharmed');
    assert.ok((await Promise.all(flood)).every((status) => status === 404));
    assert.equal(relay.metric('downloads_rejected_total{reason="token"}'), 300);
    await use(DownloadClient.start(relay, tokenOf(client)));
  });

  const lies = {
    'a probe that was never sent': async () => noProbe,
    'a probe of another’s': async (relay) => {
      const other = await use(startWithDownload(relay));
      const download = await use(DownloadClient.start(relay, tokenOf(other)));
      return encodeProbe((await download.next()).nonce);
    },
  };
  for (const [name, lie] of Object.entries(lies)) {
    it(`${name} is counted, and too much of it ends the WebSocket`, async () => {
      const relay = await use(startRelay({ limits: { violations: 4 } }));
      const client = await use(startWithDownload(relay));
      const download = await use(DownloadClient.start(relay, tokenOf(client)));
      await download.next();
      const message = await lie(relay);
      for (let count = 0; count < 4; count++) client.send(message);
      assert.deepEqual(await client.closed, { code: 1008, reason: 'violations' });
      assert.equal(relay.metric('violations_total{kind="unexpected-probe"}'), 4);
      assert.equal(relay.metric('downloads_total{step="switched"}'), 0);
      await download.closed;
    });
  }

  it('a probe that comes back twice is counted', async () => {
    const relay = await use(startRelay());
    const client = await use(startWithDownload(relay));
    const download = await use(DownloadClient.start(relay, tokenOf(client)));
    const { nonce } = await download.next();
    client.send(encodeProbe(nonce));
    client.send(encodeProbe(nonce));
    await until(() => relay.metric('violations_total{kind="unexpected-probe"}') === 1);
    await client.pinged();
    assert.equal(relay.metric('downloads_total{step="switched"}'), 0);
  });

  it('SWITCH, which only a server says, is counted', async () => {
    const relay = await use(startRelay());
    const client = await use(startWithDownload(relay));
    client.send(Buffer.from('f700000000', 'hex'));
    await until(() => relay.metric('violations_total{kind="wrong-direction"}') === 1);
  });
});
