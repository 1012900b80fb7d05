// docs/sessions.md: two server processes that share sessions, or ticket keys, through Redis.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import nativeTls from 'node:tls';
import { pathToFileURL } from 'node:url';

import { Redis } from 'ioredis';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { only } from '../support/endpoint.mjs';
import { OpensslClient } from '../support/peers/index.mjs';
import { PeerProcess } from '../support/peers/process.mjs';
import { fixtures } from '../support/pki.mjs';
import { recipe } from '../support/recipe.mjs';
import { redis as startRedis } from '../support/services/index.mjs';

const pki = fixtures();

/** Clients: `visit(port, session)` resolves to { line, session }, what the server said and the session afterwards. */
const clients = {
  'node:tls': (version) =>
    async function visit(port, session) {
      const options = { host: '127.0.0.1', servername: 'localhost', ca: pki.ca.cert, ...only(version) };
      const socket = nativeTls.connect({ port, session, ...options }).setEncoding('utf8');
      const visited = { line: '', session };
      socket.on('data', (text) => (visited.line += text)).on('session', (latest) => (visited.session = latest));
      await once(socket, 'close');
      return visited;
    },

  'openssl s_client': (version, directory) => {
    let sessions = 0;
    return async function visit(port, session) {
      const next = directory.file(`session-${++sessions}`);
      const args = ['-sess_out', next, ...(session === undefined ? [] : ['-sess_in', session])];
      const peer = OpensslClient.start({ port, version, caPath: pki.ca.certPath, args });
      const { received } = await peer.finished();
      // In TLS 1.2 the ticket of a resumed session may be the old one, and nothing new is stored then.
      return { line: received.toString(), session: fs.existsSync(next) ? next : session };
    };
  },
};

describe('servers that share', function suite() {
  const use = useCleanup();

  /** Two of the document's servers, in a process each: { ports, programs, redis }. */
  async function start(resumeBy) {
    const store = await use(startRedis({ clientCertificates: false }));
    const url = `rediss://localhost:${store.port}`;
    const redis = new Redis(url, { tls: { ca: pki.ca.cert } });
    await use({ stop: () => redis.quit() });
    const programs = await use(recipe('sessions'));
    const env = {
      ...process.env, TLS_KEY: pki.serverEcdsa.keyPath, TLS_CERT: pki.serverEcdsa.certPath, PORT: '0',
      REDIS_URL: url, RESUME_BY: resumeBy, NODE_EXTRA_CA_CERTS: pki.ca.certPath,
    }; // prettier-ignore
    // The command lines differ, as they may on different machines.
    const launch = (name) => use(new PeerProcess(process.execPath, [programs.file('server.mjs'), name], { env }));
    const servers = await Promise.all(['one', 'two'].map(launch));
    const listening = servers.map((server) => server.waitFor(server.stdout, /listening on (\d+)\n/));
    const ports = (await Promise.all(listening)).map(([, port]) => Number(port));
    return { servers, ports, programs, redis };
  }

  async function clientOf(name, version) {
    return clients[name](version, await use(temporaryDirectory()));
  }

  for (const name of Object.keys(clients)) {
    it(`sessions, ${name}: resumes at the other server, until the store forgets`, async () => {
      const { ports, redis } = await start('id');
      const visit = await clientOf(name, 'TLSv1.2');
      const first = await visit(ports[0]);
      assert.equal(first.line, 'TLSv1.2 new\n');
      const [key, ...others] = await redis.keys('*');
      assert.match(key, /^tls:session:[0-9a-f]{64}$/);
      assert.deepEqual(others, []);
      assert.equal((await visit(ports[1], first.session)).line, 'TLSv1.2 resumed\n');
      await redis.del(key);
      assert.equal((await visit(ports[1], first.session)).line, 'TLSv1.2 new\n');
    });

    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      it(`ticket keys, ${name}, ${version}: resumes at the other server, until the keys change`, async () => {
        const { servers, ports, programs, redis } = await start('ticket');
        const visit = await clientOf(name, version);
        const first = await visit(ports[0]);
        assert.equal(first.line, `${version} new\n`);
        const second = await visit(ports[1], first.session);
        assert.equal(second.line, `${version} resumed\n`);
        assert.equal((await visit(ports[0], second.session)).line, `${version} resumed\n`);

        const { rotateTicketKeys } = await import(pathToFileURL(programs.file('shared-ticket-keys.mjs')).href);
        await rotateTicketKeys(redis);
        const twice = /has ticket keys\n[^]*has ticket keys\n/;
        await Promise.all(servers.map((server) => server.waitFor(server.stdout, twice)));
        for (const port of ports) assert.equal((await visit(port, second.session)).line, `${version} new\n`);
        const third = await visit(ports[1]);
        assert.equal((await visit(ports[0], third.session)).line, `${version} resumed\n`);
      });
    }
  }

  it('nothing: the other server knows no session', async () => {
    const { ports } = await start('nothing');
    const visit = await clientOf('node:tls', 'TLSv1.3');
    const first = await visit(ports[0]);
    assert.equal((await visit(ports[1], first.session)).line, 'TLSv1.3 new\n');
    assert.equal((await visit(ports[0], first.session)).line, 'TLSv1.3 resumed\n');
  });
});
