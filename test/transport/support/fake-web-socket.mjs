// A WebSocket whose other end is the test: it says what it likes, and counts what it is sent.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export const frames = require('../../../dist/transport/wisp/frames.js');

export const { ExtensionId, SERVER_STREAM_BIT, encodeClose, encodeContinue, encodeData, encodeEnd, encodeInfo } =
  frames;

export const allExtensions = ['openConfirmation', 'halfClose', 'credits', 'listen'].map((name) => ({
  id: ExtensionId[name],
  payload: new Uint8Array(0),
}));

/** A class for the option `WebSocket`; `onOpen(socket)` plays the relay. */
export function fakeWebSocketClass({ onOpen = () => {}, accepts = () => true } = {}) {
  return class FakeWebSocket {
    static all = [];
    binaryType = 'blob';
    bufferedAmount = 0;
    /** Whether what is sent stays in the buffer, as behind a slow network. */
    holding = false;
    sent = [];
    closed = null;
    onopen = null;
    onmessage = null;
    onclose = null;
    onerror = null;
    /** Called with each packet that the client sends. */
    onPacket = () => {};

    constructor(url, protocols = []) {
      this.url = url;
      [this.protocol = ''] = protocols;
      this.constructor.all.push(this);
      queueMicrotask(() => {
        if (!accepts(this)) return this.drop(1006);
        this.onopen?.({});
        onOpen(this);
      });
    }

    send(data) {
      if (this.closed !== null) return;
      this.sent.push(data);
      if (this.holding) this.bufferedAmount += data.length;
      if (typeof data !== 'string') this.onPacket(frames.parsePacket(data));
    }

    close(code, reason) {
      this.closed ??= { code, reason };
    }

    /** From the relay: bytes or a text. */
    say(...messages) {
      for (const data of messages) this.onmessage?.({ data: typeof data === 'string' ? data : data.slice().buffer });
    }

    drop(code = 1006, reason = '') {
      this.onerror?.({});
      this.onclose?.({ code, reason });
    }

    packets(type) {
      return this.sent.map((message) => frames.parsePacket(message)).filter((packet) => packet.type === type);
    }
  };
}

/** A relay that greets, with all extensions unless told otherwise, and connects everything. */
export function greetingRelay({ extensions = allExtensions, packets = 64, confirm = true, ...rest } = {}) {
  return fakeWebSocketClass({
    ...rest,
    onOpen(socket) {
      socket.onPacket = (packet) => {
        if (packet.type !== 'connect' || !confirm || extensions.length === 0) return;
        queueMicrotask(() => socket.say(encodeContinue(packet.streamId, packets)));
      };
      if (socket.protocol !== '') socket.say(encodeInfo(extensions));
      socket.say(encodeContinue(0, packets));
    },
  });
}
