// Known gaps are data. A test that is listed must fail, so that a gap that closes is noticed; an entry that matches no
// test is noticed as well.

import assert from 'node:assert/strict';

import { MissingProgram } from './peers/process.mjs';

const matches = (gap, facts) =>
  Object.entries(gap).every(([name, value]) => name === 'reason' || facts[name] === value);

/**
 * Call it in a `describe`, with a table of `{ reason, …facts }`. The function that it returns is Mocha's `it` with the
 * facts of the test between title and body: an entry applies to every test that has all of its facts.
 */
export function withGaps(table) {
  const unused = new Set(table);
  after('every known gap belongs to a test', () => {
    assert.deepEqual([...unused], []);
  });
  return function test(title, facts, body) {
    const gap = table.find((candidate) => matches(candidate, facts));
    if (gap === undefined) {
      it(title, body);
      return;
    }
    unused.delete(gap);
    it(`${title} (known gap: ${gap.reason})`, async () => {
      const passed = await body().then(
        () => true,
        (error) => {
          if (error instanceof MissingProgram) throw error;
          return false;
        },
      );
      assert.equal(passed, false, 'this passes now: remove its entry from the known gaps');
    });
  };
}
