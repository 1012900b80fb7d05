// The host's tests in browsers: whatever does not need Node runs there, over connections inside of the page.

import assert from 'node:assert/strict';
import Mocha from 'mocha';

import { filesUnder } from '../../scripts/lib/hash.mjs';
import { fixtures } from '../support/pki.mjs';
import { filesOfNode, testsOfNode } from './host-tests-of-node.mjs';
import { inBrowsers } from './support/browsers.mjs';

const files = filesUnder('test/host', (file) => file.endsWith('.test.mjs'));
const timeout = 60_000;

/** The fixtures as JSON. */
function toJson(value) {
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') };
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJson(each)]));
}

describe('the list of what is for Node alone', () => {
  it('names files that are there', () => {
    const gone = [...filesOfNode, ...testsOfNode].map(({ file }) => file).filter((file) => !files.includes(file));
    assert.deepEqual(gone, []);
  });
});

/** Runs a file in a page. Resolves with what its tests came to. */
async function runFile(file, without, { open, site }) {
  const json = JSON.stringify(toJson(fixtures()));
  site.answer('/fixtures.json', (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(json);
  });
  const page = await open('host-tests');
  // A package that the assertions stand on tries whether it may evaluate text.
  page.expectProblems(/blocked a JavaScript eval/);
  return page.call('run', file.replace(/^test\/(.*)\.mjs$/, '$1.js'), without, timeout);
}

/**
 * Who asks for one of the items starts `run` for it, and for as many of those that follow as make `size`: they will be asked
 * for next.
 */
function runAhead(items, size, run) {
  const started = new Map();
  return (wanted) => {
    const from = items.indexOf(wanted);
    for (const item of items.slice(from, from + size)) {
      if (started.has(item)) continue;
      const outcome = run(item);
      // Whoever asks for it later hears of it then.
      outcome.catch(() => {});
      started.set(item, outcome);
    }
    return started.get(wanted);
  };
}

inBrowsers('in a browser', ({ name, inPages }) => {
  const applies = (entry) => entry.browsers?.includes(name) ?? true;
  const mine = files.filter((file) => !filesOfNode.some((entry) => entry.file === file));
  const titlesWithout = (file) =>
    testsOfNode.filter((entry) => entry.file === file && applies(entry)).flatMap(({ titles }) => titles);
  // Much of the time is for compiling, and for what a test waits for.
  const outcomeOf = runAhead(mine, 4, (file) => inPages(file, (tools) => runFile(file, titlesWithout(file), tools)));

  for (const file of mine) {
    describe(file, function () {
      this.timeout(600_000);
      const suite = this;
      let removed;

      // What is added to a suite by a hook of its own is run.
      before('the page runs it', async () => {
        const outcome = await outcomeOf(file);
        removed = outcome.removed;
        for (const { title, state, error } of outcome.results) {
          if (state === 'pending') continue;
          const report = () => {
            if (error) throw new Error(error);
          };
          suite.addTest(new Mocha.Test(title, report));
        }
      });

      it('has all tests that are listed', () => {
        const gone = titlesWithout(file).filter((title) => !removed.includes(title));
        assert.deepEqual(gone, []);
      });
    });
  }
});
