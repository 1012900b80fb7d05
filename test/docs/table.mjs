// docs/api.md as data: its tables, and the tests that their rows name.

/** A test as a row names it: a link to its file, and its title, or the beginning of it before an ellipsis. */
const reference = /\[[^\]]+\]\(\.\.\/([^)]+)\) “([^”]+)”/g;

/** Cells of a line of a table; a bar inside a cell is written \|. */
function cells(line) {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The names in a cell: what its code spans begin with, `tls.connect(…)` as connect and `'secure'` as secure. */
function namesIn(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => /^'?(?:\w+(?:\[\])?\.)*([$\w]+)/.exec(code)?.[1] ?? []);
}

/**
 * Every row of a table whose last column is 'Shown by':
 * { section, line, name, names, works, tests: [{ file, title }] }, with the heading above and the number of the line.
 */
export function readRows(text) {
  const rows = [];
  let section = '';
  let header = null;
  text.split('\n').forEach((line, index) => {
    const heading = /^## (.*)/.exec(line)?.[1];
    if (heading) section = heading;
    if (!line.startsWith('|')) {
      header = null;
      return;
    }
    if (header === null) {
      header = cells(line);
      return;
    }
    if (header.at(-1) !== 'Shown by' || /^\|[-| ]+\|$/.test(line)) return;
    const [name, , works] = cells(line);
    const tests = [...cells(line).at(-1).matchAll(reference)].map(([, file, title]) => ({ file, title }));
    rows.push({ section, line: index + 1, name, names: namesIn(name), works, tests });
  });
  return rows;
}
