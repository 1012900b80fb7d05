// tls.Server in Node's cluster: the workers share their ticket keys without being told to.

import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { once } from 'node:events';
import nativeTls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { useCleanup } from '../support/cleanup.mjs';
import { only } from '../support/endpoint.mjs';
import { fixtures } from '../support/pki.mjs';

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`cluster, ${version}`, () => {
    const use = useCleanup();
    const { ca } = fixtures();

    /** Two workers that listen on one port. */
    async function workers(options) {
      cluster.setupPrimary({
        exec: fileURLToPath(new URL('../support/cluster-worker.mjs', import.meta.url)),
        args: [],
      });
      let port;
      for (let count = 0; count < 2; count++) {
        const worker = cluster.fork({ SERVER_OPTIONS: JSON.stringify({ ...only(version), ...options }) });
        const gone = once(worker, 'exit');
        await use({ stop: () => (worker.process.kill(), gone) });
        const [address] = await Promise.race([once(worker, 'listening'), gone]);
        assert.ok(port === undefined || port === address.port, 'the workers listen on one port');
        ({ port } = address);
      }
      return port;
    }

    /** What the server said, and the newest session. */
    async function visit(port, session) {
      const options = { port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert, session };
      const socket = nativeTls.connect(options);
      let newest;
      socket.on('session', (bytes) => (newest = bytes));
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      await once(socket, 'close');
      const [worker, reused] = text.split(' ');
      return { worker, reused: reused === 'true', session: newest ?? session };
    }

    /** Visits until the other worker answers. The primary deals connections out in turn. */
    async function visitOther(port, first) {
      for (let attempt = 0; attempt < 10; attempt++) {
        const next = await visit(port, first.session);
        if (next.worker !== first.worker) return next;
      }
      throw new Error('one worker answered all');
    }

    it('a ticket of one worker is good for the other', async () => {
      const port = await workers({});
      const first = await visit(port);
      assert.equal(first.reused, false);
      const second = await visitOther(port, first);
      assert.equal(second.reused, true);
      // And back.
      const third = await visitOther(port, second);
      assert.deepEqual([third.worker, third.reused], [first.worker, true]);
    });
  });
}
