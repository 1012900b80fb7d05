// Applications that know nothing of this library, on libraries that do not either: `--import wasm-tls/register` is all
// that makes theirs of it. The servers are real ones, with the TLS of OpenSSL.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import nodeHttps from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { WebSocket, WebSocketServer } from 'ws';

import { useCleanup } from '../../support/cleanup.mjs';
import { fixtures } from '../../support/pki.mjs';
import { mosquitto, nginx, postgres, redis, smtp } from '../../support/services/index.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(folder, '../../..');
const size = 1 << 18;

describe('an application as it is', () => {
  const use = useCleanup();
  const pki = fixtures();
  const files = { ca: pki.ca.certPath, cert: pki.client.certPath, key: pki.client.keyPath, size };

  /** What the job of `library` has to tell, and what the witness saw. The working directory finds the package by its name. */
  async function run(app, library, config) {
    const preload = ['--import', 'wasm-tls/register', '--import', path.join(folder, 'witness.cjs')];
    const args = [...preload, path.join(folder, app), library, JSON.stringify({ ...files, ...config })];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repository, timeout: 45_000 });
    const [result, witness] = stdout.trim().split('\n').map((line) => JSON.parse(line)); // prettier-ignore
    assert.match(witness.openssl, /^OpenSSL 3\.5\./);
    // Connections of Node's own TLS, and of this library's.
    assert.equal(witness.native, 0);
    return { result, connections: witness.secure };
  }

  for (const app of ['app.cjs', 'app.mjs']) {
    describe(app, () => {
      it('pg, PostgreSQL', async () => {
        const { port } = await use(postgres());
        const { result, connections } = await run(app, 'pg', { port });
        assert.deepEqual(result, {
          byPassword: { ssl: true, version: 'TLSv1.3', client_dn: null },
          byCertificate: { ssl: true, version: 'TLSv1.3', client_dn: '/CN=client/O=wasm-tls tests' },
          received: true,
          sent: size,
          sums: [1, 2, 3, 4, 5, 6],
        });
        assert.equal(connections, 4);
      });

      it('ioredis, Redis', async () => {
        const { port } = await use(redis());
        const { result, connections } = await run(app, 'ioredis', { port });
        assert.deepEqual(result, { received: true, sum: 4950, heard: 'extra', authorized: true, protocol: 'TLSv1.3' });
        assert.equal(connections, 2);
      });

      it('nodemailer, aiosmtpd', async () => {
        const servers = {
          implicit: await use(smtp({ implicit: true })),
          upgrade: await use(smtp({ implicit: false })),
        };
        const { implicit, upgrade } = servers;
        const { result, connections } = await run(app, 'nodemailer', {
          implicit: implicit.port,
          upgrade: upgrade.port,
        });
        for (const [name, { mailbox }] of Object.entries(servers)) {
          assert.deepEqual(result[name].accepted, ['b@example.com']);
          assert.match(result[name].response, /^250 /);
          const [mail] = fs.readdirSync(path.join(mailbox, 'new'));
          assert.match(fs.readFileSync(path.join(mailbox, 'new', mail), 'utf8'), new RegExp(`^Subject: ${name}$`, 'm'));
        }
        assert.equal(connections, 2);
      });

      it('undici, nginx', async () => {
        const { port } = await use(nginx(Buffer.alloc(size)));
        const { result, connections } = await run(app, 'undici', { port });
        // The groups of the ClientHello: nginx knows no name for X25519MLKEM768, which Node's own does not offer.
        const about = (protocol) => [1, 2].map((n) => new RegExp(`^TLSv1\\.3 0x11ec:\\S+ ${protocol} ${n}$`));
        for (const [name, protocol] of [['one', 'HTTP/1\\.1'], ['two', 'HTTP/2\\.0']]) {
          about(protocol).forEach((pattern, index) => assert.match(result[name].about[index], pattern));
          assert.equal(result[name].size, size);
        } // prettier-ignore
        assert.equal(connections, 2);
      });

      it('ws, both roles', async () => {
        const identity = { cert: pki.serverEcdsa.cert, key: pki.serverEcdsa.key };
        const server = nodeHttps.createServer(identity);
        new WebSocketServer({ server }).on('connection', (socket) => {
          socket.on('message', (data, isBinary) => {
            if (isBinary) return socket.send(data);
            const visitor = new WebSocket(`wss://localhost:${data}`, { ca: pki.ca.cert });
            visitor.on('open', () => visitor.send('from elsewhere'));
          });
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        await use({ stop: () => new Promise((resolve) => server.close(resolve)) });
        const { certPath: cert, keyPath: key } = pki.serverEcdsa;
        const { result, connections } = await run(app, 'ws', {
          url: `wss://localhost:${server.address().port}`,
          cert,
          key,
        });
        assert.deepEqual(result, { echoed: true, ours: true, heard: 'from elsewhere' });
        assert.equal(connections, 2);
      });

      it('mqtt, Mosquitto', async () => {
        const { port } = await use(mosquitto());
        const { result, connections } = await run(app, 'mqtt', { port });
        assert.deepEqual(result, [[size, '0'], [size, '1'], [size, '2']]); // prettier-ignore
        assert.equal(connections, 1);
      });
    });
  }
});
