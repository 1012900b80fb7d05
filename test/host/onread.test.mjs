// The onread option: cleartext into one buffer of the user's own.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative } from '../support/subject.mjs';

describe('onread', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const sent = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index % 251));

  async function receive(onread, arrange) {
    const server = await use(nativeServer(identity, (peer) => peer.end(sent)));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert, onread }));
    client.socket.on('data', () => assert.fail('data'));
    arrange?.(client.socket);
    await once(client.socket, 'end');
    assert.equal(client.socket.bytesRead, sent.length);
  }

  it('fills the same buffer again and again', async () => {
    const buffer = Buffer.alloc(1000);
    const chunks = [];
    await receive({
      buffer,
      callback(size, into) {
        assert.equal(into, buffer);
        chunks.push(Buffer.from(into.subarray(0, size)));
      },
    });
    assert.ok(Buffer.concat(chunks).equals(sent));
  });

  it('takes a function that gives buffers', async () => {
    const chunks = [];
    await receive({
      buffer: () => new Uint8Array(777),
      callback: (size, into) => void chunks.push(into.subarray(0, size)),
    });
    assert.ok(Buffer.concat(chunks).equals(sent));
  });

  it('false pauses until resume()', async () => {
    const chunks = [];
    let paused = false;
    let target;
    const onread = {
      buffer: Buffer.alloc(4096),
      callback(size, into) {
        if (!isNative) assert.equal(paused, false, 'data while paused');
        chunks.push(Buffer.from(into.subarray(0, size)));
        paused = true;
        setImmediate(() => {
          paused = false;
          target.resume();
        });
        return false;
      },
    };
    await receive(onread, (socket) => (target = socket));
    assert.ok(Buffer.concat(chunks).equals(sent));
  });

  it('pause() pauses, too', async () => {
    const chunks = [];
    let target;
    const onread = {
      buffer: Buffer.alloc(4096),
      callback(size, into) {
        chunks.push(Buffer.from(into.subarray(0, size)));
        target.pause();
        setImmediate(() => target.resume());
      },
    };
    await receive(onread, (socket) => (target = socket));
    assert.ok(Buffer.concat(chunks).equals(sent));
  });
});
