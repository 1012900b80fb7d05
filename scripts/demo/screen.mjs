// What the demonstration looks like: sections, aligned facts, marks. Plain text where colours or UTF-8 are not wanted.

const environment = process.env;
const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
const noColor = Boolean(environment.NO_COLOR);
const colors = Boolean(process.stdout.isTTY) && !noColor && environment.TERM !== 'dumb';
const plain = noColor || !/utf-?8/i.test(locale);

const paint = (code) => (text) => (colors ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = paint('1');
export const dim = paint('2');
export const green = paint('32');
export const red = paint('31');

/** The few characters beyond ASCII. */
export const marks = plain
  ? { ok: 'ok    ', failed: 'FAILED', arrow: '->', issuer: '<-', dot: '-', rule: '-' }
  : { ok: '✓', failed: '✗', arrow: '→', issuer: '←', dot: '·', rule: '─' };

const margin = '   ';
const labelWidth = 20;

export function line(text = '') {
  console.log(text);
}

export function title(text, note) {
  line();
  line(bold(text));
  line(dim(note));
  line(dim(marks.rule.repeat(78)));
}

export function section(number, text, note) {
  line();
  line(`${bold(`${number}  ${text}`)}  ${dim(note)}`);
}

/** A name and what belongs to it. */
export function fact(name, value) {
  line(`${margin}${' '.repeat(marks.ok.length + 1)}${name.padEnd(labelWidth)}${value}`);
}

/** A fact that was checked. */
export function check(good, name, value) {
  const mark = good ? green(marks.ok) : red(marks.failed);
  line(`${margin}${mark} ${name.padEnd(labelWidth)}${value}`);
}

/** Rows of cells under a heading, each column as wide as its widest cell; `right` names columns of figures. */
export function table(heading, rows, right = []) {
  const widths = heading.map((cell, column) => Math.max(...[heading, ...rows].map((row) => row[column].length)));
  const layout = (row) =>
    row.map((cell, column) => cell[right.includes(column) ? 'padStart' : 'padEnd'](widths[column])).join('   ');
  line(margin + dim(layout(heading).trimEnd()));
  for (const row of rows) line(margin + layout(row).trimEnd());
}

export const megabytes = (bytes, seconds) => `${(bytes / seconds / 1e6).toFixed(1)} MB/s`;
export const mebibytes = (bytes) => `${bytes / 1024 / 1024} MiB`;
