// What is said of a connection, and the two ways to use one.

import { once } from 'node:events';

import { Failure } from '../lib/report.mjs';
import { marks } from './screen.mjs';

/** The names from the peer's certificate up to the root, by the links between the certificates. */
export function peerChain(socket) {
  const names = [];
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.subject) {
    names.push(certificate.subject.CN);
    if (certificate.issuerCertificate === certificate) break;
    certificate = certificate.issuerCertificate;
  }
  return names.join(` ${marks.issuer} `);
}

/** What the library knows of a connection that has just become secure. */
export function describeConnection(socket) {
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    // A server is not told its group by this API; the peer's report then is.
    group: socket.getEphemeralKeyInfo()?.name,
    chain: peerChain(socket),
    authorized: socket.authorized,
  };
}

/** A clock: seconds since it was started. */
export function stopwatch() {
  const start = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - start) / 1e9;
}

/** Takes `size` bytes from a stream: { bytes, seconds } counted from the first byte on. */
export function take(stream, size) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let got = 0;
    let seconds = null;
    const onData = (chunk) => {
      seconds ??= stopwatch();
      chunks.push(chunk);
      got += chunk.length;
      if (got < size) return;
      stream.off('data', onData);
      resolve({ bytes: Buffer.concat(chunks), seconds: seconds() });
    };
    stream.on('data', onData);
    stream.on('error', reject);
    stream.on('close', () => reject(new Failure(`the connection closed after ${got} of ${size} bytes`)));
  });
}

/** A listening server's port. Any free one of this machine's loopback interface. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** Once it is closed, and all its connections with it. */
export const close = (server) => new Promise((resolve) => server.close(resolve));
