// What the scanners of servers say of one with nothing but its keys set: no finding that matters, and exactly the versions
// and cipher suites that README documents as the defaults, in that order.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { Server } from '../support/endpoint.mjs';
import { PeerProcess } from '../support/peers/process.mjs';
import { fixtures } from '../support/pki.mjs';

/** The first block of README's section: `TLSv1.3: suite suite …`, a version a line. */
function documented() {
  const readme = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const block = /^## Defaults$[^]*?^```text\n([^]*?)^```$/m.exec(readme)[1];
  const suites = {};
  let version;
  for (const word of block.split(/\s+/).filter(Boolean)) {
    if (word.endsWith(':')) suites[(version = word.slice(0, -1))] = [];
    else suites[version].push(word);
  }
  return suites;
}

describe('scanners', () => {
  const use = useCleanup();
  const pki = fixtures();
  const defaults = documented();

  /** Both types of key: with one alone a server has but a part of the suites. */
  async function defaultServer() {
    const identities = [pki.serverEcdsa, pki.serverRsa];
    const server = await use(
      Server.start({ key: identities.map(({ key }) => key), cert: identities.map(({ cert }) => cert) }),
    );
    const application = http.createServer((request, response) => response.end('hello\n'));
    server.server.on('secureConnection', (socket) => application.emit('connection', socket));
    return server;
  }

  async function scan(program, args) {
    const scanner = await use(new PeerProcess(program, args));
    const { code } = await scanner.exited;
    return { code, scanner };
  }

  it('sslscan', async () => {
    const server = await defaultServer();
    const { code, scanner } = await scan('sslscan', ['--no-colour', '--xml=-', `127.0.0.1:${server.port}`]);
    assert.equal(code, 0);
    const report = scanner.stdout.text();
    const all = (pattern) => [...report.matchAll(pattern)].map(({ groups }) => ({ ...groups }));

    const protocols = all(/<protocol type="(?<type>\w+)" version="(?<version>[\d.]+)" enabled="1"/g);
    assert.deepEqual(
      protocols.map(({ type, version }) => `${type.toUpperCase()}v${version}`),
      Object.keys(defaults).sort(),
    );
    const found = all(/<cipher status="\w+" sslversion="(?<version>\S+)" .*?cipher="(?<name>\S+)"/g);
    const suites = Object.fromEntries(Object.keys(defaults).map((version) => [version, []]));
    for (const { version, name } of found) suites[version].push(name);
    assert.deepEqual(suites, defaults);
    assert.doesNotMatch(report, /vulnerable="1"/);
    assert.doesNotMatch(report, /<compression supported="1"/);
    assert.doesNotMatch(report, /strength="(weak|medium|null|anonymous)"/);
  });

  it('testssl.sh', async function testssl() {
    // It starts a process for each of its thousands of connections.
    this.timeout(600_000);
    const server = await defaultServer();
    const file = (await use(temporaryDirectory())).file('report.json');
    // Not `--server-defaults`, which judges the certificate: that is the user's. Nor `--std` and `--pfs`, which sort the
    // suites that are compared below.
    const checks = ['--protocols', '--server-preference', '--vulnerable'];
    const quietly = ['--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'none', '--jsonfile', file];
    await scan('testssl', [...quietly, ...checks, `127.0.0.1:${server.port}`]);
    const report = JSON.parse(fs.readFileSync(file, 'utf8'));
    const findings = new Map(report.map(({ id, finding }) => [id, finding]));
    // `engine_problem`: the machine's OpenSSL has no GOST to scan with.
    const grave = report.filter(
      ({ id, severity }) => !['OK', 'INFO', 'LOW'].includes(severity) && id !== 'engine_problem',
    );
    assert.deepEqual(grave, []);

    const names = {
      SSLv2: 'SSLv2',
      SSLv3: 'SSLv3',
      TLS1: 'TLSv1',
      TLS1_1: 'TLSv1.1',
      TLS1_2: 'TLSv1.2',
      TLS1_3: 'TLSv1.3',
    };
    const offered = Object.keys(names).filter((id) => /^offered/.test(findings.get(id)));
    assert.deepEqual(offered.map((id) => names[id]), Object.keys(defaults).sort()); // prettier-ignore
    const suites = (id) => findings.get(id).split(' ');
    assert.deepEqual(suites('cipherorder_TLSv1_2'), defaults['TLSv1.2']);
    assert.deepEqual(suites('cipherorder_TLSv1_3'), defaults['TLSv1.3']);
    // It has looked for these, and not given up on the way.
    const wellKnown = ['heartbleed', 'CCS', 'ticketbleed', 'ROBOT', 'secure_renego', 'POODLE_SSL', 'DROWN', 'LOGJAM'];
    const good = report.filter(({ severity }) => severity === 'OK').map(({ id }) => id);
    assert.deepEqual(wellKnown.filter((id) => !good.includes(id)), []); // prettier-ignore
  });
});
