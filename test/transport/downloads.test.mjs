// Downloads by HTTP, the client's side: when it asks for one, when it uses it, in which order things come, and how it ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import {
  allExtensions, encodeClose, encodeContinue, encodeData, encodeEnd, ExtensionId, frames, greetingRelay,
} from './support/fake-web-socket.mjs'; // prettier-ignore
import { PacketReader } from '../../dist/transport/wisp/packet-stream.js';
import { ourNet as net, settled, until } from './support/nets.mjs';

const mebibyte = 1024 * 1024;
const token = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const hex = Buffer.from(token).toString('hex');
const extensions = [...allExtensions, { id: ExtensionId.download, payload: token }];
const bytes = (...values) => Uint8Array.from(values);
const nonce = (value) => new Uint8Array(8).fill(value);

/** Packets as the body has them. */
function framed(...packets) {
  const parts = packets.flatMap((packet) => [Buffer.from(Uint32Array.of(packet.length).buffer), packet]);
  return new Uint8Array(Buffer.concat(parts));
}

/** Stands for fetch(): each call waits for the test, which answers with a body that it fills. */
class FakeFetch {
  calls = [];
  #own = globalThis.fetch;

  constructor() {
    globalThis.fetch = (url, init) => this.#fetch(new URL(url), init);
  }

  #fetch(url, init) {
    return new Promise((resolve, reject) => {
      const call = { url, init, aborted: false, reject };
      const body = (source) =>
        new ReadableStream({
          ...source,
          start: (controller) => (call.controller = controller),
          cancel: () => (call.aborted = true),
        });
      call.answer = ({ type = 'bytes', status = 200, contentType = 'application/octet-stream' } = {}) => {
        const stream = body(type === 'bytes' ? { type } : {});
        resolve({ ok: status === 200, status, headers: new Headers({ 'Content-Type': contentType }), body: stream });
      };
      call.end = () => {
        try {
          call.controller.close();
          // Who reads into memory of his own is told by this.
          call.controller.byobRequest?.respond(0);
        } catch {
          // It was cancelled.
        }
      };
      call.say = (...packets) => call.controller.enqueue(framed(...packets));
      init.signal.addEventListener('abort', () => {
        call.aborted = true;
        reject(new Error('aborted'));
        try {
          call.controller?.error(new Error('aborted'));
        } catch {
          // It was over.
        }
      });
      this.calls.push(call);
    });
  }

  stop() {
    globalThis.fetch = this.#own;
  }
}

describe('downloads by HTTP', () => {
  const use = useCleanup();

  /** Sockets over a relay that is the test; the first of them has had enough for a download to be asked for. */
  async function started({ count = 1, much = true, ...options } = {}) {
    const fetches = await use(new FakeFetch());
    const WebSocket = greetingRelay({ extensions });
    const given = { url: 'ws://me:secret@relay.test/r/?a=b', WebSocket, downloads: 'fetch', ...options };
    const transport = net.relayTransport(given);
    const sockets = [];
    const told = [];
    for (let index = 0; index < count; index++) {
      const socket = net.connect({ host: '192.0.2.1', port: 7, transport });
      await use({ stop: () => socket.destroy() });
      const chunks = [];
      socket.text = () => Buffer.concat(chunks).toString();
      socket.on('data', (data) => chunks.push(data));
      socket.on('end', () => told.push(`${index} end`));
      socket.on('error', (error) => {
        socket.error = error;
        told.push(`${index} ${error.code}`);
      });
      await once(socket, 'connect');
      sockets.push(socket);
    }
    const [relay] = WebSocket.all;
    if (much) {
      const [first] = sockets;
      for (let sent = 0; sent <= mebibyte; sent += 65_536) relay.say(encodeData(1, new Uint8Array(65_536)));
      assert.equal(first.bytesRead, mebibyte + 65_536);
      first.removeAllListeners('data');
      const chunks = [];
      first.text = () => Buffer.concat(chunks).toString();
      first.on('data', (data) => chunks.push(data));
    }
    return { relay, fetches, sockets, told, transport };
  }

  /** The same with a download that the relay has gone over to. */
  async function switched({ type, ...options } = {}) {
    const all = await started(options);
    const { relay, fetches } = all;
    const [call] = fetches.calls;
    call.answer({ type });
    await settled();
    for (const value of [1, 2]) {
      call.say(frames.encodeProbe(nonce(value)));
      await until(() => relay.packets('probe').length === value);
    }
    relay.say(frames.encodeSwitch());
    return { ...all, call };
  }

  it('are asked for once, when much has come', async () => {
    const { relay, fetches } = await started({ much: false });
    assert.deepEqual(
      relay
        .packets('info')[0]
        .extensions.map(({ id }) => id)
        .sort(),
      [0xf1, 0xf2, 0xf3, 0xf4, 5],
    );
    relay.say(encodeData(1, new Uint8Array(mebibyte)));
    assert.equal(fetches.calls.length, 0);
    relay.say(encodeData(1, bytes(1)), encodeData(1, bytes(1)));
    assert.equal(fetches.calls.length, 1);
    const [{ url, init }] = fetches.calls;
    assert.equal(url.href, `http://relay.test/r/?a=b&download=${hex}`);
    const { method, credentials, cache, redirect, referrerPolicy, headers, body } = init;
    assert.deepEqual(
      { method, credentials, cache, redirect, referrerPolicy, headers, body },
      {
        method: 'POST',
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        headers: undefined,
        body: undefined,
      },
    );
  });

  it('are not asked for by a link that is over', async () => {
    const { relay, fetches, told } = await started({ much: false });
    relay.say(encodeData(1, new Uint8Array(mebibyte)), encodeData(77, bytes(1)));
    await until(() => told.length === 1);
    assert.deepEqual(told, ['0 ECONNRESET']);
    assert.equal(fetches.calls.length, 0);
  });

  it('are not asked for unless they are wanted', async () => {
    for (const downloads of ['websocket', undefined]) {
      const { relay, fetches } = await started({ downloads });
      assert.equal(fetches.calls.length, 0);
      assert.ok(relay.packets('info')[0].extensions.every(({ id }) => id !== ExtensionId.download));
    }
    for (const downloads of ['http', true, null]) {
      assert.throws(() => net.relayTransport({ url: 'ws://relay.test/', downloads }), {
        code: 'ERR_INVALID_ARG_VALUE',
      });
    }
  });

  for (const type of ['bytes', 'default']) {
    it(`bring everything after the SWITCH, in order (${type})`, async () => {
      const { relay, call, sockets, told } = await switched({ type, count: 2 });
      call.say(encodeData(1, Buffer.from('one ')), encodeData(2, Buffer.from('other')), encodeContinue(1, 64));
      call.say(encodeData(1, Buffer.from('two')), encodeEnd(1), encodeClose(2, 2));
      await until(() => told.length === 2);
      assert.deepEqual(sockets.map((socket) => socket.text()), ['one two', 'other']); // prettier-ignore
      assert.deepEqual(told, ['0 end', '1 end']);
      assert.equal(relay.closed, null);
    });
  }

  it('are not listened to before the SWITCH', async () => {
    const { relay, fetches, sockets } = await started();
    const [call] = fetches.calls;
    call.answer();
    await settled();
    call.say(frames.encodeProbe(nonce(1)));
    await until(() => relay.packets('probe').length === 1);
    call.say(frames.encodeProbe(nonce(2)));
    await until(() => relay.packets('probe').length === 2);
    assert.deepEqual(relay.packets('probe').map((packet) => packet.nonce), [nonce(1), nonce(2)]); // prettier-ignore
    call.say(encodeData(1, Buffer.from('second')));
    await settled();
    assert.equal(sockets[0].text(), '');
    relay.say(encodeData(1, Buffer.from('first ')), frames.encodeSwitch());
    await until(() => sockets[0].text() === 'first second');
  });

  it('come in whatever pieces', async () => {
    const { call, sockets, told } = await switched();
    const all = framed(
      encodeData(1, Buffer.from('ab')), encodeContinue(1, 1), bytes(), encodeData(1, bytes()), encodeData(1, Buffer.from('cd')),
      bytes(), encodeEnd(1),
    ); // prettier-ignore
    for (const byte of all) call.controller.enqueue(bytes(byte));
    await until(() => told.length === 1);
    assert.equal(sockets[0].text(), 'abcd');
  });

  it('are read into the same memory again only when nobody keeps what was there', async () => {
    const { call, sockets, relay, transport } = await switched({ window: 64 * mebibyte });
    const [keeper] = sockets;
    const kept = [];
    keeper.removeAllListeners('data').on('data', (chunk) => kept.push(chunk));
    relay.onPacket = () => {};
    let copied = 0;
    let sum = 0;
    const callback = (size, buffer) => {
      copied += size;
      for (const byte of buffer.subarray(0, size)) sum += byte;
      // In the middle of what it is given, whose rest is kept for it.
      if (copied % 8000 === 0) {
        copier.pause();
        setTimeout(() => copier.resume(), 5);
      }
      return true;
    };
    const copier = net.connect({
      host: '192.0.2.1',
      port: 7,
      transport,
      onread: { buffer: Buffer.alloc(1000), callback },
    });
    await use({ stop: () => copier.destroy() });
    await until(() => relay.packets('connect').length === 2);
    call.say(encodeContinue(2, 64));
    await once(copier, 'connect');
    const rounds = 60;
    let expected = 0;
    for (let value = 1; value <= rounds; value++) {
      call.say(encodeData(1, new Uint8Array(5000).fill(value)), encodeData(2, new Uint8Array(3000).fill(value)));
      expected += 3000 * value;
      // Now and then it stands still, so that what it gets is kept for it.
      if (value % 7 === 0) copier.pause();
      if (value % 7 === 3) copier.resume();
      await settled();
    }
    copier.resume();
    await until(() => copier.resume() && copied === 3000 * rounds);
    assert.equal(sum, expected);
    const all = Buffer.concat(kept);
    assert.equal(all.length, 5000 * rounds);
    assert.ok(all.every((byte, index) => byte === Math.floor(index / 5000) + 1));
  });

  for (const type of ['bytes', 'default']) {
    it(`a chunk is in memory of its own, which may be transferred (${type})`, async () => {
      const { call, sockets } = await switched({ type, count: 2 });
      const [giver, keeper] = sockets;
      const given = [];
      giver.removeAllListeners('data').on('data', (chunk) => {
        assert.equal(chunk.buffer.byteLength, chunk.length);
        given.push(String(chunk));
        structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
      });
      keeper.pause();
      const texts = ['one ', 'two ', 'three'];
      for (const text of texts) {
        call.say(encodeData(1, Buffer.from(text)), encodeData(2, Buffer.from(text)), encodeData(1, Buffer.from(text)));
        await settled();
      }
      keeper.resume();
      await until(() => given.length === 6 && keeper.text().length === 13);
      assert.deepEqual(given, texts.flatMap((text) => [text, text])); // prettier-ignore
      assert.equal(keeper.text(), 'one two three');
    });
  }

  it('are not read on in memory that somebody takes away', () => {
    const all = framed(encodeData(1, bytes(1)), encodeData(1, bytes(2)));
    const onData = (_, { buffer }) => structuredClone(buffer, { transfer: [buffer] });
    assert.throws(() => new PacketReader({ onData }).read(all), TypeError);
  });

  it('a listener that throws harms nobody else', async () => {
    const { call, sockets } = await switched({ count: 2 });
    const thrown = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error.message));
    try {
      sockets[0].once('data', () => {
        throw new Error('a bug of the page’s');
      });
      call.say(
        encodeData(1, Buffer.from('one ')),
        encodeData(2, Buffer.from('other')),
        encodeData(1, Buffer.from('two')),
      );
      await until(() => sockets[0].text() === 'one two' && sockets[1].text() === 'other');
      await until(() => thrown.length > 0);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    assert.deepEqual(thrown, ['a bug of the page’s']);
  });

  const failures = {
    'a policy forbids it': (call) => call.reject(new TypeError('Failed to fetch')),
    'the relay refuses it': (call) => call.answer({ status: 404 }),
    'somebody else answers': (call) => {
      call.answer({ contentType: 'text/html; charset=utf-8' });
      call.controller.enqueue(new TextEncoder().encode('<!doctype html><title>Log in</title>'));
    },
    'somebody else answers with what might be probes': (call) => {
      call.answer({ contentType: 'application/octet-streams' });
      call.say(frames.encodeProbe(nonce(1)));
    },
    'it brings half a probe': (call) => {
      call.answer();
      call.say(bytes(0xf6, 0, 0, 0, 0, 1));
    },
    'it brings something else than packets': (call) => {
      call.answer();
      call.controller.enqueue(new TextEncoder().encode('It works!'));
    },
    'it brings a length that no packet has': (call) => {
      call.answer();
      call.controller.enqueue(bytes(4, 0, 0, 0));
    },
    'it brings a packet beyond all measure': (call) => {
      call.answer();
      call.controller.enqueue(bytes(0, 0, 2, 0, 4, 0, 0, 0, 0));
    },
    'it brings data before a SWITCH': (call) => {
      call.answer();
      call.say(encodeData(1, bytes(1)));
    },
    'it brings a CLOSE before a SWITCH': (call) => {
      call.answer();
      call.say(encodeClose(1, 2));
    },
    'it brings three probes': (call) => {
      call.answer();
      call.say(...[1, 2, 3].map((value) => frames.encodeProbe(nonce(value))));
    },
    'it ends at once': (call) => {
      call.answer();
      call.end();
    },
    'it breaks off': (call) => {
      call.answer();
      call.controller.error(new Error('network'));
    },
    'it breaks off behind a probe': (call) => {
      call.answer();
      call.say(frames.encodeProbe(nonce(1)));
      setImmediate(() => call.controller.error(new Error('network')));
    },
  };
  for (const [name, fail] of Object.entries(failures)) {
    it(`where ${name}, the WebSocket goes on`, async () => {
      const { relay, fetches, sockets, told } = await started();
      fail(fetches.calls[0]);
      await settled();
      relay.say(encodeData(1, new Uint8Array(2 * mebibyte)), encodeData(1, Buffer.from('all')), encodeEnd(1));
      await until(() => told.length === 1);
      assert.ok(sockets[0].text().endsWith('all'));
      assert.deepEqual(told, ['0 end']);
      assert.equal(relay.closed, null);
      assert.equal(fetches.calls.length, 1);
      assert.ok(fetches.calls[0].init.signal.aborted);
    });
  }

  it('are not given up any more once both probes have come', async () => {
    const { relay, fetches } = await started({ connectTimeout: 200 });
    const [call] = fetches.calls;
    call.answer();
    await settled();
    let probes = 0;
    relay.onPacket = ({ type }) => {
      if (type !== 'probe' || ++probes < 2) return;
      // The page is busy until after the time that there was for it.
      const end = performance.now() + 250;
      while (performance.now() < end);
    };
    call.say(frames.encodeProbe(nonce(1)), frames.encodeProbe(nonce(2)));
    await until(() => probes === 2);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(call.init.signal.aborted, false);
  });

  for (const probes of [0, 1]) {
    it(`where somebody holds it back after ${probes} probes, it is given up and the WebSocket goes on`, async () => {
      const { relay, fetches, sockets } = await started({ connectTimeout: 100 });
      const [call] = fetches.calls;
      call.answer();
      await settled();
      for (let value = 1; value <= probes; value++) call.say(frames.encodeProbe(nonce(value)));
      await until(() => call.aborted);
      assert.equal(relay.packets('probe').length, probes);
      relay.say(encodeData(1, Buffer.from('still here')));
      assert.equal(sockets[0].text(), 'still here');
      assert.equal(relay.closed, null);
    });
  }

  for (const way of ['close', 'error']) {
    it(`that are over after the SWITCH (${way}) are the end of the relay for each socket, once`, async () => {
      const { relay, call, sockets, told } = await switched({ count: 2 });
      call.say(encodeData(1, Buffer.from('last')));
      await until(() => sockets[0].text() === 'last');
      if (way === 'close') call.end();
      else call.controller.error(new Error('network'));
      await until(() => told.length === 2);
      assert.deepEqual(told, ['0 ECONNRESET', '1 ECONNRESET']);
      assert.notEqual(relay.closed, null);
    });
  }

  it('that broke off while the relay went over to them are so as well', async () => {
    const { relay, fetches, told } = await started();
    const [call] = fetches.calls;
    call.answer();
    await settled();
    for (const value of [1, 2]) {
      call.say(frames.encodeProbe(nonce(value)));
      await until(() => relay.packets('probe').length === value);
    }
    call.controller.error(new Error('network'));
    await settled();
    assert.deepEqual(told, []);
    relay.say(frames.encodeSwitch());
    await until(() => told.length > 0);
    assert.deepEqual(told, ['0 ECONNRESET']);
  });

  it('that end before the WebSocket leave it to that to say why', async () => {
    const { relay, call, sockets, told } = await switched();
    call.end();
    await settled();
    relay.drop(1001, 'shutdown');
    await until(() => told.length > 0);
    assert.match(sockets[0].error.message, /code 1001, shutdown/);
    assert.deepEqual(told, ['0 ECONNRESET']);
  });

  it('still bring what was said before the WebSocket closed', async () => {
    const { relay, call, sockets, told, transport } = await switched({ count: 2 });
    relay.drop(1001, 'shutdown');
    await settled();
    assert.deepEqual(told, []);
    call.say(encodeData(1, Buffer.from('said before')), encodeClose(1, 2));
    await until(() => told.includes('0 end'));
    assert.equal(sockets[0].text(), 'said before');
    call.end();
    await until(() => told.length === 2);
    assert.deepEqual(told, ['0 end', '1 ECONNRESET']);
    const next = net.connect({ host: '192.0.2.1', port: 7, transport });
    await use({ stop: () => next.destroy() });
    await once(next, 'connect');
    assert.equal(relay.constructor.all.length, 2, 'another WebSocket for who comes later');
  });

  it('that do not end though the WebSocket is closed are given up', async () => {
    const { relay, call, told } = await switched({ connectTimeout: 100 });
    relay.drop(1006);
    await until(() => told.length > 0);
    assert.deepEqual(told, ['0 ECONNRESET']);
    await until(() => call.aborted);
  });

  it('are left alone to end when the relay is not needed any more', async () => {
    const { relay, call, sockets } = await switched({ idleTimeout: 1 });
    sockets[0].destroy();
    await until(() => relay.closed !== null);
    assert.equal(relay.closed.code, 1000);
    assert.equal(call.aborted, false);
    call.end();
    await settled();
  });

  const lies = {
    'a SWITCH without a download': async ({ relay }) => relay.say(frames.encodeSwitch()),
    'a SWITCH behind one probe': async ({ relay, call }) => {
      call.say(frames.encodeProbe(nonce(1)));
      await until(() => relay.packets('probe').length === 1);
      relay.say(frames.encodeSwitch());
    },
    'a probe by the WebSocket': async ({ relay }) => relay.say(frames.encodeProbe(nonce(1))),
    'a SWITCH to what was given up': async ({ relay, call }) => {
      call.controller.enqueue(bytes(4, 0, 0, 0));
      await until(() => call.init.signal.aborted);
      relay.say(frames.encodeSwitch());
    },
  };
  const lateLies = {
    'a second SWITCH': ({ relay }) => relay.say(frames.encodeSwitch()),
    'a message behind the SWITCH': ({ relay }) => relay.say(encodeData(1, bytes(1))),
    'a SWITCH in the body': ({ call }) => call.say(frames.encodeSwitch()),
    'a probe in the body': ({ call }) => call.say(frames.encodeProbe(nonce(3))),
    'data for a stream that never was': ({ call }) => call.say(encodeData(77, bytes(1))),
    'data for no stream': ({ call }) => call.say(bytes(2, 0, 0, 0, 0, 1)),
    'more data than was granted': ({ call }) =>
      call.say(...Array.from({ length: 9 }, () => encodeData(1, new Uint8Array(mebibyte)))),
    'a length that no packet has': ({ call }) => call.controller.enqueue(bytes(4, 0, 0, 0)),
    'a length beyond all measure': ({ call }) => call.controller.enqueue(bytes(255, 255, 255, 255)),
    'a packet beyond all measure': ({ call }) => call.controller.enqueue(bytes(0, 0, 2, 0, 4, 0, 0, 0, 0)),
    'a message behind the end of the body': async ({ relay, call }) => {
      call.end();
      await settled();
      relay.say(encodeData(1, bytes(1)));
    },
    'a malformed packet': ({ call }) => call.say(bytes(3, 1, 0, 0, 0, 1)),
  };
  const all = [
    ...Object.entries(lies).map(([name, lie]) => [name, lie, started]),
    ...Object.entries(lateLies).map(([name, lie]) => [name, lie, switched]),
  ];
  for (const [name, lie, prepare] of all) {
    it(`${name} is the end of the WebSocket`, async () => {
      const { sockets, ...rest } = await prepare({ count: 2 });
      const { relay, fetches, told } = rest;
      const [call] = fetches.calls;
      if (prepare === started) call.answer();
      for (const socket of sockets) socket.pause();
      await settled();
      await lie({ ...rest, call });
      await until(() => told.length === 2);
      await settled();
      assert.equal(relay.closed.code, 4002);
      assert.deepEqual(told, ['0 ECONNRESET', '1 ECONNRESET']);
      call.end();
      await settled();
    });
  }
});
