// A server and clients of one library in one process, over TCP on the loopback interface.

import { once } from 'node:events';

/**
 * @param {typeof import('node:tls')} tls
 * @param {{identity: {key: string, cert: string, ca: string}, version?: string, groups?: string, cipher?: string}} params
 * @returns a server, what its clients share, and the functions below; null when the library does not know the group
 */
export async function openServer(tls, { identity, version = '1.3', groups = 'X25519', cipher }) {
  const shared = { minVersion: `TLSv${version}`, maxVersion: `TLSv${version}`, ecdhCurve: groups };
  if (cipher) shared.ciphers = cipher;
  else if (version === '1.2') shared.ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
  else shared.ciphers = 'TLS_AES_128_GCM_SHA256';

  let secureContext;
  try {
    secureContext = tls.createSecureContext({ ...shared, ca: identity.ca });
  } catch (error) {
    if (error.code === 'ERR_CRYPTO_OPERATION_FAILED') return null; // 'Failed to set ECDH curve'
    throw error;
  }
  const server = tls.createServer({ ...shared, key: identity.key, cert: identity.cert });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const options = { host: '127.0.0.1', port, servername: 'localhost', secureContext };

  return {
    /** Both ends of a new connection, once the handshake is done on both; `prepare` sees the client before. */
    connect(session, prepare) {
      return new Promise((resolve, reject) => {
        let peer;
        let waiting = 2;
        const done = () => {
          if (--waiting === 0) resolve({ client, peer });
        };
        server.once('secureConnection', (socket) => {
          peer = socket;
          // The client may be destroyed first, which the kernel tells the server in its own way.
          peer.on('error', () => {});
          done();
        });
        server.once('tlsClientError', reject);
        const client = tls.connect({ ...options, session }, done);
        client.once('error', reject);
        prepare?.(client);
      }).finally(() => server.removeAllListeners('tlsClientError'));
    },

    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Destroys both ends and waits until they are gone. */
export async function disconnect({ client, peer }) {
  const closed = Promise.all([once(client, 'close'), once(peer, 'close')]);
  client.destroy();
  peer.destroy();
  await closed;
}
