// All that the demo needs beside the page: certificates, the servers it talks to, the relay, and the page's own origin.
// Everything is on loopback, and everything ends with stop().

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

import { makeCertificates } from './certificates.mjs';
import { createPageServer } from './http-server.mjs';
import { close, listen } from './listening.mjs';
import { startPostgres } from './postgres.mjs';
import { Taps } from './tap.mjs';
import { startTargets } from './targets.mjs';
import { createWorkshop } from './workshop.mjs';

const require = createRequire(import.meta.url);

/** Ports of TLS that the page may reach on any host: of the web, mail, directories, names and chat. */
const publicPorts = '443,465,563,636,853,989-995,5061,5223,5671,6514,8443,8883';

function startRelay(ownPorts, taps, token) {
  const { createRelay } = require('wasm-tls/relay');
  const ports = ownPorts.join(',');
  return createRelay({
    path: '/relay/',
    // The demo's own servers are on this machine; the token keeps everybody but the page away.
    allow: [`localhost:${ports}`, `127.0.0.1:${ports}`, `*:${publicPorts}`],
    allowPrivate: true,
    allowListen: '0',
    tokens: [token],
    tap: (chunk) => taps.record(chunk),
    timeouts: { grace: 0 },
  });
}

async function listenAnywhere(server, preferred) {
  try {
    return await listen(server, preferred);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    return listen(server);
  }
}

/**
 * Starts everything and resolves to { url, stop }.
 *
 * @param {{ files: string, port?: number }} options where the built page is; the port that is tried first
 */
export async function startDemo({ files, port = 0 }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'wasm-tls-demo-'));
  // PostgreSQL may run as another user, and has a folder of its own in it.
  fs.chmodSync(directory, 0o711);
  const ends = [() => fs.rmSync(directory, { recursive: true, force: true })];
  const stop = async () => {
    while (ends.length > 0) await ends.pop()();
  };
  try {
    const certificates = makeCertificates(directory);
    const targets = await startTargets(certificates);
    ends.push(targets.stop);
    const workshop = createWorkshop(certificates.good);
    const workshopPort = await listen(workshop);
    ends.push(() => close(workshop));
    const postgres = await startPostgres(path.join(directory, 'postgres'), certificates.good);
    if (postgres.stop) ends.push(postgres.stop);

    const taps = new Taps();
    const token = randomBytes(16).toString('hex');
    const ownPorts = [...targets.ports, workshopPort, ...(postgres.port ? [postgres.port] : [])];
    const relay = startRelay(ownPorts, taps, token);

    const pem = ({ key, cert }) => ({ key: String(key), cert: String(cert) });
    const { root, client, page } = certificates;
    const description = {
      relay: `relay/${token}/`,
      targets: targets.list,
      workshop: { host: 'localhost', port: workshopPort },
      postgres: { access: postgres.access ?? null, missing: postgres.missing ?? null },
      ca: String(root.cert),
      caPath: root.certPath,
      client: pem(client),
      page: pem(page),
    };
    const server = createPageServer({ files, relay, taps, ca: root.cert, describe: () => description });
    const actual = await listenAnywhere(server, port);
    // The relay first: its WebSockets are connections of this server.
    ends.push(
      () => close(server),
      () => relay.close(),
    );
    return { url: `http://127.0.0.1:${actual}/`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
