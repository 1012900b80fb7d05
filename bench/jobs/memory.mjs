// Memory of an idle connection, both of its ends, when there are a thousand.

import { format, markdownTable, percent } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { median, ratio } from '../lib/statistics.mjs';

const parts = { rss: 'RSS', heapUsed: 'JS heap', external: 'external', wasm: 'of it wasm memory' };

/** A contestant whose every measurement starts with a fresh process. */
function fresh(contestant) {
  return {
    id: contestant.id,
    async measure(params) {
      try {
        return await contestant.measure(params);
      } finally {
        await contestant.close();
      }
    },
  };
}

export async function run({ contestants, identities, rounds, quick, progress }) {
  const { node, library, engineWasm, engineNative } = contestants;
  const columns = [node, library, engineWasm, engineNative];
  const connections = quick ? 100 : 1000;
  progress(`${connections} idle connections`);
  const params = { job: 'memory', identity: identities.serverEcdsa, connections };
  const cells = await measureAll(columns.map(fresh), params, rounds);

  const kib = (cell, part) => {
    const values = cell?.results.map((result) => result[part]).filter((value) => value !== undefined) ?? [];
    return values.length === 0 ? null : median(values) / 1024;
  };
  const line = (title, part) => [
    title,
    ...columns.map(({ id }) => format(kib(cells[id], part))),
    part === 'rss' ? percent(ratio(cells.library, cells.node)) : '',
  ];
  const head = ['', ...columns.map(({ title }) => title), 'wasm-tls ÷ node:tls'];
  const lines = [...Object.entries(parts).map(([part, title]) => line(title, part)), line('malloc', 'malloc')];
  return {
    title: 'KiB per idle connection',
    note:
      `Both ends in one process, ${connections} connections, each end with its socket. RSS holds all of it, as far as ` +
      "it was touched; wasm memory grows in large steps. The engine's columns are what malloc has handed out, without " +
      'sockets.',
    rows: [{ key: 'memory', title: `${connections} connections`, cells, ratio: ratio(cells.library, cells.node) }],
    markdown: markdownTable(head, lines),
  };
}
