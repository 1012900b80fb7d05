/** How fast bytes go through: page, TLS, relay, server. */
import type { ConnectionOptions, TLSSocket } from 'wasm-tls';
import type { App } from '../app.js';
import { connect, readResponse, requestHead } from './client.js';

export interface Run {
  direction: 'download' | 'upload';
  bytes: number;
  /** OpenSSL's name of a suite of TLS 1.3. */
  suite: string;
}

export interface Progress {
  bytes: number;
  /** Since the first byte, ms. */
  time: number;
}

export class Cancelled extends Error {}

const block = new Uint8Array(256 * 1024).fill(0x2e);

/** Calls `onProgress` with every piece; resolves to the last of them. */
export async function measureThroughput(
  app: App,
  { direction, bytes, suite }: Run,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  const options: ConnectionOptions = { ciphers: suite, minVersion: 'TLSv1.3' };
  const { socket } = await connect(app, options);
  const cancelled = new Promise<never>((_resolve, reject) => {
    const cancel = (): void => {
      socket.destroy();
      reject(new Cancelled('Cancelled.'));
    };
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  });
  try {
    const work = direction === 'download' ? download : upload;
    return await Promise.race([work(socket, bytes, onProgress), cancelled]);
  } finally {
    socket.destroy();
  }
}

async function download(socket: TLSSocket, bytes: number, tell: (progress: Progress) => void): Promise<Progress> {
  socket.write(requestHead('GET', `/bytes/${bytes}`, 0));
  const progress = { bytes: 0, time: 0 };
  let start: number | null = null;
  await readResponse(socket, (chunk) => {
    start ??= performance.now();
    progress.bytes += chunk.length;
    progress.time = performance.now() - start;
    tell(progress);
  });
  return progress;
}

/** What counts is what the server has taken in; on the way there the pieces that the socket has taken tell of it. */
async function upload(socket: TLSSocket, bytes: number, tell: (progress: Progress) => void): Promise<Progress> {
  const start = performance.now();
  const answered = readResponse(socket, () => {});
  socket.write(requestHead('POST', '/sink', bytes));
  const progress = { bytes: 0, time: 0 };
  const send = async (): Promise<void> => {
    while (progress.bytes < bytes && !socket.destroyed) {
      const piece = block.subarray(0, bytes - progress.bytes);
      const written = new Promise<void>((resolve, reject) =>
        socket.write(piece, (error) => (error ? reject(error) : resolve())),
      );
      await written;
      progress.bytes += piece.length;
      progress.time = performance.now() - start;
      tell(progress);
    }
  };
  await Promise.all([send(), answered]);
  progress.time = performance.now() - start;
  return progress;
}
