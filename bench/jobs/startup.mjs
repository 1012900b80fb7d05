// From `require` to the first finished handshake, in fresh processes; the peer is node:tls in a process that is up.

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { format, markdownTable, percent } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { median, ratio } from '../lib/statistics.mjs';

const execute = promisify(execFile);
const client = fileURLToPath(new URL('../worker/startup-client.cjs', import.meta.url));
const server = fileURLToPath(new URL('../worker/startup-server.mjs', import.meta.url));

function starter(id, library) {
  return {
    id,
    async measure({ port, trust }) {
      const { stdout } = await execute(process.execPath, [client, library, String(port), trust]);
      return JSON.parse(stdout);
    },
  };
}

async function withServer({ key, cert }, work) {
  const peer = fork(server);
  try {
    peer.send({ key, cert });
    const [{ port }] = await once(peer, 'message');
    return await work(port);
  } finally {
    peer.disconnect();
  }
}

function line({ title, cells: { node, library } }) {
  const require = (cell) => format(median(cell.results.map((result) => result.require)));
  const total = (cell) => format(cell.median);
  return [title, require(node), total(node), require(library), total(library), percent(ratio(library, node))];
}

export async function run({ identities, rounds, progress }) {
  const starters = [starter('node', 'node:tls'), starter('library', 'wasm-tls')];
  const kinds = { 'with `ca`': identities.serverEcdsa.caPath, 'with the default roots': 'default' };
  const rows = await withServer(identities.serverEcdsa, async (port) => {
    const measured = [];
    for (const [title, trust] of Object.entries(kinds)) {
      progress(`start ${title}`);
      measured.push({
        key: trust === 'default' ? 'roots' : 'ca',
        title,
        cells: await measureAll(starters, { port, trust }, rounds),
      });
    }
    return measured;
  });
  const head = [
    '',
    'node:tls, require',
    'node:tls, in all',
    'wasm-tls, require',
    'wasm-tls, in all',
    'wasm-tls ÷ node:tls',
  ];
  return {
    title: 'ms from `require` to the first finished handshake',
    note: 'A client in a fresh process; the server is another process, already up. Wanted: 150 ms in all.',
    rows,
    markdown: markdownTable(head, rows.map(line)),
  };
}
