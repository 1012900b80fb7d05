// A file of the host's tests, run by Mocha in the page.

import 'mocha/mocha.js';
import tls from 'wasm-tls';
import net from 'wasm-tls/net';

const { mocha } = globalThis;

// Servers listen and clients connect inside of the page.
net.setDefaultRelay(net.createMemoryTransport());

class Collector {
  constructor(runner) {
    Collector.results = [];
    const note = (state) => (test, error) => {
      const { message = String(error), stack = '' } = error ?? {};
      const { duration } = test;
      Collector.results.push({
        title: test.fullTitle(),
        state,
        duration,
        ...(error && { error: `${message}\n${stack}` }),
      });
    };
    runner.on('pass', note('passed')).on('pending', note('pending')).on('fail', note('failed'));
  }
}

/** Takes out the tests that are listed. Returns those of the list that are there. */
function removeListed(suite, titles) {
  const found = suite.tests.map((test) => test.fullTitle()).filter((title) => titles.includes(title));
  suite.tests = suite.tests.filter((test) => !found.includes(test.fullTitle()));
  return found.concat(...suite.suites.map((child) => removeListed(child, titles)));
}

/** Runs all tests of a file but those whose full titles are given. */
export async function run(file, without, timeout) {
  // On Node they are at hand.
  await tls.loadRootCertificates();
  mocha.setup({ ui: 'bdd', reporter: Collector, timeout });
  await import(`/built/${file}`);
  const removed = removeListed(mocha.suite, without);
  await new Promise((resolve) => mocha.run(resolve));
  return { results: Collector.results, removed };
}
