// The module itself: its names, its two forms, and what it costs to load.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import nativeTls from 'node:tls';

const require = createRequire(import.meta.url);

describe('the module', () => {
  const tls = require('wasm-tls');

  it('has the names of node:tls, and a few of its own', () => {
    const own = Object.keys(tls).filter((name) => !(name in nativeTls));
    const missing = Object.keys(nativeTls).filter((name) => !(name in tls));
    // Names of older and newer Nodes, and the last two.
    const others = [
      'CryptoStream',
      'SecurePair',
      'createSecurePair',
      'createTls',
      'engine',
      'getCACertificates',
      'getCertificateCompressionAlgorithms',
      'loadRootCertificates',
      'setDefaultCACertificates',
    ];
    assert.deepEqual(own.sort(), others.filter((name) => !(name in nativeTls))); // prettier-ignore
    assert.deepEqual(missing, []);
  });

  for (const types of ['@types/node', 'types-node-24']) {
    it(`has what the types promise (${types})`, () => {
      const text = readFileSync(require.resolve(`${types}/tls.d.ts`), 'utf8');
      const values = [...text.matchAll(/^ {4}(?:function|const|let|var|class) (\w+)/gm)].map(([, name]) => name);
      assert.ok(values.length > 12);
      assert.deepEqual(values.filter((name) => !(name in tls)), []); // prettier-ignore
      for (const Class of ['TLSSocket', 'Server']) {
        const [, body] = new RegExp(`^ {4}class ${Class} [^]*?\\{\n([^]*?)^ {4}\\}`, 'm').exec(text);
        const methods = [...body.matchAll(/^ {8}(\w+)\(/gm)].map(([, name]) => name);
        assert.ok(methods.length > 5);
        const missing = methods.filter((name) => name !== 'constructor' && !(name in tls[Class].prototype));
        assert.deepEqual(missing, [], Class);
      }
    });
  }

  it('exports the same things to import and to require', async () => {
    const esm = await import('wasm-tls');
    assert.equal(esm.default, tls);
    for (const name of Object.keys(tls)) assert.equal(esm[name], tls[name], name);
  });

  it('gives node:net as wasm-tls/net', async () => {
    assert.equal(require('wasm-tls/net'), net);
    const esm = await import('wasm-tls/net');
    assert.equal(esm.default, net);
    assert.equal(esm.connect, net.connect);
  });

  it('has the default values of Node', () => {
    const values = Object.keys(nativeTls).filter((name) => /^(DEFAULT|CLIENT)_/.test(name));
    for (const name of values) assert.deepEqual(tls[name], nativeTls[name], name);
  });

  it('lists the ciphers that Node lists', () => {
    assert.deepEqual(tls.getCiphers(), nativeTls.getCiphers());
  });

  it('has a frozen list of root certificates in PEM', () => {
    const { rootCertificates } = tls;
    assert.equal(tls.rootCertificates, rootCertificates);
    assert.ok(Object.isFrozen(rootCertificates));
    assert.ok(rootCertificates.length > 100);
    const pem = /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----$/;
    for (const certificate of rootCertificates) assert.match(certificate, pem);
    const { configurable, enumerable } = Object.getOwnPropertyDescriptor(tls, 'rootCertificates');
    assert.deepEqual({ configurable, enumerable }, { configurable: false, enumerable: true });
  });

  it('compiles no wasm and reads no roots until TLS is used', () => {
    const script = `
      let compiled = 0;
      const { Module } = WebAssembly;
      WebAssembly.Module = class extends Module { constructor(...args) { super(...args); compiled++; } };
      const tls = require('wasm-tls');
      const roots = () => Object.keys(require.cache).filter((file) => /root-certificates/.test(file)
        && /generated/.test(file)).length;
      const before = [compiled, roots()];
      tls.createSecureContext();
      console.log(JSON.stringify([before, [compiled, roots()]]));
    `;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: new URL('.', import.meta.url) });
    assert.deepEqual(JSON.parse(output), [[0, 0], [1, 1]]); // prettier-ignore
  });

  it('makes classes that stand in Node’s hierarchy', () => {
    assert.ok(tls.TLSSocket.prototype instanceof net.Socket);
    assert.ok(tls.Server.prototype instanceof net.Server);
    assert.equal(Object.getPrototypeOf(tls.Server), net.Server);
    const server = tls.Server();
    assert.ok(server instanceof tls.Server);
    assert.ok(new tls.Server() instanceof tls.Server);
    assert.ok(tls.createServer() instanceof tls.Server);
    assert.equal(server.constructor, tls.Server);
    assert.ok(tls.SecureContext() instanceof tls.SecureContext);
    assert.ok(tls.createSecureContext() instanceof tls.SecureContext);
    class Mine extends tls.Server {}
    assert.ok(new Mine() instanceof Mine);
  });
});
