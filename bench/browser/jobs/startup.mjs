// From the first import of a page to the library being ready, and to its first finished handshake.

import { comparison } from '../../lib/report.mjs';
import { measureAll, project } from '../../lib/rounds.mjs';
import { ratios } from './ratios.mjs';

export async function run({ rivals, rounds, progress }) {
  progress('start');
  const cells = await measureAll(rivals, { value: 'handshake' }, rounds);
  const rows = [
    { key: 'ready', title: 'ready', cells: project(cells, ({ ready }) => ready) },
    { key: 'handshake', title: 'first handshake done', cells },
  ];
  return {
    title: 'ms from the first import',
    note: 'A page that nothing is cached for. The handshake includes the opening of the WebSocket. Less is better.',
    ...comparison(rivals, rows, ratios),
  };
}
