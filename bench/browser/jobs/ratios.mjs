import { ratio } from '../../lib/statistics.mjs';

/** Columns beside those of the contestants. */
export const ratios = {
  '`wasm-tls` ÷ epoxy-tls': ({ cells }) => ratio(cells['wasm-tls'], cells.epoxy),
  '`wasm-tls` ÷ libcurl.js': ({ cells }) => ratio(cells['wasm-tls'], cells.libcurl),
};
