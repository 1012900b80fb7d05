// The result as Markdown and as data.

/** A figure with about three digits that mean something. */
export function format(value) {
  if (value === null || value === undefined) return '–';
  if (value >= 999.5) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

export function percent(value) {
  return value === null || value === undefined ? '–' : `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
}

/** The first column holds words, the others numbers, which stand to the right. */
export function markdownTable(head, rows) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]));
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/**
 * Rows of measurements side by side, and what they are to each other.
 *
 * @param {{id: string, title: string}[]} contestants the columns
 * @param {{title: string, cells: Record<string, {median: number}>}[]} rows
 * @param {Record<string, (row: object) => number | null>} ratios further columns, by title
 * @returns {{rows: object[], markdown: string}} the rows with their ratios, and the table
 */
export function comparison(contestants, rows, ratios) {
  const names = Object.keys(ratios);
  const withRatios = rows.map((row) => ({
    ...row,
    ratios: Object.fromEntries(names.map((name) => [name, ratios[name](row)])),
  }));
  const head = ['', ...contestants.map(({ title }) => title), ...names];
  const lines = withRatios.map((row) => [
    row.title,
    ...contestants.map(({ id }) => format(row.cells[id]?.median)),
    ...names.map((name) => percent(row.ratios[name])),
  ]);
  return { rows: withRatios, markdown: markdownTable(head, lines) };
}
