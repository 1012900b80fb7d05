// Objects of one class have one hidden class, V8's table of where their properties lie: otherwise no access is a fast one.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { inRepository } from '../../scripts/lib/paths.mjs';
import { isNative } from '../support/subject.mjs';

const program = `
  const net = require('node:net');
  const tls = require('wasm-tls');
  const makers = {
    SecureContext: () => tls.createSecureContext(),
    Server: () => tls.createServer(),
    TLSSocket: () => new tls.TLSSocket(new net.Socket(), { secureContext: tls.createSecureContext() }),
    'TLSSocket, called': () => tls.TLSSocket(new net.Socket(), { secureContext: tls.createSecureContext() }),
  };
  const same = (make) => {
    make();
    const [one, other] = [make(), make()];
    return %HaveSameMap(one, other);
  };
  console.log(JSON.stringify(Object.entries(makers).filter(([, make]) => !same(make)).map(([name]) => name)));
  process.exit();
`;

(isNative ? describe.skip : describe)('hidden classes', () => {
  it('are shared by all objects of a class', async () => {
    const options = { cwd: inRepository() };
    const { stdout } = await promisify(execFile)(process.execPath, ['--allow-natives-syntax', '-e', program], options);
    assert.deepEqual(JSON.parse(stdout), []);
  });
});
