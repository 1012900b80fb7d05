// 'protocolMessage': the messages of a handshake as both sides tell them.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';

// '>' is from the client to the server.
const flows = {
  'TLSv1.2': [
    '> ClientHello', '< ServerHello', '< Certificate', '< ServerKeyExchange', '< ServerHelloDone',
    '> ClientKeyExchange', '> Finished', '< NewSessionTicket', '< Finished',
  ],
  'TLSv1.3': [
    '> ClientHello', '< ServerHello', '< EncryptedExtensions', '< Certificate', '< CertificateVerify', '< Finished',
    '> Finished', '< NewSessionTicket', '< NewSessionTicket',
  ],
}; // prettier-ignore

/** The handshake messages alone: who sees a ChangeCipherSpec, and when, differs. */
function flow(messages, ownArrow) {
  const arrow = { sent: ownArrow, received: ownArrow === '>' ? '<' : '>' };
  return messages
    .filter(({ contentType }) => contentType === 'handshake')
    .map(({ direction, name }) => `${arrow[direction]} ${name}`);
}

function checkFacts(messages, version) {
  const start = performance.now();
  for (const { direction, protocol, contentType, name, bytes, time, missed, ...rest } of messages) {
    assert.deepEqual(rest, {});
    assert.ok(['sent', 'received'].includes(direction));
    assert.ok(['handshake', 'alert', 'changeCipherSpec'].includes(contentType));
    assert.ok(bytes > 0 && time <= start, `${name} ${bytes} ${time}`);
    assert.equal(missed, 0);
    // A ServerHello is told before it is read.
    if (!/Hello$/.test(name)) assert.equal(protocol, version);
  }
  const times = messages.map(({ time }) => time);
  assert.deepEqual(times, times.toSorted?.((a, b) => a - b) ?? times);
}

for (const [version, expected] of Object.entries(flows)) {
  describe(`protocolMessage, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };

    it(`of a client, ${version}`, async () => {
      const server = await use(nativeServer(identity));
      const messages = [];
      const client = await use(
        Client.start({ port: server.port, ca: pki.ca.cert }, (socket) =>
          socket.on('protocolMessage', (message) => messages.push(message)),
        ),
      );
      await client.secure;
      const peer = await server.connections.next();
      peer.end('x');
      await once(client.socket.resume(), 'close');
      assert.deepEqual(flow(messages, '>'), expected);
      checkFacts(messages, version);
      assert.ok(messages.some(({ contentType, name }) => contentType === 'alert' && name === 'close_notify'));
    });

    it('of a server, with the socket', async () => {
      const server = await use(Server.start(identity));
      const messages = [];
      const sockets = new Set();
      server.server.on('protocolMessage', (message, socket) => {
        messages.push(message);
        sockets.add(socket);
      });
      await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
      const socket = await server.nextConnection();
      assert.deepEqual([...sockets], [socket]);
      assert.deepEqual(flow(messages, '<'), expected);
      checkFacts(messages, version);
    });

    it('an alert has the name that the standard gives it', async () => {
      const server = await use(nativeServer({ ...identity, ALPNProtocols: ['h2'] }));
      const alerts = [];
      const client = await use(
        Client.start({ port: server.port, ca: pki.otherCa.cert, ALPNProtocols: ['spdy/1'] }, (socket) =>
          socket.on('protocolMessage', (message) => message.contentType === 'alert' && alerts.push(message)),
        ),
      );
      await assert.rejects(client.secure);
      assert.deepEqual(
        alerts.map(({ direction, name, bytes }) => ({ direction, name, bytes })),
        [{ direction: 'received', name: 'no_application_protocol', bytes: 2 }],
      );
    });

    it('is told from the first listener on, once to each', async () => {
      const server = await use(nativeServer(identity));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      await client.secure;
      const peer = await server.connections.next();
      const [first, second] = [[], []];
      client.socket.on('protocolMessage', (message) => first.push(message));
      client.socket.on('protocolMessage', (message) => second.push(message));
      peer.end();
      await once(client.socket.resume(), 'close');
      assert.ok(first.some(({ direction, name }) => direction === 'received' && name === 'close_notify'));
      assert.ok(!first.some(({ name }) => name === 'ServerHello'));
      assert.deepEqual(second, first);
    });
  });
}
