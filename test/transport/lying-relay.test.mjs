// A relay that breaks the protocol: its WebSocket is closed, each socket hears of it once, and nothing else happens.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import {
  encodeClose, encodeContinue, encodeData, encodeEnd, encodeInfo, frames, greetingRelay, fakeWebSocketClass,
  SERVER_STREAM_BIT,
} from './support/fake-web-socket.mjs'; // prettier-ignore
import { ourNet as net, settled, until } from './support/nets.mjs';

const window = 64 * 1024;
const bytes = (...values) => Uint8Array.from(values);

/** name → what the relay says to two connected sockets with the ids 1 and 2, and a listener with the id 3 */
const lies = {
  'an empty message': () => [bytes()],
  'half a header': () => [bytes(2, 1, 0)],
  'a packet of no known type': () => [bytes(0x77, 1, 0, 0, 0)],
  'garbage': () => [bytes(0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7)],
  'a text message': () => ['hello'],
  'half a CONTINUE': () => [bytes(3, 1, 0, 0, 0, 1)],
  'a CONTINUE that is too long': () => [bytes(3, 1, 0, 0, 0, 1, 0, 0, 0, 0)],
  'half a CLOSE': () => [bytes(4, 1, 0, 0, 0)],
  'DATA for a stream that never was': () => [encodeData(77, bytes(1))],
  'CLOSE for a stream that never was': () => [encodeClose(77, 2)],
  'DATA on the stream that is none': () => [bytes(2, 0, 0, 0, 0, 1)],
  // The first of them goes to the socket's own buffer, and is granted anew.
  'more DATA than was granted': () => [
    encodeData(1, new Uint8Array(window)), encodeData(1, new Uint8Array(window)), encodeData(1, bytes(1)),
  ],
  'much more DATA than was granted': () => [encodeData(1, new Uint8Array(8 << 20))],
  'DATA behind an END': () => [encodeEnd(1), encodeData(1, bytes(1))],
  'two ENDs': () => [encodeEnd(1), encodeEnd(1)],
  'an END with a payload': () => [bytes(0xf1, 1, 0, 0, 0, 1)],
  'a second INFO': () => [encodeInfo([])],
  'a CONNECT': () => [frames.encodeConnect(9, 'example.com', 80)],
  'a CREDIT': () => [frames.encodeCredit(1, 1)],
  'a LISTEN': () => [frames.encodeListen(9, 0, '')],
  'a LISTENING that nobody asked for': () => [frames.encodeListening(88, 80, '127.0.0.1')],
  'a second LISTENING': () => [frames.encodeListening(3, 80, '127.0.0.1')],
  'a LISTENING for a stream': () => [frames.encodeListening(99, 80, '127.0.0.1')],
  'an ACCEPT of nobody’s': () => [frames.encodeAccept(SERVER_STREAM_BIT + 1, 88, 5, '127.0.0.1')],
  'an ACCEPT with an id of the client’s': () => [frames.encodeAccept(2, 3, 5, '127.0.0.1')],
  'an ACCEPT with an id that is in use': () => [
    frames.encodeAccept(SERVER_STREAM_BIT + 1, 3, 5, '127.0.0.1'),
    frames.encodeAccept(SERVER_STREAM_BIT + 1, 3, 6, '127.0.0.1'),
  ],
  'an ACCEPT that is no UTF-8': () => [
    bytes(...frames.encodeAccept(SERVER_STREAM_BIT + 1, 3, 5, ''), 0xff),
  ],
}; // prettier-ignore

describe('a relay that lies', () => {
  const use = useCleanup();

  async function connected(WebSocket) {
    const transport = net.relayTransport({ url: 'ws://relay.test/', WebSocket, window });
    const sockets = [];
    const told = [];
    for (const name of ['first', 'second']) {
      const socket = net.connect({ host: '192.0.2.1', port: 7, transport });
      await use({ stop: () => socket.destroy() });
      socket.on('error', (error) => told.push(`${name} ${error.syscall} ${error.code}`));
      socket.on('close', (hadError) => told.push(`${name} close ${hadError}`));
      await once(socket, 'connect');
      socket.pause();
      sockets.push(socket);
    }
    const server = net.createServer({ transport }, (socket) => {
      socket.on('error', (error) => told.push(`accepted ${error.code}`));
    });
    server.on('error', (error) => told.push(`server ${error.syscall} ${error.code}`));
    server.listen(0);
    await use({ stop: () => server.close() });
    const [relay] = WebSocket.all;
    await until(() => relay.packets('listen').length > 0);
    relay.say(frames.encodeListening(3, 8080, '127.0.0.1'));
    assert.equal(server.address().port, 8080);
    return { relay, sockets, server, told };
  }

  for (const [name, lie] of Object.entries(lies)) {
    it(`${name} is the end of its WebSocket`, async () => {
      const { relay, sockets, server, told } = await connected(greetingRelay());
      relay.say(...lie());
      await Promise.all(sockets.map((socket) => once(socket, 'close').catch(() => once(socket, 'close'))));
      relay.say(encodeData(1, bytes(1)), encodeContinue(2, 5), bytes(1));
      relay.drop();
      await settled();
      assert.equal(relay.closed.code, 4002);
      const expected = ['first close true', 'first read ECONNRESET', 'second close true', 'second read ECONNRESET'];
      assert.deepEqual(told.filter((line) => !line.startsWith('accepted')).sort(), [
        ...expected,
        'server listen ECONNRESET',
      ]);
      assert.equal(server.listening, false);
      assert.ok(sockets.every(({ destroyed }) => destroyed));
    });
  }

  it('what the error says names the relay and the lie, but not the token', async () => {
    const WebSocket = greetingRelay();
    const relayOptions = { url: 'ws://user:secret@relay.test/path/', token: 'hidden', WebSocket };
    const socket = net.connect({ host: '192.0.2.1', port: 7, transport: relayOptions });
    await once(socket, 'connect');
    WebSocket.all[0].say('lie');
    const [error] = await once(socket, 'error');
    assert.match(
      error.message,
      /^read ECONNRESET 192\.0\.2\.1:7: the relay ws:\/\/relay\.test\/path\/ broke the protocol: /,
    );
    assert.doesNotMatch(error.message, /secret|hidden/);
    assert.match(WebSocket.all[0].url, /[?]token=hidden$/);
  });

  it('packets for a stream that has just been closed are no lie', async () => {
    const { relay, sockets, told } = await connected(greetingRelay());
    sockets[0].destroy();
    await once(sockets[0], 'close');
    relay.say(encodeData(1, bytes(1)), encodeContinue(1, 5), encodeEnd(1), encodeClose(1, 2), encodeContinue(0, 9));
    sockets[1].resume();
    relay.say(encodeData(2, bytes(1, 2, 3)));
    const [data] = await once(sockets[1], 'data');
    assert.equal(data.length, 3);
    assert.deepEqual(told, ['first close false']);
    assert.equal(relay.closed, null);
  });

  for (const [name, greeting] of Object.entries({
    DATA: () => [encodeData(1, bytes(1))],
    'an INFO that is cut off': () => [bytes(5, 0, 0, 0, 0, 2, 0, 2, 9, 0)],
    'two INFOs': () => [encodeInfo([]), encodeInfo([])],
    'a CONTINUE for a stream': () => [encodeContinue(5, 1)],
    'a text': () => ['welcome'],
  })) {
    // prettier-ignore
    it(`${name} instead of a greeting`, async () => {
      const WebSocket = fakeWebSocketClass({ onOpen: (socket) => socket.say(...greeting()) });
      const socket = net.connect({ host: 'a.test', port: 7, transport: { url: 'ws://relay.test/', WebSocket } });
      const [error] = await once(socket, 'error');
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.syscall, 'connect');
      assert.equal(WebSocket.all.length, 1);
      assert.notEqual(WebSocket.all[0].closed, null);
    });
  }

  it('a lie about END where it was not agreed on', async () => {
    const WebSocket = greetingRelay({ extensions: [] });
    const socket = net.connect({ host: 'a.test', port: 7, transport: { url: 'ws://relay.test/', WebSocket } });
    await once(socket, 'connect');
    WebSocket.all[0].say(encodeEnd(1));
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNRESET');
  });

  it('lies of a relay with one WebSocket for each connection', async () => {
    const cases = [
      ['open', 'garbage'],
      ['credit 5'],
      [bytes(1)],
      ['end'],
      ['open', 'end', bytes(1)],
      ['open', 'end', 'end'],
    ];
    cases.push(['open', new Uint8Array(window + 1)]);
    for (const messages of cases) {
      const WebSocket = fakeWebSocketClass({ onOpen: (socket) => socket.say(...messages) });
      const transport = net.relayTransport({
        url: 'ws://relay.test/', WebSocket, protocol: 'websocket', extensions: true, window,
      }); // prettier-ignore
      const socket = net.connect({ host: 'a.test', port: 7, transport });
      const errors = [];
      socket.on('error', (error) => errors.push(error.code));
      await once(socket, 'close').catch(() => once(socket, 'close'));
      WebSocket.all[0].say('open', bytes(1));
      WebSocket.all[0].drop();
      assert.deepEqual(errors, ['ECONNRESET'], String(messages));
      assert.notEqual(WebSocket.all[0].closed, null);
    }
  });
});
