// docs/api.md against the code: every name has its row, and every row a test that exists.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import nativeTls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { declaredMembers } from './declared.mjs';
import { readRows } from './table.mjs';
import { isTitle, titlesIn } from './titles.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const inRepository = (file) => path.join(repository, file);

/** section → the names that it has to have. */
const required = {
  'The module': Object.keys(nativeTls),
  'Options of tls.createSecureContext()': declaredMembers('SecureContextOptions', 'KeyObject', 'PxfObject'),
  'Options of tls.connect()': declaredMembers('ConnectionOptions', 'CommonConnectionOptions').filter(
    (name) => name !== 'SNICallback', // Which is a server's, whatever the type says.
  ),
  'Options of tls.createServer()': declaredMembers('TlsOptions', 'CommonConnectionOptions'),
  'Options of new tls.TLSSocket()': declaredMembers('TLSSocketOptions', 'CommonConnectionOptions'),
  'tls.Server': declaredMembers('Server'),
  'tls.TLSSocket': declaredMembers('TLSSocket'),
  'Certificates as objects': declaredMembers('PeerCertificate', 'DetailedPeerCertificate'),
  'tls.SecurePair': declaredMembers('SecurePair'),
};

/** A file that has Node's own tls or another program in it. */
const foreign = /'node:(tls|https|http2)'|support\/(native|raw|peers|argument-)|'openssl'/;

describe('docs/api.md', () => {
  const rows = readRows(fs.readFileSync(inRepository('docs/api.md'), 'utf8'));
  const here = ({ line, name }) => `line ${line}, ${name}`;

  it('has rows', () => assert.ok(rows.length > 200, `${rows.length}`));

  it('every row says whether it works, and names a test', () => {
    const wrong = rows.filter(({ works, tests }) => !/^(yes|in part|refused)$/.test(works) || tests.length === 0);
    assert.deepEqual(wrong.map(here), []);
  });

  it('every test that it names exists', () => {
    const titles = new Map();
    const missing = [];
    for (const row of rows) {
      for (const { file, title } of row.tests) {
        if (!titles.has(file)) titles.set(file, fs.existsSync(inRepository(file)) ? titlesIn(inRepository(file)) : []);
        if (!isTitle(title, titles.get(file))) missing.push(`${here(row)}: ${file} “${title}”`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it('what works has a test with a peer that is not this library', () => {
    const hasPeer = ({ file }) => file.endsWith('.cc') || foreign.test(fs.readFileSync(inRepository(file), 'utf8'));
    assert.deepEqual(rows.filter(({ tests }) => !tests.some(hasPeer)).map(here), []);
  });

  for (const [section, names] of Object.entries(required)) {
    it(`has all of: ${section}`, () => {
      assert.ok(names.length > 1, 'nothing is declared');
      const present = new Set(rows.filter((row) => row.section === section).flatMap((row) => row.names));
      assert.deepEqual(names.filter((name) => !present.has(name)), []); // prettier-ignore
    });
  }
});
