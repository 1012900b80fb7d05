// Every option of every function with the wrong type, an empty value, a huge value: the same class of error, code and
// message as Node's own, or none when Node has none.

import assert from 'node:assert/strict';

import { differenceOf, differences } from '../support/argument-differences.mjs';
import { tableOf } from '../support/argument-table.mjs';
import { isNative } from '../support/subject.mjs';

/** Without a code an error is JavaScript's own, from somewhere inside: its words are nobody's promise. */
const wordless = (outcome) => outcome?.class === 'TypeError' && outcome.code === undefined;

function same(ours, theirs) {
  if (wordless(theirs)) return ours?.class === 'TypeError';
  return JSON.stringify(ours) === JSON.stringify(theirs);
}

(isNative ? describe.skip : describe)('the table of arguments', () => {
  let native;
  let ours;

  before(async () => {
    [native, ours] = await Promise.all([tableOf('native'), tableOf('wasm-tls')]);
  });

  it('has the same outcome everywhere', () => {
    const different = [];
    for (const [target, row] of Object.entries(native.rows)) {
      for (const [value, expected] of Object.entries(row)) {
        const actual = ours.rows[target][value];
        if (same(actual, expected) || differenceOf(target, value)) continue;
        different.push({ target, value, actual, expected });
      }
    }
    assert.deepEqual(different, []);
  });

  it('has no entry for a difference that is gone', () => {
    const gone = [];
    const used = new Set();
    for (const [target, row] of Object.entries(native.rows)) {
      for (const [value, expected] of Object.entries(row)) {
        const difference = differenceOf(target, value);
        used.add(difference);
        if (difference && same(ours.rows[target][value], expected)) gone.push([target, value]);
      }
    }
    assert.deepEqual(gone, []);
    assert.deepEqual(differences.filter((entry) => !used.has(entry)), []); // prettier-ignore
  });

  it('leaves nothing behind that ends the process later', () => {
    // Node calls what is no callback, too.
    assert.deepEqual(ours.uncaught.filter((message) => !native.uncaught.includes(message)), []); // prettier-ignore
  });
});
