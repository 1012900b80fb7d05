// Node's command line options and environment variables for TLS, in processes of their own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative } from '../support/subject.mjs';

const name = isNative ? 'node:tls' : 'wasm-tls';

describe('the command line', () => {
  const use = useCleanup();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  /** What a program prints; `tls` is there for it. */
  async function run(script, { flags = [], env = {}, port = 0 } = {}) {
    const program = `const tls = require('${name}'); const port = ${port}; ${script}`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, '-e', program], {
      cwd: new URL('.', import.meta.url),
      env: { ...process.env, ...env },
    });
    return { stdout: stdout.trim(), stderr };
  }

  const show = 'console.log(tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_CIPHERS.slice(0, 12))';
  const flagSets = [
    [[], 'TLSv1.2 TLSv1.3 TLS_AES_256_'],
    [['--tls-min-v1.0'], 'TLSv1 TLSv1.3 TLS_AES_256_'],
    [['--tls-min-v1.1'], 'TLSv1.1 TLSv1.3 TLS_AES_256_'],
    [['--tls-min-v1.3'], 'TLSv1.3 TLSv1.3 TLS_AES_256_'],
    [['--tls-max-v1.2'], 'TLSv1.2 TLSv1.2 TLS_AES_256_'],
    [['--tls-max-v1.2', '--tls-max-v1.3'], 'TLSv1.2 TLSv1.3 TLS_AES_256_'],
    [['--tls-cipher-list=AES128-SHA'], 'TLSv1.2 TLSv1.3 AES128-SHA'],
    [['--tls-cipher-list', 'AES256-SHA'], 'TLSv1.2 TLSv1.3 AES256-SHA'],
  ];
  for (const [flags, expected] of flagSets) {
    it(flags.join(' ') || 'no option', async () => {
      assert.equal((await run(show, { flags })).stdout, expected);
    });
  }

  it('NODE_OPTIONS', async () => {
    const env = { NODE_OPTIONS: '--tls-min-v1.3 --tls-cipher-list=AES128-SHA' };
    assert.equal((await run(show, { env })).stdout, 'TLSv1.3 TLSv1.3 AES128-SHA');
  });

  const connect = `
    const socket = tls.connect(port, '127.0.0.1', { servername: 'localhost' }, () => {
      console.log('authorized', socket.authorized);
      socket.destroy();
    });
    socket.on('error', (error) => console.log(error.code));
  `;

  it('NODE_TLS_REJECT_UNAUTHORIZED=0, with a warning', async () => {
    const { port } = await use(nativeServer(identity));
    const strict = await run(connect, { port });
    assert.equal(strict.stdout, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const lax = await run(connect, { port, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    assert.equal(lax.stdout, 'authorized false');
    assert.match(lax.stderr, /Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to '0' makes TLS/);
    const other = await run(connect, { port, env: { NODE_TLS_REJECT_UNAUTHORIZED: '1' } });
    assert.equal(other.stdout, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  const lenient = connect.replace("servername: 'localhost'", 'rejectUnauthorized: false');

  it('--tls-keylog, with a warning', async () => {
    const { port } = await use(nativeServer(identity));
    const file = (await use(temporaryDirectory())).file('keys');
    const { stderr } = await run(lenient, { port, flags: [`--tls-keylog=${file}`] });
    assert.match(readFileSync(file, 'latin1'), /^(([A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+)\n){5}$/);
    assert.match(stderr, /Using --tls-keylog makes TLS connections insecure by writing secret key material to file/);
  });

  it('--trace-tls, with a warning', async () => {
    const { port } = await use(nativeServer(identity));
    const { stderr } = await run(lenient, { port, flags: ['--trace-tls'] });
    assert.match(stderr, /Enabling --trace-tls can expose sensitive data in the resulting log/);
    assert.match(stderr, /ClientHello, Length=/);
  });

  it('enableTrace writes OpenSSL’s own text', async () => {
    const { port } = await use(nativeServer(identity));
    const traced = lenient.replace('rejectUnauthorized: false', 'rejectUnauthorized: false, enableTrace: true');
    const { stderr } = await run(traced, { port });
    assert.match(stderr, /Sent (TLS )?Record/i);
    assert.match(stderr, /Received (TLS )?Record/i);
    assert.match(stderr, /ClientHello, Length=/);
    assert.match(stderr, /ServerHello, Length=/);
    assert.doesNotMatch((await run(lenient, { port })).stderr, /ClientHello/);
  });
});
