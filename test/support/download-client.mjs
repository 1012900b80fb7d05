// A client of the relay's downloads by HTTP that says exactly what a test wants, and reads the packets in its own way.

import { once } from 'node:events';
import http from 'node:http';

import * as frames from '../../dist/transport/wisp/frames.js';
import { Mailbox } from './mailbox.mjs';
import { extensions, WispClient } from './relay.mjs';

const { ExtensionId } = frames;

/** What a client that wants downloads names. */
export const withDownload = (options) => [
  ...extensions(options),
  { id: ExtensionId.download, payload: new Uint8Array(0) },
];

export const tokenOf = ({ info }) => {
  const { payload } = info.extensions.find(({ id }) => id === ExtensionId.download);
  return Buffer.from(payload).toString('hex');
};

/** A WebSocket that has named the extension, and been heard: the relay has its INFO. */
export async function startWithDownload(relay, options, more) {
  const client = await WispClient.start(relay.url, withDownload(options), more);
  await client.pinged();
  return client;
}

/** The response to a request for a download. */
export async function ask(relay, token, { method = 'POST', headers = {}, path = '/' } = {}) {
  const url = `http://127.0.0.1:${relay.port}${path}?download=${token}`;
  const request = http.request(url, { method, headers, agent: false });
  request.end();
  const [response] = await once(request, 'response');
  return response;
}

export class DownloadClient {
  packets = new Mailbox();
  /** Resolves when the body is over: whether it was ended rather than cut. */
  closed;
  /** Lengths of 0 that have come. */
  keptAlive = 0;
  #rest = Buffer.alloc(0);

  constructor(response) {
    this.response = response;
    response.on('data', (data) => this.#read(data)).on('error', () => {});
    this.closed = once(response, 'close').then(() => response.complete);
  }

  static async start(relay, token, options) {
    const response = await ask(relay, token, options);
    if (response.statusCode !== 200) throw new Error(`The relay answered ${response.statusCode}.`);
    return new this(response);
  }

  #read(data) {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 4 && this.#rest.length - 4 >= this.#rest.readUInt32LE(0)) {
      const end = 4 + this.#rest.readUInt32LE(0);
      if (end === 4) this.keptAlive += 1;
      else this.packets.put(frames.parsePacket(new Uint8Array(this.#rest.subarray(4, end))));
      this.#rest = this.#rest.subarray(end);
    }
  }

  next() {
    return this.packets.next();
  }

  /** Until the relay has gone over to it. */
  async switched(client) {
    for (let count = 0; count < 2; count++) {
      const { nonce } = await this.next();
      client.send(frames.encodeProbe(nonce));
    }
    for (;;) if ((await client.next(0)).type === 'switch') return;
  }

  /** Payload of a stream, at least `size` bytes of it; what comes on others meanwhile is an error. */
  async read(id, size) {
    const chunks = [];
    let length = 0;
    while (length < size) {
      const packet = await this.next();
      if (packet.type === 'continue') continue;
      if (packet.type !== 'data' || packet.streamId !== id) throw new Error(`${packet.type} on ${packet.streamId}`);
      chunks.push(Buffer.from(packet.payload));
      length += packet.payload.length;
    }
    return Buffer.concat(chunks);
  }

  stop() {
    this.response.destroy();
  }
}
