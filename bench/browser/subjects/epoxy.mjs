// epoxy-tls verifies the certificate by the trust roots that it is given besides its own.

import init, { EpoxyClient, EpoxyClientOptions } from '/epoxy/epoxy.js';
import { getRequest, postRequest, ResponseCounter } from './http.mjs';

const piece = new Uint8Array(64 * 1024).fill(120);
let client;

export async function load({ relay, ca }) {
  await init({ module_or_path: '/epoxy/epoxy.wasm' });
  const options = new EpoxyClientOptions();
  options.wisp_v2 = true;
  options.udp_extension_required = false;
  options.pem_files = [ca];
  client = new EpoxyClient(relay, options);
}

const connect = (port) => client.connect_tls(`https://localhost:${port}`);

async function response(reader) {
  const counter = new ResponseCounter();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error('The connection ended before the response did');
    if (counter.receive(value)) return;
  }
}

async function close({ reader, writer }) {
  await Promise.allSettled([writer.close(), reader.cancel()]);
}

async function open(port) {
  const { read, write } = await connect(port);
  return { reader: read.getReader(), writer: write.getWriter() };
}

export async function handshake(port) {
  void close(await open(port));
}

/** It offers no key share but that. */
export { handshake as handshakeX25519 };

export async function download(port, size) {
  const connection = await open(port);
  await connection.writer.write(getRequest(size));
  await response(connection.reader);
  void close(connection);
}

export async function upload(port, size) {
  const connection = await open(port);
  const answered = response(connection.reader);
  await connection.writer.write(postRequest(size));
  for (let sent = 0; sent < size; sent += piece.length) await connection.writer.write(piece);
  await answered;
  void close(connection);
}
